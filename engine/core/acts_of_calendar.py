"""What follows for a case from a year of the calendar that was published: its open deadlines are worked out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.redating import redating
from engine.core.turn import Turn
from engine.errors import NotPermitted


def redate_case(turn: Turn, act: cmd.RedateCase) -> None:
    """Move what the calendar in force moves, with both workings; a second time nothing is left to move."""
    if turn.command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="redate_case")
    main = turn.facts.calendar
    calendar = turn.facts.calendar_named(act.calendar)
    year = calendar.years.get(act.year)
    if year is None:
        return
    for task in turn.case.tasks:
        found = redating(turn.case, task, turn.ladder(task.ladder), calendar, main, turn.now)
        if found is None or task.deadline is None:
            continue
        turn.emit(
            ev.DeadlineRedated(
                task=task.n,
                deadline=found.deadline,
                was=task.deadline,
                version=year.version,
                title=year.title,
                source=year.source,
                alarm=found.alarm,
                skipped=found.skipped,
                passed=found.passed,
            )
        )


#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {cmd.RedateCase: redate_case}
