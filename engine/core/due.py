"""The deadline that a definition gives in a case: by a span, a point, a date field, or the first of several."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from engine.core.calendar import Calendar, RollRule
from engine.core.day_counts import DayCount
from engine.core.deadlines import Deadline, StartRule, derive, first_of, named_calendar, opening
from engine.core.definition import DeadlineSpec
from engine.core.facts import Facts, parse_point, parse_span
from engine.core.points import AnyPoint, OnDate
from engine.core.spans import Span


def deadline_by(
    spec: DeadlineSpec, start: datetime, values: Mapping[str, Any], fields: Container[str], facts: Facts
) -> Deadline | None:
    """The deadline of a rule that starts at an instant; None where the date field it waits for is empty.

    `values`: the case's data by field, `fields`: the fields there are. Of several candidates the first counts; one
    whose field is empty is left out.
    """
    calendar = facts.calendar_named(spec.calendar)
    if not spec.whichever_first:
        found = _single(spec, start, values, fields, calendar)
        return opening(named_calendar(found, spec.calendar), spec.opens, calendar) if found else None
    made = (deadline_by(one, start, values, fields, facts) for one in spec.whichever_first)
    dated = [one for one in made if one is not None]
    return opening(first_of(dated), spec.opens, calendar) if dated else None


def waits_for(spec: DeadlineSpec) -> str:
    """The date field for whose value a rule waits, of several the first; "" = it waits for none."""
    if spec.whichever_first:
        return next((field for one in spec.whichever_first if (field := waits_for(one))), "")
    return spec.since or spec.until


def _single(
    spec: DeadlineSpec, start: datetime, values: Mapping[str, Any], fields: Container[str], calendar: Calendar
) -> Deadline | None:
    if spec.within:
        rule: Span | AnyPoint = parse_span(spec.within)
    elif spec.until in fields:
        if not (value := values.get(spec.until)):
            return None
        rule = OnDate(day=date.fromisoformat(str(value)))
    else:
        rule = parse_point(spec.until)
    if spec.since:
        if not (value := values.get(spec.since)):
            return None
        begin = date.fromisoformat(str(value))
        # Of a day without its hour the hours count from its end: nobody loses what was not theirs yet.
        start = calendar.end_of(begin) if isinstance(rule, Span) and rule.exact else calendar.instant(begin)
    if isinstance(rule, OnDate) or (isinstance(rule, Span) and not rule.exact):
        day = calendar.local_day(start)
        return _in_days(rule, day, calendar, spec.start, spec.roll, spec.basis, spec.count)
    return derive(rule, start, calendar, start_rule=spec.start, roll=spec.roll, basis=spec.basis, count=spec.count)


@lru_cache(maxsize=8192)
def _in_days(
    rule: Span | OnDate,
    day: date,
    calendar: Calendar,
    start_rule: StartRule,
    roll: RollRule,
    basis: tuple[str, ...],
    count: DayCount | None,
) -> Deadline:
    """A deadline in whole days, remembered: it is the same for whatever starts on that day."""
    return derive(rule, calendar.instant(day), calendar, start_rule=start_rule, roll=roll, basis=basis, count=count)
