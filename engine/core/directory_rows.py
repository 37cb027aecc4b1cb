"""What the directory knows, row by row: immutable records, each valid on the days [valid_from, valid_to)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

import msgspec

#: First and last day that rows may name.
BEGINNING = date(1900, 1, 1)
END = date(9999, 12, 31)

#: Why somebody must not decide: they are kin, or have an interest of their own, or for another reason.
RecusalKind = Literal["kin", "interest", "other"]
#: What became of a unit.
SuccessionKind = Literal["merged", "renamed", "split", "closed"]


class Holding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person holds a role, in a region and below, for an industry or all, in a unit or none."""

    id: str
    person: str
    role: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    #: the unit that is the organ (机关) as which the role is held; "" = none said, or held in a unit
    body: str = ""
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


class Considered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A holding that fits what was asked for, and whether it is among the most specific ones, which win."""

    holding: Holding
    won: bool
    #: it names the industry asked for, instead of none
    industry_exact: bool
    #: how far down its region lies: 0 = no region, 1 = the root, and so on
    depth: int


class Dated(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of the directory that is valid on the days [valid_from, valid_to)."""

    id: str
    valid_from: date = BEGINNING
    valid_to: date = END

    def valid_on(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return self.valid_from <= day < self.valid_to


class Certificate(Dated, frozen=True, kw_only=True, gc=False):
    """A person holds a certificate of a kind."""

    person: str
    kind: str
    number: str = ""


class Substitution(Dated, frozen=True, kw_only=True, gc=False):
    """Somebody stands in (代理) for a person; nobody stands in for those for whom that person stands in."""

    person: str
    substitute: str
    #: "" = for all roles, for all procedures
    role: str = ""
    procedure: str = ""
    reason: str = ""

    def covers(self, role: str, procedure: str) -> bool:
        """Whether it is for that role and procedure; what names one covers nothing that has none."""
        return self.role in ("", role) and self.procedure in ("", procedure)


class Power(Dated, frozen=True, kw_only=True, gc=False):
    """A body may act in a matter by some documents or all, in a region and below or everywhere (权责)."""

    #: a unit
    body: str
    matter: str
    #: () = all
    documents: tuple[str, ...] = ()
    region: str = ""
    #: the clause or decision on which it stands
    basis: str = ""

    def covers(self, document: str, region: str) -> bool:
        """Whether it reaches that document and region; "" = not asked."""
        by = not document or not self.documents or document in self.documents
        return by and (not region or region.startswith(self.region))


class Recusal(Dated, frozen=True, kw_only=True, gc=False):
    """A person is related to a unit or to another person, and decides nothing about them (回避)."""

    person: str
    kind: RecusalKind
    unit: str = ""
    other: str = ""


class Succession(Dated, frozen=True, kw_only=True, gc=False):
    """The unit of that id lives on as another from a day on (承继), or was closed without one."""

    #: "" = closed without one
    successor: str = ""
    how: SuccessionKind


class Shift(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person is on duty in [begins, ends) by a roster (值班表), in a region and below or everywhere."""

    id: str
    roster: str
    person: str
    region: str = ""
    begins: datetime
    ends: datetime

    def holds_at(self, at: datetime) -> bool:
        """Whether the person is on duty at that instant."""
        return self.begins <= at < self.ends


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


class StandIn(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody in whose place the actor may act on a day (代理)."""

    person: str
    #: "" = in all roles, in all procedures
    role: str = ""
    procedure: str = ""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What one actor may see: the predicate that the store applies to every query."""

    person: str
    everything: bool = False
    #: region path prefixes, each ending in "/"
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    #: whose tasks are the actor's, too; hidden cases never are
    stands_for: tuple[StandIn, ...] = ()

    def covers(self, *, region: str, unit: str, holders: Iterable[str] = ()) -> bool:
        """Whether a row of that jurisdiction, unit and open-task holders is visible."""
        return (
            self.everything
            or any(region.startswith(prefix) for prefix in self.regions)
            or (unit != "" and unit in self.units)
            or self.person in holders
        )

    def place_of(self, holders: Iterable[str], role: str, procedure: str) -> str:
        """As whom the actor has a task that lies with these: themself, or one of whom they stand in for; "" = not."""
        held = tuple(holders)
        if self.person in held:
            return self.person
        fitting = (one for one in self.stands_for if one.role in ("", role) and one.procedure in ("", procedure))
        return next((one.person for one in fitting if one.person in held), "")


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
