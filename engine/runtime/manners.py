"""Whether a message can wait, and what it asks for: columns by which it is later held back or found moot."""

from __future__ import annotations

from datetime import datetime

from engine.core import event as ev
from engine.core.budget import Manner
from engine.core.case import Case
from engine.core.machine import Machine


class Manners:
    """Which messages of an entry can wait, and which tasks of the case they ask for."""

    def __init__(self, machine: Machine | None = None, before: Case | None = None, after: Case | None = None) -> None:
        self._machine = machine
        self._before = before
        self._after = after

    def manner(self, event: ev.MessageQueued) -> Manner:
        """Urgent by its text, or able to wait because it comes again and again."""
        texts = self._machine.procedure.texts if self._machine else ()
        if any(text.id == event.text and text.urgent for text in texts):
            return "urgent"
        return "digest" if event.digest or self._is_repeat(event) else ""

    def _is_repeat(self, event: ev.MessageQueued) -> bool:
        """Whether the same rung has told it before."""
        task = self._before.task(event.task) if self._before and event.rung else None
        return task is not None and event.rung in task.fired

    def asks_for(self, event: ev.MessageQueued) -> tuple[int, datetime | None]:
        """What a reminder asks for: its task (0 = nothing), and when that is due."""
        task = self._after.task(event.task) if self._after and event.rung else None
        if task is None or task.deadline is None:
            return 0, None
        return task.n, task.deadline.due_at


#: For streams that are no cases.
NO_MANNERS = Manners()
