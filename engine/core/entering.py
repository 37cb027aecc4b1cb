"""When an act may be entered: by whom, never ahead, in order, and late only within its action's window (补录)."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.core.case import Case, Task
from engine.core.command import SYSTEM, Command
from engine.core.deadlines import add_exact, add_span
from engine.core.facts import Facts, parse_span
from engine.core.machine import Machine
from engine.errors import BadInput, NotPermitted

#: What is entered within this time of having happened is not a late entry (补录).
ENTRY_TOLERANCE = timedelta(minutes=5)
#: Whoever may enter what another person signed.
ENTER_FOR_OTHERS = "enter_for_others"


def is_late_entry(command: Command) -> bool:
    """Whether the act is entered later than it happened."""
    return command.recorded_at - command.occurred_at > ENTRY_TOLERANCE


def check_entry(machine: Machine, case: Case, facts: Facts, command: Command, late_entry: str) -> None:
    """Refuse acts of strangers' entering, of the future, and late entries that the action does not allow.

    Raises NotPermitted or BadInput.
    """
    check_entered_by(facts, command, case)
    check_not_ahead(command)
    if not is_late_entry(command):
        return
    check_still_here(facts, command)
    if not late_entry:
        raise NotPermitted("late_entry_not_allowed")
    if command.recorded_at > late_entry_until(facts, command.occurred_at, late_entry):
        raise NotPermitted("late_entry_window_over", window=late_entry)


def check_still_here(facts: Facts, command: Command) -> None:
    """Refuse late entries of one's own by who holds no role any more: what they signed, somebody else enters."""
    today = facts.calendar.local_day(command.recorded_at)
    if is_late_entry(command) and not facts.directory.held_by(command.entered_by, today):
        raise NotPermitted("late_entry_by_who_left", person=command.entered_by)


def check_not_ahead(command: Command) -> None:
    """Refuse what is said to happen later than it is entered."""
    if command.occurred_at > command.recorded_at:
        raise BadInput("in_the_future", field="occurred_at", got=command.occurred_at.isoformat())


def check_order(case: Case, command: Command, task: Task | None) -> None:
    """Refuse an act dated before its task began, or before the last act of its activation.

    An act that is not dated happened when it was recorded, and clocks of two machines may differ: it passes.
    """
    if command.occurred_at == command.recorded_at:
        return
    known = [task.opened_at, *_last_acts(case, task)] if task else [case.closed_at or case.opened_at]
    if command.occurred_at < max(known):
        raise BadInput("before_the_last_act", field="occurred_at", last=max(known).isoformat())


def _last_acts(case: Case, task: Task) -> list[datetime]:
    return [stay.acted_at for stay in case.active if stay.n == task.activation and stay.acted_at is not None]


def late_entry_until(facts: Facts, occurred_at: datetime, window: str) -> datetime:
    """The last instant at which an act may still be entered; whole days end at 24:00."""
    span, calendar = parse_span(window), facts.calendar
    if span.exact:
        return add_exact(occurred_at, span, 1, calendar)
    return calendar.end_of(add_span(calendar.local_day(occurred_at), span, 1, calendar))


def check_entered_by(facts: Facts, command: Command, case: Case) -> None:
    """Refuse entering for another person without the permission to; nobody enters for the engine."""
    if command.entered_by == command.acted_by:
        return
    day = facts.calendar.local_day(command.recorded_at)
    there = (case.region, case.unit)
    if command.acted_by == SYSTEM or not facts.directory.may(command.entered_by, ENTER_FOR_OTHERS, day, *there):
        raise NotPermitted("may_not_enter_for_others", person=command.entered_by)
