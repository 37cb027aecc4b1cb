"""Taking back (拿回) an act that led on: the case is where it was, every deadline where it was, nothing fires twice."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import permission, stopping
from engine.core.acts_of_votes import round_to_recall, withdraw_round
from engine.core.calendar import Calendar
from engine.core.case import Case, Left, Task
from engine.core.case_people import Kept
from engine.core.deadlines import Deadline
from engine.core.definition_people import UNTIL_READ
from engine.core.holding import Now
from engine.core.people_entries import check_passing_on, raise_if, reason_of
from engine.core.redating import redating
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted, Refusal


def why_not_recall(now: Now, person: str) -> Refusal | None:
    """Who did the last act that led on, in its time, before anybody built on it."""
    left = now.case.left
    if left is None or not left.gone or now.case.closed:
        return NotPermitted("nothing_to_recall")
    if person != left.by:
        return NotPermitted("recalled_by_another", person=left.by)
    if not now.facts.directory.held_by(person, now.day):
        return NotPermitted("person_not_here", person=person)
    if left.until != UNTIL_READ:
        latest = permission.late_entry_until(now.facts, left.at, left.until)
        if now.at > latest:
            return NotPermitted("recall_over", latest=latest.isoformat())
    return None


def recall_action(turn: Turn, act: cmd.RecallAction) -> None:
    """The case is again where it was before the act; what was filled in stays, for the next try.

    A vote under way that the person asked ends undecided: the one of the task they saw, else where nothing led on.
    """
    refusal = why_not_recall(Now.of(turn), turn.command.acted_by)
    voting = round_to_recall(turn.case, turn.command.acted_by, act.seen.task)
    if voting is not None and (act.seen.task or refusal is not None):
        withdraw_round(turn, voting, reason_of(act.reason, needed=False))
        return
    raise_if(refusal)
    left = turn.case.left
    assert left is not None
    check_passing_on(turn, None)
    if turn.at < left.at:
        raise BadInput("before_the_last_act", field="occurred_at", last=left.at.isoformat())
    above = _containers(turn, turn.case, left.state)
    stay = turn.case.activations + len(above) + 1
    reason = reason_of(act.reason, needed=False)
    turn.emit(ev.ActionRecalled(action=left.action, activation=stay, reason=reason))
    for task in turn.case.tasks:
        # A drafted act of an earlier stay that waits on has nothing to do with what is taken back.
        if task.draft is None or not task.draft.keep or task.activation >= left.activation:
            turn.emit(ev.TaskEnded(task=task.n, how="recalled"))
    for one in turn.case.active:
        turn.emit(ev.StateLeft(state=one.state, activation=one.n))
    for path in above:
        turn.emit(ev.StateEntered(state=path, activation=turn.case.activations + 1, leaf=False))
    turn.emit(ev.StateEntered(state=left.state, activation=stay, since=left.entered_at))
    _resume(turn, left, stay)
    stopping.settle(turn)


def _containers(turn: Turn, case: Case, state: str) -> list[str]:
    """The states around a state that are not entered yet, outermost first."""
    inside = {above for leaf in case.leaves() for above in turn.machine.ancestors[leaf]}
    return [path for path in reversed(turn.machine.ancestors[state]) if path not in inside]


def _resume(turn: Turn, left: Left, activation: int) -> None:
    """Open its tasks anew, each as it was, with what was asked and drafted because of it."""
    numbers: dict[int, int] = {}
    for task in (_by_today(turn, one) for one in left.tasks):
        number = numbers[task.n] = turn.case.tasks_opened + 1
        asked = replace(task.asked, of=numbers.get(task.asked.of, task.asked.of)) if task.asked else None
        draft = replace(task.draft, of=numbers.get(task.draft.of, task.draft.of)) if task.draft else None
        turn.emit(
            ev.TaskOpened(
                task=number,
                kind=task.kind,
                state=task.state,
                activation=activation,
                spec=task.spec,
                holder=Now.of(turn).holder(task),
                deadline=task.deadline,
                undated=task.undated,
                ladder=task.ladder,
                alarm=_alarm(turn, task),
                skipped=task.skipped,
                asked=asked,
                draft=draft,
                period=task.period,
                kept=_kept(task),
            )
        )


def _by_today(turn: Turn, task: Task) -> Task:
    """The task as what happened since makes it: while it was ended, no calendar and no triage could lead it."""
    deadline = task.deadline
    if deadline is None:
        return task
    claim, main, ladder = turn.case.claim, turn.facts.calendar, turn.ladder(task.ladder)
    if task.alarm is None and task.expired_at is None and claim is not None and claim.triaged:
        alarm, skipped = turn.arm(task.ladder, deadline, turn.now, task.epoch + 1, began=task.began)
        task = replace(task, alarm=alarm, skipped=skipped)
    for calendar in _calendars(turn, deadline):
        found = redating(turn.case, task, ladder, calendar, main, turn.now)
        if found is not None:
            task = replace(task, deadline=found.deadline, alarm=found.alarm, skipped=found.skipped)
    return task


def _calendars(turn: Turn, deadline: Deadline) -> Iterable[Calendar]:
    """The procedure's calendar, and those that the rules of a deadline name."""
    told = deadline.derivation
    named = [told.by_calendar, *(one.derivation.by_calendar for one in told.whichever)]
    return dict.fromkeys((turn.facts.calendar, *(turn.facts.calendar_named(name) for name in named)))


def _alarm(turn: Turn, task: Task) -> ev.Alarm | None:
    """What was armed is armed again: if its moment has passed, it fires now, and what follows it in order."""
    alarm = task.alarm
    if alarm is None:
        return None
    return replace(alarm, epoch=task.epoch + 1, armed_at=turn.now if turn.now > alarm.at else None)


def _kept(task: Task) -> Kept:
    return Kept(
        opened_at=task.opened_at,
        epoch=task.epoch,
        fired=task.fired,
        covered=task.covered,
        expired_at=task.expired_at,
        extensions=task.extensions,
        readers=task.readers,
        given=task.given,
        back_to=task.back_to,
        urged=task.urged,
        paused=task.paused,
        pauses=task.pauses,
        counts_from=task.counts_from,
        stopped=task.stopped,
        runs_from=task.runs_from,
        first_due=task.first_due,
    )
