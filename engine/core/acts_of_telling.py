"""What people do so that others know: urge who holds a task, send copies of a case, say that they have read one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import parties, permission
from engine.core.holding import Now, why_not_pass_on, why_not_to, why_not_urge
from engine.core.people_entries import check_passing_on, open_task, raise_if, reason_of
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted

#: Persons to whom one act sends copies.
MOST_COPIES = 50


def urge_task(turn: Turn, act: cmd.UrgeTask) -> None:
    """Who holds the task is urged, by a message where the definition has a text for it."""
    task = open_task(turn, act.task)
    now = Now.of(turn)
    raise_if(why_not_urge(now, task, turn.command.acted_by))
    check_passing_on(turn, task)
    turn.emit(ev.TaskUrged(task=task.n, note=reason_of(act.note, needed=False, field="note")))
    urge = now.handling(task).urge
    if urge is not None and urge.text:
        turn.notify((parties.HOLDER,), urge.text, task)


def copy_case(turn: Turn, act: cmd.CopyCase) -> None:
    """Those named may see the case from now on, and are asked to read it."""
    task = open_task(turn, act.task)
    now = Now.of(turn)
    raise_if(why_not_pass_on(now, task, turn.command.acted_by, "copy"))
    check_passing_on(turn, task)
    to = tuple(dict.fromkeys(act.to))
    if not to:
        raise BadInput("nobody_named", field="to")
    if len(to) > MOST_COPIES:
        raise BadInput("too_many_copies", field="to", most=MOST_COPIES)
    for person in to:
        raise_if(why_not_to(now, task, "copy", person))
    turn.emit(ev.CaseCopied(to=to, note=reason_of(act.note, needed=False, field="note")))


def read_copy(turn: Turn, act: cmd.ReadCopy) -> None:
    """Whoever was sent a copy has read it; a second time changes nothing."""
    person = turn.command.acted_by
    copy = next((one for one in turn.case.copies if one.person == person), None)
    if copy is None:
        raise NotPermitted("no_copy_for_you", person=person)
    if turn.command.entered_by != person:
        raise NotPermitted("read_by_another", person=turn.command.entered_by)
    permission.check_not_ahead(turn.command)
    if copy.read_at is None:
        turn.emit(ev.CopyRead(person=person))


DECIDERS: dict[type, Callable[[Turn, Any], None]] = {
    cmd.UrgeTask: urge_task,
    cmd.CopyCase: copy_case,
    cmd.ReadCopy: read_copy,
}
