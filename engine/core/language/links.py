"""Links as text: which cases a procedure has to do with, which it starts, and what it waits for."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.names import (
    ID_PATTERN,
    ActionRef,
    Defines,
    FieldRef,
    GuardText,
    ProcedureRef,
    Refers,
    TitleText,
)
from engine.core.language.parts import Part, Strings, as_list, one_of

_ID = StringConstraints(pattern=ID_PATTERN)
LinkId = Annotated[str, _ID, Defines("link")]
LinkRef = Annotated[str, _ID, Refers("link")]
#: an expression that may also read the columns of the row at hand: `item.column`
ItemText = Annotated[str, StringConstraints(min_length=1, max_length=500), Refers("field", "item")]


class LinkEntry(Part):
    """A kind of link: its title from this side and from the other, and where it may lead."""

    title: TitleText
    back: TitleText
    to: Annotated[
        list[ProcedureRef], Field(min_length=1), BeforeValidator(as_list, json_schema_input_type=str | list[str])
    ]
    many: bool = False


class StartEffect(Part):
    """A case of another procedure begins."""

    procedure: ProcedureRef
    action: ActionRef
    #: none where the new case itself links this one
    link: LinkRef | None = None
    values: dict[FieldRef, GuardText] = Field(default_factory=dict, alias="with")
    when: GuardText | None = None


class EachEffect(Part):
    """A case begins for each row of a table, linked to this one."""

    of: FieldRef
    start: ProcedureRef
    action: ActionRef
    link: LinkRef
    values: dict[FieldRef, ItemText] = Field(default_factory=dict, alias="with")
    when: ItemText | None = None


class LinkEffect(Part):
    """The cases that a field names are linked to this one."""

    how: LinkRef
    field: FieldRef


class Wait(Part):
    """A state goes on by itself once all, any or none of the linked cases have ended so."""

    shorthand: ClassVar[str] = "all"

    all: LinkRef | None = None
    any: LinkRef | None = None
    none: LinkRef | None = None
    end: Strings = Field(default_factory=list)

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, ("all", "any", "none"))
        return self
