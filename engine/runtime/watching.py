"""Watches turn by the clock: each window that has ended is looked at once, by a command through the one door."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.core.command import SYSTEM, Request, TurnWatch
from engine.core.definition_watches import Watch
from engine.core.watch_windows import due
from engine.errors import ZhibenError
from engine.runtime.carrying import carry_out, leave_incident
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.watch_decisions import state_of, stream_of

#: What cannot be decided is tried again after this time, with an incident open meanwhile.
PAUSE = timedelta(hours=1)


class Watching:
    """One worker's part: it remembers for which day everything was looked at."""

    def __init__(self) -> None:
        self._done: date | None = None
        self._wait: datetime | None = None
        #: the last note of an act that waited to be folded when the day began
        self._through: int | None = None

    def step(self, service: Service) -> int:
        """Turn every watch whose window has ended; how many windows were looked at."""
        now = service.clock.now()
        today = service.catalog.calendar().local_day(now)
        if not service.watches or today == self._done or (self._wait and now < self._wait):
            return 0
        if self._not_done(service, today):
            return 0
        turned, failed = 0, False
        for watch in service.watches.values():
            many, wrong = _turn(service, watch, today)
            turned, failed = turned + many, failed or wrong
        self._done, self._wait = (None, now + PAUSE) if failed else (today, None)
        self._through = None
        return turned

    def _not_done(self, service: Service, today: date) -> bool:
        """Whether what the days before brought is still being noted: another worker may be about it, uncounted."""
        midnight = micros(service.catalog.calendar().instant(today))
        with service.store.session() as session:
            if self._through is None:
                self._through = session.deeds.newest()
            return session.deeds.waiting(self._through) or session.timers.waiting(midnight)


def _turn(service: Service, watch: Watch, today: date) -> tuple[int, bool]:
    with service.store.session() as session:
        row = session.load([stream_of(watch.id)]).get(stream_of(watch.id))
        through = state_of(session.record, row).through if row else ""
        spans = due(watch, through, today, service.catalog.calendar())
        requests = [
            Request(
                id=f"watch:{watch.id}:{span.period}",
                stream=stream_of(watch.id),
                act=TurnWatch(period=span.period),
                acted_by=SYSTEM,
                medium="timer",
            )
            for span in spans
        ]
        wrong = False
        for request, outcome in zip(requests, carry_out(service, session, requests), strict=True):
            if isinstance(outcome, ZhibenError):
                leave_incident(service, session, request, outcome)
                wrong = True
        return len(requests), wrong
