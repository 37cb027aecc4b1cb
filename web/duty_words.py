"""Duties and obligations in words: periods, rhythms, for whom, who must, how one stands; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.core.calendar import Calendar
from engine.core.deadlines import Deadline, near_until
from engine.core.definition_duties import SELF, DutySpec, PopulationSpec, RhythmSpec
from engine.core.directory import Directory
from engine.core.obligation_rows import ObligationRow
from engine.core.points import WEEKDAYS, Weekday, match_point
from engine.core.recurrence import Rhythm, parse_key, rolling_window
from engine.errors import ZhibenError
from engine.runtime.duties import ObligationSeen
from engine.runtime.projection import from_micros, micros
from web.catalogues import say, tell_derivation, tell_rule

#: How squares may look, in the order of the legend: the sign of each stands in the catalogue.
KINDS = ("done", "made_up", "done_late", "acted", "open", "soon", "late", "missed", "exempt", "lapsed")
#: What a table can be narrowed to.
STATUSES = ("open", "acted", "done", "made_up", "late", "missed", "exempt", "lapsed")
#: The light of a kind; lights mean deadlines and nothing else.
LIGHTS = {
    "done": "green", "made_up": "green", "done_late": "green", "acted": "none", "open": "none", "soon": "yellow",
    "late": "red", "missed": "red", "exempt": "none", "lapsed": "none",
}  # fmt: skip
_SINCE = "since:"


@dataclass(frozen=True, kw_only=True)
class Near:
    """From when on something is due soon."""

    now: int
    until: int


def near_of(now: datetime, calendar: Calendar) -> Near:
    """What is due soon, seen from an instant."""
    return Near(now=micros(now), until=micros(near_until(now, calendar)))


def kind_of(row: ObligationRow, near: Near) -> str:
    """How the square of an obligation looks."""
    match row.status:
        case "done" if row.made_up:
            return "made_up"
        case "done" if row.late:
            return "done_late"
        case "open" if row.due_at <= near.until:
            return "soon"
    return row.status


def period_words(key: str) -> str:
    """A window's key in words."""
    if key.startswith(_SINCE):
        return say("duties.period.since", day=_day_words(parse_key(key)[0]))
    year, _, rest = key.partition("-")
    if not rest:
        return say("duties.period.year", year=year)
    match rest[0], len(rest):
        case "W", _:
            first, last = parse_key(key)
            days = say("duties.period.days", first=_short_day(first), last=_short_day(last))
            return say("duties.period.week", year=year, week=int(rest[1:]), days=days)
        case "Q", _:
            return say("duties.period.quarter", year=year, quarter=rest[1:])
        case "H", _:
            return say(f"duties.period.half_{rest[1:]}", year=year)
        case _, 2:
            return say("duties.period.month", year=year, month=int(rest))
    return _day_words(parse_key(key)[1])


def period_short(key: str) -> str:
    """The same at the head of a column; years stand above."""
    year, _, rest = key.partition("-")
    if not rest:
        return say("duties.period.year", year=year)
    match rest[0], len(rest):
        case "W", _:
            return _short_day(parse_key(key)[0])
        case "Q", _:
            return say("duties.head.quarter", quarter=rest[1:])
        case "H", _:
            return say(f"duties.head.half_{rest[1:]}")
        case _, 2:
            return say("duties.head.month", month=int(rest))
    return _short_day(parse_key(key)[1])


def _day_words(day: date) -> str:
    return say("time.written_day", year=day.year, month=day.month, day=day.day)


def _short_day(day: date) -> str:
    return f"{day.month}/{day.day}"


def range_words(first: date, last: date) -> str:
    """Days from one to another."""
    if first == last:
        return _day_words(first)
    ends = say("duties.month_day", month=last.month, day=last.day) if first.year == last.year else _day_words(last)
    return say("duties.range", first=_day_words(first), last=ends)


def rhythm_words(rhythm: Rhythm) -> str:
    """How often, and by when within the period."""
    if not rhythm.period:
        return say("duties.every.span", span=tell_rule(rhythm.span))
    told = say(f"duties.every.{rhythm.period.replace('-', '_')}")
    parts = [told]
    if rhythm.due:
        parts.append(say("duties.due_by", point=_point_words(rhythm.due)))
    if rhythm.covers == "previous":
        parts.append(say("duties.covers_previous"))
    if rhythm.holiday != "none":
        parts.append(say(f"duties.holiday.{rhythm.holiday}"))
    return say("duties.joint").join(parts)


def _point_words(phrase: str) -> str:
    point = match_point(phrase)
    if isinstance(point, Weekday):
        weekday = say("duties.weekday", weekday=say(f"time.weekday.{WEEKDAYS.index(point.name)}"))
        return f"{weekday}{point.at:%H:%M}" if point.at else weekday
    return tell_rule(phrase)


def how_often(spec: DutySpec) -> list[str]:
    """Each rhythm in words, with for whom it is where there are several."""
    return [_rhythm_of(spec, told) for told in spec.rhythms]


def _rhythm_of(spec: DutySpec, told: RhythmSpec) -> str:
    words = rhythm_words(told.rhythm)
    if told.when:
        return say("duties.rhythm_when", how=words)
    return say("duties.rhythm_else", how=words) if len(spec.rhythms) > 1 else words


def guard_words(text: str) -> str:
    """A guard as it stands, its joints in words."""
    for word in ("and", "or", "not"):
        text = f" {text} ".replace(f" {word} ", f" {say(f'duties.words.{word}')} ").strip()
    return text


def for_whom(population: PopulationSpec, directory: Directory) -> str:
    """For whom a duty is."""
    if population.kind == "people":
        role = directory.roles.get(population.role)
        return say("duties.whom.people", role=role.title if role else population.role)
    told = say(f"duties.whom.{population.kind}")
    return say("duties.whom.which", whom=told) if population.where else told


def conditions_of(spec: DutySpec) -> list[str]:
    """The guards of a duty as they are written: for whom at all, and for whom which rhythm."""
    told = [guard_words(spec.population.where)] if spec.population.where else []
    several = [one for one in spec.rhythms if one.when]
    return told + [say("duties.rule.when", when=guard_words(one.when), how=rhythm_words(one.rhythm)) for one in several]


def who_must_words(spec: DutySpec, directory: Directory) -> str:
    """Who must, as a role."""
    if spec.by == SELF:
        return say("duties.must.self")
    place, _, role = spec.by.partition(".")
    power = directory.roles.get(role)
    title = power.title if power else role
    return say("duties.must.unit", role=title) if place == "unit" else title


def lapse_words(reason: str, titles: dict[str, str]) -> str:
    """Why something need not be done any more."""
    why, _, heir = reason.partition(":")
    if why == "succeeded":
        return say("duties.lapsed.succeeded", heir=titles.get(heir, heir))
    return say(f"duties.lapsed.{why}") if why in ("closed", "left") else reason


def due_day_of(row: ObligationRow, calendar: Calendar) -> date:
    """The local day on which it is due: midnight ends the day before."""
    return calendar.local_day(from_micros(row.due_at) - timedelta(microseconds=1))


def derivation_words(seen: ObligationSeen, calendar: Calendar) -> str:
    """How the deadline came about."""
    deadline = _deadline(seen, calendar)
    if deadline is None:
        return say("duties.rolling_how", often=rhythm_words(seen.duty.spec.rhythms[seen.row.rhythm].rhythm))
    return tell_derivation(deadline.derivation, calendar)


def _deadline(seen: ObligationSeen, calendar: Calendar) -> Deadline | None:
    """The deadline of the window; of one that rolls it is worked out again, and told where it comes out the same."""
    if seen.opened is not None:
        return seen.opened.deadline
    rhythms = seen.duty.spec.rhythms
    if seen.row.rhythm >= len(rhythms) or rhythms[seen.row.rhythm].rhythm.period:
        return None
    try:
        told = rolling_window(rhythms[seen.row.rhythm].rhythm, from_micros(seen.row.opens_at), calendar)
    except ZhibenError:
        return None
    return told.deadline if told.deadline.due_at == from_micros(seen.row.due_at) else None
