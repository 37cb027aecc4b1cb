"""Formal acts that ladders draft: prepared by one, signed by another where that is asked for, or not issued at all."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from engine.core import acting, permission
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Task
from engine.core.definition import DeadlineSpec, RungSpec
from engine.core.event import Draft
from engine.core.turn import Turn
from engine.errors import BadInput, Stale


def draft_act(turn: Turn, task: Task, rung: RungSpec) -> None:
    """Put a formal act before who prepares or issues it, unless the same one still waits there."""
    waits = (other.draft for other in turn.case.tasks if other.draft is not None)
    if any((draft.of, draft.rung) == (task.n, rung.id) for draft in waits):
        return
    draft = Draft(kind=rung.draft, rung=rung.id, of=task.n, to=rung.to, ladder=task.ladder, keep=rung.if_over == "keep")
    spec = DeadlineSpec(within=rung.issue_within, basis=rung.basis) if rung.issue_within else None
    turn.open_draft(task, draft, rung.by, spec, rung.ladder)
    turn.notify(("holder",), rung.text, turn.case.tasks[-1], rung.id)


def issue_draft(turn: Turn, act: cmd.IssueDraft) -> None:
    """Issue a drafted formal act: it goes to those it is for; or put it before who signs it."""
    task, draft = _draft(turn, act.task)
    rung = permission.rung_of_draft(turn.machine, turn.case, draft)
    if rung is not None and rung.approve is not None and not draft.prepared_by:
        _clear(turn, act, task, rung)
        return
    _check_service(turn, act)
    acting.say_for_whom(turn, None, task)
    turn.emit(
        ev.DraftIssued(
            task=task.n,
            kind=draft.kind,
            to=draft.to,
            evidence=act.evidence,
            number=turn.facts.number,
            way=act.way,
            served_on=act.served_on,
        )
    )
    # Whose silence it is about, and by when, its text says of the task whose ladder drafted it.
    turn.notify(draft.to, draft.kind, turn.case.task(draft.of) or task, draft.rung)
    _end(turn, task, "issued")


def _clear(turn: Turn, act: cmd.IssueDraft, task: Task, rung: RungSpec) -> None:
    """Who prepared it has checked it; a second person signs it."""
    approve, draft = rung.approve, task.draft
    assert approve is not None
    assert draft is not None
    if act.way or act.served_on:
        raise BadInput("not_signed_yet", field="way" if act.way else "served_on")
    person = turn.command.acted_by
    found = permission.standing(turn.machine, turn.case, turn.facts, None, task, person, turn.day)
    prepared = tuple(dict.fromkeys(filter(None, (person, found.stands_for if found else ""))))
    acting.say_for_whom(turn, None, task)
    turn.emit(ev.DraftCleared(task=task.n, kind=draft.kind, evidence=act.evidence))
    turn.emit(ev.TaskEnded(task=task.n, how="done"))
    turn.withdraw_drafts(task.n)
    signed = replace(draft, prepared_by=prepared)
    turn.open_draft(task, signed, approve.by, approve.deadline, approve.ladder, approve.undated)
    turn.notify(("holder",), rung.text, turn.case.tasks[-1], rung.id)


def _check_service(turn: Turn, act: cmd.IssueDraft) -> None:
    """Refuse a service before the act was issued, in the future, or of which the way is not said."""
    if not act.served_on:
        return
    if not act.way:
        raise BadInput("way_missing", field="way")
    try:
        day = date.fromisoformat(act.served_on)
    except ValueError as exc:
        raise BadInput("not_a_date", field="served_on", got=act.served_on) from exc
    if day < turn.day:
        raise BadInput("served_before_issued", field="served_on", issued=turn.day.isoformat())
    if day > turn.facts.calendar.local_day(turn.now):
        raise BadInput("served_in_the_future", field="served_on", got=act.served_on)


def decline_draft(turn: Turn, act: cmd.DeclineDraft) -> None:
    """Decide not to issue a drafted act; the reason is kept."""
    task, draft = _draft(turn, act.task)
    if not act.reason.strip():
        raise BadInput("reason_missing", field="reason")
    acting.say_for_whom(turn, None, task)
    turn.emit(ev.DraftDeclined(task=task.n, kind=draft.kind, reason=act.reason))
    _end(turn, task, "declined", act.reason)


def _end(turn: Turn, task: Task, how: str, reason: str = "") -> None:
    turn.emit(ev.TaskEnded(task=task.n, how="issued" if how == "issued" else "declined", reason=reason))
    turn.withdraw_drafts(task.n)


def _draft(turn: Turn, n: int) -> tuple[Task, Draft]:
    task = turn.case.task(n)
    if task is None or task.draft is None:
        raise Stale("task_not_open", task=n)
    refusal = permission.why_not_draft(turn.machine, turn.case, turn.facts, task, turn.command.acted_by, turn.day)
    if refusal is not None:
        raise refusal
    permission.check_entered_by(turn.facts, turn.command, turn.case)
    permission.check_not_ahead(turn.command)
    permission.check_still_here(turn.facts, turn.command)
    permission.check_order(turn.case, turn.command, task)
    return task, task.draft


#: act -> what follows from it
DECIDERS = {cmd.IssueDraft: issue_draft, cmd.DeclineDraft: decline_draft}
