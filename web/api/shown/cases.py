"""What responses say of cases, their tasks, deadlines and entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from web.api.shown.base import PersonRef, Shown
from web.api.shown.forms import OfferOut


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
    #: hidden until its opening
    sealed: bool
    fields: list[FieldOut]
    tasks: list[TaskOut]
    offers: list[OfferOut]
    links: list[LinkOut]


class KnownOut(Shown):
    """Somebody who knew of a hidden case before its opening: how, since when, by which entry."""

    person: PersonRef
    how: str
    told: str
    at: datetime
    seq: int


class BeforeOpeningOut(Shown):
    """Who knew of a case while it was hidden, and whether anybody did from whom it was hidden."""

    sealed_at: datetime | None
    opened_at: datetime | None
    known: list[KnownOut]
    hidden_from: list[PersonRef]
    leaked: list[KnownOut]


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
