"""Events of clocks: they stop, go on, or are held no longer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from engine.core.case_people import HeldClock
from engine.core.deadlines import Deadline
from engine.core.event_parts import Alarm, Event
from engine.core.stops import Stop


class ClockStopped(Event, frozen=True, kw_only=True, tag="clock_stopped"):
    """The time of a task does not count from then on (中止计时)."""

    v: int = 1
    task: int
    since: datetime
    #: the state whose stay stops it; "" = the act does
    state: str = ""
    reason: str = ""
    basis: tuple[str, ...] = ()
    #: the task has ended with the move into that state: how its clock stands, until the case is back
    held: HeldClock | None = None


class ClockResumed(Event, frozen=True, kw_only=True, tag="clock_resumed"):
    """The time of a task counts again, and what was stopped is added; None = something else still stops it."""

    v: int = 1
    task: int
    deadline: Deadline | None = None
    was: datetime | None = None
    #: None = its deadline had passed before, nothing is added
    stop: Stop | None = None
    alarm: Alarm | None = None
    runs_from: datetime | None = None
    first_due: date | None = None


class RequestUndecided(Event, frozen=True, kw_only=True, tag="request_undecided"):
    """Nobody decided on a request in time; what follows is what its definition says."""

    v: int = 1
    task: int
    action: str
    silence: Literal["granted", "refused", "escalates"]
    #: escalates: the party that is asked now
    to: str = ""


class ClockDropped(Event, frozen=True, kw_only=True, tag="clock_dropped"):
    """A clock that was held ends: the case went on elsewhere."""

    v: int = 1
    task: int
