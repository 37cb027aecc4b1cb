"""Whether a person may do something now: one set of rules for deciding, for pages, for the API and for chat."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.core import parties
from engine.core.case import Case, Task
from engine.core.command import SYSTEM, Command
from engine.core.deadlines import add_span
from engine.core.definition import ActionSpec
from engine.core.facts import Facts, parse_span
from engine.core.machine import Machine
from engine.core.scope import GuardScope
from engine.errors import BadInput, NotPermitted, Refusal, ZhibenError

#: What is entered within this time of having happened is not a late entry (补录).
ENTRY_TOLERANCE = timedelta(minutes=5)
#: Whoever may enter what another person signed.
ENTER_FOR_OTHERS = "enter_for_others"


def is_late_entry(command: Command) -> bool:
    """Whether the act is entered later than it happened."""
    return command.recorded_at - command.occurred_at > ENTRY_TOLERANCE


def party_as(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec | None, task: Task | None, person: str, day: date
) -> str | None:
    """The party as which a person may act: one the action names, else whoever holds the task; None = not at all."""
    if action is not None and action.by:
        for reference in action.by:
            if parties.belongs(machine, case, facts, reference, person, day):
                return reference
        return None
    if task is None:
        return None
    holder = parties.resolve(machine, case, facts, task.holder.party, day)
    return holder.party if person in holder.persons else None


def why_not(
    machine: Machine, case: Case, facts: Facts, action: ActionSpec, task: Task | None, person: str, day: date
) -> Refusal | None:
    """The reason for which a person may not do an action now; None = they may."""
    if party_as(machine, case, facts, action, task, person, day) is None:
        return NotPermitted("not_your_task", action=action.id)
    excluded = parties.excluded_by(machine, case, facts, action.not_by, person, day)
    if excluded is not None:
        return NotPermitted("separation_of_duties", action=action.id, party=excluded)
    if action.when and not guard_holds(machine, case, facts, action.when, day):
        return NotPermitted("condition_not_met", action=action.id, condition=action.when)
    if task is not None and any(other.asked and other.asked.action == action.id for other in case.tasks):
        return NotPermitted("already_asked", action=action.id)
    if action.ask and task is not None and task.deadline is None:
        return NotPermitted("no_deadline_to_extend", action=action.id)
    if action.ask and task is not None and action.ask.times and task.extensions >= action.ask.times:
        return NotPermitted("asked_too_often", action=action.id, times=action.ask.times)
    return None


def guard_holds(machine: Machine, case: Case, facts: Facts, text: str, day: date) -> bool:
    """Whether a guard holds; an error in it means no."""
    try:
        return bool(machine.guards[text].evaluate(GuardScope(machine, case, facts, day, {})))
    except ZhibenError:
        return False


def check_entry(machine: Machine, case: Case, facts: Facts, command: Command, late_entry: str) -> None:
    """Refuse acts of strangers' entering, of the future, and late entries that the action does not allow.

    Raises NotPermitted or BadInput.
    """
    check_entered_by(facts, command, case.region)
    if command.occurred_at > command.recorded_at:
        raise BadInput("in_the_future", field="occurred_at", got=command.occurred_at.isoformat())
    if not is_late_entry(command):
        return
    if not late_entry:
        raise NotPermitted("late_entry_not_allowed")
    if command.recorded_at > late_entry_until(facts, command.occurred_at, late_entry):
        raise NotPermitted("late_entry_window_over", window=late_entry)


def late_entry_until(facts: Facts, occurred_at: datetime, window: str) -> datetime:
    """The last instant at which an act may still be entered; whole days end at 24:00."""
    span, calendar = parse_span(window), facts.calendar
    if span.exact:
        return occurred_at + timedelta(**{f"{span.unit}s": span.amount})
    return calendar.end_of(add_span(calendar.local_day(occurred_at), span, 1, calendar))


def check_entered_by(facts: Facts, command: Command, region: str) -> None:
    """Refuse entering for another person without the permission to."""
    if command.entered_by == command.acted_by or SYSTEM in (command.acted_by, command.entered_by):
        return
    day = facts.calendar.local_day(command.recorded_at)
    if not facts.directory.may(command.entered_by, ENTER_FOR_OTHERS, day, region):
        raise NotPermitted("may_not_enter_for_others", person=command.entered_by)
