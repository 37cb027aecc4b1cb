"""What follows from an act: fields set, deadlines moved, people told, cases linked or started, tasks opened, a move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec.structs import replace

from engine.core import event as ev
from engine.core import links, stopping
from engine.core.case import Task
from engine.core.deadlines import derive
from engine.core.definition import (
    ActionSpec,
    Effect,
    LinkCases,
    MoveDeadline,
    Notify,
    OpenTask,
    ResumeClock,
    SetFields,
    StartEach,
    StartSpec,
    StopClock,
)
from engine.core.expression_types import to_json
from engine.core.points import OnDate
from engine.core.turn import Turn
from engine.errors import BadInput


def carry_out(turn: Turn, effects: Iterable[Effect], task: Task | None) -> None:
    """Effects in their order; tasks are opened later, by `go`, where the case then is."""
    for effect in effects:
        match effect:
            case SetFields(values=values, when=when):
                if not turn.holds(when):
                    continue
                scope = turn.scope()
                found = {name: turn.machine.guards[text].evaluate(scope) for name, text in values.items()}
                turn.emit(ev.FieldsSet(values={name: to_json(value) for name, value in found.items()}))
            case MoveDeadline(until=field):
                if task is not None:
                    _move_deadline(turn, task.n, field)
            case StopClock():
                stopping.stop_by_act(turn, effect)
            case ResumeClock():
                stopping.resume_by_act(turn, effect)
            case Notify(to=to, text=text):
                turn.notify(to, text, task)
            case LinkCases() | StartSpec() | StartEach():
                links.carry_out(turn, effect)
            case OpenTask():
                pass


def go(
    turn: Turn,
    action: ActionSpec,
    key: tuple[str, str, str],
    task: Task | None,
    extra: Mapping[str, Any],
    back_to: str = "",
) -> None:
    """Where an action leads, and the tasks it opens there; `back_to` is the state chosen where it leads back."""
    branches = turn.machine.moves.get(key, ())
    if action.back:
        branches = tuple(one for one in branches if one.move.target == back_to)
    move = turn.choose(branches, extra)
    if branches and move is None:
        raise BadInput("no_branch_applies", field="action", action=action.id)
    if move is not None and move.target:
        turn.move(move, task)
    elif task is not None and task.kind == "extra":
        turn.end_task(task)
    open_tasks(turn, action.do)


def open_tasks(turn: Turn, effects: Iterable[Effect]) -> None:
    """Open the extra tasks that effects name, in the state that has them; one that is open stays the only one."""
    for effect in effects:
        if not isinstance(effect, OpenTask):
            continue
        for stay in turn.case.active:
            spec = turn.machine.tasks.get((stay.state, effect.task))
            if spec is not None:
                turn.open_extra(spec, stay.state, stay.n)
                break


def _move_deadline(turn: Turn, n: int, field: str) -> None:
    task = turn.case.task(n)
    value = turn.case.fields.get(field)
    if task is None or not value:
        return
    before = task.stopped.deadline if task.stopped else task.deadline
    basis = before.derivation.basis if before else ()
    deadline = derive(OnDate(day=date.fromisoformat(value)), turn.at, turn.facts.calendar, basis=basis)
    if before is not None and deadline.due_at <= before.due_at:
        return  # another act has moved it further while this one was being decided
    claim = turn.case.claim
    waits = task.stopped is not None or (claim is not None and not claim.triaged)
    runs = None if waits else deadline
    alarm, skipped = turn.arm(task.ladder, runs, turn.at, task.epoch + 1, began=task.began)
    if task.stopped is not None:
        stopped = replace(task.stopped, deadline=deadline, ran_out=False)
        skipped = turn.passed_standing(task.ladder, stopped, task.began, (), None)
    was = before.due_at if before else None
    turn.emit(ev.DeadlineMoved(task=n, deadline=deadline, was=was, cause="extended", alarm=alarm, skipped=skipped))
