"""What becomes of a request that nobody decides in time, where the definition says so; else it is late and waits."""

from __future__ import annotations

from engine.core import event as ev
from engine.core import permission
from engine.core.case import Task
from engine.core.consent import carry_out_asked
from engine.core.turn import Turn


def follow(turn: Turn, task: Task) -> None:
    """The deadline of a request has passed: it takes effect, is refused, or somebody else is asked, once."""
    action = permission.asked_action(turn.machine, turn.case, task)
    if task.kind != "approval" or task.asked is None or action is None or action.approve is None:
        return
    approve = action.approve
    match approve.silence:
        case "":
            return
        case "escalates":
            if task.holder.party == approve.silence_to:
                return
            turn.emit(ev.RequestUndecided(task=task.n, action=action.id, silence="escalates", to=approve.silence_to))
            turn.emit(ev.TaskEnded(task=task.n, how="escalated"))
            origin = turn.case.task(task.asked.of)
            assert origin is not None
            turn.open_approval(origin, task.asked, approve.silence_to, approve)
        case "granted" | "refused":
            turn.emit(ev.RequestUndecided(task=task.n, action=action.id, silence=approve.silence))
            turn.emit(ev.TaskEnded(task=task.n, how="consented" if approve.silence == "granted" else "refused"))
            if approve.silence == "granted":
                carry_out_asked(turn, action, task.asked)
