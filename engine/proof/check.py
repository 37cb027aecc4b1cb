"""What `zhiben check` finds: errors of all documents, and what plans leave open with the clause that is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from engine.core.calendar import Calendar
from engine.core.library import Library
from engine.core.prepare import machines
from engine.core.resolve import ResolvedPlace, left_open, resolve
from engine.errors import DefinitionError, DefinitionErrors, Place
from engine.proof.calendar_checks import wrong_calendars
from engine.proof.scenario_names import check_scenario

#: error: it cannot be used; open: a plan leaves a value to the places that run it; notice: worth a look
Level = Literal["error", "open", "notice"]


#: The id of a place -> the calendars it sees, None where they are not looked at.
CalendarsOf = Callable[[str], Mapping[str, Calendar] | None]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found; the sentence is made of code and data at the edge."""

    level: Level
    code: str
    place: Place | None
    data: dict[str, Any]


def findings(
    library: Library, *, today: date | None = None, calendars: CalendarsOf = lambda place: None
) -> list[Finding]:
    """Everything found, errors first, in the order of files and lines.

    `today`: also what has ended by that day; `calendars`: those that a place sees, None = they are not looked at.
    """
    found = [_finding("error", one) for one in _errors(library, calendars)]
    for plan in library.plans:
        found += [_finding("open", one) for one in left_open(library, plan)]
    if today is not None:
        found += _ended(library, today)
    order = ("error", "open", "notice")
    return sorted(_once(found), key=lambda one: (order.index(one.level), _where(one.place)))


def _errors(library: Library, calendars: CalendarsOf) -> Iterator[DefinitionError]:
    if library.problems:
        yield from library.problems
        return
    for plan in library.plans:
        try:
            resolve(library, plan)
        except DefinitionErrors as errors:
            yield from (one for one in errors.problems if one.code != "still_open")
    resolved: dict[str, ResolvedPlace] = {}
    for place in library.places:
        try:
            resolved[place] = resolve(library, place)
            machines(resolved[place])
            if (seen := calendars(place)) is not None:
                yield from wrong_calendars(resolved[place], seen)
        except DefinitionErrors as errors:
            yield from errors.problems
    yield from _scenario_errors(library, resolved)


def _scenario_errors(library: Library, resolved: dict[str, ResolvedPlace]) -> Iterator[DefinitionError]:
    known = {*library.places, *library.plans}
    for scenario in library.of_kind("scenario"):
        where = scenario.node.map()["in"]
        name = str(where.value)
        if name in resolved:
            yield from check_scenario(scenario, resolved[name])
        elif name not in known:
            yield DefinitionError(
                "unknown_place", place=where.place("in"), expected="one of " + ", ".join(sorted(known)), got=name
            )


def _ended(library: Library, today: date) -> Iterator[Finding]:
    """Clauses that no longer apply, where documents still cite them as their basis."""
    for document in library.of_kind("basis"):
        for name, node in document.node.map()["basis"].map().items():
            until = node.map().get("until")
            if until is not None and date.fromisoformat(str(until.value)) < today:
                place = until.place(f"basis.{name}.until")
                yield Finding(level="notice", code="clause_ended", place=place, data={"clause": name})


def _finding(level: Level, error: DefinitionError) -> Finding:
    data = {"expected": error.expected, "got": error.got, **error.data}
    return Finding(level=level, code=error.code, place=error.place, data=data)


def _once(found: list[Finding]) -> list[Finding]:
    """What several places have in common is told once."""
    seen: set[tuple[str, str, str]] = set()
    kept: list[Finding] = []
    for one in found:
        key = (one.code, str(one.place), str(one.data))
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def _where(place: Place | None) -> tuple[str, int, int]:
    return (place.file, place.line, place.column) if place else ("", 0, 0)
