"""Named day-count rules: how a law reads "7 days", where its count begins, and what becomes of a last day off.

A rule is data of the library (`workflows/library/day_counts.yaml`); a definition that names one carries it whole.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec.structs import replace

from engine.core.calendar import RollRule, StartRule
from engine.core.definition_parts import Record
from engine.core.spans import Span


class DayCount(Record, frozen=True, kw_only=True):
    """One rule; it applies to counts that start on a day on which it is in force."""

    id: str
    title: str
    #: spans of so many days are counted in workdays
    workdays: tuple[int, ...] = ()
    #: spans of up to so many days are counted in workdays; 0 = none
    up_to: int = 0
    #: whether the day of the event counts; "" = the rule does not say
    start: Literal["", "next_day", "same_day"] = ""
    #: what becomes of a last day that is no workday; "" = the rule does not say
    roll: Literal["", "none", "next_workday", "previous_workday"] = ""
    basis: tuple[str, ...] = ()
    #: first and last day on which it is in force, "2021-07-15"; "" = for ever
    since: str
    until: str = ""


class CountedBy(Record, frozen=True, kw_only=True):
    """Which rule a derivation followed, and how it read the span."""

    rule: str
    #: the span in workdays that it made of one in days; "" = the span was left as it is
    read_as: str = ""
    basis: tuple[str, ...] = ()
    #: the rule was not in force on the day of the start: the span was counted as it stands
    not_in_force: bool = False


class Counting(Record, frozen=True, kw_only=True):
    """How a span is counted, once a rule was asked."""

    #: None where a point is asked for
    span: Span | None
    start_rule: StartRule
    roll: RollRule
    by: CountedBy | None = None


def counting(rule: DayCount | None, span: Span | None, first: date, start_rule: StartRule, roll: RollRule) -> Counting:
    """The span as the rule reads it on that day; without a rule, or before and after it was in force, as it stands."""
    if rule is None:
        return Counting(span=span, start_rule=start_rule, roll=roll)
    if not in_force(rule, first):
        by = CountedBy(rule=rule.id, basis=rule.basis, not_in_force=True)
        return Counting(span=span, start_rule=start_rule, roll=roll, by=by)
    read = Span(span.amount, "workday") if span and counts_workdays(rule, span) else span
    return Counting(
        span=read,
        start_rule=rule.start or start_rule,
        roll=rule.roll or roll,
        by=CountedBy(rule=rule.id, read_as=str(read) if read != span else "", basis=rule.basis),
    )


def overridden(rule: DayCount, start: Literal["", "next_day", "same_day"], roll: Literal["", RollRule]) -> DayCount:
    """The rule without what a deadline says itself: its own words go first."""
    return replace(rule, start="" if start else rule.start, roll="" if roll else rule.roll)


def counts_workdays(rule: DayCount, span: Span) -> bool:
    """Whether the rule counts a span of days in workdays."""
    return span.unit == "day" and (span.amount in rule.workdays or span.amount <= rule.up_to)


def in_force(rule: DayCount, day: date) -> bool:
    """Whether the rule is in force on a day."""
    return rule.since <= day.isoformat() and (not rule.until or day.isoformat() <= rule.until)
