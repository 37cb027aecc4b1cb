"""What the clock does next with a duty: one step at a time, in order, each at its own moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from engine.core.calendar import Calendar
from engine.core.deadlines import shift
from engine.core.definition_duties import DutySpec, ReminderSpec
from engine.core.duty_state import DutyState, OpenWindow
from engine.core.facts import parse_point
from engine.core.points import Anchor, Offset
from engine.core.recurrence import Window, next_window, window_at, windows_between
from engine.errors import Broken

StepKind = Literal["due", "missed", "compare", "open", "remind"]
#: At one instant a day ends before the next begins.
_ORDER: tuple[StepKind, ...] = ("due", "missed", "compare", "open", "remind")
_ONE_DAY = timedelta(1)
#: No window is longer, so the next one begins within it.
_LONGEST = timedelta(800)


class Step(NamedTuple):
    """One thing to do at a moment."""

    at: datetime
    order: int
    rhythm: int
    period: str
    reminder: str = ""

    @property
    def kind(self) -> StepKind:
        """What is to be done."""
        return _ORDER[self.order]


def next_step(state: DutyState, calendar: Calendar) -> Step | None:
    """The first thing to be done; None = nothing is left."""
    return min(_steps(state, calendar), default=None)


def _steps(state: DutyState, calendar: Calendar) -> Iterator[Step]:
    half = [one for one in state.windows if not one.populated]
    for one in half:
        yield Step(one.opens_at, _ORDER.index("open"), one.rhythm, one.period)
    if half:
        # Nobody is late, reminded or compared before all of a window have begun.
        return
    if not state.ended:
        for n, told in enumerate(state.spec.rhythms):
            if told.rhythm.period:
                window = upcoming(state, n, calendar)
                yield Step(window.opens_at, _ORDER.index("open"), n, window.key)
    yield from _compare(state, calendar)
    for one in state.windows:
        yield from _of_window(state.spec, one, calendar)


def _compare(state: DutyState, calendar: Calendar) -> Iterator[Step]:
    """Every midnight, as long as anything runs; at once where everybody is to be compared."""
    order = _ORDER.index("compare")
    rolling = (is_rolling(state.spec) and not state.ended) or bool(state.rolled)
    if state.compared is None:
        if rolling:
            yield Step(state.since, order, 0, "")
    elif state.compared.through is not None:
        yield Step(calendar.instant(state.compared.day), order, 0, "")
    elif rolling or state.windows:
        yield Step(calendar.instant(state.compared.day + _ONE_DAY), order, 0, "")


def _of_window(spec: DutySpec, one: OpenWindow, calendar: Calendar) -> Iterator[Step]:
    for reminder in spec.reminders:
        if reminder.id not in one.reminded:
            at = reminder_at(reminder, one, calendar)
            yield Step(at, _ORDER.index("remind"), one.rhythm, one.period, reminder.id)
    if not one.due:
        yield Step(one.deadline.due_at, _ORDER.index("due"), one.rhythm, one.period)
    elif not one.missed:
        yield Step(one.missed_at, _ORDER.index("missed"), one.rhythm, one.period)


def reminder_at(reminder: ReminderSpec, window: OpenWindow, calendar: Calendar) -> datetime:
    """When a reminder goes out: not before the window begins."""
    point = parse_point(reminder.at)
    return max(shift(window.deadline.due_at, point, calendar, start=window.opens_at), window.opens_at)


def asks_before(reminder: ReminderSpec) -> bool:
    """Whether a reminder asks for what is not due yet: said afterwards it would ask in vain."""
    point = parse_point(reminder.at)
    if isinstance(point, Anchor):
        return point.of == "start"
    return isinstance(point, Offset) and (point.side == "before" or point.of == "start")


def upcoming(state: DutyState, n: int, calendar: Calendar) -> Window:
    """The window of a rhythm that opens next: after the one opened last, else the first since the duty holds.

    That is the one that runs then where whoever comes in mid-period joins it.
    """
    rhythm = state.spec.rhythms[n].rhythm
    last, since = state.opened.get(n), state.since
    if last is not None:
        following = next(windows_between(rhythm, last + _ONE_DAY, last + _LONGEST, calendar))
        if state.resumed is None or following.last >= calendar.local_day(state.resumed):
            return following
        since = state.resumed
    day = calendar.local_day(since)
    running = window_at(rhythm, day, calendar)
    if running is None:
        return next(windows_between(rhythm, day, day + _LONGEST, calendar))
    if state.spec.joins == "this" and since < running.deadline.due_at:
        return running
    return next_window(rhythm, running, calendar)


def window_of(state: DutyState, step: Step, calendar: Calendar) -> Window:
    """The window that a step opens."""
    window = upcoming(state, step.rhythm, calendar)
    if window.key != step.period:
        raise Broken("window_moved", expected=step.period, got=window.key)
    return window


def missed_at(spec: DutySpec, due_at: datetime, calendar: Calendar) -> datetime:
    """When an obligation that is due at an instant is missed: never before it is due."""
    return max(shift(due_at, parse_point(spec.missed_at), calendar), due_at)


def rolling_ones(state: DutyState) -> tuple[int, ...]:
    """The rhythms by which something rolls, or still does since an older wording."""
    return tuple(sorted({*state.rolled, *(n for n, told in enumerate(state.spec.rhythms) if not told.rhythm.period)}))


def is_rolling(spec: DutySpec) -> bool:
    """Whether some of it counts from what was done."""
    return any(not told.rhythm.period for told in spec.rhythms)
