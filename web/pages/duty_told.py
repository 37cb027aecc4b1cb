"""One obligation as a page tells it: who must, by when and why then, what became of it and when; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.obligation_rows import ObligationRow
from engine.core.recurrence import parse_key
from engine.runtime.duties import Moment, ObligationSeen
from engine.runtime.projection import from_micros
from web import duty_words as words
from web.catalogues import say, tell_instant, tell_rule

#: Looks of lines of what happened.
_LOOKS = {"done": "key", "missed": "late", "due": "late"}


@dataclass(frozen=True, kw_only=True)
class MomentView:
    """One line of what became of it."""

    at: str
    exact: str
    who: str
    what: str
    about: str
    look: str
    #: the case by which it was done, "" = none
    case: str


@dataclass(frozen=True, kw_only=True)
class ObligationView:
    """One obligation."""

    title: str
    period: str
    kind: str
    light: str
    status: str
    #: what was once so: late, missed, made up
    marks: Sequence[str]
    facts: Sequence[tuple[str, str]]
    #: its deadline: light, words, exact instant
    due: str
    derivation: str
    persons: Sequence[str]
    office: str
    moments: Sequence[MomentView]
    case: str


def obligation_view(
    seen: ObligationSeen,
    title: str,
    directory: Directory,
    calendar: Calendar,
    now: datetime,
    heirs: Mapping[str, str],
) -> ObligationView:
    """One obligation in words; `heirs`: titles of the units to which something passed."""
    row, spec = seen.row, seen.duty.spec
    kind = words.kind_of(row, words.near_of(now, calendar))
    return ObligationView(
        title=title,
        period=words.period_words(row.period),
        kind=kind,
        light=words.LIGHTS[kind],
        status=say(f"duties.kind.{kind}"),
        marks=list(_marks(row)),
        facts=list(_facts(seen, calendar, heirs)),
        due=tell_instant(from_micros(row.due_at), calendar.zone, now, ends_day=True),
        derivation=words.derivation_words(seen, calendar),
        persons=[seen.names.get(one) or say("duties.somebody") for one in seen.persons],
        office=words.who_must_words(spec, directory),
        moments=[_moment(one, seen, calendar, now, heirs) for one in seen.moments],
        case=row.case,
    )


def _marks(row: ObligationRow) -> Iterator[str]:
    for name, so in (("late", row.late), ("missed", row.missed), ("made_up", row.made_up)):
        if so and row.status != name:
            yield say(f"duties.mark.{name}")


def _facts(seen: ObligationSeen, calendar: Calendar, heirs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    row = seen.row
    if seen.opened is not None:
        yield say("duties.fact.window"), words.range_words(seen.opened.first, seen.opened.last)
        if seen.opened.about != (seen.opened.first, seen.opened.last):
            yield say("duties.fact.about"), words.range_words(*seen.opened.about)
    else:
        yield say("duties.fact.since"), words.range_words(*parse_key(row.period))
    opens = calendar.local_day(from_micros(row.opens_at))
    if seen.opened is None or opens != seen.opened.first:
        yield say("duties.fact.opens"), words.range_words(opens, opens)
    yield say("duties.fact.missed"), tell_instant(from_micros(row.missed_at), calendar.zone, ends_day=True)
    if row.status == "lapsed":
        yield say("duties.fact.lapsed"), words.lapse_words(row.reason, dict(heirs))
    if row.status == "exempt":
        yield say("duties.fact.exempt"), row.reason


def _moment(
    one: Moment, seen: ObligationSeen, calendar: Calendar, now: datetime, heirs: Mapping[str, str]
) -> MomentView:
    data = dict(one.data or {})
    who = seen.names.get(one.person) or say(
        "duties.somebody" if one.person else "duties.case" if one.what == "done" else "duties.engine"
    )
    late = one.due_at is not None and (one.at - one.due_at).total_seconds() >= 60 and one.what in _SYSTEM
    about = _about(one.what, data, seen, heirs)
    if late and one.due_at is not None:
        ought = say("duties.ought", at=tell_instant(one.due_at, calendar.zone, now, ends_day=one.what in _ENDS))
        about = say("duties.joint").join(part for part in (about, ought) if part)
    return MomentView(
        at=tell_instant(one.at, calendar.zone, now),
        exact=one.at.isoformat(),
        who=who,
        what=say(f"duties.moment.{one.what}"),
        about=about,
        look=_LOOKS.get(one.what, ""),
        case=data.get("case", ""),
    )


#: What the system does at a moment that was fixed.
_SYSTEM = ("opened", "reminded", "due", "missed")
_ENDS = ("due", "missed")


def _about(what: str, data: Mapping[str, str], seen: ObligationSeen, heirs: Mapping[str, str]) -> str:
    match what:
        case "reminded":
            found = next((one for one in seen.duty.spec.reminders if one.id == data.get("reminder")), None)
            return say("duties.reminder", title=found.title, at=tell_rule(found.at)) if found else ""
        case "exempted":
            return say("duties.exempted_until", until=data["until"], reason=data["reason"])
        case "exemption_ended":
            return data.get("reason", "")
        case "lapsed":
            why, heir = data.get("why", ""), data.get("successor", "")
            return words.lapse_words(f"{why}:{heir}" if heir else why, dict(heirs))
    return ""
