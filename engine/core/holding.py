"""Who may pass a task on, to whom, and why not: the rules that both the offers and the acts of holding ask."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, Self

from msgspec.structs import replace

from engine.core import parties, seals
from engine.core.case import Case, Task
from engine.core.case_people import Given
from engine.core.deadlines import add_exact, add_span
from engine.core.definition import HandlingSpec, TaskSpec
from engine.core.event import Holder
from engine.core.facts import Facts, parse_span
from engine.core.machine import Machine
from engine.core.turn import Turn
from engine.errors import NotPermitted, Refusal

#: For what a person is named: to hold a task for good, to prepare it, to take a leaver's place, to read a copy.
Naming = Literal["transfer", "delegate", "reassign", "copy"]
#: The permission to give the tasks of those who leave to others.
REASSIGN = "reassign"
#: Kinds of task that are held by a party, so that they may come to lie with one named person.
PASSED_ON = ("own", "extra", "approval", "draft")
_NOTHING = HandlingSpec()


class Now(NamedTuple):
    """A case, and the world it is seen in, at an instant."""

    machine: Machine
    case: Case
    facts: Facts
    day: date
    at: datetime

    @classmethod
    def of(cls, turn: Turn) -> Self:
        """The case of a decision as it stands now."""
        return cls(turn.machine, turn.case, turn.facts, turn.day, turn.at)

    def holder(self, task: Task) -> Holder:
        """Who holds a task."""
        return parties.holder_of(self.machine, self.case, self.facts, task, self.day)

    def spec(self, task: Task) -> TaskSpec | None:
        """What the definition says of a task; None for what is asked or drafted from another one."""
        return self.machine.tasks.get((task.state, task.spec)) if task.kind in ("own", "extra") else None

    def handling(self, task: Task) -> HandlingSpec:
        """What may be done with a task besides its actions."""
        spec = self.spec(task)
        return spec.handling if spec else _NOTHING

    def belongs(self, reference: str, person: str) -> bool:
        """Whether a person is of a party."""
        return parties.belongs(self.machine, self.case, self.facts, reference, person, self.day)

    def delegate(self, task: Task) -> str:
        """Who works on a task that was delegated and still is; "" = nobody."""
        return parties.delegate_of(self.machine, self.case, self.facts, task, self.day)


# with whom it lies -------------------------------------------------------------------------------------------------


def before_delegation(task: Task) -> Task:
    """A delegated task as it lay before."""
    return replace(task, given=task.back_to, back_to=None)


def own_holder(now: Now, task: Task) -> Holder:
    """Who holds a task, be it delegated or not."""
    return now.holder(before_delegation(task) if now.delegate(task) else task)


def claimer(now: Now, task: Task) -> str:
    """Who claimed a task and holds it alone; "" = nobody."""
    given = task.given
    claimed = given is not None and given.how == "claimed" and now.holder(task).persons == (given.person,)
    return given.person if claimed and given is not None else ""


def still_given(now: Now, task: Task) -> tuple[Given | None, Given | None]:
    """`given` and `back_to` of a task as far as whom they name may still hold it."""
    if task.given is None or now.delegate(task):
        return task.given, task.back_to
    if task.given.how == "delegated":
        return still_given(now, before_delegation(task))
    return (task.given, None) if now.holder(task).persons == (task.given.person,) else (None, None)


def supervises(now: Now, task: Task, person: str) -> bool:
    """Whether a person supervises who holds a task."""
    above = parties.superiors_of(now.case, now.facts, now.holder(task), now.day)
    return person in above and person not in now.case.recused


# who may -----------------------------------------------------------------------------------------------------------


def why_not_holder(now: Now, task: Task, person: str) -> Refusal | None:
    """Only who holds a task for themself passes it on: neither whoever stands in for them nor a delegate."""
    if person not in now.holder(task).persons:
        return NotPermitted("not_your_task", task=task.n)
    return NotPermitted("task_delegated", task=task.n) if now.delegate(task) else None


def why_not_claim(now: Now, task: Task, person: str) -> Refusal | None:
    """A task that several hold, by one of them who may do something about it."""
    if not now.handling(task).claim:
        return NotPermitted("handling_not_provided", task=task.n)
    if (by := claimer(now, task)) and by != person:
        return NotPermitted("claimed_already", task=task.n, person=by)
    if refusal := why_not_holder(now, task, person):
        return refusal
    if len(now.holder(task).persons) < 2:
        return NotPermitted("held_by_one", task=task.n)
    return _why_excluded(now, task, person)


def why_not_release(now: Now, task: Task, person: str) -> Refusal | None:
    """A claimed task, by who claimed it or by who supervises them."""
    by = claimer(now, task)
    if not by:
        return NotPermitted("not_claimed", task=task.n)
    return None if person == by or supervises(now, task, person) else NotPermitted("not_your_task", task=task.n)


def why_not_pass_on(now: Now, task: Task, person: str, kind: Naming) -> Refusal | None:
    """Whether a person may name somebody for that at all."""
    if kind == "reassign":
        there = (now.case.region, now.case.unit)
        if not now.facts.directory.may(person, REASSIGN, now.day, *there):
            return NotPermitted("may_not_reassign", person=person)
        return None if task.kind in PASSED_ON else NotPermitted("handling_not_provided", task=task.n)
    if not named_from(now, task, kind):
        return NotPermitted("handling_not_provided", task=task.n)
    if kind == "copy" and now.case.sealed:
        return NotPermitted("case_still_hidden", case=now.case.number)
    return why_not_holder(now, task, person)


def why_not_give_back(now: Now, task: Task, person: str) -> Refusal | None:
    """A delegated task, by the delegate, as long as there is anybody to give it back to."""
    by = now.delegate(task)
    if not by:
        return NotPermitted("not_delegated", task=task.n)
    if person != by:
        return NotPermitted("not_your_task", task=task.n)
    holder = now.holder(before_delegation(task))
    return None if holder.persons or holder.queue else NotPermitted("nobody_else", task=task.n)


def why_not_take_back(now: Now, task: Task, person: str) -> Refusal | None:
    """A delegated task, by who held it before, and does not prepare it themself."""
    by = now.delegate(task)
    if not by or person == by:
        return NotPermitted("not_your_task" if by else "not_delegated", task=task.n)
    before = now.holder(before_delegation(task)).persons
    return None if person in before else NotPermitted("not_your_task", task=task.n)


def why_not_recuse(now: Now, task: Task, person: str) -> Refusal | None:
    """Who holds a task, as long as somebody else is left for every task that would be looked up anew."""
    if not now.handling(task).recuse:
        return NotPermitted("handling_not_provided", task=task.n)
    if person not in now.holder(task).persons:
        return NotPermitted("not_your_task", task=task.n)
    without = now._replace(case=replace(now.case, recused=(*now.case.recused, person)))
    for one in now.case.tasks:
        for way in (one, before_delegation(one)) if now.delegate(one) else (one,):
            if person not in now.holder(way).persons:
                continue
            left = without.holder(way)
            if person in left.persons or not (left.persons or left.queue):
                return NotPermitted("nobody_else", task=one.n)
    return None


def why_not_urge(now: Now, task: Task, person: str) -> Refusal | None:
    """Whoever the definition names, once in its span, and never who holds the task."""
    urge = now.handling(task).urge
    if urge is None:
        return NotPermitted("handling_not_provided", task=task.n)
    if person in now.holder(task).persons:
        return NotPermitted("holder_cannot_urge", task=task.n)
    if not any(now.belongs(one, person) for one in urge.by):
        return NotPermitted("may_not_urge", task=task.n)
    if task.period is not None and now.at < task.period.begins:
        return NotPermitted("nothing_to_urge_yet", begins=task.period.begins.isoformat())
    last = next((one.at for one in task.urged if one.person == person), None)
    if last is not None and now.at < (again := next_urging(now.facts, last, urge.every)):
        return NotPermitted("urged_already", again_at=again.isoformat())
    return None


def next_urging(facts: Facts, last: datetime, every: str) -> datetime:
    """When the same person may urge again; after whole days, from the beginning of that day."""
    span, calendar = parse_span(every), facts.calendar
    if span.exact:
        return add_exact(last, span, 1, calendar)
    return calendar.instant(add_span(calendar.local_day(last), span, 1, calendar))


# to whom -----------------------------------------------------------------------------------------------------------


def named_from(now: Now, task: Task, kind: Naming) -> tuple[str, ...]:
    """The parties of whose members one may be named; a leaver's place is taken by whoever is like them."""
    handling, own = now.handling(task), task.holder.party
    match kind:
        case "transfer":
            return tuple(dict.fromkeys((*handling.transfer, own))) if handling.transfer else ()
        case "delegate":
            return handling.delegate
        case "copy":
            return handling.copy
        case "reassign":
            return (own,)


def why_not_to(now: Now, task: Task, kind: Naming, person: str) -> Refusal | None:
    """Why a person may not be named for that; None = they may."""
    if not now.facts.directory.held_by(person, now.day):
        return NotPermitted("person_not_here", person=person)
    if now.case.sealed and seals.is_hidden_from(now.machine, now.case, now.facts, person, now.day):
        return NotPermitted("case_still_hidden", case=now.case.number)
    fits = _is_like(now, task, person) if kind == "reassign" else _is_named(now, task, kind, person)
    if not fits:
        return NotPermitted("not_of_the_parties", person=person)
    if kind == "copy":
        return None
    if own_holder(now, task).persons == (person,) or now.delegate(task) == person:
        return NotPermitted("holds_it_already", person=person)
    party = now.machine.parties[task.holder.party.partition(".")[0]]
    if left_out := parties.why_not_of_party(now.machine, now.case, now.facts, party, person, now.day):
        return NotPermitted("recused_or_excepted", person=person, why=left_out[0])
    return None if kind == "delegate" else _why_excluded(now, task, person)


def _is_named(now: Now, task: Task, kind: Naming, person: str) -> bool:
    return any(now.belongs(one, person) for one in named_from(now, task, kind))


def _is_like(now: Now, task: Task, person: str) -> bool:
    """Of the unit whose people hold the task; else in the role that they hold or held, reaching there."""
    holder, directory = own_holder(now, task), now.facts.directory
    party = now.machine.parties[task.holder.party.partition(".")[0]]
    if party.kind == "unit":
        unit = holder.unit or str(now.case.fields.get(party.field) or "")
        return person in directory.within(unit, now.day)
    region, industry = holder.region or now.case.region, holder.industry
    roles = {role for role in (holder.role, party.role) if role}
    if party.kind in ("role", "queue") and roles:
        return any(directory.fits(person, role, region, industry, "", now.day) for role in roles)
    held = [one for who in holder.persons or task.holder.persons for one in directory.ever_held(who)]
    return any(directory.fits(person, one.role, region, industry, one.unit, now.day) for one in held)


def _why_excluded(now: Now, task: Task, person: str) -> Refusal | None:
    """Somebody who might do nothing about a task must not be its only holder."""
    spec = now.spec(task)
    own = [action for action in spec.actions if not action.by] if spec else []
    party: str | None = ""
    for action in own:
        party = parties.excluded_by(now.machine, now.case, now.facts, action.not_by, person, now.day)
        if party is None:
            return None
    return NotPermitted("excluded_from_task", person=person, party=party or "") if own else None
