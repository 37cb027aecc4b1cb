"""What responses say; instants are ISO 8601 in UTC, told texts are Chinese."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

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


class CaseRow(Shown):
    """A case in a register."""

    id: str
    seq: int
    number: str
    procedure: str
    version: str
    title: str
    #: active states, or the final one
    states: list[str]
    region: str
    unit: str
    place: str
    industry: str
    opened_at: datetime
    due_at: datetime | None
    light: Literal["", "green", "yellow", "red"]
    #: what is left, or how late it is
    told: str
    closed: str
    closed_at: datetime | None
    overdue: bool
    expiries: int
    reopened: int
    claim: str


class CasePage(Shown):
    """Rows of a register; `after` continues, "" = the end."""

    items: list[CaseRow]
    after: str


class RangeOut(Shown):
    """Consecutive days."""

    first: date
    last: date
    kind: str
    name: str


class DerivationOut(Shown):
    """How a deadline came about."""

    rule: str
    start: date
    start_at: datetime | None
    start_rule: str
    roll: str
    calendar: list[str]
    skipped: list[RangeOut]
    worked: list[RangeOut]
    due_on: date
    rolled_from: date | None
    provisional: bool
    basis: list[str]
    told: str


class DeadlineOut(Shown):
    """When something must be done, how that came about and what is left."""

    due_at: datetime
    light: Literal["green", "yellow", "red"]
    workdays_left: int
    told: str
    derivation: DerivationOut


class PersonRef(Shown):
    """A person, by id and, where it may be known, by name."""

    id: str
    name: str


class HolderOut(Shown):
    """Who holds a task, and as what."""

    party: str
    title: str
    persons: list[PersonRef]
    queue: str
    role: str
    region: str
    industry: str
    unit: str


class TaskOut(Shown):
    """An open task of a case."""

    task: int
    kind: str
    state: str
    state_title: str
    holder: HolderOut
    opened_at: datetime
    deadline: DeadlineOut | None
    undated: str
    ladder: str
    fired: list[str]
    skipped: list[str]
    next_rung: str
    next_rung_at: datetime | None
    expired_at: datetime | None
    extensions: int
    readers: list[str]
    draft: str
    asked_action: str
    asked_by: str


class FormField(Shown):
    """A field as a form asks for it."""

    field: str
    title: str
    kind: str
    required: bool
    many: bool
    choices: dict[str, str]
    help: str


class OfferOut(Shown):
    """One thing the caller may do now, and where to post it."""

    task: int
    kind: str
    action: str
    title: str
    form: list[FormField]
    sign: str
    evidence: list[str]
    party: str
    late: bool
    approval: bool
    reason: bool
    on_site: bool
    batch: bool
    late_entry: str
    post: str


class FieldOut(Shown):
    """A value of a case; `withheld` where there is one that the caller may not read."""

    field: str
    title: str
    value: Any = None
    told: str
    withheld: bool


class LinkOut(Shown):
    """Another case this one has to do with."""

    how: str
    case: str


class CaseOut(Shown):
    """A case as the caller may see it."""

    id: str
    seq: int
    number: str
    procedure: str
    procedure_title: str
    version: str
    title: str
    states: list[str]
    state_titles: list[str]
    region: str
    unit: str
    place: str
    industry: str
    opened_at: datetime
    closed: str
    closed_at: datetime | None
    reopened: int
    expiries: int
    claimed_number: str
    to_triage: bool
    fields: list[FieldOut]
    tasks: list[TaskOut]
    offers: list[OfferOut]
    links: list[LinkOut]


class EventOut(Shown):
    """One event: its data as recorded, and its sentence."""

    type: str
    v: int
    data: dict[str, Any]
    told: str


class EntryOut(Shown):
    """One entry: who, when it happened, when it was recorded, and what."""

    seq: int
    command: str
    leaf: str
    acted_by: PersonRef
    entered_by: PersonRef
    occurred_at: datetime
    recorded_at: datetime
    #: entered later than it happened
    late_entry: bool
    medium: str
    caused_by: str
    events: list[EventOut]
    told: str


class EntryPage(Shown):
    """Entries in order."""

    items: list[EntryOut]
    after: str


class TaskRowOut(Shown):
    """A task in an inbox."""

    case: str
    task: int
    kind: str
    state: str
    party: str
    queue: str
    number: str
    title: str
    procedure: str
    region: str
    unit: str
    opened_at: datetime
    due_at: datetime | None
    light: Literal["", "green", "yellow", "red"]
    told: str
    overdue: bool


class TaskPage(Shown):
    """Tasks, the earliest deadline first."""

    items: list[TaskRowOut]
    after: str


class MessageOut(Shown):
    """A message to the caller."""

    key: str
    stream: str
    seq: int
    text: str
    references: dict[str, Any]
    created_at: datetime
    status: str
    read_at: datetime | None


class MessagePage(Shown):
    """Messages, the latest first."""

    items: list[MessageOut]
    after: str


class DirectoryRowOut(Shown):
    """A row of the directory, valid from a day to the day before another."""

    id: str
    title: str
    region: str
    industry: str
    unit: str
    person: str
    role: str
    credit_code: str
    attributes: dict[str, Any]
    valid_from: str
    valid_to: str


class DirectoryPage(Shown):
    """Rows of the directory."""

    items: list[DirectoryRowOut]
    after: str


class FileOut(Shown):
    """A stored file: its content is its name."""

    sha256: str
    size: int
    media_type: str


class RowProblemOut(Shown):
    """What is wrong in a row of a spreadsheet."""

    row: int
    column: str
    header: str
    code: str
    told: str


class ImportOut(Shown):
    """How an import stands."""

    id: str
    kind: str
    status: str
    rows: int
    good: int
    bad: int
    done: int
    failed: int
    problems: list[RowProblemOut]


class ProcedureRow(Shown):
    """A published version of a procedure."""

    procedure: str
    version: str
    title: str
    plan: str
    published_at: datetime


class ProcedureList(Shown):
    """Procedures that cases may be opened of."""

    items: list[ProcedureRow]


class StateOut(Shown):
    """A state."""

    path: str
    title: str
    kind: str
    final: str


class ActionOut(Shown):
    """An action."""

    action: str
    title: str
    form: list[FormField]
    sign: str
    evidence: list[str]
    batch: bool
    late_entry: str


class ProcedureOut(Shown):
    """One version of a procedure."""

    procedure: str
    version: str
    title: str
    plan: str
    number: str
    states: list[StateOut]
    starts: list[ActionOut]
    fields: list[FormField]
    filters: list[str]


class HealthOut(Shown):
    """That the interface answers."""

    status: Literal["ok"]
