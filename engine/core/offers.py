"""What a person may do now in a case: what pages draw, the API answers and chat offers; `decide` accepts just that.

An offer says nothing of the person's answers: a form may still be refused, an act that must happen on site needs that
said, and whoever enters for another needs the permission to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from msgspec.structs import replace

from engine.core import (
    extending,
    offers_of_guests,
    offers_of_hand_over,
    offers_of_holding,
    offers_of_ladders,
    offers_of_votes,
    permission,
    seals,
)
from engine.core.case import Case, Task
from engine.core.definition import ActionSpec
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.offer import Offer as Offer
from engine.core.offer import OfferKind as OfferKind
from engine.errors import Refusal


def allowed_actions(machine: Machine, case: Case, facts: Facts, person: str, at: datetime) -> tuple[Offer, ...]:
    """Everything the person may do at an instant, by task and in the order of the definition."""
    day = facts.calendar.local_day(at)
    if not seals.may_see(machine, case, facts, person, day):
        return ()
    if case.closed:
        return tuple(_reopenings(machine, case, facts, person, day))
    of_tasks = (
        offer
        for task in case.tasks
        for offers in (_of_task, *_OF_PEOPLE)
        for offer in offers(machine, case, facts, task, person, day, at)
    )
    return (*of_tasks, *offers_of_holding.offers_of_case(machine, case, facts, person, day, at))


#: What may be done with a task besides its actions, in the order shown.
_OF_PEOPLE = (
    offers_of_votes.offers,
    offers_of_hand_over.offers,
    offers_of_holding.offers,
    offers_of_guests.offers,
    offers_of_ladders.offers,
)


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
        case _:
            pass


def _act(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task, person: str, day: date, at: datetime
) -> Offer | None:
    found = permission.admitted(machine, case, facts, action, task, person, day)
    if isinstance(found, Refusal) or permission.why_not_now(machine, case, facts, action, task, at):
        return None
    late = permission.asked_late(action, task, at)
    offer = _offer(case, "act", action, task.n, found, late=late)
    room = extending.offered(action, task, facts.calendar, late=late)
    return offer if room is None else replace(offer, room=room)


def _reopenings(machine: Machine, case: Case, facts: Facts, person: str, day: date) -> Iterator[Offer]:
    for stay in case.active[:1]:
        action = machine.states[stay.state].reopen
        found = permission.admitted(machine, case, facts, action, None, person, day) if action else None
        if action is not None and isinstance(found, permission.Standing):
            yield _offer(case, "reopen", action, 0, found)


def _offer(
    case: Case,
    kind: OfferKind,
    action: ActionSpec,
    task: int,
    standing: permission.Standing,
    *,
    late: bool = False,
) -> Offer:
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
        party=standing.party,
        late=late,
        approval=action.approve is not None or action.votes is not None,
        on_site=action.on_site,
        batch=action.batch,
        late_entry=action.late_entry,
        stands_for=standing.stands_for,
        superior=standing.superior,
        among=permission.states_behind(case, action) if action.back else (),
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
    rung = permission.rung_of_draft(machine, case, draft)
    # Whoever prepares it only puts it before a second person, who signs.
    signed = rung is not None and rung.approve is not None and not draft.prepared_by
    yield Offer(task=task.n, kind="issue", action=draft.rung, title=draft.kind, party=party, approval=signed)
    yield Offer(task=task.n, kind="decline", action=draft.rung, title=draft.kind, party=party, reason=True)
