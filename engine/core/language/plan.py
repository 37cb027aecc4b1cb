"""The documents of plans and of the places that run them, with clauses, roles and regions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from engine.core.language.names import (
    Basis,
    ClauseId,
    DutyRef,
    ElementPath,
    IndustryId,
    LadderRef,
    ParameterRef,
    PlaceId,
    PlanId,
    ProcedureRef,
    RoleId,
    RoleRef,
    SlashedRef,
    TitleText,
)
from engine.core.language.parts import DateText, Part, wrong

PERMISSIONS = (
    "start",
    "enter_for_others",
    "import",
    "directory",
    "publish",
    "operate",
    "triage",
    "accounts",
    "reassign",
    "watch",
)
#: ladders/x, role.x, a phrase, a number or a text; which of them, the kind of the parameter says
Value = Annotated[str | int, Field(union_mode="left_to_right")]


class SetValue(Part):
    """A value with the clauses that give it."""

    value: Value
    basis: Basis


class Use(Part):
    """How a plan uses a procedure: the values that its text gives."""

    set: dict[ParameterRef, Value | SetValue] = Field(default_factory=dict)


class Opening(Part):
    """A value that the plan's text leaves open: the clause, and the words it uses instead ("" = it is silent)."""

    clause: ClauseId
    says: str


class PlanDocument(Part):
    """A plan: which procedures it uses, with what values, and what it leaves open."""

    plan: PlanId
    title: TitleText
    extends: Literal["library"]
    basis: Basis
    uses: dict[ProcedureRef, Use]
    ladders: dict[LadderRef, Use] = Field(default_factory=dict)
    #: duties hold where a plan names them
    duties: dict[DutyRef, Use] = Field(default_factory=dict)
    open: dict[ElementPath, Opening] = Field(default_factory=dict)
    roles: dict[RoleRef, TitleText] = Field(default_factory=dict)
    replace: dict[ElementPath, Any] = Field(default_factory=dict)


class Decision(Part):
    """A value that a place gives to what its plan leaves open: who decided it, and when."""

    value: Value
    by: TitleText
    on: DateText
    basis: Basis


class PlaceDocument(Part):
    """A place that runs a plan."""

    place: PlaceId
    title: TitleText
    extends: SlashedRef
    basis: Basis
    decides: dict[ElementPath, Decision] = Field(default_factory=dict)
    roles: dict[RoleRef, TitleText] = Field(default_factory=dict)
    replace: dict[ElementPath, Any] = Field(default_factory=dict)


class Power(Part):
    """What holders of a role may see and do besides the tasks they hold."""

    title: TitleText
    sees: Literal["none", "unit", "region", "all"]
    may: list[
        Literal[
            "start",
            "enter_for_others",
            "import",
            "directory",
            "publish",
            "operate",
            "triage",
            "accounts",
            "reassign",
            "watch",
        ]
    ] = Field(default_factory=list)
    #: the role that supervises its holders, in the same region or above: holder.superior of ladders
    superior: RoleRef | None = None


class RolesDocument(Part):
    """Roles by id."""

    roles: dict[RoleId, Power]


class Clause(Part):
    """One clause that definitions may cite; certainty: read in full, seen in an excerpt, or from memory only."""

    title: TitleText
    cites: TitleText
    certainty: Literal["verified", "excerpt", "memory"]
    #: first day it applies; last day, if it ended
    since: DateText
    until: DateText | None = None


class BasisDocument(Part):
    """Clauses by stable id."""

    basis: dict[ClauseId, Clause]


def _region(text: str) -> str:
    if not (text.startswith("/") and text.endswith("/") and len(text) > 1 and "//" not in text):
        raise wrong("unknown_region", 'a path like "/district/street/"', text)
    return text


RegionPath = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_/]+$", max_length=200), AfterValidator(_region)]


class DirectoryDocument(Part):
    """Regions by path and industries by id, with titles, of one place."""

    directory: Annotated[str, StringConstraints(min_length=1)]
    regions: dict[RegionPath, TitleText]
    industries: dict[IndustryId, TitleText]
