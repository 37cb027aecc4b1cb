"""Periods of tasks that come again as long as a state lasts: counted from its beginning, so that nothing drifts."""

from __future__ import annotations

from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.deadlines import Deadline, derive, named_calendar, opening
from engine.core.definition import DeadlineSpec
from engine.core.event_parts import Period
from engine.core.facts import parse_span
from engine.core.spans import Span


def end_of(every: str, spec: DeadlineSpec | None, anchor: datetime, n: int, calendar: Calendar) -> Deadline:
    """The end of the n-th period: n times the span after the anchor, never a span after the end before."""
    span = parse_span(every)
    times = Span(amount=span.amount * n, unit=span.unit)
    if spec is None:
        return derive(times, anchor, calendar)
    made = derive(times, anchor, calendar, start_rule=spec.start, roll=spec.roll, basis=spec.basis, count=spec.count)
    return opening(named_calendar(made, spec.calendar), spec.opens, calendar)


def current(
    every: str, spec: DeadlineSpec | None, anchor: datetime, first: int, now: datetime, calendar: Calendar
) -> tuple[Period, Deadline]:
    """The first period from that number on that has not ended; those that have, fall together and are counted."""
    n, end = first, end_of(every, spec, anchor, first, calendar)
    while end.due_at <= now:
        n += 1
        end = end_of(every, spec, anchor, n, calendar)
    begins = end_of(every, spec, anchor, n - 1, calendar).due_at if n > 1 else anchor
    return Period(n=n, begins=begins, passed_over=n - first), end
