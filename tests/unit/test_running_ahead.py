"""The clock of a demonstration runs from alarm to alarm, never past one that is still to fire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import BadInput, Conflict
from engine.runtime.clock import AheadClock, VirtualClock
from engine.runtime.projection import micros
from engine.runtime.worker import Done
from web.passing import Passage
from zhiben.passing import RunningAhead, keep_lead, kept_clock

BEGIN = datetime(2026, 12, 29, 9, 30, tzinfo=UTC)


class Alarms:
    """Timers that fire when they are drained, each noting the instant."""

    def __init__(self, clock: AheadClock, *due: timedelta) -> None:
        self.clock = clock
        self.waiting = sorted(BEGIN + one for one in due)
        self.fired: list[tuple[datetime, datetime]] = []

    def next(self) -> int | None:
        """When the first is due."""
        return micros(self.waiting[0]) if self.waiting else None

    def drain(self) -> Done:
        """Fire what is due."""
        now = self.clock.now()
        due = [one for one in self.waiting if one <= now]
        self.fired += [(one, now) for one in due]
        self.waiting = self.waiting[len(due) :]
        return Done(timers=len(due))


def _running(folder: Path, *due: timedelta) -> tuple[RunningAhead, Alarms]:
    clock = AheadClock(VirtualClock(BEGIN), timedelta())
    alarms = Alarms(clock, *due)
    return (
        RunningAhead(
            clock=clock, next_alarm=alarms.next, drain=alarms.drain, keep=lambda lead: keep_lead(folder, lead)
        ),
        alarms,
    )


def test_every_alarm_on_the_way_fires_at_its_own_instant_and_later_ones_wait(tmp_path: Path) -> None:
    running, alarms = _running(tmp_path, timedelta(hours=5), timedelta(hours=5, seconds=1), timedelta(days=2))

    running.begin(1)
    running.join(10)

    assert [now - due for due, now in alarms.fired] == [timedelta(), timedelta()]
    assert alarms.waiting == [BEGIN + timedelta(days=2)]
    assert running.seen() == Passage(now=BEGIN + timedelta(days=1), fired=2)


def test_a_clock_that_was_moved_stands_there_after_a_restart(tmp_path: Path) -> None:
    running, _ = _running(tmp_path)
    assert kept_clock(tmp_path, VirtualClock(BEGIN)) is None

    running.begin(7)
    running.join(10)

    again = kept_clock(tmp_path, VirtualClock(BEGIN + timedelta(minutes=3)))
    assert again is not None
    assert again.now() == BEGIN + timedelta(days=7, minutes=3)


def test_only_a_day_or_a_week_may_be_asked_for_and_only_one_journey_at_a_time(tmp_path: Path) -> None:
    running, alarms = _running(tmp_path, timedelta(hours=1))
    with pytest.raises(BadInput, match="days_refused"):
        running.begin(365)

    refused: list[str] = []

    def drain_and_begin_again() -> Done:
        try:
            running.begin(1)
        except Conflict as error:
            refused.append(error.code)
        return alarms.drain()

    running._drain = drain_and_begin_again
    running.begin(1)
    running.join(10)

    assert set(refused) == {"clock_under_way"}
