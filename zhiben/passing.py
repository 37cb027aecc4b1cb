"""Lets the clock of a demonstration run ahead, from one alarm to the next, so that each fires when it is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from engine.core.ports import Clock
from engine.errors import BadInput, Conflict, ZhibenError
from engine.runtime.clock import AheadClock
from engine.runtime.projection import from_micros
from engine.runtime.worker import Done
from web.passing import DAYS, Passage

log = structlog.get_logger()
#: Whatever could not be fired at its time is not waited for.
_STEP = timedelta(minutes=1)
#: Where nothing is due the clock shows each day on its way.
_FAR = timedelta(days=1)
_FILE = "clock.json"


class KeptLead(msgspec.Struct, frozen=True, kw_only=True):
    """How far a demonstration's clock is ahead of the machine's, as it is kept in its folder."""

    microseconds: int


def kept_clock(folder: Path, base: Clock) -> AheadClock | None:
    """The clock whose lead the folder keeps; None where it keeps none."""
    path = folder / _FILE
    if not path.is_file():
        return None
    kept = msgspec.json.decode(path.read_bytes(), type=KeptLead)
    return AheadClock(base, timedelta(microseconds=kept.microseconds))


def keep_lead(folder: Path, lead: timedelta) -> None:
    """Write the lead into the folder, whole or not at all."""
    draft = folder / f"{_FILE}.new"
    draft.write_bytes(msgspec.json.encode(KeptLead(microseconds=lead // timedelta(microseconds=1))))
    draft.replace(folder / _FILE)


class RunningAhead:
    """One journey of the clock at a time, in a thread of its own."""

    def __init__(
        self,
        *,
        clock: AheadClock,
        next_alarm: Callable[[], int | None],
        drain: Callable[[], Done],
        keep: Callable[[timedelta], None],
    ) -> None:
        """`next_alarm`: when the earliest timer is due, in microseconds; `drain` does all that is due."""
        self._clock = clock
        self._next_alarm = next_alarm
        self._drain = drain
        self._keep = keep
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._begun: datetime | None = None
        self._until: datetime | None = None
        self._fired = 0
        self._failed = ""

    def seen(self) -> Passage:
        """Where the clock stands, and how far it has come."""
        now, begun, until = self._clock.now(), self._begun, self._until
        if begun is None or until is None:
            return Passage(now=now, fired=self._fired, failed=self._failed)
        percent = int(100 * min(1.0, (now - begun) / (until - begun)))
        return Passage(now=now, until=until, percent=percent, fired=self._fired)

    def begin(self, days: int) -> None:
        """Set out for so many days later; Conflict while under way."""
        if days not in DAYS:
            raise BadInput("days_refused", field="days", got=days)
        with self._lock:
            if self._until is not None:
                raise Conflict("clock_under_way")
            self._begun = self._clock.now()
            self._until = self._begun + timedelta(days=days)
            self._fired, self._failed = 0, ""
            self._thread = threading.Thread(target=self._travel, args=(self._until,), name="clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Go no further, and wait for what is being done."""
        self._stopping.set()
        self.join()

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has arrived."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _travel(self, until: datetime) -> None:
        try:
            while not self._stopping.is_set() and self._clock.now() < until:
                self._clock.move_to(min(until, self._next_stop()))
                self._fired += self._drain().timers
                self._keep(self._clock.lead)
        except ZhibenError as error:
            log.exception("clock_stopped", reason=error.code)
            self._failed = error.code
        finally:
            self._until = None

    def _next_stop(self) -> datetime:
        alarm, now = self._next_alarm(), self._clock.now()
        due = from_micros(alarm) if alarm is not None else now + _FAR
        return min(due, now + _FAR) if due > now else now + _STEP
