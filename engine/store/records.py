"""Rows as the runtime hands them to the store and gets them back; instants are integers, microseconds UTC since 1970.

Integers compare, index and travel the same in SQLite and PostgreSQL and cost nothing to bind.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core.command import Stream
from engine.core.obligation_rows import ObligationChange

#: In place of a field: cases with a formal act drafted for want of action. No field can be called so.
ESCALATED = ".escalated"
#: The same for cases that ever were, which stays.
WAS_ESCALATED = ".was_escalated"
#: In place of a field: who may find a case that is hidden. Such a case lies in no region.
SEALED = ".sealed"
#: In place of a field: who may see a case besides those who see its region or hold a task of it: who reported it, and
#: to whom a copy was sent. Hidden cases have none.
CONCERNED = ".concerned"
#: In place of a field: who was sent a copy of a case and has not read it.
COPIED = ".copied"
#: Under this name case_value keeps the number that a case bore in the record it was taken over from.
CLAIMED = ".claimed"
#: Characters by which a long text is filtered; longer keys do not fit into an index of PostgreSQL.
LONGEST_FILTER = 200


class Row(msgspec.Struct, frozen=True, gc=False):
    """Base of all rows."""


class StreamRow(Row, frozen=True, kw_only=True):
    """The head of one stream; absent streams read as seq 0."""

    stream: Stream
    seq: int
    #: leaf hash of the last entry, 32 bytes
    head: bytes
    #: encoded snapshot; b"" where the stream keeps none
    snapshot: bytes
    fold_version: int


class EntryRow(Row, frozen=True, kw_only=True):
    """One entry: its exact bytes and what must be found without reading them."""

    stream: Stream
    seq: int
    command_id: str
    #: RFC 6962 leaf hash of the bytes
    leaf: bytes
    recorded_at: int
    #: salted digest of the request, to tell a repeat from a reuse of its id
    request: bytes
    #: exact canonical bytes, hashed as they are (last, because its name hides the type's)
    bytes: bytes


class RegisterRow(Row, frozen=True, kw_only=True):
    """What registers and boards read of a case."""

    number: str
    procedure: str
    version: str
    #: active leaves joined by a blank; final state when closed
    state: str
    region: str
    unit: str
    place: str
    industry: str
    title: str
    opened_at: int
    #: earliest open deadline, None = none open
    due_at: int | None
    #: kind of closing, "" = open
    closed: str
    closed_at: int | None
    #: whether a passed deadline is recorded on an open task
    overdue: bool
    #: deadlines recorded as passed, ever
    expiries: int
    reopened: int
    #: "" = ours; "claimed" = imported, to be triaged; "triaged"
    claim: str


class TimerRow(Row, frozen=True, kw_only=True):
    """The one armed timer of a task."""

    stream: Stream
    task: int
    fire_at: int
    rung: str
    epoch: int


class TaskRow(Row, frozen=True, kw_only=True):
    """One open task as one person sees it; person "" where nobody holds it."""

    case: str
    task: int
    person: str
    kind: str
    state: str
    party: str
    queue: str
    opened_at: int
    due_at: int | None
    overdue: bool
    #: what the directory was asked to find its holders: role, region, unit; a region without a role: a roster
    role: str = ""
    asked_region: str = ""
    asked_unit: str = ""
    #: the party that stands in because the one first asked has nobody
    by_way_of: str = ""


class HeldRow(Row, frozen=True, kw_only=True):
    """A person came to hold a task (+1), or held it no longer (-1), by an entry of its case."""

    person: str
    case: str
    task: int
    seq: int
    change: int
    kind: str
    state: str
    #: when it happened, and when it was recorded
    at: int
    recorded_at: int


class DeedRow(Row, frozen=True, kw_only=True):
    """What somebody did by one entry of a case."""

    case: str
    seq: int
    #: of several acts of one entry, which
    n: int
    procedure: str
    action: str
    state: str
    #: who decided on it: for what a second person consented to, who asked
    person: str
    #: the organ as which they act, "" = none
    body: str
    #: when it happened, and when it was recorded
    at: int
    recorded_at: int
    late: bool
    on_site: bool
    medium: str
    #: seconds since the state was entered; -1 = not known
    took: int


class PhotoRow(Row, frozen=True, kw_only=True):
    """A picture that somebody showed as evidence."""

    sha256: str
    case: str
    seq: int
    person: str
    at: int


class FindingRow(Row, frozen=True, kw_only=True):
    """What a watch found about a subject in a period."""

    watch: str
    period: str
    subject: str
    title: str
    light: str
    region: str
    unit: str
    #: open, cleared, justified, examined, unfounded
    status: str
    found_at: int
    #: 0 = it has not
    ended_at: int
    answered_by: str
    reason: str
    #: JSON: counts by name; ids of cases behind them, of cases started and drawn
    counts: bytes
    cases: bytes
    #: how many cases are behind it
    behind: int
    #: [first, before) of what was counted
    first: int
    before: int


class EndedFinding(Row, frozen=True, kw_only=True):
    """The light of a finding goes out: by new counts, which change nothing that was answered, or by an answer."""

    watch: str
    period: str
    subject: str
    #: cleared, justified, examined, unfounded
    status: str
    ended_at: int
    answered_by: str = ""
    reason: str = ""


class MessageRow(Row, frozen=True, kw_only=True):
    """One message to one person, before any channel is chosen; key = stream:seq:n, the same on every attempt."""

    key: str
    stream: Stream
    seq: int
    person: str
    text: str
    #: JSON object of references: task, rung, entry
    references: bytes
    created_at: int
    #: digest: it can wait for others; urgent: it cannot wait at all
    manner: str = ""
    #: of what asks for something: the task (0 = nothing is asked for), and when it is due
    task: int = 0
    due_at: int | None = None


class SignalRow(Row, frozen=True, kw_only=True):
    """A command another stream owes: id = signal:{stream}:{seq}:{n}; delivered in order per source and target."""

    id: str
    source: Stream
    seq: int
    n: int
    target: Stream
    name: str
    data: bytes


class LinkRow(Row, frozen=True, kw_only=True):
    """A case has linked another one; `how` is the kind of link in its own procedure."""

    case: str
    how: str
    other: str


class DirectoryRows(Row, frozen=True, kw_only=True):
    """Bitemporal rows to record: older knowledge of the same keys ends at this instant, the new begins."""

    #: unit, place, person, region, industry, holding
    table: str
    #: each row: id, valid_from, valid_to (ISO days) and the table's columns
    rows: tuple[dict[str, Any], ...]


class DefinitionRow(Row, frozen=True, kw_only=True):
    """A resolved procedure stored whole under the hash of its canonical bytes."""

    version: str
    procedure: str
    plan: str
    title: str
    body: bytes
    published_at: int


class VaultRow(Row, frozen=True, kw_only=True):
    """A personal value, encrypted under its subject's key; erased by deleting either."""

    ref: str
    subject: str
    salt: bytes
    sealed: bytes


class BulkItemRow(Row, frozen=True, kw_only=True):
    """One frozen item of a bulk operation."""

    bulk: str
    n: int
    payload: bytes
    #: pending, done, failed, skipped
    status: str = "pending"
    #: JSON: the answer, or the error's code and data
    result: bytes = b""


class Write(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything one decided command changes; all of it or nothing."""

    stream: Stream
    #: seq the stream had when it was decided; 0 = the stream is new
    base: int
    entry: EntryRow
    snapshot: bytes = b""
    fold_version: int = 0
    register: RegisterRow | None = None
    #: whether what names the case (number, title, unit, ...) may differ from what is stored
    renamed: bool = True
    #: armed timers replace the timer of the same task
    arm: tuple[TimerRow, ...] = ()
    #: tasks whose timer goes
    disarm: tuple[int, ...] = ()
    #: rows replace all rows of the same task
    open_tasks: tuple[TaskRow, ...] = ()
    end_tasks: tuple[int, ...] = ()
    held: tuple[HeldRow, ...] = ()
    messages: tuple[MessageRow, ...] = ()
    signals: tuple[SignalRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    #: whether what cases are counted by may have changed
    counted: bool = False
    #: whether somebody did something that is to be folded into deeds
    deeds: bool = False
    #: case_value: field -> values; () removes
    values: dict[str, tuple[str, ...]] = {}
    directory: tuple[DirectoryRows, ...] = ()
    definitions: tuple[DefinitionRow, ...] = ()
    vault: tuple[VaultRow, ...] = ()
    #: durable signals that this command settles
    settled: tuple[str, ...] = ()
    #: in this order
    obligations: tuple[ObligationChange, ...] = ()
    findings: tuple[FindingRow | EndedFinding, ...] = ()
