"""Rows that only come out of the store: answers, claims and what registers, inboxes and boards show."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from engine.core.budget import Manner
from engine.core.command import Stream
from engine.store.records import RegisterRow, Row, StreamRow, TaskRow

T = TypeVar("T")


class AnswerRow(Row, frozen=True, gc=False, kw_only=True):
    """What a command that was carried out left: enough for its answer and to tell a repeat from a reuse of its id."""

    command_id: str
    stream: Stream
    seq: int
    leaf: bytes
    request: bytes


class Taken(Row, frozen=True, gc=False, kw_only=True):
    """What one command needs before it is decided."""

    #: None = not yet carried out
    answer: AnswerRow | None
    #: None = there is no such stream
    row: StreamRow | None
    directory_version: int
    #: those of the files asked for that are known, by content hash
    files: dict[str, EvidenceRow]


class DirectoryRow(Row, frozen=True, gc=False, kw_only=True):
    """One bitemporal row; days are ISO, valid_to is the first day it no longer holds."""

    table: str
    id: str
    valid_from: str
    valid_to: str
    recorded_from: int
    #: FOREVER = still believed
    recorded_to: int
    #: the table's own columns
    columns: dict[str, str]
    attributes: dict[str, Any]


class ClaimedMessage(Row, frozen=True, gc=False, kw_only=True):
    """A message that this worker may send until its claim lapses; epoch fences the result."""

    key: str
    stream: Stream
    seq: int
    person: str
    text: str
    references: bytes
    created_at: int
    #: attempts including this one
    attempts: int
    epoch: int
    #: a former claim lapsed without a result: it may have been sent
    doubtful: bool
    claimed_at: int = 0
    manner: Manner = ""
    #: why it was held back before: quiet, digest, budget
    why: str = ""
    #: the local day and the channel it is counted by, if it was let go before
    counted_on: str = ""
    channel: str = ""


class MessageView(Row, frozen=True, gc=False, kw_only=True):
    """A message as its person, or an operator, sees it."""

    key: str
    stream: Stream
    seq: int
    person: str
    text: str
    references: bytes
    created_at: int
    status: str
    attempts: int
    channel: str
    reason: str
    read_at: int | None
    #: when it left, or when it may
    next_at: int = 0
    #: key of the digest that it is or was in
    digest: str = ""
    why: str = ""


def message_view(row: Any) -> MessageView:
    """A row of the outbox as it is shown."""
    told = {name: getattr(row, name) for name in MessageView.__struct_fields__ if name != "stream"}
    return MessageView(stream=Stream(row.kind, row.id), **told)


class BulkRow(Row, frozen=True, gc=False, kw_only=True):
    """A bulk operation and how far it is."""

    id: str
    purpose: str
    person: str
    digest: str
    items: int
    opened_at: int
    #: open, stopped, closed
    status: str
    done: int
    failed: int
    skipped: int


class IncidentRow(Row, frozen=True, gc=False, kw_only=True):
    """Something that went wrong and waits for a person."""

    id: int
    code: str
    stream: Stream
    command: str
    data: dict[str, Any]
    at: int
    closed_at: int | None
    closed_by: str


class EvidenceRow(Row, frozen=True, gc=False, kw_only=True):
    """A file that is durably stored."""

    sha256: str
    size: int
    media_type: str
    stored_at: int


class TokenRow(Row, frozen=True, gc=False, kw_only=True):
    """A program's token: whose it is and what it may be used for."""

    digest: bytes
    person: str
    title: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    #: None = in force
    revoked_at: int | None


class CaseView(Row, frozen=True, gc=False, kw_only=True):
    """The head of a case as registers and pages show it."""

    id: str
    seq: int
    register: RegisterRow


class NamedCase(Row, frozen=True, gc=False, kw_only=True):
    """What must be known of a case that a command names."""

    procedure: str
    number: str
    #: "" = it is hidden
    region: str
    unit: str
    #: who holds an open task of it
    holders: tuple[str, ...]


class LinkView(Row, frozen=True, gc=False, kw_only=True):
    """A link of a case, seen from it; of a case that the reader may not see it only says that there is one."""

    how: str
    #: made by the other case
    back: bool
    #: version of the procedure that says what the kind of link means
    version: str
    other: CaseView | None


class TaskView(Row, frozen=True, gc=False, kw_only=True):
    """An open task with what an inbox shows of its case."""

    task: TaskRow
    number: str
    title: str
    procedure: str
    region: str
    unit: str


class EntryView(Row, frozen=True, gc=False, kw_only=True):
    """An entry of a case: its exact bytes."""

    seq: int
    command_id: str
    body: bytes
    leaf: bytes
    recorded_at: int


class Page(Row, Generic[T], frozen=True, kw_only=True):
    """Some rows, and the mark after which the next ones come; "" = these were the last."""

    items: tuple[T, ...]
    after: str


class Lag(Row, frozen=True, gc=False, kw_only=True):
    """The oldest work that waits, as instants; None = nothing waits. And what should not be at all."""

    timer: int | None
    message: int | None
    signal: int | None
    #: since when holders are being looked up anew after a change, and how many cases of that round are left
    holders: int | None = None
    holders_left: int = 0
    #: open tasks that nobody holds and no queue has
    unheld: int = 0
