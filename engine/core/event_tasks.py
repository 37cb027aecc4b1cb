"""Events of tasks: they begin and end, are read, and time passes over them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine.core.case_people import Handing, Kept
from engine.core.command import EvidenceRef
from engine.core.deadlines import Deadline
from engine.core.event_parts import Alarm, Asked, Draft, Event, Holder, Period, TaskKind


class TaskOpened(Event, frozen=True, kw_only=True, tag="task_opened"):
    """A holder must do something."""

    v: int = 3
    task: int
    kind: TaskKind = "own"
    state: str
    activation: int
    #: id of the extra task, of the action to approve; else ""
    spec: str = ""
    holder: Holder
    deadline: Deadline | None = None
    undated: str = ""
    ladder: str = ""
    alarm: Alarm | None = None
    #: rungs whose moment lay before the task began
    skipped: tuple[str, ...] = ()
    draft: Draft | None = None
    asked: Asked | None = None
    #: of a task that comes again
    period: Period | None = None
    #: receipt, designation: what is on its way
    handing: Handing | None = None
    #: vote: which voice of the round
    voice: int = 0
    #: of a task that goes on because the act that ended it was taken back
    kept: Kept | None = None
    #: receipt: what was handed over with it
    evidence: tuple[EvidenceRef, ...] = ()


class TaskEnded(Event, frozen=True, kw_only=True, tag="task_ended"):
    """A task is no longer open."""

    v: int = 1
    task: int
    how: Literal[
        "done", "left", "withdrawn", "consented", "refused", "issued", "declined", "missed", "recalled", "escalated",
    ]  # fmt: skip
    reason: str = ""


class TaskRead(Event, frozen=True, kw_only=True, tag="task_read"):
    """A holder saw the task for the first time."""

    v: int = 1
    task: int
    person: str


class DeadlineMoved(Event, frozen=True, kw_only=True, tag="deadline_moved"):
    """A running task has another deadline."""

    v: int = 1
    task: int
    deadline: Deadline
    was: datetime | None = None
    cause: str
    alarm: Alarm | None = None
    skipped: tuple[str, ...] = ()


class DeadlineExpired(Event, frozen=True, kw_only=True, tag="deadline_expired"):
    """A deadline passed while its task was open; `system_late` is our own lateness in seconds, nobody's fault."""

    v: int = 1
    task: int
    due_at: datetime
    system_late: int = 0
    alarm: Alarm | None = None


class RungFired(Event, frozen=True, kw_only=True, tag="rung_fired"):
    """A rung of a ladder was reached."""

    v: int = 1
    task: int
    rung: str
    due_at: datetime
    system_late: int = 0
    #: repeats that fell together because the system was off
    coalesced: int = 0
    alarm: Alarm | None = None
