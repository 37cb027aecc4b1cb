"""What a person may do now in a case: what pages draw, the API answers and chat offers; `decide` accepts just that.

An offer says nothing of the person's answers: a form may still be refused, an act that must happen on site needs that
said, and whoever enters for another needs the permission to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

import msgspec

from engine.core import permission, seals
from engine.core.case import Case, Task
from engine.core.definition import ActionSpec, FormItem, SignatureLevel, SignSpec
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.errors import Refusal

OfferKind = Literal["act", "consent", "refuse", "issue", "decline", "reopen"]


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One button: what it does, what it asks for, and as which party the person would act."""

    #: 0 = reopening
    task: int
    kind: OfferKind
    #: action id; of a draft the rung
    action: str
    #: of the action, of a draft the id of its text
    title: str
    form: tuple[FormItem, ...] = ()
    sign: SignatureLevel = "none"
    #: who signs, where several do
    signs: tuple[SignSpec, ...] = ()
    #: kind of certificate that who acts, and who signs with them, must hold
    certificate: str = ""
    #: kinds of evidence that must come with it
    evidence: tuple[str, ...] = ()
    party: str
    #: the request would come after the deadline; the form then holds the fields for that
    late: bool = False
    #: a second person will have to consent
    approval: bool = False
    #: a reason must be given besides the form
    reason: bool = False
    #: guard of the acts that must be done on site; "" = anywhere
    on_site: str = ""
    batch: bool = True
    #: span phrase: how late it may be entered; "" = not at all
    late_entry: str = ""


def allowed_actions(machine: Machine, case: Case, facts: Facts, person: str, at: datetime) -> tuple[Offer, ...]:
    """Everything the person may do at an instant, by task and in the order of the definition."""
    day = facts.calendar.local_day(at)
    if not seals.may_see(machine, case, facts, person, day):
        return ()
    if case.closed:
        return tuple(_reopenings(machine, case, facts, person, day))
    return tuple(offer for task in case.tasks for offer in _of_task(machine, case, facts, task, person, day, at))


def _of_task(
    machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date, at: datetime
) -> Iterator[Offer]:
    match task.kind:
        case "own" | "extra":
            for action in machine.tasks[task.state, task.spec].actions:
                if offer := _act(machine, case, facts, action, task, person, day, at):
                    yield offer
        case "approval":
            yield from _answers(machine, case, facts, task, person, day)
        case "draft":
            yield from _drafts(machine, case, facts, task, person, day)


def _act(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task, person: str, day: date, at: datetime
) -> Offer | None:
    party = permission.admitted(machine, case, facts, action, task, person, day)
    if isinstance(party, Refusal) or permission.why_not_ask(facts, action, task, at):
        return None
    return _offer("act", action, task.n, party, late=permission.asked_late(action, task, at))


def _reopenings(machine: Machine, case: Case, facts: Facts, person: str, day: date) -> Iterator[Offer]:
    for stay in case.active[:1]:
        action = machine.states[stay.state].reopen
        party = permission.admitted(machine, case, facts, action, None, person, day) if action else None
        if action is not None and isinstance(party, str):
            yield _offer("reopen", action, 0, party)


def _offer(kind: OfferKind, action: ActionSpec, task: int, party: str, *, late: bool = False) -> Offer:
    return Offer(
        task=task,
        kind=kind,
        action=action.id,
        title=action.title,
        form=permission.form_of(action, late=late),
        sign=action.sign,
        signs=action.signs,
        certificate=action.certificate,
        evidence=action.evidence,
        party=party,
        late=late,
        approval=action.approve is not None,
        on_site=action.on_site,
        batch=action.batch,
        late_entry=action.late_entry,
    )


def _answers(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Iterator[Offer]:
    action = permission.asked_action(machine, case, task)
    if action is None or permission.why_not_answer(machine, case, facts, action, task, person, day):
        return
    asked, party, window = action.id, task.holder.party, action.late_entry
    yield Offer(task=task.n, kind="consent", action=asked, title=action.title, party=party, late_entry=window)
    yield Offer(
        task=task.n, kind="refuse", action=asked, title=action.title, party=party, late_entry=window, reason=True
    )


def _drafts(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Iterator[Offer]:
    draft = task.draft
    if draft is None or permission.why_not_draft(machine, case, facts, task, person, day):
        return
    party = task.holder.party
    yield Offer(task=task.n, kind="issue", action=draft.rung, title=draft.kind, party=party)
    yield Offer(task=task.n, kind="decline", action=draft.rung, title=draft.kind, party=party, reason=True)
