"""Deadlines with the data that explains them: when something is due, by which rule, over which days.

Day counting follows the Civil Code (民法典): the day of the event does not count (art. 201), a span of months or
years ends on the corresponding day, or on the last of a month that has none (art. 202), and its last day ends at
24:00 (art. 203). Rolling a day off to the next workday (art. 203) is done only where the rule says so. Hours and
minutes run from instant to instant (art. 201), whatever the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec

from engine.core.calendar import Calendar, DayRange, RollRule
from engine.core.calendar import StartRule as StartRule
from engine.core.day_counts import CountedBy, DayCount, counting
from engine.core.moments import NEAR as NEAR
from engine.core.moments import add_exact as add_exact
from engine.core.moments import add_span as add_span
from engine.core.moments import due_day as due_day
from engine.core.moments import near_until as near_until
from engine.core.moments import shift as shift
from engine.core.moments import workdays_between as workdays_between
from engine.core.moments import workdays_left as workdays_left
from engine.core.point_days import MONTHS, Named, named_day
from engine.core.point_days import add_months as add_months
from engine.core.points import Anchor, AnyPoint, Offset, Weekday, parse_point
from engine.core.spans import Span, match_span, parse_span
from engine.core.stops import Stop
from engine.core.work_hours import tell_hours
from engine.errors import DefinitionError

#: A derivation lists its days off up to this many ranges; a longer one names the holidays only.
MOST_RANGES = 40
_ONE_DAY = timedelta(1)


class Derivation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How a deadline came about: rule, calendar, inputs and basis, enough to tell it to a person and to redo it."""

    #: the phrase of the span or point: "2 workdays", "end of quarter"
    rule: str
    #: local date the count starts from
    start: date
    #: the starting instant (UTC), where the rule runs from it and not from its day
    start_at: datetime | None = None
    #: whether the day of the start counts; "none" where days are not counted (a point, hours)
    start_rule: Literal["next_day", "same_day", "none"]
    roll: RollRule
    #: versions of the calendar years that were consulted; () if none was
    calendar: tuple[str, ...] = ()
    #: days off passed over, the ones a rolled day passed included; of more than MOST_RANGES only the holidays
    skipped: tuple[DayRange, ...] = ()
    #: weekend days that counted as workdays
    worked: tuple[DayRange, ...] = ()
    #: local date of the last day; a day ends at 24:00
    due_on: date
    #: the day before the roll moved it
    rolled_from: date | None = None
    #: a consulted year is not published yet: the deadline may move
    provisional: bool = False
    #: ids of the legal clauses
    basis: tuple[str, ...] = ()
    #: the day-count rule that was asked, and how it read the span
    counted: CountedBy | None = None
    #: office hours over which work hours were counted, "09:00-12:00"
    hours: tuple[str, ...] = ()
    #: id of the calendar that the rule itself names; "" = it counts by the procedure's
    by_calendar: str = ""
    #: the point at which its window opens, "15 workdays before"; "" = no window, or one that the rule names itself
    opens: str = ""
    #: all of which the first counts, as they were written; this is the derivation of that one
    whichever: tuple[Deadline, ...] = ()
    #: when the clock stood still; the last day is the one after all of them
    stops: tuple[Stop, ...] = ()


class Deadline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An instant by which something must be done, and why then."""

    #: UTC, exclusive: at this instant it is late. A whole day ends where the next begins (local 24:00)
    due_at: datetime
    derivation: Derivation
    #: UTC: it may not be done before; None = at any time until then
    opens_at: datetime | None = None


def derive(
    rule: Span | AnyPoint,
    start: datetime,
    calendar: Calendar,
    *,
    start_rule: StartRule = "next_day",
    roll: RollRule = "none",
    basis: tuple[str, ...] = (),
    count: DayCount | None = None,
) -> Deadline:
    """The deadline of a rule that starts at an instant; whole days end at local 24:00.

    The start rule is for spans in days and longer; a roll does not touch instants (hours, `start`). A day-count rule
    in force goes before both where it says something. DefinitionError `point_needs_deadline` for points such as
    `3 workdays before`.
    """
    span = rule if isinstance(rule, Span) else rule.span if isinstance(rule, Offset) and rule.of == "start" else None
    if span is None and isinstance(rule, Anchor | Offset) and rule.of == "deadline":
        raise DefinitionError("point_needs_deadline", expected="a point that counts from the start", got=str(rule))
    if isinstance(rule, Anchor) or (span is not None and span.exact):
        return _exact(rule, span, start, calendar, basis)
    read = counting(count, span, calendar.local_day(start), start_rule, roll)
    return _in_days(rule, read.span, start, calendar, read.start_rule, read.roll, basis, read.by)


def derive_before(point: Offset, day: date, calendar: Calendar, *, roll: RollRule = "none") -> Deadline:
    """The deadline so many whole days before a day, such as `5 workdays before` the last of a period."""
    return _in_days(point, None, calendar.instant(day), calendar, "next_day", roll, (), None)


def first_of(deadlines: Sequence[Deadline]) -> Deadline:
    """Whichever of several deadlines comes first, the one written first if two do; it records them all."""
    first = min(deadlines, key=lambda one: one.due_at)
    if len(deadlines) == 1:
        return first
    return msgspec.structs.replace(
        first, derivation=msgspec.structs.replace(first.derivation, whichever=tuple(deadlines))
    )


def opening(deadline: Deadline, opens: str, calendar: Calendar) -> Deadline:
    """The same deadline as a window, which opens at a point before it."""
    if not opens:
        return deadline
    opens_at = shift(deadline.due_at, point := parse_point(opens), calendar)
    told = msgspec.structs.replace(deadline.derivation, opens=opens)
    if isinstance(point, Offset) and point.span.unit in ("workday", "work hour"):
        asked = calendar.local_day(opens_at), told.due_on
        told = msgspec.structs.replace(
            told,
            calendar=tuple(dict.fromkeys((*told.calendar, *calendar.stamps(*asked)))),
            provisional=told.provisional or calendar.provisional_between(*asked),
        )
    return msgspec.structs.replace(deadline, opens_at=opens_at, derivation=told)


def named_calendar(deadline: Deadline, calendar_id: str) -> Deadline:
    """The same deadline, recorded as counted by a calendar that its own rule names."""
    if not calendar_id:
        return deadline
    told = msgspec.structs.replace(deadline.derivation, by_calendar=calendar_id)
    return msgspec.structs.replace(deadline, derivation=told)


def rederived(deadline: Deadline, calendar: Calendar) -> Deadline:
    """The same deadline worked out again, from what its derivation records, by another calendar or version of it.

    What names a calendar of its own is left as it is, unless this is that one.
    """
    told = deadline.derivation
    if told.whichever:
        return opening_again(first_of([rederived(one, calendar) for one in told.whichever]), deadline, calendar)
    if told.by_calendar not in ("", calendar.id):
        return deadline
    again = _again(told, told.start_at or calendar.instant(told.start), calendar)
    return opening(named_calendar(again, told.by_calendar), told.opens, calendar)


def opening_again(again: Deadline, before: Deadline, calendar: Calendar) -> Deadline:
    """The window of a deadline that was the first of several; it opens as before if that is the one it was."""
    told = again.derivation
    if told.by_calendar not in ("", calendar.id) and again.due_at == before.due_at:
        return before
    return opening(again, before.derivation.opens, calendar)


def _again(told: Derivation, start: datetime, calendar: Calendar) -> Deadline:
    rule = match_span(told.rule) or parse_point(told.rule)
    span = rule if isinstance(rule, Span) else rule.span if isinstance(rule, Offset) and rule.of == "start" else None
    if isinstance(rule, Anchor) or (span is not None and span.exact):
        return _exact(rule, span, start, calendar, told.basis)
    if told.counted is not None and told.counted.read_as:
        span = parse_span(told.counted.read_as)
    start_rule: StartRule = "same_day" if told.start_rule == "same_day" else "next_day"
    return _in_days(rule, span, start, calendar, start_rule, told.roll, told.basis, told.counted)


def _exact(
    rule: Span | AnyPoint, span: Span | None, start: datetime, calendar: Calendar, basis: tuple[str, ...]
) -> Deadline:
    """The deadline of a rule that runs from instant to instant; only work hours ask the calendar."""
    due_at = start.astimezone(UTC) if span is None else add_exact(start, span, 1, calendar)
    first, due_on = calendar.local_day(start), due_day(due_at, calendar)
    asked = (first, due_on) if span is not None and span.unit == "work hour" else None
    derivation = Derivation(
        rule=str(rule),
        start=first,
        start_at=start.astimezone(UTC),
        start_rule="none",
        roll="none",
        calendar=calendar.stamps(*asked) if asked else (),
        skipped=_passed_over(calendar, *asked) if asked else (),
        worked=calendar.makeup_days(*asked) if asked else (),
        due_on=due_on,
        provisional=calendar.provisional_between(*asked) if asked else False,
        hours=tell_hours(calendar.hours) if asked else (),
        basis=basis,
    )
    return Deadline(due_at=due_at, derivation=derivation)


def _in_days(
    rule: Span | AnyPoint,
    span: Span | None,
    start: datetime,
    calendar: Calendar,
    start_rule: StartRule,
    roll: RollRule,
    basis: tuple[str, ...],
    counted: CountedBy | None,
) -> Deadline:
    """The deadline of a rule in whole days; `span`: the one to count, None where the point names a day."""
    first = calendar.local_day(start)
    if span is not None:
        named = _counted(first, span, start_rule, calendar)
    else:
        assert not isinstance(rule, Span | Anchor)
        if isinstance(rule, Offset):
            named = _ahead(first, rule.span, calendar)
        else:
            named = named_day(rule, first, start, start_rule, calendar)
    due_on = calendar.roll(named.day, roll)
    asked = named.asked  # the days the calendar was asked about
    if asked is None and roll != "none":
        asked = min(named.day, due_on), max(named.day, due_on)
    at = None if isinstance(rule, Span) else rule.at
    derivation = Derivation(
        rule=str(rule),
        start=first,
        start_at=start.astimezone(UTC) if isinstance(rule, Weekday) and at and start_rule == "same_day" else None,
        start_rule=start_rule if span is not None or isinstance(rule, Weekday) else "none",
        roll=roll,
        calendar=calendar.stamps(*asked) if asked else (),
        skipped=_passed_over(calendar, *asked) if asked else (),
        worked=calendar.makeup_days(*asked) if asked else (),
        due_on=due_on,
        rolled_from=named.day if due_on != named.day else None,
        provisional=calendar.provisional_between(*asked) if asked else False,
        basis=basis,
        counted=counted,
    )
    return Deadline(
        due_at=calendar.end_of(due_on) if at is None else calendar.instant(due_on, at),
        derivation=derivation,
        opens_at=calendar.instant(named.opens) if named.opens else None,
    )


def _ahead(day: date, span: Span, calendar: Calendar) -> Named:
    """The day a span before a day, and the days the calendar was asked about."""
    ahead = add_span(day, span, -1, calendar)
    return Named(ahead, asked=(ahead, day) if span.unit == "workday" else None)


def _counted(first: date, span: Span, start_rule: StartRule, calendar: Calendar) -> Named:
    """The last day of a span of whole days, and the days the calendar was asked about."""
    day = _last_day(first, span, start_rule, calendar)
    if span.unit != "workday":
        return Named(day)
    return Named(day, asked=(first if start_rule == "same_day" else first + _ONE_DAY, day))


def _last_day(first: date, span: Span, start_rule: StartRule, calendar: Calendar) -> date:
    """The last day of a span of whole days."""
    if start_rule == "next_day":
        return add_span(first, span, 1, calendar)
    if span.unit not in MONTHS:
        return add_span(first - _ONE_DAY, span, 1, calendar)
    last = add_span(first, span, 1, calendar)
    return last - _ONE_DAY if last.day == first.day else last  # a shorter month has already ended on its last day


def _passed_over(calendar: Calendar, first: date, last: date) -> tuple[DayRange, ...]:
    off = calendar.days_off(first, last)
    return off if len(off) <= MOST_RANGES else tuple(days for days in off if days.kind == "holiday")
