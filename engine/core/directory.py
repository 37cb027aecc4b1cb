"""The organisation as decisions see it: an immutable snapshot of who holds which role where, on a day.

Rows are bitemporal: valid days [valid_from, valid_to) say when something was so, recorded instants when it was known.
A snapshot is what was known at one version of the directory stream; `on` picks the valid day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from functools import lru_cache
from typing import Unpack

from engine.core.directory_arranged import Arranged, ArrangedRows
from engine.core.directory_index import Index, Layers
from engine.core.directory_rows import (
    BEGINNING,
    END,
    Certificate,
    Considered,
    Entity,
    Holding,
    Power,
    Recusal,
    RolePower,
    Scope,
    Shift,
    StandIn,
    Substitution,
    Succession,
)

__all__ = [
    "BEGINNING",
    "END",
    "Certificate",
    "Considered",
    "Directory",
    "Entity",
    "Holding",
    "Power",
    "Recusal",
    "RolePower",
    "Scope",
    "Shift",
    "StandIn",
    "Substitution",
    "Succession",
]


class Directory(Arranged):
    """People and roles at one version; immutable, safe to share between threads."""

    def __init__(
        self,
        *,
        version: int,
        holdings: Iterable[Holding] = (),
        certificates: Iterable[Certificate] = (),
        roles: Mapping[str, RolePower] | None = None,
        regions: Mapping[str, str] | None = None,
        industries: Mapping[str, str] | None = None,
        **arranged: Unpack[ArrangedRows],
    ) -> None:
        super().__init__(arranged)
        self.version = version
        self.roles = dict(roles or {})
        self.regions = dict(regions or {})
        self.industries = dict(industries or {})
        self._holdings = Index(
            holdings,
            role=_role_of,
            person=lambda one: one.person,
            unit=lambda one: one.unit,
            body=lambda one: one.body,
        )
        self._certificates = Layers(_told({}, certificates))
        self._remember()

    def _remember(self) -> None:
        self.holders = lru_cache(maxsize=65536)(self._holders)
        self.scope = lru_cache(maxsize=4096)(self._scope)

    def changed(
        self,
        version: int,
        *,
        holdings: Iterable[Holding] = (),
        certificates: Iterable[Certificate] = (),
        regions: Mapping[str, str] | None = None,
        industries: Mapping[str, str] | None = None,
        **arranged: Unpack[ArrangedRows],
    ) -> Directory:
        """The directory at a later version: these rows and titles come in place of those of the same ids.

        Costs as much as the change does, however many people there are.
        """
        made = copy(self)
        made.version = version
        made.regions = {**self.regions, **regions} if regions else self.regions
        made.industries = {**self.industries, **industries} if industries else self.industries
        made._holdings = self._holdings.put(holdings)
        if told := list(certificates):
            known = {one.person: made._certificates.get(one.person) or () for one in told}
            made._certificates = made._certificates.put(_told(known, told))
        made._rearrange(arranged)
        made._remember()
        return made

    def holding(self, holding_id: str) -> Holding | None:
        """The holding of that id, over or not."""
        return self._holdings.get(holding_id)

    def known(self, person: str) -> bool:
        """Whether the person has ever held a role."""
        return bool(self.ever_held(person))

    def ever_held(self, person: str) -> tuple[Holding, ...]:
        """All roles that a person holds, held or will hold."""
        return self._holdings.group("person", person)

    def ever_in_role(self, role: str) -> tuple[Holding, ...]:
        """Everybody's holdings of a role outside of units, over or not."""
        return self._holdings.group("role", role)

    def held_by(self, person: str, day: date) -> tuple[Holding, ...]:
        """The roles a person holds on a day."""
        return tuple(holding for holding in self._holdings.group("person", person) if holding.holds_on(day))

    def certificates(self, person: str) -> tuple[Certificate, ...]:
        """All certificates of a person, in the order of their ids, valid or not."""
        return self._certificates.get(person) or ()

    def certified(self, person: str, kind: str, day: date) -> bool:
        """Whether the person holds a certificate of that kind on that day."""
        return any(one.kind == kind and one.valid_on(day) for one in self.certificates(person))

    def ever_within(self, unit: str, first: date, last: date) -> tuple[str, ...]:
        """Everybody who held a role in the unit, or as that organ, on any day from the first to the last."""
        held = (*self._holdings.group("unit", unit), *self._holdings.group("body", unit))
        return tuple(sorted({one.person for one in held if one.valid_from <= last and one.valid_to > first}))

    def may(self, person: str, permission: str, day: date, region: str | None = None, unit: str = "") -> bool:
        """Whether a role held on that day grants the permission in that region or unit; None = anywhere at all.

        A role held in a unit reaches that unit only; one held in no region reaches every region.
        """
        return any(
            permission in power.may and (region is None or _reaches(holding, region, unit))
            for holding in self.held_by(person, day)
            if (power := self.roles.get(holding.role))
        )

    def reach(self, person: str, permission: str, day: date) -> Scope:
        """Where roles held on that day grant the permission, as a scope of nobody: what `may` says, for a query."""
        held = [
            holding
            for holding in self.held_by(person, day)
            if (power := self.roles.get(holding.role)) and permission in power.may
        ]
        if any(not holding.unit and holding.region in ("", "/") for holding in held):
            return Scope(person="", everything=True)
        return Scope(
            person="",
            regions=tuple(dict.fromkeys(holding.region for holding in held if not holding.unit)),
            units=tuple(dict.fromkeys(holding.unit for holding in held if holding.unit)),
        )

    def _holders(self, role: str, region: str, industry: str, unit: str, day: date) -> tuple[str, ...]:
        """Persons holding the role for a region, industry and unit; the most specific holdings win.

        A holding fits if its region is the region asked or above it, its industry equal or unstated, its unit equal
        where one is asked. Among fitting ones the same industry beats an unstated one, then the longer region path.
        """
        best: tuple[bool, int] = (False, -1)
        found: list[str] = []
        for holding in self._asked(role, unit):
            if holding.role != role or not holding.fits(region, industry, unit, day):
                continue
            rank = _rank(holding)
            if rank > best:
                best, found = rank, [holding.person]
            elif rank == best and holding.person not in found:
                found.append(holding.person)
        return tuple(sorted(found))

    def _asked(self, role: str, unit: str) -> tuple[Holding, ...]:
        """Holdings among which those of a role are, in a unit or in none."""
        return self._holdings.group("unit", unit) if unit else self._holdings.group("role", role)

    def explain(self, role: str, region: str, industry: str, unit: str, day: date) -> tuple[Considered, ...]:
        """Every holding of the role that fits, best first, and whether it is among those that `holders` tells."""
        fitting = [one for one in self._asked(role, unit) if one.role == role and one.fits(region, industry, unit, day)]
        best = max(map(_rank, fitting), default=(False, -1))
        return tuple(
            Considered(
                holding=one,
                won=_rank(one) == best,
                industry_exact=bool(one.industry) and one.industry == industry,
                depth=one.region.count("/"),
            )
            for one in sorted(fitting, key=lambda one: (not one.industry, -len(one.region), one.person, one.id))
        )

    def superiors(self, person: str, day: date, region: str = "") -> frozenset[str]:
        """Who supervises the person, in any role they hold, and who supervises those in that role, and so on upwards.

        Roles held in a unit have no region of their own: `region` is the one in which to look for who supervises them.
        """
        open_ends = list(self.held_by(person, day))
        seen = {one.id for one in open_ends}
        while open_ends:
            below = open_ends.pop()
            power = self.roles.get(below.role)
            if power is None or not power.superior:
                continue
            where = below.region or region
            for one in self.explain(power.superior, where, below.industry, "", day):
                if one.won and one.holding.id not in seen:
                    seen.add(one.holding.id)
                    open_ends.append(one.holding)
        found = (self.holding(name) for name in seen)
        return frozenset(one.person for one in found if one is not None) - {person}

    def bodies(self, person: str, day: date) -> tuple[str, ...]:
        """The organs as which the person holds roles, each as what it has become by that day."""
        held = (self.successor(one.body, day) for one in self.held_by(person, day) if one.body)
        return tuple(sorted({body for body in held if body}))

    def power_of(self, person: str, matter: str, day: date, *, document: str = "", region: str = "") -> Power | None:
        """The power by which the person may act in the matter, through an organ as which they hold a role, or None.

        What an organ had in its power passes to its successor. "" = any document, any region; the nearest one is told.
        """
        bodies = self.bodies(person, day)
        fitting = [
            power
            for power in self._powers.group("matter", matter)
            if power.valid_on(day) and power.covers(document, region) and self.successor(power.body, day) in bodies
        ]
        return min(fitting, key=lambda power: (-len(power.region), power.id), default=None)

    def fits(self, person: str, role: str, region: str, industry: str, unit: str, day: date) -> bool:
        """Whether the person holds the role there on that day, be others nearer or not."""
        return any(
            holding.role == role and holding.fits(region, industry, unit, day)
            for holding in self._holdings.group("person", person)
        )

    def within(self, unit: str, day: date) -> tuple[str, ...]:
        """Everybody who holds a role in the unit, or as that organ (机关), on that day."""
        held = (*self._holdings.group("unit", unit), *self._holdings.group("body", unit))
        return tuple(sorted({holding.person for holding in held if holding.holds_on(day)}))

    def _scope(self, person: str, day: date) -> Scope:
        """What the person may see on that day."""
        everything, regions, units = False, set(), set()
        for holding in self.held_by(person, day):
            power = self.roles.get(holding.role)
            match power.sees if power else "none":
                case "all":
                    everything = True
                case "region" if holding.region:
                    regions.add(holding.region)
                case "unit" if holding.unit:
                    units.add(holding.unit)
                case _:
                    pass
        return Scope(
            person=person,
            everything=everything,
            regions=tuple(sorted(regions)),
            units=tuple(sorted(units)),
            stands_for=self._stands_for(person, day),
        )

    def _stands_for(self, person: str, day: date) -> tuple[StandIn, ...]:
        rows = self.stands_in(person, day)
        told = {StandIn(person=row.person, role=row.role, procedure=row.procedure) for row in rows}
        return tuple(sorted(told, key=lambda one: (one.person, one.role, one.procedure)))

    def surroundings(self, person: str, day: date) -> Scope:
        """Whose units and places the person may look up: wherever they hold a role, whatever cases it lets them see."""
        held = self.held_by(person, day)
        seen = self.scope(person, day)
        return Scope(
            person=person,
            everything=seen.everything,
            regions=tuple(sorted({*seen.regions, *(one.region for one in held if one.region)})),
            units=tuple(sorted({*seen.units, *(one.unit for one in held if one.unit)})),
        )


def _rank(holding: Holding) -> tuple[bool, int]:
    """How specific a holding is: one for an industry beats one for all, then the longer region path."""
    return bool(holding.industry), len(holding.region)


def _role_of(holding: Holding) -> str:
    """Holdings in a unit are found by their unit."""
    return "" if holding.unit else holding.role


def _reaches(holding: Holding, region: str, unit: str) -> bool:
    return holding.unit == unit if holding.unit else region.startswith(holding.region)


def _told(
    known: Mapping[str, tuple[Certificate, ...]], told: Iterable[Certificate]
) -> dict[str, tuple[Certificate, ...]]:
    """Certificates by person: what is told of one replaces what was told of it before."""
    found = dict(known)
    fresh = list(told)
    ids = {one.id for one in fresh}
    for one in fresh:
        kept = tuple(other for other in found.get(one.person, ()) if other.id not in ids or other in fresh)
        found[one.person] = tuple(sorted((*kept, one), key=lambda each: (each.id, each.valid_from)))
    return found
