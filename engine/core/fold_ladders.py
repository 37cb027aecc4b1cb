"""What events of ladders make of a case: which one a task climbs, what has fired, whether it waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from engine.core import event_ladders as ev
from engine.core.case import Case, Task
from engine.core.case_people import Paused
from engine.core.event_parts import Alarm


class Head(Protocol):
    """Who acted and when, as the entry says."""

    @property
    def acted_by(self) -> str:
        """The signatory."""

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""


def ladder_changed(case: Case, event: ev.LadderChanged, head: Head) -> Case:
    """Another ladder is climbed; what fired stays fired."""
    return _armed(case, event.task, event.alarm, ladder=event.ladder, skipped=event.skipped)


def ladder_paused(case: Case, event: ev.LadderPaused, head: Head) -> Case:
    """No rung fires for a while."""
    task = case.task(event.task)
    if task is None:
        return case
    paused = Paused(since=head.occurred_at, until=event.until, by=head.acted_by, reason=event.reason)
    return _armed(case, event.task, event.alarm, paused=paused, pauses=task.pauses + 1)


def ladder_resumed(case: Case, event: ev.LadderResumed, head: Head) -> Case:
    """It goes on: what was passed over meanwhile does not come any more."""
    task = case.task(event.task)
    if task is None or task.paused is None:
        return case
    after = task.paused.repeats_after(event.since)
    covered = tuple(one for one in task.covered if one[0] not in event.passed_over)
    covered = (*covered, *((rung, after) for rung in event.passed_over))
    skipped = (*task.skipped, *event.skipped)
    return _armed(case, event.task, event.alarm, paused=None, covered=covered, skipped=skipped)


def ladder_calmed(case: Case, event: ev.LadderCalmed, head: Head) -> Case:
    """It stepped down: rungs after the one it went back to may fire again."""
    task = case.task(event.task)
    if task is None:
        return case
    return _armed(
        case,
        event.task,
        event.alarm,
        fired=tuple(rung for rung in task.fired if rung not in event.again),
        covered=tuple(one for one in task.covered if one[0] not in event.again),
        skipped=event.skipped,
        counts_from=event.counts_from,
    )


def _armed(case: Case, n: int, alarm: Alarm | None, **changes: Any) -> Case:
    def change(task: Task) -> Task:
        return replace(task, alarm=alarm, epoch=alarm.epoch if alarm else task.epoch, **changes)

    return replace(case, tasks=tuple(change(task) if task.n == n else task for task in case.tasks))


CHANGES: dict[type, Callable[[Case, Any, Head], Case]] = {
    ev.LadderChanged: ladder_changed,
    ev.LadderPaused: ladder_paused,
    ev.LadderResumed: ladder_resumed,
    ev.LadderCalmed: ladder_calmed,
}
