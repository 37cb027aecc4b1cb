"""What the rows of a spreadsheet become: the `into` part of an import mapping, read strictly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

from engine.errors import DefinitionError, Place


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts; texts name columns or references of the mapping unless said otherwise."""


class Column(Part, frozen=True, kw_only=True):
    """A column whose words mean something else here, or whose amounts are counted in larger units."""

    by: str
    #: value of the column -> what it means; {} = itself
    are: dict[str, str] = {}
    #: units of the column in one of here
    over: int = 1


#: What fills a field: a column or reference by its name, or a column that is translated.
Source = str | Column


class UnitInto(Part, frozen=True, kw_only=True):
    """A row tells of a unit."""

    id: str
    title: str
    region: str
    industry: str = ""
    #: the column with its credit code, by which others find it
    credit_code: str = ""
    #: attribute -> column
    attributes: dict[str, str] = {}


class PlaceInto(Part, frozen=True, kw_only=True):
    """A row tells where its unit is."""

    title: str


class PersonInto(Part, frozen=True, kw_only=True):
    """A row names somebody of its unit, who holds this role in it."""

    role: str
    name: str


class CaseInto(Part, frozen=True, kw_only=True):
    """A row claims a case: nothing of it is verified."""

    #: id of the procedure
    procedure: str
    number: str = ""
    opened: str
    #: the first of these columns that is filled says when a case that is over ended
    closed: tuple[str, ...] = ()
    state: Column
    #: by field of the procedure
    fields: dict[str, Source]
    #: field of the procedure -> reference to the unit whose only place is meant
    places: dict[str, str] = {}


class HoldingInto(Part, frozen=True, kw_only=True):
    """A row gives somebody a role; who is not known yet is recorded."""

    name: str
    #: the column with the person's id: who bears a name that others bear, too
    id: str = ""
    phone: str = ""
    mail: str = ""
    role: str
    region: str
    industry: str = ""
    #: references to units: the organ as which, the unit in which the role is held
    body: str = ""
    unit: str = ""
    #: the first and the last day
    first: str = ""
    last: str = ""


class PowerInto(Part, frozen=True, kw_only=True):
    """A row says what an organ may do; several documents stand in one cell."""

    #: reference to a unit
    body: str
    matter: str
    documents: str = ""
    region: str = ""
    basis: str = ""
    first: str = ""
    last: str = ""


class ShiftInto(Part, frozen=True, kw_only=True):
    """A row says who is on duty from when to when."""

    roster: str
    name: str
    id: str = ""
    region: str = ""
    begins: str
    ends: str


#: What rows of the directory become that are not of units.
Arranged = HoldingInto | PowerInto | ShiftInto
_TARGETS = ("unit", "case", "holding", "power", "shift")


class Into(Part, frozen=True, kw_only=True):
    """Exactly one of: units with their places and people, cases, roles with their people, powers, shifts."""

    #: list of choices that a column names -> which list of the directory it is
    lists: dict[str, Literal["regions", "industries", "roles"]] = {}
    #: reference to a unit -> column -> property of units by which it is found
    finds: dict[str, dict[str, Literal["credit_code", "title"]]] = {}
    unit: UnitInto | None = None
    place: PlaceInto | None = None
    persons: dict[str, PersonInto] = {}
    case: CaseInto | None = None
    holding: HoldingInto | None = None
    power: PowerInto | None = None
    shift: ShiftInto | None = None

    @property
    def arranged(self) -> Arranged | None:
        """What a row becomes where it is neither a unit nor a case."""
        return self.holding or self.power or self.shift


def load_into(data: Mapping[str, Any], known: Collection[str], *, file: str = "") -> Into:
    """The target that `data` describes; DefinitionError where it is none, or names what the mapping does not have."""
    try:
        into = msgspec.convert(dict(data), Into)
    except msgspec.ValidationError as error:
        raise _refused(file, "into", str(error), data) from error
    if sum(getattr(into, target) is not None for target in _TARGETS) != 1:
        raise _refused(file, "into", f"exactly one of {', '.join(_TARGETS)}", sorted(data))
    if into.unit is None and (into.place or into.persons):
        raise _refused(file, "into", "place and persons beside a unit", sorted(data))
    for path, name in _named(into):
        if name not in known:
            raise _refused(file, f"into.{path}", "one of " + ", ".join(sorted(known)), name)
    return into


def _refused(file: str, path: str, expected: str, got: object) -> DefinitionError:
    place = Place(file=file, line=0, column=0, path=path)
    return DefinitionError("mapping_refused", place=place, expected=expected, got=got)


def _named(into: Into) -> list[tuple[str, str]]:
    """Every column or reference that is named, with where."""
    named: list[tuple[str, str]] = []
    if (unit := into.unit) is not None:
        named += [("unit.id", unit.id), ("unit.title", unit.title), ("unit.region", unit.region)]
        named += [("unit.industry", unit.industry)] if unit.industry else []
        named += [("unit.credit_code", unit.credit_code)] if unit.credit_code else []
        named += [(f"unit.attributes.{key}", column) for key, column in unit.attributes.items()]
    if into.place is not None:
        named.append(("place.title", into.place.title))
    for target in ("holding", "power", "shift"):
        told = msgspec.structs.asdict(part) if (part := getattr(into, target)) is not None else {}
        named += [(f"{target}.{key}", column) for key, column in told.items() if column]
    named += [(f"persons.{key}.name", person.name) for key, person in into.persons.items()]
    if (case := into.case) is not None:
        named += [("case.number", case.number)] if case.number else []
        named += [("case.opened", case.opened), ("case.state.by", case.state.by)]
        named += [("case.closed", column) for column in case.closed]
        named += [(f"case.fields.{key}", source_of(told)) for key, told in case.fields.items()]
        named += [(f"case.places.{key}", reference) for key, reference in case.places.items()]
    return named


def source_of(told: Source) -> str:
    """The column or reference that a field is filled from."""
    return told if isinstance(told, str) else told.by
