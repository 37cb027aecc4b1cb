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


class CandidateOut(Shown):
    """One of several deadlines of which the first counts."""

    rule: str
    due_at: datetime


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
    #: the day-count rule that was asked, and the span it read; "" = none
    counted_by: str
    read_as: str
    #: all of which the first counts
    whichever: list[CandidateOut]
    told: str


class DeadlineOut(Shown):
    """When something must be done, how that came about and what is left."""

    due_at: datetime
    #: it may not be done before; null = at any time until then
    opens_at: datetime | None
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


class GivenOut(Shown):
    """That a task lies with one named person."""

    person: PersonRef
    how: str
    by: PersonRef
    at: datetime
    reason: str


class UrgedOut(Shown):
    """The last time somebody urged a task."""

    person: PersonRef
    at: datetime


class HandingOut(Shown):
    """A matter on its way to another office."""

    party: str
    region: str
    industry: str
    by: PersonRef
    at: datetime
    reason: str
    #: titles of the grounds on which it was refused so far
    refused: list[str]


class VoiceOut(Shown):
    """One voice of a vote."""

    voice: int
    party: str
    title: str
    person: PersonRef | None
    task: int
    answer: str
    answered_by: PersonRef | None
    answered_at: datetime | None
    late: bool


class RoundOut(Shown):
    """A vote under way."""

    round: int
    action: str
    of: int
    voices: list[VoiceOut]


class OpinionOut(Shown):
    """That an opinion was given beside the holder, or that its time passed."""

    party: str
    title: str
    person: PersonRef | None
    at: datetime | None
    late: bool


class CopyOut(Shown):
    """A copy that was sent, and whether it was read."""

    person: PersonRef
    by: PersonRef
    at: datetime
    read_at: datetime | None


class StoppedOut(Shown):
    """That the clock of a task stands still."""

    since: datetime
    by: PersonRef
    #: the state whose stay stops it; "" = an act did
    state: str
    reason: str
    told: str


class PausedOut(Shown):
    """That the ladder of a task waits."""

    since: datetime
    until: datetime
    by: PersonRef
    reason: str


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
    stopped: StoppedOut | None
    #: its ladder waits; and how often it did
    paused: PausedOut | None
    pauses: int
    #: what rungs count from instead of the deadline, since the ladder stepped down
    counts_from: datetime | None
    extensions: int
    readers: list[str]
    draft: str
    #: who has prepared a drafted act for who signs it
    prepared_by: list[PersonRef]
    asked_action: str
    asked_by: str
    #: with whom it lies instead of its party
    given: GivenOut | None
    #: whose it was before it was delegated, and to whom it comes back
    back_to: GivenOut | None
    #: the last time each person urged it
    urged: list[UrgedOut]
    #: a matter on its way to another office
    handing: HandingOut | None


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
    rounds: list[RoundOut]
    opinions: list[OpinionOut]
    copies: list[CopyOut]
    #: who said that they are biased
    recused: list[PersonRef]


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
