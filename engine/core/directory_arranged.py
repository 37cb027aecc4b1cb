"""What is arranged besides roles: who stands in, who is on duty, who must not decide, what became of units."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict

from engine.core.directory_index import Index, Layers
from engine.core.directory_rows import Power, Recusal, Shift, Substitution, Succession


class ArrangedRows(TypedDict, total=False):
    """Rows of these kinds, each in place of those of the same ids; neighbours of regions by path."""

    substitutions: Iterable[Substitution]
    powers: Iterable[Power]
    shifts: Iterable[Shift]
    recusals: Iterable[Recusal]
    successions: Iterable[Succession]
    neighbours: Mapping[str, tuple[str, ...]]


class Arranged:
    """The part of a directory that stands on these rows alone; immutable."""

    def __init__(self, rows: ArrangedRows) -> None:
        self._substitutions: Index[Substitution] = Index(person=_person_of, substitute=lambda row: row.substitute)
        self._powers: Index[Power] = Index(matter=lambda row: row.matter)
        # In order of their ends: whoever asks of now passes over all that are past at once.
        self._shifts: Index[Shift] = Index(
            order=lambda row: (row.ends, row.id), roster=lambda row: row.roster, person=lambda row: row.person
        )
        self._recusals: Index[Recusal] = Index(person=_person_of, other=lambda row: row.other)
        self._successions: Index[Succession] = Index()
        self._neighbours: Layers[tuple[str, ...]] = Layers({})
        self._rearrange(rows)

    def _rearrange(self, rows: ArrangedRows) -> None:
        """Take these rows in; for a directory that nobody else has seen yet."""
        self._substitutions = self._substitutions.put(rows.get("substitutions", ()))
        self._powers = self._powers.put(rows.get("powers", ()))
        self._shifts = self._shifts.put(rows.get("shifts", ()))
        self._recusals = self._recusals.put(rows.get("recusals", ()))
        self._successions = self._successions.put(rows.get("successions", ()))
        self._neighbours = self._neighbours.put(rows.get("neighbours", {}))

    # rows by id, for whoever tells them anew -----------------------------------------------------------------------

    def substitution(self, row: str) -> Substitution | None:
        """The substitution of that id, over or not."""
        return self._substitutions.get(row)

    def power(self, row: str) -> Power | None:
        """The power of that id, over or not."""
        return self._powers.get(row)

    def shift(self, row: str) -> Shift | None:
        """The shift of that id, over or not."""
        return self._shifts.get(row)

    def recusal(self, row: str) -> Recusal | None:
        """The recusal of that id, over or not."""
        return self._recusals.get(row)

    def succession(self, unit: str) -> Succession | None:
        """What is told of the unit's end, in force or not."""
        return self._successions.get(unit)

    # substitution --------------------------------------------------------------------------------------------------

    def substitutes(self, person: str, day: date, role: str = "", procedure: str = "") -> tuple[Substitution, ...]:
        """Who stands in for the person in that role and procedure; with neither, who does so in everything."""
        rows = self._substitutions.group("person", person)
        return tuple(row for row in rows if row.valid_on(day) and row.covers(role, procedure))

    def stands_in(self, person: str, day: date) -> tuple[Substitution, ...]:
        """For whom the person stands in, whatever the role and procedure."""
        return tuple(row for row in self._substitutions.group("substitute", person) if row.valid_on(day))

    # duty ----------------------------------------------------------------------------------------------------------

    def on_duty(self, roster: str, region: str, at: datetime) -> tuple[str, ...]:
        """Persons whose shift reaches the region at that instant, in order; the nearest region wins."""
        return _nearest(self._ahead(roster, region, at), at)

    def is_on_duty(self, person: str, at: datetime) -> bool:
        """Whether a shift of the person's runs at that instant, by whatever roster."""
        shifts = self._shifts.group("person", person)
        return any(shift.holds_at(at) for shift in shifts[bisect_right(shifts, at, key=lambda shift: shift.ends) :])

    def next_change(self, roster: str, region: str, at: datetime) -> datetime | None:
        """The first instant after `at` when somebody is on duty and it is not just who is at `at`."""
        shifts = self._ahead(roster, region, at)
        now = _nearest(shifts, at)
        for then in sorted({instant for shift in shifts for instant in (shift.begins, shift.ends) if instant > at}):
            if (found := _nearest(shifts, then)) and found != now:
                return then
        return None

    def _ahead(self, roster: str, region: str, at: datetime) -> list[Shift]:
        """Shifts that reach the region and are not over."""
        shifts = self._shifts.group("roster", roster)
        rest = shifts[bisect_right(shifts, at, key=lambda shift: shift.ends) :]
        return [shift for shift in rest if region.startswith(shift.region)]

    # recusal -------------------------------------------------------------------------------------------------------

    def related(self, person: str, units: Iterable[str], persons: Iterable[str], day: date) -> Recusal | None:
        """Why the person decides nothing about these units and persons, None if nothing is known.

        A relation between two persons holds for both, whoever told it; one to a unit holds for what became of it.
        """
        others = set(persons)
        told = set(units) - {""}
        now = told | {self.successor(unit, day) for unit in told} - {""}
        for row in self._recusals.group("person", person):
            if row.valid_on(day) and (row.other in others or self._is_among(row.unit, now, day)):
                return row
        for row in self._recusals.group("other", person):
            if row.valid_on(day) and row.person in others:
                return row
        return None

    def _is_among(self, unit: str, units: set[str], day: date) -> bool:
        return unit != "" and (unit in units or self.successor(unit, day) in units)

    # succession ----------------------------------------------------------------------------------------------------

    def successor(self, unit: str, day: date) -> str:
        """As what the unit lives on by that day: itself if nothing is told of it, "" if it was closed without one."""
        seen = {unit}
        while (row := self._successions.get(unit)) is not None and row.valid_on(day):
            if row.successor in seen:  # rows in a circle say nothing beyond it
                return unit
            unit = row.successor
            seen.add(unit)
        return unit

    def neighbours(self, region: str) -> tuple[str, ...]:
        """Regions that stand in for a region, the first to ask first."""
        return self._neighbours.get(region) or ()


def _person_of(row: Substitution | Recusal) -> str:
    return row.person


def _nearest(shifts: Iterable[Shift], at: datetime) -> tuple[str, ...]:
    holding = [shift for shift in shifts if shift.holds_at(at)]
    deepest = max((len(shift.region) for shift in holding), default=0)
    return tuple(sorted({shift.person for shift in holding if len(shift.region) == deepest}))
