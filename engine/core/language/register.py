"""The document of a register: which cases it lists, with which columns, filters, totals and lights."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.core.language.names import Basis, ColumnRef, RegisterId, SelectionText, SortText, TitleText
from engine.core.language.parts import Part, SpanText, as_list, wrong

Total = Literal["open", "soon", "overdue", "escalated", "ended"]
Selections = Annotated[
    list[SelectionText],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=SelectionText | list[SelectionText]),
]


class Lights(Part):
    """When a light changes: yellow so long before the deadline; red it is from the deadline on."""

    yellow: SpanText


class RegisterDocument(Part):
    """A register: cases of one or several procedures as a table."""

    #: by its alias: pydantic's models have a `register` of their own
    name: RegisterId = Field(alias="register")
    title: TitleText
    of: Selections
    columns: list[ColumnRef] = Field(min_length=1, max_length=20)
    filters: list[ColumnRef] = Field(default_factory=list, max_length=12)
    totals: list[Total] = Field(default_factory=list)
    sort: SortText
    lights: Lights
    basis: Basis

    @model_validator(mode="after")
    def _once(self) -> Self:
        for key in ("columns", "filters", "totals"):
            names = getattr(self, key)
            twice = [name for name in names if names.count(name) > 1]
            if twice:
                raise wrong("duplicate_id", f"each of the {key} once", twice[0])
        return self
