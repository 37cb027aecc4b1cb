"""Whether a person may do something now: one set of rules for deciding, for pages, for the API and for chat."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from engine.core import extending, joint, parties, party_lookup, stopping
from engine.core.case import Case, Task
from engine.core.deadlines import shift
from engine.core.definition import ActionSpec, FormItem, RungSpec
from engine.core.entering import ENTER_FOR_OTHERS as ENTER_FOR_OTHERS
from engine.core.entering import ENTRY_TOLERANCE as ENTRY_TOLERANCE
from engine.core.entering import check_entered_by as check_entered_by
from engine.core.entering import check_entry as check_entry
from engine.core.entering import check_not_ahead as check_not_ahead
from engine.core.entering import check_order as check_order
from engine.core.entering import check_still_here as check_still_here
from engine.core.entering import is_late_entry as is_late_entry
from engine.core.entering import late_entry_until as late_entry_until
from engine.core.event import Asked, Draft
from engine.core.facts import Facts, parse_point, parse_span
from engine.core.fold_people import open_round
from engine.core.machine import Machine
from engine.core.scope import GuardScope
from engine.errors import NotPermitted, Refusal, ZhibenError


class Standing(NamedTuple):
    """As which party a person may act, and for whom they stand in ("" = for themself)."""

    party: str
    stands_for: str = ""
    #: they supervise who holds the task and must say why they act instead
    superior: bool = False


def standing(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec | None, task: Task | None, person: str, day: date
) -> Standing | None:
    """How a person may act: of a party the action names, else as who holds the task; None = not at all.

    Whoever stands in for somebody comes after those who act for themselves, the superior after both.
    """
    if (party := _own_party(machine, case, facts, action, task, person, day)) is not None:
        return Standing(party)
    for one in facts.directory.stands_in(person, day):
        if one.procedure not in ("", case.procedure) or person in case.recused:
            continue
        party = _own_party(machine, case, facts, action, task, one.person, day)
        if party is None or one.role not in ("", _role_of(machine, task, party)):
            continue
        if _takes_part(machine, case, facts, party, person, day):
            return Standing(party, stands_for=one.person)
    # Whoever an action names besides the holder has a power of their own, which a superior need not have.
    named = action is not None and bool(action.by)
    if task is not None and not named and _superior_may(machine, task):
        holder = parties.holder_of(machine, case, facts, task, day)
        if (
            person in parties.superiors_of(case, facts, holder, day)
            and _takes_part(machine, case, facts, holder.party, person, day)
            and not parties.delegate_of(machine, case, facts, task, day)
        ):
            return Standing(holder.party, superior=True)
    return None


def _takes_part(machine: Machine, case: Case, facts: Facts, reference: str, person: str, day: date) -> bool:
    """Whether a person who acts in the place of others is not left out as that party themself."""
    party = machine.parties[reference.partition(".")[0]]
    return parties.why_not_of_party(machine, case, facts, party, person, day) is None


def _superior_may(machine: Machine, task: Task) -> bool:
    return task.kind in ("own", "extra") and machine.tasks[task.state, task.spec].handling.superior


def _own_party(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec | None, task: Task | None, person: str, day: date
) -> str | None:
    # A delegated task lies with somebody who only prepares it: no act of its party is theirs, nor meanwhile of others.
    delegated = task is not None and parties.delegate_of(machine, case, facts, task, day) != ""
    if action is not None and action.by:
        for reference in action.by:
            if delegated and task is not None and reference == task.holder.party:
                continue
            if parties.belongs(machine, case, facts, reference, person, day):
                return reference
        return None
    if task is None or delegated:
        return None
    holder = parties.holder_of(machine, case, facts, task, day)
    return holder.party if person in holder.persons else None


def _role_of(machine: Machine, task: Task | None, reference: str) -> str:
    party_id, _, role = reference.partition(".")
    return role or machine.parties[party_id].role or (task.holder.role if task else "")


def party_as(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec | None, task: Task | None, person: str, day: date
) -> str | None:
    """The party as which a person may act for themself or in place of another; None = not at all."""
    found = standing(machine, case, facts, action, task, person, day)
    return found.party if found is not None else None


def may_read(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> bool:
    """Whether a read of a task by this person counts: by who may act on it, or prepares it for them."""
    if person == parties.delegate_of(machine, case, facts, task, day):
        return True
    return party_as(machine, case, facts, None, task, person, day) is not None


def admitted(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task | None, person: str, day: date
) -> Standing | Refusal:
    """How a person may do an action now, or the reason for which they may not."""
    found = standing(machine, case, facts, action, task, person, day)
    if found is None:
        return _why_left_out(machine, case, facts, action, task, person, day)
    # Whoever stands in may do no more than the person whose place they take.
    for one in filter(None, (person, found.stands_for)):
        excluded = parties.excluded_by(machine, case, facts, action.not_by, one, day)
        if excluded is not None:
            return NotPermitted("separation_of_duties", action=action.id, party=excluded)
        if refusal := why_no_power(facts, case, action, one, day):
            return refusal
    if refusal := why_not_certified(facts, action, person, day):
        return refusal
    if action.when and not guard_holds(machine, case, facts, action.when, day):
        return NotPermitted("condition_not_met", action=action.id, condition=action.when)
    if task is not None and (action.approve or action.votes) and _asked_already(case, action, task):
        return NotPermitted("already_asked", action=action.id)
    if task is not None and action.votes and (voting := open_round(case, task.n)):
        return NotPermitted("vote_under_way", action=voting.action)
    if action.back and not states_behind(case, action):
        return NotPermitted("been_nowhere_else", action=action.id)
    return found


def _why_left_out(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task | None, person: str, day: date
) -> Refusal:
    """Why a person may not act at all: they would be of the party but take no part, or are none of it."""
    references = action.by or ((task.holder.party,) if task is not None else ())
    meant = {person, *(one.person for one in facts.directory.stands_in(person, day))}
    for reference in references:
        persons = party_lookup.named(machine, case, facts, reference, day).persons
        party = machine.parties[reference.partition(".")[0]]
        why = parties.why_not_of_party(machine, case, facts, party, person, day) if meant & set(persons) else None
        if why is not None and why[0] == "except":
            return NotPermitted("separation_of_duties", action=action.id, party=why[1])
        if why is not None:
            return NotPermitted("recused_or_excepted", person=person)
        if task is not None and meant & set(persons) and parties.delegate_of(machine, case, facts, task, day):
            return NotPermitted("task_delegated", task=task.n)
    return NotPermitted("not_your_task", action=action.id)


def why_not_certified(facts: Facts, action: ActionSpec, person: str, day: date) -> Refusal | None:
    """The reason for which a person is not qualified for an action on a day; None = they are, or need not be."""
    if not action.certificate or facts.directory.certified(person, action.certificate, day):
        return None
    return NotPermitted("not_certified", person=person, certificate=action.certificate, on=day.isoformat())


def why_no_power(facts: Facts, case: Case, action: ActionSpec, person: str, day: date) -> Refusal | None:
    """The reason for which a person's body lacks the power that an action needs on a day; None = it has it."""
    power = action.power
    if power is None or facts.directory.power_of(
        person, power.matter, day, document=power.document, region=case.region
    ):
        return None
    return NotPermitted("no_power", person=person, matter=power.matter, on=day.isoformat())


def _asked_already(case: Case, action: ActionSpec, task: Task) -> bool:
    return any(
        other.asked is not None and other.asked.action == action.id and other.asked.of == task.n for other in case.tasks
    )


def states_behind(case: Case, action: ActionSpec) -> tuple[str, ...]:
    """The states to which an action may lead back: where the case has been and is not now, in that order."""
    possible, here = {target.state for target in action.to}, case.leaves()
    return tuple(state for state in case.visited if state in possible and state not in here)


def why_not_now(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task | None, at: datetime
) -> Refusal | None:
    """The reason for which nobody may do an action at an instant: its own time, or others who are waited for."""
    if refusal := why_not_ask(facts, action, task, at) or stopping.why_no_clock(case, action, at):
        return refusal
    spec = machine.tasks.get((task.state, task.spec)) if task is not None else None
    if task is None or spec is None or spec.joint is None or not joint.leaves(machine, task, action.id):
        return None
    awaited = joint.opinions_awaited(case, spec.joint, task.activation, at)
    return NotPermitted("opinions_missing", action=action.id, parties=awaited) if awaited else None


def why_not_ask(facts: Facts, action: ActionSpec, task: Task | None, at: datetime) -> Refusal | None:
    """The reason for which a request bound to its task's time may not be made at an instant; None = it may."""
    if task is not None and task.period is not None and at < task.period.begins:
        return NotPermitted("period_not_begun", action=action.id, begins=_text(task.period.begins))
    opens_at = task.deadline.opens_at if task is not None and task.deadline is not None else None
    if task is not None and opens_at is not None and at < opens_at and _of_its_holder(action, task):
        return NotPermitted("window_not_open", action=action.id, opens=_text(opens_at))
    ask = action.ask
    if ask is None or task is None:
        return None
    if task.deadline is None:
        return NotPermitted("clock_stopped" if task.stopped else "no_deadline_to_extend", action=action.id)
    if refusal := extending.why_no_room(action, task, at, facts.calendar):
        return refusal
    due_at = task.deadline.due_at
    if at >= due_at:
        return None if ask.late_by else NotPermitted("asked_after_deadline", action=action.id, due_at=_text(due_at))
    latest = last_moment_to_ask(facts, due_at, ask.lead) if ask.lead else due_at
    return (
        NotPermitted("asked_too_late", action=action.id, latest=_text(latest), lead=ask.lead) if at >= latest else None
    )


def _of_its_holder(action: ActionSpec, task: Task) -> bool:
    """Whether an action is what the task is held for; what others may do meanwhile is not bound to its window."""
    return not action.by or task.holder.party in action.by


def asked_late(action: ActionSpec, task: Task | None, at: datetime) -> bool:
    """Whether a request comes after the deadline it is bound to."""
    return bool(action.ask and task and task.deadline and at >= task.deadline.due_at)


def form_of(action: ActionSpec, *, late: bool) -> tuple[FormItem, ...]:
    """The form of an action, with the fields that only a late request must fill where it is one."""
    if not late or action.ask is None:
        return action.form
    return (*action.form, *(FormItem(field=field, required=True) for field in action.ask.late_form))


def last_moment_to_ask(facts: Facts, due_at: datetime, lead: str) -> datetime:
    """The end of the day, or the instant, that lies a span before a deadline."""
    moment = shift(due_at, parse_point(f"{lead} before"), facts.calendar)
    return moment if parse_span(lead).exact else facts.calendar.end_of(facts.calendar.local_day(moment))


def asked_action(machine: Machine, case: Case, task: Task) -> ActionSpec | None:
    """The action that a task of consent decides about; None where what was asked from is no longer open."""
    origin = case.task(task.asked.of) if task.asked else None
    if task.asked is None or origin is None:
        return None
    action = machine.actions.get((origin.state, origin.spec, task.asked.action))
    return action if action is not None and (action.approve or action.votes) else None


def askers(case: Case, action: ActionSpec, asked: Asked) -> frozenset[str]:
    """Who asked, in whose place, and who signed with them."""
    signed = (one.person for one in case.signed if (one.action, one.at) == (action.id, asked.at))
    return frozenset((asked.by, asked.stands_for, *signed))


def why_not_answer(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task, person: str, day: date
) -> Refusal | None:
    """The reason for which a person may not answer what another asked; None = they may."""
    found = standing(machine, case, facts, None, task, person, day)
    if found is None:
        return NotPermitted("not_your_task", action=action.id)
    persons = tuple(filter(None, (person, found.stands_for)))
    if task.asked is None or askers(case, action, task.asked).intersection(persons):
        return NotPermitted("second_person_needed", action=action.id)
    not_by = action.approve.not_by if action.approve else action.not_by
    for one in persons:
        if excluded := parties.excluded_by(machine, case, facts, not_by, one, day):
            return NotPermitted("separation_of_duties", action=action.id, party=excluded)
    return None


def why_not_draft(machine: Machine, case: Case, facts: Facts, task: Task, person: str, day: date) -> Refusal | None:
    """The reason for which a person may neither issue nor decline a draft; None = they may."""
    found = standing(machine, case, facts, None, task, person, day)
    if found is None:
        return NotPermitted("not_your_task", task=task.n)
    rung = rung_of_draft(machine, case, task.draft) if task.draft else None
    if task.draft is None or not task.draft.prepared_by or rung is None or rung.approve is None:
        return None
    for one in filter(None, (person, found.stands_for)):
        if one in task.draft.prepared_by:
            return NotPermitted("second_person_needed", action=task.draft.rung)
        if excluded := parties.excluded_by(machine, case, facts, rung.approve.not_by, one, day):
            return NotPermitted("separation_of_duties", action=task.draft.rung, party=excluded)
    return None


def rung_of_draft(machine: Machine, case: Case, draft: Draft) -> RungSpec | None:
    """The rung that drafted an act; drafts of former entries do not say of which ladder it is."""
    origin = case.task(draft.of)
    ladder = machine.ladders.get(draft.ladder or (origin.ladder if origin else ""))
    return next((rung for rung in ladder.rungs if rung.id == draft.rung), None) if ladder else None


def _text(instant: datetime) -> str:
    return instant.isoformat()


def guard_holds(machine: Machine, case: Case, facts: Facts, text: str, day: date) -> bool:
    """Whether a guard holds; an error in it means no."""
    try:
        return bool(machine.guards[text].evaluate(GuardScope(machine, case, facts, day, {})))
    except ZhibenError:
        return False
