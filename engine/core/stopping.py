"""Clocks that stand still (中止计时): while a case is in a state that stops them, or until an act lets them go on.

A stop counts from when it happened, and only where the deadline had not passed by then; what was stopped is added when
the last reason for it ends. A task that ends because the case goes on to a stopping state leaves its clock held: if the
case comes back from there, the clock goes on where it stood; if it goes on elsewhere, the clock is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from engine.core import event as ev
from engine.core import ladders
from engine.core.becoming import Becoming
from engine.core.case import Case, Task
from engine.core.case_people import HeldClock, Kept, Stopped
from engine.core.definition import ActionSpec, ResumeClock, StopClock, StopSpec
from engine.core.event import Alarm
from engine.core.machine import Machine
from engine.core.stopped_time import moved_day, moved_instant, redone, stopped_for
from engine.core.stops import Stop
from engine.errors import NotPermitted, Refusal

#: Tasks whose clocks stop; consent, drafts and votes go on.
STOPPABLE = ("own", "extra")


def meant(of: Iterable[str], state: str, spec: str) -> bool:
    """Whether names mean a task: by its state, a state around it, or itself; no names mean every task."""
    names = tuple(of)
    return not names or any(name in (state, f"{state}.{spec}") or state.startswith(f"{name}.") for name in names)


def may_stop(task: Task, at: datetime) -> bool:
    """Whether a clock may be stopped at an instant: it runs, and has not run out by then; periods are never."""
    runs = task.deadline is not None and task.kind in STOPPABLE and task.period is None
    return runs and task.deadline is not None and at < task.deadline.due_at


def stopping_state(machine: Machine, case: Case, state: str, spec: str) -> str:
    """The state in which the case is that stops the clock of a task, "" = none; none stops what lies inside it."""
    return _stopping(_rules(machine, case), state, spec)


def _rules(machine: Machine, case: Case) -> list[tuple[str, StopSpec]]:
    """The states in which the case is that stop clocks."""
    paths = dict.fromkeys(path for leaf in case.leaves() for path in (leaf, *machine.ancestors[leaf]))
    return [(path, rule) for path in paths if (rule := machine.states[path].stop_clock) is not None]


def _stopping(rules: Iterable[tuple[str, StopSpec]], state: str, spec: str) -> str:
    for path, rule in rules:
        inside = state == path or state.startswith(f"{path}.")
        if not inside and meant(rule.of, state, spec):
            return path
    return ""


def settle(turn: Becoming, left: Iterable[Task] = (), entered: Collection[str] = ()) -> None:
    """After a move: stop and let go on what the states stop in which the case now is; hold what it has left for them.

    `left`: the tasks that ended with the move; `entered`: the states it went through or came to.
    """
    machine, rules = turn.machine, _rules(turn.machine, turn.case)
    for task in left if rules else ():
        path = _stopping(rules, task.state, task.spec)
        if path in entered and task.state not in turn.case.leaves() and _may_hold(task):
            _hold(turn, task, path)
    for task in turn.case.tasks:
        if task.kind not in STOPPABLE or not (rules or task.stopped):
            continue
        path = _stopping(rules, task.state, task.spec)
        if path and may_stop(task, turn.at):
            _stop(turn, task, path, "", machine.states[path].basis)
        elif task.stopped is not None and not task.stopped.by_act and not path:
            _go_on(turn, task)
    for held in turn.case.clocks:
        if not _stopping(rules, held.state, held.spec):
            turn.emit(ev.ClockDropped(task=held.task))


def held_clock(case: Case, state: str, spec: str) -> HeldClock | None:
    """The clock that is held for a task, if there is one."""
    return next((one for one in case.clocks if (one.state, one.spec) == (state, spec)), None)


def stop_by_act(turn: Becoming, effect: StopClock) -> None:
    """Stop what an act stops."""
    reason = str(turn.case.fields.get(effect.reason) or "")
    for task in _to_stop(turn.case, effect, turn.at):
        _stop(turn, task, "", reason, effect.basis)


def resume_by_act(turn: Becoming, effect: ResumeClock) -> None:
    """Let go on what acts have stopped, unless a state stops it besides."""
    for task in _to_resume(turn.case, effect):
        if stopping_state(turn.machine, turn.case, task.state, task.spec):
            turn.emit(ev.ClockResumed(task=task.n))
        else:
            _go_on(turn, task)


def why_no_clock(case: Case, action: ActionSpec, at: datetime) -> Refusal | None:
    """The reason for which an act that stops clocks, or lets them go on, would do neither; None = it would."""
    for effect in action.do:
        if isinstance(effect, StopClock) and not _to_stop(case, effect, at):
            named = [task for task in case.tasks if meant(effect.of, task.state, task.spec)]
            over = any(task.deadline is not None and at >= task.deadline.due_at for task in named)
            stopped = any(task.stopped is not None for task in named)
            code = "clock_stopped_already" if stopped else "clock_run_out" if over else "no_clock_to_stop"
            return NotPermitted(code, action=action.id)
        if isinstance(effect, ResumeClock) and not _to_resume(case, effect):
            return NotPermitted("no_clock_stopped", action=action.id)
    return None


def _to_stop(case: Case, effect: StopClock, at: datetime) -> list[Task]:
    return [
        task
        for task in case.tasks
        if task.kind in STOPPABLE
        and meant(effect.of, task.state, task.spec)
        and (may_stop(task, at) or (task.stopped is not None and not task.stopped.by_act))
    ]


def _to_resume(case: Case, effect: ResumeClock) -> list[Task]:
    return [
        task
        for task in case.tasks
        if task.stopped is not None and task.stopped.by_act and meant(effect.of, task.state, task.spec)
    ]


def _stop(turn: Becoming, task: Task, state: str, reason: str, basis: tuple[str, ...]) -> None:
    since = max(turn.at, _runs_since(task))
    turn.emit(ev.ClockStopped(task=task.n, since=since, state=state, reason=reason, basis=basis))


def _runs_since(task: Task) -> datetime:
    """When the clock last began to run: no stop begins before, so that none counts twice."""
    stops = task.deadline.derivation.stops if task.deadline else ()
    return max(task.opened_at, stops[-1].until) if stops else task.opened_at


def _may_hold(task: Task) -> bool:
    return task.kind in STOPPABLE and task.period is None and (task.deadline is not None or task.stopped is not None)


def _hold(turn: Becoming, task: Task, state: str) -> None:
    if held_clock(turn.case, task.state, task.spec) is not None:
        return
    stopped, basis = task.stopped, turn.machine.states[state].basis
    if stopped is None:
        assert task.deadline is not None
        stopped = Stopped(
            deadline=task.deadline,
            since=max(turn.at, _runs_since(task)),
            by=turn.command.acted_by,
            state=state,
            basis=basis,
            ran_out=not may_stop(task, turn.at),
            alarm=task.alarm,
            expired_at=task.expired_at,
        )
    kept = Kept(
        opened_at=task.opened_at,
        epoch=task.epoch,
        fired=task.fired,
        covered=task.covered,
        extensions=task.extensions,
        stopped=stopped,
        runs_from=task.began,
        first_due=task.first_due,
        paused=task.paused,
        pauses=task.pauses,
        counts_from=task.counts_from,
    )
    held = HeldClock(task=task.n, state=task.state, spec=task.spec, skipped=task.skipped, ladder=task.ladder, kept=kept)
    turn.emit(ev.ClockStopped(task=task.n, since=stopped.since, state=state, basis=basis, held=held))


def _go_on(turn: Becoming, task: Task) -> None:
    stopped = task.stopped
    assert stopped is not None
    calendar = turn.facts.calendar
    asleep = turn.case.claim is not None and not turn.case.claim.triaged
    if stopped.ran_out:
        alarm = _armed_again(turn, task, stopped)
        turn.emit(
            ev.ClockResumed(
                task=task.n,
                deadline=stopped.deadline,
                was=stopped.deadline.due_at,
                alarm=alarm,
                runs_from=task.runs_from,
                first_due=task.first_due,
            )
        )
        return
    # A year published meanwhile counts for what had run before, too.
    calendar = turn.facts.calendar_named(stopped.deadline.derivation.by_calendar)
    before = redone(stopped.deadline, calendar)
    deadline = stopped_for(before, stopped.since, max(turn.at, stopped.since), turn.facts.calendar_named)
    stop = deadline.derivation.stops[-1]
    runs_from = moved_instant(task.began, stop, calendar)
    turn.emit(
        ev.ClockResumed(
            task=task.n,
            deadline=deadline,
            was=stopped.deadline.due_at,
            stop=stop,
            alarm=None if asleep else _rearmed(turn, task, deadline.due_at, runs_from, stop),
            runs_from=runs_from,
            first_due=moved_day(task.first_due, stop, calendar) if task.first_due else None,
        )
    )


def _armed_again(turn: Becoming, task: Task, stopped: Stopped) -> Alarm | None:
    alarm = stopped.alarm
    if alarm is None:
        # Only before triage is nothing armed for a deadline that is not recorded as passed.
        asleep = turn.case.claim is not None and not turn.case.claim.triaged
        if asleep or stopped.expired_at is not None:
            return None
        return turn.arm(task.ladder, stopped.deadline, turn.now, task.epoch + 1, began=task.began)[0]
    ladder = turn.ladder(task.ladder)
    if alarm.rung not in ladders.RESERVED_RUNGS and ladders.rung_of(ladder, alarm.rung) is None:
        calendar, epoch = turn.facts.calendar, max(task.epoch, alarm.epoch) + 1
        moments = ladders.schedule(ladder, stopped.deadline.due_at, task.began, calendar, task.counts_from)
        fired = (*task.fired, *((ladders.EXPIRY,) if stopped.expired_at else ()))
        return ladders.rearmed(ladder, moments, fired, task.skipped, turn.now, epoch, calendar)
    late = turn.now if turn.now > alarm.at else None
    return replace(alarm, epoch=max(task.epoch, alarm.epoch) + 1, armed_at=late)


def _rearmed(turn: Becoming, task: Task, due_at: datetime, start: datetime, stop: Stop) -> Alarm | None:
    """The next rung of the deadline that was moved: what had fired never fires again, what had not still does."""
    stopped = task.stopped
    assert stopped is not None
    ladder, calendar = turn.ladder(task.ladder), turn.facts.calendar
    moments = ladders.schedule(ladder, due_at, start, calendar, task.counts_from)
    passed = stopped.expired_at is not None and due_at == stopped.deadline.due_at
    fired = (*task.fired, ladders.EXPIRY) if passed else task.fired
    last: Any = Alarm(rung="", at=stop.until, epoch=task.epoch)
    alarm, _ = ladders.next_alarm(ladder, moments, fired, task.skipped, dict(task.covered), last, calendar)
    return None if alarm is None else replace(alarm, armed_at=turn.now if turn.now > alarm.at else None)
