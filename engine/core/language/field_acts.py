"""What forms can hold besides single values, and what acts ask besides a form: tables, checklists, officers, seals."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from engine.core.definition import SignatureLevel
from engine.core.language.names import ActionRef, Basis, PartyRef, Refers, TitleText
from engine.core.language.names_of_items import ChecklistId, ChoicesRef, GroupId, ItemId, TableColumnId
from engine.core.language.parts import Number, Part, Parties, as_list, one_of, parametric, wrong

COLUMN_KINDS = ("text", "number", "date", "flag", "unit", "place", "person", "photo", "choice")
#: levels that a list of signatures may ask for
LEVELS = ("click", "hand", "scan", "certificate")

#: the kind of a certificate in the directory's own words, or a parameter
CertificateText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    AfterValidator(parametric("text")),
    Refers("parameter"),
]
ChecklistText = Annotated[
    str,
    StringConstraints(pattern=r"^\$?[a-z][a-z0-9_]*$"),
    AfterValidator(parametric("checklist")),
    Refers("checklist"),
]
ChoiceText = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class TypedEntry(Part):
    """What fields and the columns of tables have in common: a title, a kind, limits."""

    title: TitleText
    text: Literal[True] | None = None
    number: Literal[True] | None = None
    date: Literal[True] | None = None
    flag: Literal[True] | None = None
    unit: Literal[True] | None = None
    place: Literal[True] | None = None
    person: Literal[True] | None = None
    photo: Literal[True] | None = None
    choice: ChoicesRef | list[str] | dict[str, str] | None = None
    required: bool = False
    min: Number | None = None
    max: Number | None = None
    many: bool = False
    long: bool = False
    personal: bool = False
    help: str = ""


class ColumnEntry(TypedEntry):
    """One typed column of a table: exactly one kind."""

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, COLUMN_KINDS)
        if self.many and not self.photo:
            raise wrong("unfitting_key", "many with photo only")
        if self.personal:
            # A cell has no key of its own in the vault: the whole table goes there, or none of it.
            raise wrong("personal_column", "personal on the whole table, not on one of its columns")
        return self


Columns = Annotated[dict[TableColumnId, ColumnEntry], Field(min_length=1)]


class Answer(Part):
    """One of the answers an item may get."""

    title: TitleText
    #: such an answer is something found
    finding: bool = False
    #: such an answer must be explained
    note: Literal["required"] | None = None


class Item(Part):
    """One question."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    basis: Basis
    help: str = ""


def _item(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


class Group(Part):
    """Questions that belong together."""

    title: TitleText
    items: dict[ItemId, Annotated[Item, BeforeValidator(_item, json_schema_input_type=str | Item)]] = Field(
        min_length=1
    )


class ChecklistDocument(Part):
    """A versioned list of questions; every item gets one of the answers."""

    checklist: ChecklistId
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]{0,30}$")]
    title: TitleText
    basis: Basis
    answers: Annotated[dict[ChoiceText, Answer], Field(min_length=2)]
    groups: Annotated[dict[GroupId, Group], Field(min_length=1)]

    @model_validator(mode="after")
    def _single(self) -> Self:
        seen: set[str] = set()
        for group in self.groups.values():
            if twice := seen & set(group.items):
                raise wrong("duplicate_id", "each item once", ", ".join(sorted(twice)))
            seen |= set(group.items)
        return self


def _sign(value: object) -> object:
    return {value: True} if isinstance(value, str) and value in LEVELS else value


class Signer(Part):
    """How a party signs: at exactly one level; whether its refusal may be recorded instead."""

    click: Literal[True] | None = None
    hand: Literal[True] | None = None
    scan: Literal[True] | None = None
    certificate: Literal[True] | None = None
    refused: Literal["witness"] | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, LEVELS)
        return self

    @property
    def level(self) -> SignatureLevel:
        """The one level."""
        return next(name for name in ("click", "hand", "scan", "certificate") if getattr(self, name))


Signers = dict[PartyRef, Annotated[Signer, BeforeValidator(_sign, json_schema_input_type=str | Signer)]]
OfficerCount = Annotated[int, Field(ge=1, le=10)]


class Sealed(Part):
    """Hidden from its start until one of these actions is taken."""

    until: Annotated[list[ActionRef], BeforeValidator(as_list, json_schema_input_type=str | list[str])]
    hidden_from: Parties = Field(alias="from")
    seen_by: Parties = Field(default_factory=list)
