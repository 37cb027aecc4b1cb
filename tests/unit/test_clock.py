"""Clocks: aware, in UTC, and the virtual one moves only when told, never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.errors import Broken
from engine.runtime.clock import AheadClock, SystemClock, VirtualClock

NOON = datetime(2026, 10, 9, 4, tzinfo=UTC)


def test_the_system_clock_tells_aware_utc_that_does_not_stand_still() -> None:
    clock = SystemClock()
    first = clock.now()

    assert first.tzinfo is UTC
    assert any(clock.now() > first for _ in range(1_000_000))


def test_a_virtual_clock_moves_only_when_told() -> None:
    clock = VirtualClock(datetime(2026, 10, 9, 12, tzinfo=timezone(timedelta(hours=8))))

    assert (clock.now(), clock.now().tzinfo) == (NOON, UTC)
    assert clock.advance(timedelta(days=1)) == clock.now() == NOON + timedelta(days=1)
    clock.set(NOON + timedelta(days=3))
    assert clock.now() == NOON + timedelta(days=3)


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(NOON)

    with pytest.raises(Broken, match="clock_backwards"):
        clock.set(NOON - timedelta(microseconds=1))
    with pytest.raises(Broken, match="clock_backwards"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(Broken, match="instant_without_zone"):
        clock.set(datetime(2027, 1, 1))  # noqa: DTZ001 - the naive one is what is refused

    assert clock.now() == NOON


def test_a_clock_that_is_ahead_runs_with_the_other_and_can_only_be_moved_forward() -> None:
    base = VirtualClock(NOON)
    clock = AheadClock(base, timedelta(days=-2))

    base.advance(timedelta(hours=1))
    assert clock.now() == NOON - timedelta(days=2) + timedelta(hours=1)
    assert clock.move_to(NOON + timedelta(days=5)) == NOON + timedelta(days=5)
    base.advance(timedelta(minutes=1))
    assert clock.move_to(NOON) == NOON + timedelta(days=5, minutes=1)
    assert clock.lead == timedelta(days=4, hours=23)
    with pytest.raises(Broken, match="instant_without_zone"):
        clock.move_to(datetime(2027, 1, 1))  # noqa: DTZ001 - the naive one is what is refused
