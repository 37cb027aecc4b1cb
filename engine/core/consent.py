"""What an act does once nothing stands in its way: at once, or when those who were asked have consented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.core import acts_of_sealing, effects, extending
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.definition import ActionSpec, FormItem, MoveDeadline
from engine.core.event import Asked
from engine.core.turn import Turn
from engine.errors import BadInput, Stale

#: Name under which guards read whether a request came after its deadline, and whether an act is done on site.
LATE, ON_SITE = "late", "on_site"


def check_seen(case: Case, seen: cmd.Seen, form: tuple[FormItem, ...]) -> None:
    """Refuse what was typed on a page whose fields have changed since."""
    if not seen.seq:
        return
    changed = tuple(item.field for item in form if case.touched.get(item.field, 0) > seen.seq)
    if changed:
        raise Stale("fields_changed", fields=changed, seq=case.seq)


def check_deadline_moves(turn: Turn, action: ActionSpec, task: Task | None, values: Mapping[str, Any]) -> None:
    """Refuse a new deadline that is no later than the present one."""
    for effect in action.do:
        value = values.get(effect.until) if isinstance(effect, MoveDeadline) else None
        deadline = extending.in_force(task) if task is not None else None
        if value is None or task is None or deadline is None or not isinstance(effect, MoveDeadline):
            continue
        asked, calendar = date.fromisoformat(value), turn.facts.calendar
        if calendar.end_of(asked) <= max(deadline.due_at, turn.at):
            raise BadInput("deadline_not_later", field=effect.until, due_at=deadline.due_at.isoformat())
        extending.check_room(action, task, effect.until, asked, calendar)


def carry_on(turn: Turn, action: ActionSpec, task: Task | None, extra: Mapping[str, Any], back_to: str = "") -> None:
    """What an action does once nothing stands in its way any more."""
    acts_of_sealing.open_by(turn, action.id)
    effects.carry_out(turn, action.do, task)
    key = (task.state, task.spec, action.id) if task is not None else (turn.case.active[0].state, "", action.id)
    effects.go(turn, action, key, task, extra, back_to)


def carry_out_asked(turn: Turn, action: ActionSpec, asked: Asked) -> None:
    """Carry out what was asked, with the answers that were given then."""
    if asked.values:
        turn.emit(ev.FieldsSet(values=asked.values))
    carry_on(turn, action, turn.case.task(asked.of), {LATE: asked.late}, asked.back_to)
