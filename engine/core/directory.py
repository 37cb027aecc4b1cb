"""The organisation as decisions see it: an immutable snapshot of who holds which role where, on a day.

Rows are bitemporal: valid days [valid_from, valid_to) say when something was so, recorded instants when it was known.
A snapshot is what was known at one version of the directory stream; `on` picks the valid day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

#: First and last day that rows may name.
BEGINNING = date(1900, 1, 1)
END = date(9999, 12, 31)


class Holding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person holds a role, in a region and below, for an industry or all, in a unit or none."""

    id: str
    person: str
    role: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    valid_from: date = BEGINNING
    valid_to: date = END

    def holds_on(self, day: date) -> bool:
        """Whether the role is held on that day."""
        return self.valid_from <= day < self.valid_to

    def fits(self, region: str, industry: str, unit: str, day: date) -> bool:
        """Whether it reaches there on that day; inside a unit, region and industry do not matter."""
        if not self.valid_from <= day < self.valid_to or self.unit != unit:
            return False
        return bool(unit) or (region.startswith(self.region) and (not self.industry or self.industry == industry))


class Certificate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person holds a certificate of a kind, which is valid on the days [valid_from, valid_to)."""

    id: str
    person: str
    kind: str
    number: str = ""
    valid_from: date = BEGINNING
    valid_to: date = END

    def valid_on(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return self.valid_from <= day < self.valid_to


class RolePower(msgspec.Struct, frozen=True, kw_only=True):
    """What holders of a role may see and do besides the tasks they hold; declared in workflows/."""

    id: str
    title: str
    #: all: everything; region: cases in the holder's regions; unit: cases of the holder's unit; none: own tasks only
    sees: str = "none"
    #: permissions: start cases, enter for others, import, directory, publish, operate
    may: frozenset[str] = frozenset()
    #: the role that supervises its holders, in the same region or above; "" = none
    superior: str = ""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What one actor may see: the predicate that the store applies to every query."""

    person: str
    everything: bool = False
    #: region path prefixes, each ending in "/"
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def covers(self, *, region: str, unit: str, holders: Iterable[str] = ()) -> bool:
        """Whether a row of that jurisdiction, unit and open-task holders is visible."""
        return (
            self.everything
            or any(region.startswith(prefix) for prefix in self.regions)
            or (unit != "" and unit in self.units)
            or self.person in holders
        )


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A unit or place as valid on a day; attributes are what definitions read as `unit.x`."""

    id: str
    title: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    attributes: Mapping[str, Any] = {}

    def get(self, name: str) -> Any:
        """A named property or attribute, None where there is none."""
        if name in ("id", "title", "region", "industry", "unit"):
            return getattr(self, name)
        return self.attributes.get(name)


T = TypeVar("T")
#: Changes that lie over a base before both become a new one: a change copies no more than these.
_MOST_OVER = 500


class _Layers(Generic[T]):
    """A mapping that is never changed but put anew with some keys told otherwise, without copying all others."""

    __slots__ = ("_base", "_over")

    def __init__(self, base: Mapping[str, T], over: Mapping[str, T] | None = None) -> None:
        self._base = base
        self._over: Mapping[str, T] = over or {}

    def get(self, key: str) -> T | None:
        """What the key means, None if nothing."""
        found = self._over.get(key)
        return found if found is not None else self._base.get(key)

    def put(self, told: Mapping[str, T]) -> _Layers[T]:
        """The mapping with these keys told so."""
        over = {**self._over, **told}
        return _Layers({**self._base, **over}) if len(over) > _MOST_OVER else _Layers(self._base, over)


class Directory:
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
    ) -> None:
        self.version = version
        self.roles = dict(roles or {})
        self.regions = dict(regions or {})
        self.industries = dict(industries or {})
        by_id = {holding.id: holding for holding in sorted(holdings, key=_id_of)}
        self._by_id = _Layers(by_id)
        self._by_role = _Layers(_grouped(by_id.values(), _role_of))
        self._by_person = _Layers(_grouped(by_id.values(), _person_of))
        self._by_unit = _Layers(_grouped(by_id.values(), _unit_of))
        self._certificates = _Layers(_told({}, certificates))
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
    ) -> Directory:
        """The directory at a later version: these holdings and titles come in place of those of the same ids.

        Costs as much as the change does, however many people there are.
        """
        made = copy(self)
        made.version = version
        made.regions = {**self.regions, **regions} if regions else self.regions
        made.industries = {**self.industries, **industries} if industries else self.industries
        for holding in holdings:
            made._put(holding)
        if told := list(certificates):
            known = {one.person: made._certificates.get(one.person) or () for one in told}
            made._certificates = made._certificates.put(_told(known, told))
        made._remember()
        return made

    def _put(self, holding: Holding) -> None:
        was = self._by_id.get(holding.id)
        self._by_id = self._by_id.put({holding.id: holding})
        self._by_role = _regrouped(self._by_role, _role_of, was, holding)
        self._by_person = _regrouped(self._by_person, _person_of, was, holding)
        self._by_unit = _regrouped(self._by_unit, _unit_of, was, holding)

    def holding(self, holding_id: str) -> Holding | None:
        """The holding of that id, over or not."""
        return self._by_id.get(holding_id)

    def known(self, person: str) -> bool:
        """Whether the person has ever held a role."""
        return bool(self._by_person.get(person))

    def held_by(self, person: str, day: date) -> tuple[Holding, ...]:
        """The roles a person holds on a day."""
        return tuple(holding for holding in self._by_person.get(person) or () if holding.holds_on(day))

    def certificates(self, person: str) -> tuple[Certificate, ...]:
        """All certificates of a person, in the order of their ids, valid or not."""
        return self._certificates.get(person) or ()

    def certified(self, person: str, kind: str, day: date) -> bool:
        """Whether the person holds a certificate of that kind on that day."""
        return any(one.kind == kind and one.valid_on(day) for one in self.certificates(person))

    def ever_within(self, unit: str, first: date, last: date) -> tuple[str, ...]:
        """Everybody who held a role in the unit on any day from the first to the last."""
        held = self._by_unit.get(unit) or ()
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
        for holding in (self._by_unit.get(unit) if unit else self._by_role.get(role)) or ():
            if holding.role != role or not holding.fits(region, industry, unit, day):
                continue
            rank = (bool(holding.industry), len(holding.region))
            if rank > best:
                best, found = rank, [holding.person]
            elif rank == best and holding.person not in found:
                found.append(holding.person)
        return tuple(sorted(found))

    def fits(self, person: str, role: str, region: str, industry: str, unit: str, day: date) -> bool:
        """Whether the person holds the role there on that day, be others nearer or not."""
        return any(
            holding.role == role and holding.fits(region, industry, unit, day)
            for holding in self._by_person.get(person) or ()
        )

    def within(self, unit: str, day: date) -> tuple[str, ...]:
        """Everybody who holds a role in the unit on that day."""
        return tuple(sorted({holding.person for holding in self._by_unit.get(unit) or () if holding.holds_on(day)}))

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
        return Scope(person=person, everything=everything, regions=tuple(sorted(regions)), units=tuple(sorted(units)))

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


def _id_of(holding: Holding) -> str:
    return holding.id


def _role_of(holding: Holding) -> str:
    """Holdings in a unit are found by their unit."""
    return "" if holding.unit else holding.role


def _person_of(holding: Holding) -> str:
    return holding.person


def _unit_of(holding: Holding) -> str:
    return holding.unit


def _grouped(holdings: Iterable[Holding], key: Callable[[Holding], str]) -> dict[str, tuple[Holding, ...]]:
    found: dict[str, list[Holding]] = {}
    for holding in holdings:
        if name := key(holding):
            found.setdefault(name, []).append(holding)
    return {name: tuple(some) for name, some in found.items()}


def _regrouped(
    groups: _Layers[tuple[Holding, ...]], key: Callable[[Holding], str], was: Holding | None, now: Holding
) -> _Layers[tuple[Holding, ...]]:
    told: dict[str, tuple[Holding, ...]] = {}
    if was is not None and key(was):
        told[key(was)] = tuple(one for one in groups.get(key(was)) or () if one.id != was.id)
    if name := key(now):
        others = told[name] if name in told else groups.get(name) or ()
        told[name] = tuple(sorted((*others, now), key=_id_of))
    return groups.put(told)


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
