"""What responses say of forms, what may be done, and procedures."""

from __future__ import annotations

from datetime import datetime

from web.api.shown.base import Shown


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
