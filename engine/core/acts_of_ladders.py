"""Ladders in motion: chosen anew when what decides about them changes, paused and taken up, stepped down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Literal

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.deadlines import add_span, shift
from engine.core.definition import PauseSpec
from engine.core.facts import parse_point, parse_span
from engine.core.holding import Now
from engine.core.ladders import EXPIRY, calmed, escalation, rearmed
from engine.core.pauses import waiting
from engine.core.people_entries import check_passing_on, open_task, raise_if, reason_of
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted, Refusal

# pausing -----------------------------------------------------------------------------------------------------------


def pause_of(now: Now, task: Task) -> PauseSpec | None:
    """How the ladder of a task may be paused; None = not at all."""
    ladder = now.machine.ladders.get(task.ladder)
    return ladder.pause if ladder else None


def why_not_pause(now: Now, task: Task, person: str) -> Refusal | None:
    """Whoever the ladder names, so often, while there is something to pause."""
    if refusal := _why_not_theirs(now, task, person):
        return refusal
    spec = pause_of(now, task)
    assert spec is not None
    if task.paused is not None:
        return NotPermitted("paused_already", until=task.paused.until.isoformat())
    if task.alarm is None or (task.alarm.rung == EXPIRY and not _rungs_left(now, task)):
        return NotPermitted("nothing_to_pause", task=task.n)
    if task.pauses >= spec.times:
        return NotPermitted("paused_too_often", times=spec.times)
    return None


def why_not_resume(now: Now, task: Task, person: str) -> Refusal | None:
    """Whoever may pause it, while it is paused."""
    if refusal := _why_not_theirs(now, task, person):
        return refusal
    return None if task.paused is not None else NotPermitted("not_paused", task=task.n)


def _why_not_theirs(now: Now, task: Task, person: str) -> Refusal | None:
    spec = pause_of(now, task)
    if spec is None:
        return NotPermitted("pause_not_provided", task=task.n)
    if not any(now.belongs(one, person) for one in spec.by):
        return NotPermitted("may_not_pause", task=task.n)
    return None


def _rungs_left(now: Now, task: Task) -> bool:
    ladder = now.machine.ladders[task.ladder]
    done = {*task.fired, *task.skipped}
    return any(rung.id not in done or rung.every for rung in ladder.rungs)


def pause_until(spec: PauseSpec, at: datetime, calendar: Calendar) -> datetime:
    """The end of the longest pause that may begin at an instant."""
    span = parse_span(spec.most)
    if span.exact:
        return shift(at, parse_point(f"{spec.most} after"), calendar)
    return calendar.end_of(add_span(calendar.local_day(at), span, 1, calendar))


def pause_ladder(turn: Turn, act: cmd.PauseLadder) -> None:
    """From now on only the deadline is waited for, until the pause ends."""
    task, now = open_task(turn, act.task), Now.of(turn)
    raise_if(why_not_pause(now, task, turn.command.acted_by))
    check_passing_on(turn, task)
    spec = pause_of(now, task)
    assert spec is not None
    until = _until(act.until, pause_until(spec, turn.at, turn.facts.calendar), turn)
    alarm = waiting(task, task.deadline, until, expired=task.expired_at is not None)
    turn.emit(ev.LadderPaused(task=task.n, until=until, reason=reason_of(act.reason), alarm=alarm))


def _until(text: str, latest: datetime, turn: Turn) -> datetime:
    if not text:
        return latest
    try:
        until = turn.facts.calendar.end_of(date.fromisoformat(text))
    except ValueError as exc:
        raise BadInput("not_a_date", field="until", got=text) from exc
    if until <= turn.now:
        raise BadInput("pause_over_already", field="until", got=text)
    if until > latest:
        last = turn.facts.calendar.local_day(latest - timedelta.resolution)
        raise BadInput("pause_too_long", field="until", got=text, latest=last.isoformat())
    return until


def resume_ladder(turn: Turn, act: cmd.ResumeLadder) -> None:
    """It goes on before its time."""
    task = open_task(turn, act.task)
    raise_if(why_not_resume(Now.of(turn), task, turn.command.acted_by))
    check_passing_on(turn, task)
    take_up(turn, task, turn.now, "by_hand", reason_of(act.reason))


def take_up(
    turn: Turn, task: Task, since: datetime, how: Literal["by_hand", "in_time"], reason: str = "", late: int = 0
) -> None:
    """Let a paused ladder go on: what it missed comes now, each once and in order, or is skipped, as it says."""
    ladder, moments = turn.ladder(task.ladder), turn.moments(task)
    done = {*task.fired, *task.skipped}
    fires = ladder is None or ladder.pause is None or ladder.pause.missed == "fire"
    missed = tuple(rung for at, rung in moments if at < since and rung not in done and rung != EXPIRY)
    skipped = () if fires else missed
    repeated = tuple(rung.id for rung in (ladder.rungs if ladder else ()) if rung.every and rung.id in task.fired)
    fired = _fired(task)
    calendar = turn.facts.calendar
    after = task.paused.repeats_after(since) if task.paused else since
    alarm = rearmed(ladder, moments, fired, (*task.skipped, *skipped), since, task.epoch + 1, calendar, after)
    turn.emit(
        ev.LadderResumed(
            task=task.n,
            how=how,
            since=since,
            reason=reason,
            skipped=skipped,
            passed_over=repeated,
            system_late=late,
            alarm=alarm,
        )
    )


def _fired(task: Task) -> tuple[str, ...]:
    """What has fired, the deadline included."""
    return (*task.fired, EXPIRY) if task.expired_at is not None else task.fired


# choosing anew, stepping down --------------------------------------------------------------------------------------


def settle(turn: Turn) -> None:
    """After an act: another ladder where what decides about it changed, a lower rung where progress was made."""
    if turn.case.closed:
        return
    changed = {name for event in turn.events if isinstance(event, ev.FieldsSet) for name in event.values}
    if changed:
        for task in turn.case.tasks:
            _choose(turn, task, changed)
    for action in dict.fromkeys(_done(turn)):
        for task in turn.case.tasks:
            _calm(turn, task, action)


def _choose(turn: Turn, task: Task, changed: set[str]) -> None:
    spec = turn.machine.tasks.get((task.state, task.spec)) if task.kind in ("own", "extra") else None
    if spec is None or not spec.ladders:
        return
    guards = [turn.machine.guards[one.when] for one in spec.ladders if one.when]
    because = tuple(sorted(changed & {name.partition(".")[0] for guard in guards for name in guard.names}))
    chosen = turn.chosen_ladder(spec) if because else task.ladder
    if chosen == task.ladder:
        return
    ladder, alarm, skipped = turn.ladder(chosen), None, task.skipped
    if task.deadline is not None and not _stands_still(turn.case, task):
        moments = turn.moments(task, ladder)
        skipped = tuple(rung for at, rung in moments if at <= turn.now and rung not in task.fired and rung != EXPIRY)
        alarm = rearmed(ladder, moments, _fired(task), skipped, turn.now, task.epoch + 1, turn.facts.calendar)
    elif task.stopped is not None:
        skipped = turn.passed_standing(chosen, task.stopped, task.began, task.fired, task.counts_from)
    turn.emit(
        ev.LadderChanged(task=task.n, ladder=chosen, was=task.ladder, fields=because, skipped=skipped, alarm=alarm)
    )


def _stands_still(case: Case, task: Task) -> bool:
    """Whether nothing may be armed now: nobody has said yet where the ladders of a claimed case start."""
    return case.claim is not None and not case.claim.triaged


def _done(turn: Turn) -> Iterator[str]:
    """Actions that have taken effect in this decision."""
    rounds = {one.n: one.action for one in (turn.before.rounds if turn.before else ())}
    for event in turn.events:
        match event:
            case ev.ActionTaken(action=action) if not _waits(turn, event):
                yield action
            case ev.ApprovalAnswered(action=action, consent=True):
                yield action
            case ev.RoundClosed(round=n, how="passed") if n in rounds:
                yield rounds[n]
            case _:
                pass


def _waits(turn: Turn, event: ev.ActionTaken) -> bool:
    """Whether an act only asks for the consent of others."""
    task = turn.before.task(event.task) if turn.before else None
    action = turn.machine.actions.get((task.state, task.spec, event.action)) if task else None
    return action is not None and (action.approve is not None or action.votes is not None)


def _calm(turn: Turn, task: Task, action: str) -> None:
    ladder = turn.ladder(task.ladder)
    if ladder is None or ladder.calms is None or action not in ladder.calms.on or task.deadline is None:
        return
    calendar, due_at = turn.facts.calendar, task.deadline.due_at
    down = calmed(ladder, due_at, task.began, task.fired, task.skipped, turn.at, turn.now, calendar)
    if not down.again:
        return
    was = escalation(ladder, turn.moments(task), task.fired, due_at)
    fired = tuple(rung for rung in _fired(task) if rung not in down.again)
    alarm = rearmed(ladder, down.moments, fired, down.skipped, turn.now, task.epoch + 1, calendar)
    turn.emit(
        ev.LadderCalmed(
            task=task.n,
            action=action,
            was=was,
            back_to=ladder.calms.back_to,
            counts_from=down.counts_from,
            again=down.again,
            skipped=down.skipped,
            alarm=alarm,
        )
    )
    _withdraw(turn, task, down.again)


def _withdraw(turn: Turn, task: Task, rungs: tuple[str, ...]) -> None:
    """What those rungs drafted and nobody has decided about is over, unless it waits on."""
    for other in turn.case.tasks:
        draft = other.draft
        if draft is not None and draft.of == task.n and draft.rung in rungs and not draft.keep:
            turn.emit(ev.TaskEnded(task=other.n, how="withdrawn"))
            turn.withdraw_drafts(other.n)


DECIDERS: dict[type, Callable[[Turn, Any], None]] = {
    cmd.PauseLadder: pause_ladder,
    cmd.ResumeLadder: resume_ladder,
}
