"""What people do about handing over, receiving and designating: until it is received, the sender holds the matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import replace

from engine.core import acting, handing, parties, permission, queues, rounds, seals
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Task
from engine.core.case_people import Assigned, Handing
from engine.core.definition import HandOverSpec, PartySpec
from engine.core.queues import WAITING, Timed
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted, Refusal, Stale


def hand_over(turn: Turn, act: cmd.HandOver) -> None:
    """Hand the matter over; it stays the sender's, and its clock runs, until the other office receives it."""
    task = _open(turn, act.task)
    _admit(turn, task, handing.why_not_hand_over(*_asked(turn, task)))
    _check_reason(act.reason)
    spec = _spec(turn, task)
    party = turn.machine.parties[spec.party]
    region, industry = _place(turn, party, act.region, act.industry)
    people = _people_there(turn, party, region, industry)
    if not set(people) - handing.present_people(turn.machine, turn.case, turn.facts, task, turn.day):
        raise NotPermitted("hand_over_same_office", region=region, industry=industry)
    acting.say_for_whom(turn, None, task, act.reason)
    sent = Handing(
        party=party.id,
        of=task.n,
        region=region,
        industry=industry,
        by=turn.command.acted_by,
        at=turn.at,
        reason=act.reason.strip(),
    )
    holder = ev.Holder(party=party.id, persons=people, role=party.role, region=region, industry=industry)
    timed = Timed(spec.receive, spec.receive_undated, spec.ladder)
    queues.open_beside(turn, "receipt", task, holder, timed, sent, act.evidence)


def answer_hand_over(turn: Turn, act: cmd.AnswerHandOver) -> None:
    """Receive the matter, which is the office's from then on; or refuse it, and it stays where it was."""
    task = _open(turn, act.task)
    why_not = handing.why_not_receive if act.receive else handing.why_not_refuse
    _admit(turn, task, why_not(*_asked(turn, task)))
    if task.handing is None:
        raise Stale("task_not_open", task=act.task)
    if act.receive:
        _receive(turn, task, task.handing, act)
    else:
        _refuse(turn, task, task.handing, act)


def _receive(turn: Turn, task: Task, sent: Handing, act: cmd.AnswerHandOver) -> None:
    acting.say_for_whom(turn, None, task)
    turn.emit(ev.HandOverAnswered(task=task.n, received=True, reason=act.reason.strip()))
    turn.emit(ev.TaskEnded(task=task.n, how="done"))
    queues.withdraw_drafts(turn, task)
    _assign(turn, sent.party, Assigned(how="received", region=sent.region, industry=sent.industry, **_mark(turn, act)))


def _refuse(turn: Turn, task: Task, sent: Handing, act: cmd.AnswerHandOver) -> None:
    spec = _spec(turn, task)
    grounds = tuple(ground for ground, _ in spec.grounds)
    if act.ground not in grounds:
        raise BadInput("ground_unknown", field="ground", got=act.ground, among=grounds)
    _check_reason(act.reason)
    acting.say_for_whom(turn, None, task)
    reason = act.reason.strip()
    turn.emit(ev.HandOverAnswered(task=task.n, received=False, ground=act.ground, reason=reason))
    turn.emit(ev.TaskEnded(task=task.n, how="refused", reason=reason))
    queues.withdraw_drafts(turn, task)
    if spec.designate_by:
        asked = replace(sent, refused=(*sent.refused, act.ground))
        timed = Timed(spec.designate, spec.designate_undated, spec.designate_ladder)
        queues.open_beside(turn, "designation", task, turn.resolve(spec.designate_by), timed, asked)


def designate(turn: Turn, act: cmd.Designate) -> None:
    """Say whose the matter is: an office, or one person of it; they can neither refuse it nor pass it to another."""
    task = _open(turn, act.task)
    _admit(turn, task, handing.why_not_designate(*_asked(turn, task)))
    if task.handing is None:
        raise Stale("task_not_open", task=act.task)
    _check_reason(act.reason)
    assigned = _designated(turn, handing.party_of(turn.machine, task), act)
    acting.say_for_whom(turn, None, task)
    turn.emit(ev.TaskEnded(task=task.n, how="done", reason=act.reason.strip()))
    queues.withdraw_drafts(turn, task)
    _assign(turn, task.handing.party, assigned)


def _designated(turn: Turn, party: PartySpec, act: cmd.Designate) -> Assigned:
    """The office or person designated; refused where nobody is there who may take part."""
    if act.person and (act.region or act.industry):
        raise BadInput("one_target_only", field="person")
    if act.person:
        directory, person = turn.facts.directory, act.person
        roles = {one.role for one in directory.held_by(person, turn.day)}
        hidden = seals.is_hidden_from(turn.machine, turn.case, turn.facts, person, turn.day)
        left = parties.why_not_of_party(turn.machine, turn.case, turn.facts, party, person, turn.day) is not None
        if left or hidden or not roles or (party.role and party.role not in roles):
            raise NotPermitted("designated_not_of_role", person=person, party=party.id)
        return Assigned(how="designated", person=person, **_mark(turn, act))
    if not (act.region or act.industry) or not party.role:
        raise BadInput("target_missing", field="region" if party.role else "person")
    region, industry = _place(turn, party, act.region, act.industry)
    _people_there(turn, party, region, industry)
    return Assigned(how="designated", region=region, industry=industry, **_mark(turn, act))


# what all of them do -------------------------------------------------------------------------------------------------


def _open(turn: Turn, n: int) -> Task:
    task = turn.case.task(n)
    if task is None:
        raise Stale("task_not_open", task=n)
    return task


def _asked(turn: Turn, task: Task) -> tuple[Any, ...]:
    return turn.machine, turn.case, turn.facts, task, turn.command.acted_by, turn.day


def _admit(turn: Turn, task: Task, refusal: Refusal | None) -> None:
    """Refuse whoever may not, acts of strangers' entering, of the future, and dated before the task began."""
    if refusal is not None:
        raise refusal
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, "")
    permission.check_order(turn.case, turn.command, task)


def _spec(turn: Turn, task: Task) -> HandOverSpec:
    spec = handing.spec_of(turn.machine, turn.case, task)
    if spec is None:
        raise NotPermitted("not_to_hand_over", task=task.n)
    return spec


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("reason_missing", field="reason")


def _place(turn: Turn, party: PartySpec, region: str, industry: str) -> tuple[str, str]:
    """A region and industry that the directory knows; no region said = the present one."""
    here = parties.office(turn.machine, turn.case, turn.facts, party)[0]
    directory = turn.facts.directory
    if region and region != here and region not in directory.regions:
        raise BadInput("region_unknown", field="region", got=region)
    if industry and industry not in directory.industries:
        raise BadInput("industry_unknown", field="industry", got=industry)
    return region or here, industry


def _people_there(turn: Turn, party: PartySpec, region: str, industry: str) -> tuple[str, ...]:
    """Who has the party's role there; nobody, where the case is hidden from one of them."""
    people = parties.there(turn.machine, turn.case, turn.facts, party, (region, industry), turn.day)
    hidden = turn.case.sealed and any(
        seals.is_hidden_from(turn.machine, turn.case, turn.facts, one, turn.day) for one in people
    )
    if hidden or not people:
        raise NotPermitted("nobody_there", party=party.id, region=region, industry=industry)
    return people


def _mark(turn: Turn, act: cmd.AnswerHandOver | cmd.Designate) -> dict[str, Any]:
    return {"by": turn.command.acted_by, "at": turn.at, "reason": act.reason.strip()}


def _assign(turn: Turn, reference: str, assigned: Assigned) -> None:
    """Let a party mean others from now on, and give them its open tasks, and those of parties that follow it.

    Their deadlines run on.
    """
    turn.emit(ev.PartyAssigned(party=reference, assigned=assigned))
    how: Literal["designated", "received"] = "designated" if assigned.how == "designated" else "received"
    for task in turn.case.tasks:
        follows = turn.machine.parties[task.holder.party.partition(".")[0]].follows
        if reference not in (task.holder.party, follows) or task.kind in WAITING:
            continue
        if turn.case.task(task.n) is None:
            continue  # it was asked from a task that went before it, and is asked no more
        fresh = replace(task, given=None, back_to=None)
        holder = parties.holder_of(turn.machine, turn.case, turn.facts, fresh, turn.day)
        if holder != task.holder or fresh != task:
            _withdraw_asked(turn, task)
            turn.emit(ev.HolderChanged(task=task.n, holder=holder, how=how, reason=assigned.reason))


def _withdraw_asked(turn: Turn, task: Task) -> None:
    """What an office asked from a task that is another's now is asked no more: the other has not asked it."""
    for event in rounds.withdrawn_with(turn.case, (task.n,)):
        turn.emit(event)
    for other in turn.case.tasks:
        if other.kind == "approval" and other.asked is not None and other.asked.of == task.n:
            turn.emit(ev.TaskEnded(task=other.n, how="withdrawn"))
            queues.withdraw_drafts(turn, other)


#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {
    cmd.HandOver: hand_over,
    cmd.AnswerHandOver: answer_hand_over,
    cmd.Designate: designate,
}
