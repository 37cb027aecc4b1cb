"""Clocks that stand still, and how far deadlines are extended, as text."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.names import Basis, FieldRef, PartyRef, StateRef
from engine.core.language.parts import Part, SpanText, as_list, wrong

#: states, or tasks of them: "doing", "doing.recheck"
ClockRefs = Annotated[list[StateRef], BeforeValidator(as_list, json_schema_input_type=str | list[str])]
StageId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class StopEffect(Part):
    """Clocks stand still until an act lets them go on; without `of` all that run."""

    of: ClockRefs = Field(default_factory=list)
    #: the field that says why
    reason: FieldRef
    basis: Basis


class ResumeEffect(Part):
    """Clocks that an act has stopped go on; without `of` all of them."""

    of: ClockRefs = Field(default_factory=list)


class Stage(Part):
    """One extension of several."""

    most: SpanText | None = None
    approve: PartyRef | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.most or self.approve):
            raise wrong("missing_key", "most or approve")
        return self


class Escalation(Part):
    """Nobody decided in time: somebody else is asked."""

    to: PartyRef


#: what becomes of a request that nobody decides in time
SilenceText = Literal["granted", "refused"] | Escalation


def resume_all(value: object) -> object:
    """`resume_clock: true` lets all go on."""
    return {} if value is True else value


Resume = Annotated[ResumeEffect, BeforeValidator(resume_all, json_schema_input_type=Literal[True] | ResumeEffect)]
#: all other clocks, or those of these states and tasks
StopText = Literal[True] | ClockRefs
