"""What responses say of forms, what may be done, and procedures."""

from __future__ import annotations

from datetime import date, datetime

from web.api.shown.base import PersonRef, Shown


class AnswerOut(Shown):
    """One of the answers of a checklist."""

    answer: str
    title: str
    finding: bool
    note: bool


class ItemOut(Shown):
    """One question of a checklist."""

    item: str
    text: str
    basis: list[str]
    help: str


class GroupOut(Shown):
    """Questions that belong together."""

    group: str
    title: str
    items: list[ItemOut]


class ChecklistOut(Shown):
    """A versioned list of questions."""

    checklist: str
    version: str
    title: str
    answers: list[AnswerOut]
    groups: list[GroupOut]


class SignOut(Shown):
    """Who signs an action, how, and whether a refusal may be recorded instead."""

    party: str
    title: str
    level: str
    count: int
    refused: bool


class FormField(Shown):
    """A field as a form asks for it; of a table its columns, of a checklist its questions."""

    field: str
    title: str
    kind: str
    required: bool
    many: bool
    choices: dict[str, str]
    help: str
    partial: bool
    certificate: str
    columns: list[FormField]
    checklist: ChecklistOut | None


class OptionOut(Shown):
    """One of several to choose among."""

    id: str
    title: str


class OfferOut(Shown):
    """One thing the caller may do now, and where to post it."""

    task: int
    kind: str
    action: str
    title: str
    form: list[FormField]
    sign: str
    signs: list[SignOut]
    certificate: str
    evidence: list[str]
    party: str
    late: bool
    approval: bool
    reason: bool
    on_site: bool
    batch: bool
    late_entry: str
    #: it moves the deadline: no further than to this day; None = as far as one asks
    latest_day: date | None
    #: for whom the caller stands in; None = for themself
    stands_for: PersonRef | None
    #: the caller supervises who holds the task, and must say why they act instead
    superior: bool
    #: among these one is chosen: states, grounds, voices
    among: list[OptionOut]
    #: parties of whose members one must be named
    parties: list[str]
    post: str


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
    signs: list[SignOut]
    certificate: str
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
