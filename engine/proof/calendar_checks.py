"""Whether the calendars by which a place counts exist, and have office hours where work hours are counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.core.calendar import Calendar
from engine.core.definition import DeadlineSpec, Procedure
from engine.core.points import Offset, match_point
from engine.core.provenance import place_of
from engine.core.resolve import ResolvedPlace
from engine.core.spans import match_span
from engine.errors import DefinitionError


def wrong_calendars(place: ResolvedPlace, calendars: Mapping[str, Calendar]) -> Iterator[DefinitionError]:
    """One error for each calendar that a procedure asks in vain, at the procedure's own `calendar`."""
    for name, procedure in place.procedures.items():
        where = place_of(place.provenance[name], "calendar")
        for calendar, hours in sorted(_asked(procedure).items()):
            known = calendars.get(calendar)
            if known is None:
                expected = "one of " + ", ".join(calendars)
                yield DefinitionError(
                    "calendar_not_found", place=where, expected=expected, got=calendar, calendar=calendar
                )
            elif hours and not known.hours:
                yield DefinitionError(
                    "calendar_without_hours", place=where, expected="office hours", got=calendar, calendar=calendar
                )


def _asked(procedure: Procedure) -> dict[str, bool]:
    """The calendars that a procedure counts by, and whether over their office hours."""
    found = {procedure.calendar: False}
    for calendar, hours in _phrases(procedure, procedure.calendar, procedure.calendar):
        found[calendar] = found.get(calendar, False) or hours
    return found


def _phrases(value: Any, calendar: str, main: str) -> Iterator[tuple[str, bool]]:
    """Every deadline and every phrase of time with the calendar it counts by; ladders count by the procedure's."""
    match value:
        case DeadlineSpec():
            yield value.calendar or main, False
            for one in (value.within, value.until, value.opens, value.whichever_first):
                yield from _phrases(one, value.calendar or main, main)
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _phrases(getattr(value, name), main, main)
        case tuple() | list():
            for one in value:
                yield from _phrases(one, calendar, main)
        case str():
            if "work hour" in value and _counts_hours(value):
                yield calendar, True


def _counts_hours(phrase: str) -> bool:
    point = match_point(phrase)
    span = point.span if isinstance(point, Offset) else match_span(phrase)
    return span is not None and span.unit == "work hour"
