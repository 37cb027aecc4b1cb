"""What the clock does: rungs fire, deadlines pass; the system's own lateness is recorded as its own."""

from __future__ import annotations

from datetime import timedelta

from engine.core import acts_of_drafts, effects, links, silence
from engine.core import event as ev
from engine.core.acts_of_ladders import take_up
from engine.core.case import Task
from engine.core.command import SYSTEM, FireTimer
from engine.core.definition import RungSpec
from engine.core.event import Alarm
from engine.core.ladders import EXPIRY, RESUME, next_alarm, rung_of
from engine.core.turn import Turn
from engine.errors import NotPermitted


def fire_timer(turn: Turn, act: FireTimer) -> None:
    """Fire the rung an alarm was armed for; an alarm that is no longer armed changes nothing."""
    if turn.command.acted_by != SYSTEM:
        raise NotPermitted("system_only", act="fire_timer")
    task = turn.case.task(act.task)
    alarm = task.alarm if task else None
    if task is None or alarm is None or (alarm.rung, alarm.epoch) != (act.rung, act.epoch) or turn.now < alarm.at:
        return
    if alarm.rung == EXPIRY:
        _expire(turn, task, alarm)
        return
    if alarm.rung == RESUME:
        take_up(turn, task, alarm.at, "in_time", late=_system_late(turn, alarm))
        return
    rung = rung_of(turn.ladder(task.ladder), alarm.rung)
    following, coalesced = _following(turn, task, alarm)
    turn.emit(
        ev.RungFired(
            task=task.n,
            rung=alarm.rung,
            due_at=alarm.at,
            system_late=_system_late(turn, alarm),
            coalesced=coalesced,
            alarm=following,
        )
    )
    if rung is not None:
        _carry_out(turn, task, rung)


def _following(turn: Turn, task: Task, alarm: Alarm) -> tuple[Alarm | None, int]:
    fired = task.fired if alarm.rung in task.fired else (*task.fired, alarm.rung)
    if task.expired_at is not None and EXPIRY not in fired:
        fired = (*fired, EXPIRY)
    covered = {**dict(task.covered), alarm.rung: turn.now}
    ladder, moments = turn.ladder(task.ladder), turn.moments(task)
    return next_alarm(ladder, moments, fired, task.skipped, covered, alarm, turn.facts.calendar)


def _system_late(turn: Turn, alarm: Alarm) -> int:
    since = max(alarm.at, alarm.armed_at) if alarm.armed_at else alarm.at
    return max(0, (turn.now - since) // timedelta(seconds=1))


def _expire(turn: Turn, task: Task, alarm: Alarm) -> None:
    following, _ = _following(turn, task, alarm)
    turn.emit(ev.DeadlineExpired(task=task.n, due_at=alarm.at, system_late=_system_late(turn, alarm), alarm=following))
    silence.follow(turn, task)
    spec = turn.machine.tasks.get((task.state, task.spec)) if task.kind in ("own", "extra") else None
    if spec is None:
        return
    turn.open_next(task)
    if spec.expiry_opens:
        turn.open_extra(turn.machine.tasks[task.state, spec.expiry_opens], task.state, task.activation)
    elif spec.expiry_to:
        turn.move(turn.machine.expiries[task.state, task.spec])


def _carry_out(turn: Turn, task: Task, rung: RungSpec) -> None:
    if rung.draft:
        acts_of_drafts.draft_act(turn, task, rung)
    elif rung.text:
        turn.notify(rung.to, rung.text, task, rung.id, digest=rung.digest)
    if rung.start:
        links.carry_out(turn, rung.start)
    effects.carry_out(turn, rung.do, task)
    move = turn.machine.climbs.get((task.state, task.spec, task.ladder, rung.id))
    if move is not None and turn.case.task(task.n) is not None:
        turn.move(move)
    effects.open_tasks(turn, rung.do)
