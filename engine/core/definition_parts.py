"""What definitions are made of besides states and actions: fields with their columns and items, signatures, seals."""

from __future__ import annotations

from typing import Literal

import msgspec

FieldKind = Literal[
    "text", "number", "date", "choice", "flag", "unit", "place", "person", "file", "photo", "signature",
    "table", "checklist", "case",
]  # fmt: skip
SignatureLevel = Literal["none", "click", "hand", "certificate", "scan"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all definition records."""


class AnswerSpec(Record, frozen=True, kw_only=True):
    """One of the answers that every item of a checklist may get."""

    id: str
    title: str
    #: such an answer is something found
    finding: bool = False
    #: such an answer must say more
    note: bool = False


class ItemSpec(Record, frozen=True, kw_only=True):
    """One question of a checklist."""

    id: str
    text: str
    basis: tuple[str, ...] = ()
    help: str = ""


class GroupSpec(Record, frozen=True, kw_only=True):
    """Questions that belong together."""

    id: str
    title: str
    items: tuple[ItemSpec, ...]


class ChecklistSpec(Record, frozen=True, kw_only=True):
    """A versioned list of questions, inlined into the procedure that asks it."""

    id: str
    version: str
    title: str
    answers: tuple[AnswerSpec, ...]
    groups: tuple[GroupSpec, ...]
    basis: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[ItemSpec, ...]:
        """All questions, in the order shown."""
        return tuple(item for group in self.groups for item in group.items)


class FieldSpec(Record, frozen=True, kw_only=True):
    """One typed field of a procedure's data, or one column of a table."""

    id: str
    title: str
    kind: FieldKind
    required: bool = False
    #: (choice id, title) in the order shown; empty unless kind is choice. Pairs, since canonical bytes sort keys
    options: tuple[tuple[str, str], ...] = ()
    #: text: characters; number: value; file, photo, fields with many values: how many; table: rows
    minimum: int | float | None = None
    maximum: int | float | None = None
    many: bool = False
    long: bool = False
    #: personal data: kept in the vault, never in the entry
    personal: bool = False
    #: party references that may read it; others see that there is something
    confidential: tuple[str, ...] = ()
    #: kept in case_value, so that registers may filter by it
    filtered: bool = False
    help: str = ""
    #: table: its columns, in the order shown
    columns: tuple[FieldSpec, ...] = ()
    checklist: ChecklistSpec | None = None
    #: person: the kind of certificate that everybody named must hold on the day
    certificate: str = ""
    #: case: the procedure whose cases it names
    procedure: str = ""

    @property
    def choices(self) -> dict[str, str]:
        """Choice id -> title, in the order shown."""
        return dict(self.options)


class SignSpec(Record, frozen=True, kw_only=True):
    """Who signs an action besides doing it."""

    #: party reference; "" = the side that acts
    party: str
    level: SignatureLevel
    #: how many distinct persons of it
    count: int = 1
    #: "witness": a refusal may be recorded in place of the signature, before a witness
    refused: Literal["", "witness"] = ""


class SealSpec(Record, frozen=True, kw_only=True):
    """From its start until an action is taken a case is hidden, above all from whom it concerns."""

    #: the actions that end it
    until: tuple[str, ...]
    #: unit parties whose persons must learn nothing
    hidden_from: tuple[str, ...]
    #: parties that may see it besides those who hold or created it
    seen_by: tuple[str, ...] = ()
