"""What people do: open cases, act on tasks, consent, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core import acting, acts_of_sealing, acts_of_votes, effects, extending, obligations, permission
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.acts_of_links import tell_former
from engine.core.caps import check_cap
from engine.core.case import Task
from engine.core.consent import LATE, ON_SITE, carry_on, carry_out_asked, check_deadline_moves, check_seen
from engine.core.definition import ActionSpec
from engine.core.event import Asked
from engine.core.forms import read_form
from engine.core.known import check_known
from engine.core.opening import open_case
from engine.core.signing import SIGNATURE_EVIDENCE, signed_by
from engine.core.turn import Turn
from engine.errors import BadInput, NotFound, NotPermitted, Refusal, Stale


def start_case(turn: Turn, act: cmd.StartCase) -> None:
    """Open a case by one of the procedure's start actions."""
    action = turn.machine.starts.get(act.action)
    if action is None:
        raise NotFound("action_not_found", action=act.action)
    values = read_form(turn.machine.fields, action.form, act.data, evidence=act.evidence)
    open_case(turn, values)
    acts_of_sealing.close(turn)
    check_known(turn, values)
    # Who may start may depend on what is reported: "unit.officer" is of the unit that the report names.
    turn.emit(ev.FieldsSet(values=values))
    found = obligations.admitted_by_engine(turn, act) or _admitted(turn, action, None)
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, action.late_entry)
    check_cap(turn, action, values)
    _check_ways(turn, action, act.evidence, on_site=True, batch=False)
    acting.say(turn, found, None)
    turn.emit(ev.ActionTaken(action=action.id, party=found.party, signature=action.sign, evidence=act.evidence))
    obligations.take(turn, act)
    effects.carry_out(turn, action.do, None)
    effects.go(turn, action, ("", "", action.id), None, {})
    tell_former(turn)


def submit_action(turn: Turn, act: cmd.SubmitAction) -> None:
    """Do an action of an open task, ask for it where a second person must consent, or reopen a closed case."""
    task, action = _find(turn, act)
    check_seen(turn.case, act.seen, permission.form_of(action, late=True))
    found = _admitted(turn, action, task)
    refusal = permission.why_not_now(turn.machine, turn.case, turn.facts, action, task, turn.at)
    if refusal is not None:
        raise refusal
    _check_back(turn, action, act.back_to)
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, action.late_entry)
    permission.check_order(turn.case, turn.command, task)
    late = permission.asked_late(action, task, turn.at)
    values = read_form(turn.machine.fields, permission.form_of(action, late=late), act.data, evidence=act.evidence)
    check_known(turn, values)
    check_deadline_moves(turn, action, task, values)
    taken = ev.ActionTaken(
        action=action.id,
        task=task.n if task else 0,
        party=found.party,
        signature=action.sign,
        evidence=act.evidence,
        on_site=act.on_site,
        late=late,
        recall=action.recall,
    )
    signatures = signed_by(turn, action, task, act, found.party)
    acting.say(turn, found, task, act.instead)
    if action.approve is None and action.votes is None:
        _apply(turn, action, task, (taken, *signatures), values, act)
        return
    _check_ways(turn, action, act.evidence, on_site=act.on_site, batch=act.batch, values=values)
    if task is None:
        raise BadInput("approval_needs_a_task", field="task")
    for event in (taken, *signatures):
        turn.emit(event)
    asked = _asked(turn, action, task, values, late=late, back_to=act.back_to)
    if action.votes is not None:
        acts_of_votes.ask_voices(turn, task, asked, action.votes)
    elif action.approve is not None:
        turn.open_approval(task, asked, extending.approver(action, task, late=late), action.approve)


def _asked(turn: Turn, action: ActionSpec, task: Task, values: dict[str, Any], *, late: bool, back_to: str) -> Asked:
    person = turn.command.acted_by
    found = permission.standing(turn.machine, turn.case, turn.facts, action, task, person, turn.day)
    return Asked(
        action=action.id,
        of=task.n,
        by=person,
        at=turn.at,
        values=values,
        late=late,
        stands_for=found.stands_for if found else "",
        back_to=back_to,
    )


def _check_back(turn: Turn, action: ActionSpec, back_to: str) -> None:
    """Refuse a way back that was not chosen, or to where the case has not been."""
    states = permission.states_behind(turn.case, action) if action.back else ()
    if action.back and back_to not in states:
        raise BadInput("not_been_there", field="back_to", got=back_to, states=states)
    if back_to and not action.back:
        raise BadInput("leads_not_back", field="back_to", action=action.id)


def _admitted(turn: Turn, action: ActionSpec, task: Task | None) -> permission.Standing:
    """How the person acts; raises the refusal where they may not."""
    person = turn.command.acted_by
    found = permission.admitted(turn.machine, turn.case, turn.facts, action, task, person, turn.day)
    if isinstance(found, Refusal):
        raise found
    return found


def _find(turn: Turn, act: cmd.SubmitAction) -> tuple[Task | None, ActionSpec]:
    case = turn.case
    if act.task == 0:
        state = case.active[0].state if case.closed and case.active else ""
        action = turn.machine.actions.get((state, "", act.action))
        if action is None:
            raise Stale("task_not_open", task=act.task, action=act.action)
        return None, action
    task = case.task(act.task)
    if task is None:
        raise Stale("task_not_open", task=act.task, action=act.action)
    action = turn.machine.actions.get((task.state, task.spec, act.action)) if task.kind in ("own", "extra") else None
    if action is None:
        raise NotFound("action_not_found", action=act.action, task=act.task)
    return task, action


def _check_ways(
    turn: Turn,
    action: ActionSpec,
    evidence: tuple[cmd.EvidenceRef, ...],
    *,
    on_site: bool,
    batch: bool,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Refuse acts without the signature, evidence, presence or singleness that the action asks for."""
    if batch and not action.batch:
        raise NotPermitted("never_a_batch", action=action.id)
    kinds = {one.kind for one in evidence}
    missing = tuple(kind for kind in action.evidence if kind not in kinds)
    if missing:
        raise BadInput("evidence_missing", field="evidence", missing=missing)
    # A click is a signature only of who clicks: what was signed on paper is proved by its scan.
    accepted = ("scan",) if turn.command.medium == "paper" else SIGNATURE_EVIDENCE.get(action.sign, ())
    if action.sign != "none" and accepted and not kinds.intersection(accepted):
        raise BadInput("signature_missing", field="evidence", level=action.sign)
    if action.on_site and not on_site and turn.holds(action.on_site, **(values or {})):
        raise NotPermitted("only_on_site", action=action.id)


def _apply(
    turn: Turn,
    action: ActionSpec,
    task: Task | None,
    acted: tuple[ev.ActionTaken | ev.PartySigned | ev.SignatureRefused, ...],
    values: dict[str, Any],
    act: cmd.SubmitAction,
) -> None:
    if task is None:
        turn.emit(ev.CaseReopened(was=turn.case.closed, closed_at=turn.case.closed_at or turn.at))
    for event in acted:
        turn.emit(event)
    if values:
        turn.emit(ev.FieldsSet(values=values))
    _check_ways(turn, action, act.evidence, on_site=act.on_site, batch=act.batch)
    late = any(isinstance(event, ev.ActionTaken) and event.late for event in acted)
    carry_on(turn, action, task, {LATE: late, ON_SITE: act.on_site}, act.back_to)


def answer_approval(turn: Turn, act: cmd.AnswerApproval) -> None:
    """Consent to what another person asked, or refuse it with a reason."""
    task, asked, action = _approval(turn, act.task)
    person = turn.command.acted_by
    refusal = permission.why_not_answer(turn.machine, turn.case, turn.facts, action, task, person, turn.day)
    if refusal is not None:
        raise refusal
    check_seen(turn.case, act.seen, permission.form_of(action, late=True))
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, action.late_entry)
    permission.check_order(turn.case, turn.command, task)
    if not act.consent and not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    origin = turn.case.task(asked.of)
    if act.consent:
        check_deadline_moves(turn, action, origin, asked.values)
    acting.say_for_whom(turn, None, task)
    turn.emit(
        ev.ApprovalAnswered(
            task=task.n,
            action=asked.action,
            party=task.holder.party,
            consent=act.consent,
            reason=act.reason,
            evidence=act.evidence,
        )
    )
    turn.emit(ev.TaskEnded(task=task.n, how="consented" if act.consent else "refused", reason=act.reason))
    if act.consent:
        carry_out_asked(turn, action, asked)


def _approval(turn: Turn, n: int) -> tuple[Task, Asked, ActionSpec]:
    task = turn.case.task(n)
    if task is None or task.asked is None or task.kind != "approval":
        raise Stale("task_not_open", task=n)
    action = permission.asked_action(turn.machine, turn.case, task)
    if action is None:
        raise NotFound("action_not_found", action=task.asked.action, task=task.asked.of)
    return task, task.asked, action


def read_task(turn: Turn, act: cmd.ReadTask) -> None:
    """Note a holder's or a delegate's first read of a task; later reads, and those of others, change nothing."""
    task = turn.case.task(act.task)
    person = turn.command.acted_by
    if task is None or person in task.readers:
        return
    if not permission.may_read(turn.machine, turn.case, turn.facts, task, person, turn.day):
        return
    if turn.command.entered_by != person:
        raise NotPermitted("read_by_another", person=turn.command.entered_by)
    permission.check_not_ahead(turn.command)
    permission.check_order(turn.case, turn.command, task)
    turn.emit(ev.TaskRead(task=task.n, person=person))
