"""How far a deadline may still be extended: stage by stage, and by how much in all; who decides on each.

The total counts from the last day before the first extension, a stage from the present last day; stopped time moves
both. As many extensions as there are stages may be granted, or as many as `times` says.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import Deadline, add_span, workdays_between
from engine.core.definition import ActionSpec, AskSpec, MoveDeadline, StageSpec
from engine.core.facts import parse_span
from engine.core.spans import Span
from engine.errors import BadInput, NotPermitted, Refusal


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an extension asked now may be: its latest last day, by which limit, and what has been used."""

    #: the next extension, and how many there may be; 0 = any number
    number: int
    times: int
    latest: date | None = None
    #: the span phrase that says so, and which limit it is: "stage", "total"
    limit: str = ""
    which: str = ""
    total: str = ""
    #: how much of the total has been granted
    used: str = ""
    #: the field that names the date, and the party that decides; "" = nobody, it takes effect at once
    field: str = ""
    by: str = ""


def room(ask: AskSpec, task: Task, calendar: Calendar) -> Room | None:
    """How far the deadline of a task may be extended; None where it has none."""
    deadline = in_force(task)
    if deadline is None:
        return None
    last, stage = deadline.derivation.due_on, stage_of(ask, task)
    first = task.first_due or last
    by_stage = add_span(last, parse_span(stage.most), 1, calendar) if stage and stage.most else None
    by_total = add_span(first, parse_span(ask.total), 1, calendar) if ask.total else None
    latest = min((day for day in (by_stage, by_total) if day is not None), default=None)
    from_stage = stage is not None and latest is not None and latest == by_stage
    return Room(
        number=task.extensions + 1,
        times=times_of(ask),
        latest=latest,
        limit=stage.most if stage is not None and from_stage else ask.total if latest else "",
        which="" if latest is None else "stage" if from_stage else "total",
        total=ask.total,
        used=_used(first, last, ask.total, calendar) if ask.total else "",
    )


def offered(action: ActionSpec, task: Task, calendar: Calendar, *, late: bool) -> Room | None:
    """What an offer of an action says of how far it may move the deadline; None where it moves none."""
    field = next((effect.until for effect in action.do if isinstance(effect, MoveDeadline)), "")
    found = room(action.ask, task, calendar) if action.ask is not None and field else None
    return found and replace(found, field=field, by=approver(action, task, late=late))


def in_force(task: Task) -> Deadline | None:
    """The deadline that an extension moves, be its clock stopped or not."""
    return task.stopped.deadline if task.stopped else task.deadline


def times_of(ask: AskSpec) -> int:
    """How many extensions there may be; 0 = any number."""
    return len(ask.stages) or ask.times


def stage_of(ask: AskSpec, task: Task) -> StageSpec | None:
    """The stage that an extension asked now would be."""
    return ask.stages[task.extensions] if task.extensions < len(ask.stages) else None


def approver(action: ActionSpec, task: Task, *, late: bool) -> str:
    """Who decides: on a late request somebody higher, else whom the stage names, else whom the action does."""
    ask = action.ask
    if ask is not None and late and ask.late_by:
        return ask.late_by
    stage = stage_of(ask, task) if ask is not None else None
    by = action.approve.by if action.approve else ""
    return stage.by if stage is not None and stage.by else by


def why_no_room(action: ActionSpec, task: Task, at: datetime, calendar: Calendar) -> Refusal | None:
    """The reason for which no date could be asked for at an instant; None = one could."""
    ask, deadline = action.ask, in_force(task)
    if ask is None or deadline is None:
        return None
    if times_of(ask) and task.extensions >= times_of(ask):
        return NotPermitted("asked_too_often", action=action.id, times=times_of(ask))
    left = room(ask, task, calendar)
    if left is None or left.latest is None or calendar.end_of(left.latest) > max(deadline.due_at, at):
        return None
    return NotPermitted("extension_used_up", action=action.id, limit=left.limit, latest_day=left.latest.isoformat())


def check_room(action: ActionSpec, task: Task, field: str, asked: date, calendar: Calendar) -> None:
    """Refuse a date that goes beyond a limit; the error names it, what has been granted, and the last possible day."""
    left = room(action.ask, task, calendar) if action.ask else None
    if left is None or left.latest is None or asked <= left.latest:
        return
    latest = left.latest.isoformat()
    if left.which == "stage":
        raise BadInput("extension_beyond_stage", field=field, number=left.number, limit=left.limit, latest_day=latest)
    raise BadInput("extension_beyond_total", field=field, limit=left.limit, used=left.used, latest_day=latest)


def _used(first: date, last: date, total: str, calendar: Calendar) -> str:
    if parse_span(total).unit == "workday":
        return str(Span(workdays_between(first, last, calendar), "workday"))
    return str(Span((last - first).days, "day"))
