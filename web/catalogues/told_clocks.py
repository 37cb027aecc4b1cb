"""Clocks that stand still in words: since when, why, what was left; and the events by which they stop and go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.case_people import Stopped
from engine.core.deadlines import due_day, workdays_left
from engine.core.extending import Room
from engine.core.stopped_time import unit_of
from engine.core.stops import STOPPED, WAITS, Stop
from web.catalogues.sentences import say
from web.catalogues.titles import Titles
from web.catalogues.told_people import task_called
from web.catalogues.told_time import tell_instant, tell_rule


def tell_stopped(stopped: Stopped, titles: Titles, calendar: Calendar, now: datetime) -> str:
    """That a clock stands still: since when, because of what, and what was left of its time then."""
    day = tell_instant(stopped.since, calendar.zone, now)
    return say("stopping.stopped", since=day, why=why_stopped(stopped, titles), left=left_before(stopped, calendar))


def tell_stopped_short(stopped: Stopped, calendar: Calendar) -> str:
    """The same in few words."""
    return say("stopping.stopped_short", left=left_before(stopped, calendar))


def why_stopped(stopped: Stopped, titles: Titles) -> str:
    """What was given as the reason, else the state that stops it."""
    return stopped.reason or titles.states.get(stopped.state, stopped.state)


def left_before(stopped: Stopped, calendar: Calendar) -> str:
    """How much of its time was left when it stopped, in the unit in which it counts."""
    due_at, since = stopped.deadline.due_at, stopped.since
    match unit_of(stopped.deadline):
        case "workday":
            return say("time.span.workday", count=workdays_left(since, due_at, calendar))
        case "day":
            return say("time.span.day", count=(due_day(due_at, calendar) - calendar.local_day(since)).days)
        case _:
            hours, minutes = divmod(max(due_at - since, timedelta()) // timedelta(minutes=1), 60)
            return say("time.span.hour", count=hours) if hours else say("time.span.minute", count=minutes)


def is_stopped(case: Case) -> bool:
    """Whether a clock of the case stands still that had not run out."""
    held = (one.kept.stopped for one in case.clocks)
    return any(task.stopped for task in case.tasks) or any(one and not one.ran_out for one in held)


def tell_clocks(case: Case, titles: Titles, calendar: Calendar, now: datetime) -> tuple[str, ...]:
    """The clocks of a case that stand still, those included that are held until it is back."""
    found = [(task.state, task.spec, task.stopped) for task in case.tasks if task.stopped]
    return tuple(
        say("stopping.of", state=titles.extras.get((state, spec)) or titles.states.get(state, state), told=told)
        for state, spec, told in [
            *((state, spec, tell_stopped(stopped, titles, calendar, now)) for state, spec, stopped in found),
            *_held(case, titles, calendar, now),
        ]
    )


def _held(case: Case, titles: Titles, calendar: Calendar, now: datetime) -> Iterator[tuple[str, str, str]]:
    for one in case.clocks:
        stopped = one.kept.stopped
        if stopped is None:
            continue
        since = tell_instant(stopped.since, calendar.zone, now)
        late = say("stopping.late", since=since, why=why_stopped(stopped, titles))
        told = late if stopped.ran_out else tell_stopped(stopped, titles, calendar, now)
        yield one.state, one.spec, told


def tell_undated(undated: str, titles: Titles) -> str:
    """Why a task has no deadline; that its clock stands still or waits for a date are words of the engine."""
    if undated.startswith(WAITS):
        field = undated.removeprefix(WAITS)
        return say("stopping.waits", field=titles.fields.get(field, field))
    return say("stopping.undated") if undated == STOPPED else undated


def tell_room(room: Room) -> str:
    """How far an extension may go: which it is, by which limits, until when; "" where nothing bounds it."""
    parts = []
    if room.times:
        parts.append(say("stopping.room.times", number=room.number, times=room.times))
    if room.which == "stage":
        parts.append(say("stopping.room.stage", limit=tell_rule(room.limit)))
    if room.total:
        parts.append(say("stopping.room.total", limit=tell_rule(room.total), used=tell_rule(room.used)))
    if room.latest is not None:
        latest = room.latest
        day = say("time.written_day", year=latest.year, month=latest.month, day=latest.day)
        parts.append(say("stopping.room.latest", day=day))
    return say("stopping.room.joint").join(parts)


def tell_amount(stop: Stop) -> str:
    """How long a clock stood still, in its own unit."""
    if stop.unit in ("workday", "day"):
        return say(f"time.span.{stop.unit}", count=stop.amount)
    hours, minutes = divmod(stop.amount // 60, 60)
    unit = "work_hour" if stop.unit == "work hour" else "hour"
    return say(f"time.span.{unit}", count=hours) if hours else say("time.span.minute", count=minutes)


def _stopped(event: ev.ClockStopped, titles: Titles, who: str) -> str:
    why = event.reason or titles.states.get(event.state, event.state)
    return say("event.clock_stopped", task=task_called(event.task, titles), since=tell_instant(event.since), why=why)


def _resumed(event: ev.ClockResumed, titles: Titles, who: str) -> str:
    task = task_called(event.task, titles)
    if event.deadline is None:
        return say("event.clock_resumed.partly", task=task)
    due_at = tell_instant(event.deadline.due_at, ends_day=True)
    if event.stop is None:
        return say("event.clock_resumed.late", task=task, due_at=due_at)
    return say("event.clock_resumed.moved", task=task, due_at=due_at, amount=tell_amount(event.stop))


def _dropped(event: ev.ClockDropped, titles: Titles, who: str) -> str:
    return say("event.clock_dropped", task=task_called(event.task, titles))


def _undecided(event: ev.RequestUndecided, titles: Titles, who: str) -> str:
    action = titles.actions.get(event.action, event.action)
    return say(f"event.request_undecided.{event.silence}", action=action, to=titles.party(event.to))


TELLERS = cast(
    "dict[type, Callable[[Any, Titles, str], str]]",
    {
        ev.ClockStopped: _stopped,
        ev.ClockResumed: _resumed,
        ev.ClockDropped: _dropped,
        ev.RequestUndecided: _undecided,
    },
)
