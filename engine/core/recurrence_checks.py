"""What a rhythm must fulfil before it is used: that it is due at all, after it opened, in every period."""

from __future__ import annotations

from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from engine.core.calendar import Calendar
from engine.core.recurrence import Rhythm, windows_between
from engine.core.recurrence_points import check_phrases, opened
from engine.core.spans import match_span, parse_span
from engine.errors import DefinitionError, Place

#: A leap year and two that are none have every length of month, quarter and half year, and a year of 53 weeks.
_FIRST, _LAST = date(2024, 1, 1), date(2026, 12, 31)


def check_rhythm(rhythm: Rhythm, place: Place | None = None) -> None:
    """Refuse a rhythm that says nothing or two things, is never due, or is due before it opened; DefinitionError."""
    if bool(rhythm.period) == bool(rhythm.span):
        raise DefinitionError(
            "rhythm_unclear", place=place, expected="a period or a span", got=f"{rhythm.period} {rhythm.span}".strip()
        )
    check_phrases(rhythm.due, rhythm.opens, place)
    if rhythm.span:
        _check_rolling(rhythm, place)
    else:
        _check_windows(rhythm, place)


def _check_rolling(rhythm: Rhythm, place: Place | None) -> None:
    parse_span(rhythm.span, place=place)
    if rhythm.due or rhythm.covers != "this":
        told = rhythm.due or rhythm.covers
        raise DefinitionError("rolling_due", place=place, expected="a span alone", got=told)
    if rhythm.opens and match_span(rhythm.opens) is None:
        raise DefinitionError("unknown_span", place=place, expected="a span", got=rhythm.opens, nearest="")


def _check_windows(rhythm: Rhythm, place: Place | None) -> None:
    """Every window of three years by the weekday rule, before any roll."""
    plain = _plain_calendar()
    unrolled = msgspec.structs.replace(rhythm, holiday="none")
    for window in windows_between(unrolled, _FIRST, _LAST, plain):
        if window.deadline.derivation.due_on < window.first:
            raise DefinitionError(
                "due_before_period", place=place, expected="a day in the period or after it", got=rhythm.due
            )
        if opened(rhythm.opens, window.first, window.last, window.deadline, plain) >= window.deadline.due_at:
            raise DefinitionError(
                "opens_after_due", place=place, expected="a moment before it is due", got=rhythm.opens or rhythm.due
            )


@cache
def _plain_calendar() -> Calendar:
    return Calendar("plain", ZoneInfo("UTC"), {})
