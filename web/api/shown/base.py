"""What responses say of what all responses share: errors, receipts, batches."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Shown(BaseModel):
    """Base of all responses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemField(Shown):
    """What is wrong with one field."""

    field: str
    code: str
    detail: str


class ProblemOut(Shown):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemField] = []
    incident: str = ""


class ReceiptOut(Shown):
    """What a command that was carried out is answered, the same for every repeat of its key."""

    command: str
    #: kind/id of the stream it changed
    stream: str
    #: the entry it wrote; 0 = it changed nothing
    seq: int
    #: hash of that entry
    leaf: str


class BatchResult(Shown):
    """What became of one item of a batch."""

    n: int
    receipt: ReceiptOut | None = None
    problem: ProblemOut | None = None


class BatchOut(Shown):
    """What became of all items, in their order."""

    results: list[BatchResult]
    done: int
    refused: int


class PersonRef(Shown):
    """A person, by id and, where it may be known, by name."""

    id: str
    name: str


class HealthOut(Shown):
    """That the interface answers."""

    status: Literal["ok"]
