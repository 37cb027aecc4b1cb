"""What bodies of requests may say of who stands in, what organs may, who is on duty, recused, what units became."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.api.asked import Asked, Dated, Id, Instant, Name, RecordIn

#: The id of a row told before, "" = by what the row says.
RowId = Annotated[str, Field(max_length=100)]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class SubstitutionIn(Dated):
    """Who stands in for whom; "" = in all roles, in all procedures."""

    id: RowId = ""
    person: Id
    substitute: Id
    role: Name = ""
    procedure: Name = ""
    reason: Annotated[str, Field(max_length=500)] = ""


class SubstitutionsIn(RecordIn):
    """Substitutions to record."""

    substitutions: Annotated[tuple[SubstitutionIn, ...], Field(min_length=1, max_length=50)]


class PowerIn(Dated):
    """What an organ may do in a matter; no documents = by any."""

    id: RowId = ""
    body: Id
    matter: Word
    documents: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    region: Name = ""
    basis: Annotated[str, Field(max_length=500)] = ""


class PowersIn(RecordIn):
    """Powers to record."""

    powers: Annotated[tuple[PowerIn, ...], Field(min_length=1, max_length=50)]


class ShiftIn(Asked):
    """Who is on duty from one instant to another."""

    id: RowId = ""
    roster: Word
    person: Id
    region: Name = ""
    begins: Instant
    ends: Instant


class ShiftsIn(RecordIn):
    """Shifts to record."""

    shifts: Annotated[tuple[ShiftIn, ...], Field(min_length=1, max_length=50)]


class RecusalIn(Dated):
    """To which unit or person somebody is related."""

    id: RowId = ""
    person: Id
    kind: Literal["kin", "interest", "other"]
    unit: Name = ""
    other: Name = ""


class RecusalsIn(RecordIn):
    """Recusals to record."""

    recusals: Annotated[tuple[RecusalIn, ...], Field(min_length=1, max_length=50)]


class SuccessionIn(Dated):
    """What became of a unit; "" = closed without a successor."""

    id: Id
    successor: Name = ""
    how: Literal["merged", "renamed", "split", "closed"]


class SuccessionsIn(RecordIn):
    """Successions to record."""

    successions: Annotated[tuple[SuccessionIn, ...], Field(min_length=1, max_length=50)]
