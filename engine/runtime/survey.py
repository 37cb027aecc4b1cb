"""Counts of a watch for all its subjects in a window, with where each lies and the cases behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from posixpath import commonpath
from typing import Any

from engine.core.calendar import Calendar
from engine.core.command import SYSTEM
from engine.core.conditions import grounded
from engine.core.definition_watches import Measure, Population, Watch
from engine.core.directory import Directory, Entity, Scope
from engine.core.duty_population import compile_guard
from engine.core.watch_windows import longer, previous
from engine.core.watches import MOST_CASES, Measured, Span, holds
from engine.errors import ExpressionError
from engine.runtime.projection import micros
from engine.store.measures import Asked
from engine.store.reader import Reader
from engine.store.session import Session

#: The engine itself: it counts everything that lies in a region.
WHOLE = Scope(person=SYSTEM, everything=True)


class Survey:
    """Measures watches in one transaction or on one connection, for the engine or as one person sees."""

    def __init__(
        self, source: Session | Reader, directory: Directory, calendar: Calendar, *, scope: Scope = WHOLE
    ) -> None:
        self._source = source
        self._directory = directory
        self._calendar = calendar
        self._scope = scope

    def measured(self, watch: Watch, span: Span, subjects: Collection[str] | None = None) -> tuple[Measured, ...]:
        """Every subject with its counts, in order of their ids; cases are told of those for whom it holds.

        `subjects`: only these, and their cases whether it holds or not.
        """
        found = {one.id: self.counts(watch, one, span, subjects) for one in watch.counts}
        names = self._names(watch, span, subjects, found.values())
        entities = self._entities(watch, names, span)
        told = []
        for name in sorted(names):
            counts = {one: numbers.get(name, 0) for one, numbers in found.items()}
            wanted = subjects is not None or holds(watch, counts)
            cases, behind = self.cases(watch, span, name) if wanted else ([], 0)
            told.append(_measured(name, entities.get(name), counts, cases, behind))
        return tuple(told)

    def counts(
        self, watch: Watch, measure: Measure, span: Span, subjects: Collection[str] | None = None
    ) -> dict[str, int]:
        """Subject -> number of one measure in a window, or in the windows before it."""
        if measure.streak:
            return self._streak(watch, measure, span, subjects)
        if measure.over:
            return self._counted(watch, measure, longer(span, measure.over, self._calendar), subjects)
        if not measure.before:
            return self._counted(watch, measure, span, subjects)
        first = before = previous(watch, span, self._calendar)
        for _ in range(measure.before - 1):
            first = previous(watch, first, self._calendar)
        whole = Span(period=before.period, first=first.first, before=before.before, last=before.last)
        return self._counted(watch, measure, whole, subjects)

    def cases(self, watch: Watch, span: Span, subject: str, measure: str = "") -> tuple[list[str], int]:
        """The cases behind the counts of a subject, the latest first: of one measure, or of all of the window."""
        found: dict[str, None] = {}
        behind = 0
        for one in watch.counts:
            if one.source == "accounts" or (one.id != measure if measure else one.before):
                continue
            asked = self.asked(watch, one, self._looked_at(watch, one, span))
            cases, count = self._source.measures.cases(self._scope, asked, subject, most=MOST_CASES)
            found.update(dict.fromkeys(cases))
            behind = max(behind, count)
        return list(found)[:MOST_CASES], max(behind, len(found))

    def asked(self, watch: Watch, measure: Measure, span: Span) -> Asked:
        """The question to the store."""
        where = grounded(measure.where, span.last, lambda day: micros(self._calendar.instant(day)))
        return Asked(measure=measure, per=watch.per, where=where, first=micros(span.first), before=micros(span.before))

    def _looked_at(self, watch: Watch, measure: Measure, span: Span) -> Span:
        """The whole time that a measure covers."""
        first = longer(span, measure.over, self._calendar) if measure.over else span
        for _ in range(measure.before or max(measure.most - 1, 0)):
            first = previous(watch, first, self._calendar)
        before = span.first if measure.before else span.before
        return Span(period=span.period, first=first.first, before=before, last=span.last)

    def _counted(self, watch: Watch, measure: Measure, span: Span, subjects: Collection[str] | None) -> dict[str, int]:
        return self._source.measures.counts(self._scope, self.asked(watch, measure, span), subjects)

    def _streak(self, watch: Watch, measure: Measure, span: Span, subjects: Collection[str] | None) -> dict[str, int]:
        """Windows in a row, this one last, in which something is counted, or nothing, up to `most`."""
        windows = [span]
        while len(windows) < measure.most:
            windows.append(previous(watch, windows[-1], self._calendar))
        counted = [self._counted(watch, measure, one, subjects) for one in windows]
        names = {name for one in counted for name in one}
        names |= set(subjects) if subjects is not None else set(self._members(watch.population, span))
        found = {}
        for name in names:
            run = 0
            for one in counted:
                if (name in one) != (measure.streak == "with"):
                    break
                run += 1
            found[name] = run
        return found

    # subjects --------------------------------------------------------------------------------------------------

    def _names(
        self, watch: Watch, span: Span, subjects: Collection[str] | None, found: Iterable[Mapping[str, int]]
    ) -> set[str]:
        if subjects is not None:
            return set(subjects)
        if watch.population is not None:
            return set(self._members(watch.population, span))
        return {name for numbers in found for name in numbers}

    def _members(self, population: Population | None, span: Span) -> list[str]:
        match population:
            case Population(kind="unit"):
                return [one.id for one in self._units(span) if _belongs(population, one)]
            case Population(kind="person"):
                held = self._directory.ever_in_role(population.role)
                return sorted({one.person for one in held if one.holds_on(span.last)})
            case Population(kind="region"):
                return sorted(self._directory.regions)
            case _:
                return []

    def _units(self, span: Span) -> list[Entity]:
        rows = self._source.directory.rows("unit", day=span.last)
        return [_entity(row.id, row.columns, row.attributes) for row in rows]

    def _entities(self, watch: Watch, names: set[str], span: Span) -> dict[str, Entity]:
        """What is known of subjects: title, region, unit."""
        match watch.per:
            case "unit" | "place":
                return self._source.directory.entities(watch.per, sorted(names), span.last)
            case "body":
                return self._source.directory.entities("unit", sorted(names), span.last)
            case "region":
                titles = self._directory.regions
                return {name: Entity(id=name, title=titles.get(name, name), region=name) for name in names}
            case "industry":
                return {name: Entity(id=name, title=self._directory.industries.get(name, name)) for name in names}
            case "person":
                return {name: self._person(name, span) for name in names}
            case _:
                return {}

    def _person(self, name: str, span: Span) -> Entity:
        held = self._directory.held_by(name, span.last) or self._directory.ever_held(name)
        regions = [one.region for one in held if one.region]
        common = f"{commonpath(regions).rstrip('/')}/" if regions else ""
        units = {one.unit or one.body for one in held} - {""}
        return Entity(id=name, title="", region=common, unit=units.pop() if len(units) == 1 else "")


def _belongs(population: Population, unit: Entity) -> bool:
    """Whether a unit is of the population; one of whom that cannot be said is not."""
    if not population.where:
        return True
    try:
        return bool(compile_guard(population.where, "units").evaluate(_Properties(unit)))
    except ExpressionError:
        return False


class _Properties(dict[str, Any]):
    """What a guard reads of a unit, looked up when it is read."""

    def __init__(self, unit: Entity) -> None:
        super().__init__()
        self._unit = unit

    def __missing__(self, name: str) -> Any:
        return self._unit.get(name.partition(".")[2])


def _entity(name: str, columns: Mapping[str, Any], attributes: Mapping[str, Any]) -> Entity:
    known = {key: columns[key] for key in ("title", "region", "industry") if key in columns}
    return Entity(id=name, **known, attributes=attributes)


def _measured(name: str, entity: Entity | None, counts: dict[str, int], cases: list[str], behind: int) -> Measured:
    unit = (entity.unit or (name if entity.id == name else "")) if entity else ""
    return Measured(
        subject=name,
        title=entity.title if entity else "",
        region=entity.region if entity else "",
        unit=unit,
        counts=counts,
        cases=tuple(cases),
        behind=behind,
    )
