"""The chain of responsibility: who held what from when to when, what they knew, did and did not do; pure.

Told from entries alone, so that it says the same to an officer as proof of diligence and to whoever asks later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.core.calendar import Calendar
from engine.core.deadlines import due_day, workdays_between
from engine.runtime.reading import SeenCase
from web.case_history import Deed, Duty, Held, History
from web.catalogues import say, tell_derivation
from web.catalogues.told_clocks import tell_undated
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.case_views import Known, doer, people, task_title, why_held

#: Width of the picture, height of a lane, and how wide a day off is beside a workday.
WIDTH = 880
LANE = 30
_TOP = 22
_OFF = 0.3
_MOST_DAYS = 4000
_MOST_TICKS = 9
_THINNEST = 3.0


@dataclass(frozen=True, kw_only=True)
class DutyRow:
    """One line of the table that an investigator copies."""

    since: Moment
    until: Moment | None
    holders: str
    why: str
    basis: str
    task: str
    #: how and when each holder came to know
    informed: tuple[str, ...]
    due: Moment | None
    derivation: str
    done: tuple[str, ...]
    missing: tuple[str, ...]
    #: how late, and whose it is; "" = in time
    delay: str


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a lane: from when to when somebody held a task, the part after its deadline by itself."""

    x: float
    width: float
    late_x: float = 0.0
    late_width: float = 0.0
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something a holder was told, read or did."""

    x: float
    #: told, read, did
    kind: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What one holder, or several together, had to do over time."""

    holders: str
    y: float
    segments: tuple[Segment, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A day on the scale."""

    x: float
    label: str


@dataclass(frozen=True, kw_only=True)
class DutiesView:
    """The picture and the table."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[DutyRow, ...]


def duties_of(seen: SeenCase, history: History, known: Known) -> DutiesView:
    """The chain of a case."""
    end = seen.case.closed_at or known.now
    scale = _Scale(seen.case.opened_at, max(end, seen.case.opened_at), seen.calendar)
    held = [one for duty in history.duties for one in duty.stretches()]
    groups: dict[str, list[Duty]] = {}
    for duty, _ in held:
        groups.setdefault(people(duty.holder.persons, known), []).append(duty)
    lanes = tuple(
        _lane(holders, n, duties, scale, seen, known, end) for n, (holders, duties) in enumerate(groups.items())
    )
    return DutiesView(
        width=WIDTH,
        height=_TOP + LANE * len(lanes) + 4,
        lanes=lanes,
        ticks=tuple(scale.ticks()),
        rows=tuple(_row(duty, how, seen, known) for duty, how in held),
    )


# the picture --------------------------------------------------------------------------------------------------------


class _Scale:
    """Instants on a line on which days off take less room than workdays."""

    def __init__(self, first: datetime, last: datetime, calendar: Calendar) -> None:
        self._calendar = calendar
        self._first = calendar.local_day(first)
        days = min((calendar.local_day(last) - self._first).days + 1, _MOST_DAYS)
        self._days = [self._first + timedelta(days=n) for n in range(days)]
        self._at = [0.0]
        for day in self._days:
            self._at.append(self._at[-1] + (1.0 if calendar.is_workday(day) else _OFF))

    def x(self, at: datetime) -> float:
        """Where an instant lies."""
        local = at.astimezone(self._calendar.zone)
        n = (local.date() - self._first).days
        if n < 0:
            return 0.0
        if n >= len(self._days):
            return float(WIDTH)
        part = (local.hour * 60 + local.minute) / 1440
        place = self._at[n] + part * (self._at[n + 1] - self._at[n])
        return round(place / self._at[-1] * WIDTH, 1)

    def ticks(self) -> Iterator[Tick]:
        """Some days, evenly spread."""
        step = max(1, -(-len(self._days) // _MOST_TICKS))
        for n in range(0, len(self._days), step):
            yield Tick(x=round(self._at[n] / self._at[-1] * WIDTH, 1), label=f"{self._days[n]:%m-%d}")


def _lane(
    holders: str, n: int, duties: Sequence[Duty], scale: _Scale, seen: SeenCase, known: Known, end: datetime
) -> Lane:
    segments: list[Segment] = []
    marks: list[Mark] = []
    for duty in duties:
        title = task_title(duty, known.titles)
        segments.append(_segment(duty, title, scale, end))
        marks += _marks(duty, title, scale, seen.calendar, known)
    return Lane(
        holders=holders, y=_TOP + LANE * n, segments=tuple(segments), marks=tuple(sorted(marks, key=lambda one: one.x))
    )


def _segment(duty: Duty, title: str, scale: _Scale, end: datetime) -> Segment:
    until = duty.ended_at or end
    x = scale.x(duty.opened_at)
    width = max(scale.x(until) - x, _THINNEST)
    if duty.deadline is None or until < duty.deadline.due_at:
        return Segment(x=x, width=width, title=title)
    late_x = max(scale.x(duty.deadline.due_at), x)
    return Segment(x=x, width=width, late_x=late_x, late_width=max(x + width - late_x, _THINNEST), title=title)


def _marks(duty: Duty, title: str, scale: _Scale, calendar: Calendar, known: Known) -> Iterator[Mark]:
    for person, at in duty.told.items():
        if person in duty.holder.persons:
            yield _mark("told", person, title, at, scale, calendar, known)
    for person, at in duty.read.items():
        yield _mark("read", person, title, at, scale, calendar, known)
    for deed in duty.deeds:
        yield _mark("did", deed.person, _what(deed, duty, known), deed.at, scale, calendar, known)


def _mark(kind: str, person: str, what: str, at: datetime, scale: _Scale, calendar: Calendar, known: Known) -> Mark:
    told = say(
        f"case_page.mark.{kind}",
        who=name_of(person, known.titles),
        what=what,
        at=moment(at, calendar, known.now).told,
    )
    return Mark(x=scale.x(at), kind=kind, title=told)


# the table ----------------------------------------------------------------------------------------------------------


def _row(duty: Duty, held: Held, seen: SeenCase, known: Known) -> DutyRow:
    calendar, now = seen.calendar, known.now
    deadline = duty.deadline
    return DutyRow(
        since=moment(duty.opened_at, calendar, now),
        until=moment(duty.ended_at, calendar, now) if duty.ended_at else None,
        holders=people(duty.holder.persons, known),
        why=why_held(held, known),
        basis=say("values.joint").join(known.titles.basis(deadline.derivation.basis)) if deadline else "",
        task=task_title(duty, known.titles),
        informed=tuple(_informed(duty, calendar, known)),
        due=moment(deadline.due_at, calendar, now, ends_day=True) if deadline else None,
        derivation=(
            tell_derivation(deadline.derivation, calendar, known.titles)
            if deadline
            else tell_undated(duty.undated, known.titles)
        ),
        done=tuple(_done(duty, calendar, known)),
        missing=tuple(_missing(duty, calendar, known)),
        delay=_delay(duty, seen, known),
    )


def _informed(duty: Duty, calendar: Calendar, known: Known) -> Iterator[str]:
    for person in duty.holder.persons:
        who = name_of(person, known.titles)
        if person in duty.told:
            at = moment(duty.told[person], calendar, known.now).told
            yield say("case_page.chain.told", who=who, at=at)
        if person in duty.read:
            at = moment(duty.read[person], calendar, known.now).told
            yield say("case_page.chain.read", who=who, at=at)
    for one in duty.urged:
        at = moment(one.at, calendar, known.now).told
        yield say("case_page.chain.urged", who=name_of(one.person, known.titles), at=at)


def _done(duty: Duty, calendar: Calendar, known: Known) -> Iterator[str]:
    for deed in duty.deeds:
        at = moment(deed.at, calendar, known.now).told
        code = "case_page.chain.did_late_entry" if deed.late_entry else "case_page.chain.did"
        yield say(code, who=doer(deed, known), what=_what(deed, duty, known), at=at)
    if duty.how in ("left", "withdrawn"):
        yield say(f"case_page.chain.{duty.how}")


def _what(deed: Deed, duty: Duty, known: Known) -> str:
    action = deed.action or (duty.asked.action if duty.asked else duty.spec)
    title = known.titles.actions.get(action, action)
    if not deed.how:
        return title
    return say(f"case_page.chain.{deed.how}", what=title, to=people(deed.to, known))


def _missing(duty: Duty, calendar: Calendar, known: Known) -> Iterator[str]:
    if not duty.holder.persons:
        yield say("case_page.chain.nobody")
    unread = [one for one in duty.holder.persons if one not in duty.read]
    acted = {deed.person for deed in duty.deeds}
    if duty.holder.persons and len(unread) == len(duty.holder.persons) and not acted:
        yield say("case_page.chain.unread")
    deadline = duty.deadline
    if deadline is not None and deadline.due_at <= duty.opened_at:
        due = moment(deadline.due_at, calendar, known.now, ends_day=True).told
        yield say("case_page.chain.late_from_start", due=due)
        return
    for due_at in duty.expired_at:
        due = moment(due_at, calendar, known.now, ends_day=True).told
        yield say("case_page.chain.expired", due=due)


def _delay(duty: Duty, seen: SeenCase, known: Known) -> str:
    """How many workdays after its deadline it was done, or has not been; whose they are."""
    if duty.deadline is None:
        return ""
    until, due_at = duty.ended_at or seen.case.closed_at or known.now, duty.deadline.due_at
    if until < due_at:
        return ""
    # Of a deadline that had passed before, only what fell into this holding is this holder's.
    since = max(due_day(due_at, seen.calendar), _day(duty.opened_at, seen.calendar))
    days = workdays_between(since, _day(until, seen.calendar), seen.calendar)
    if not days:
        return ""
    who = people(duty.holder.persons, known)
    return say("case_page.chain.delay" if duty.ended_at else "case_page.chain.still", count=days, who=who)


def _day(at: datetime, calendar: Calendar) -> date:
    return calendar.local_day(at)
