"""What responses say of who stands in, what organs may, who is on duty, who is recused, what units became."""

from __future__ import annotations

from datetime import datetime

from web.api.shown.base import Shown


class SubstitutionOut(Shown):
    """Who stands in for whom, from a day to the day before another."""

    id: str
    person: str
    substitute: str
    role: str
    procedure: str
    reason: str
    valid_from: str
    valid_to: str


class SubstitutionList(Shown):
    """Substitutions of a day."""

    items: list[SubstitutionOut]


class PowerOut(Shown):
    """What an organ may do."""

    id: str
    body: str
    matter: str
    documents: list[str]
    region: str
    basis: str
    valid_from: str
    valid_to: str


class PowerList(Shown):
    """Powers of a day."""

    items: list[PowerOut]


class ShiftOut(Shown):
    """Who is on duty when."""

    id: str
    roster: str
    person: str
    region: str
    begins: datetime
    ends: datetime


class ShiftList(Shown):
    """Shifts of some days, the earliest first."""

    items: list[ShiftOut]


class RecusalOut(Shown):
    """To whom somebody is related."""

    id: str
    person: str
    kind: str
    unit: str
    other: str
    valid_from: str
    valid_to: str


class RecusalList(Shown):
    """Recusals of a day."""

    items: list[RecusalOut]


class SuccessionOut(Shown):
    """What became of a unit."""

    id: str
    successor: str
    how: str
    valid_from: str
    valid_to: str


class SuccessionList(Shown):
    """Successions in force on a day."""

    items: list[SuccessionOut]


class RoleTimeOut(Shown):
    """A role of a person, and from when to when that was believed; no end = still."""

    id: str
    role: str
    region: str
    industry: str
    unit: str
    body: str
    valid_from: str
    valid_to: str
    recorded_from: datetime
    recorded_to: datetime | None


class RoleTimeList(Shown):
    """All roles of a person over time."""

    items: list[RoleTimeOut]
