"""When the worker is woken, and how long it waits before it tries again."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.backoff import FIRST, LONGEST, retry_after
from engine.runtime.scheduler import AlarmClock
from tests.districts import SeededDice

PATIENCE = 20.0


def test_the_alarm_clock_rings_again_after_a_call_that_failed() -> None:
    rung, twice = iter(range(1000)), threading.Event()

    def wake() -> None:
        if next(rung):
            twice.set()
        raise RuntimeError("a bug")

    with AlarmClock(wake, poll_seconds=0.01):
        assert twice.wait(PATIENCE)


def test_the_alarm_clock_never_calls_twice_at_once_and_stops_after_the_call_under_way() -> None:
    busy, begun, overlapped, ended = threading.Lock(), threading.Event(), threading.Event(), threading.Event()

    def wake() -> None:
        if not busy.acquire(blocking=False):
            overlapped.set()
            return
        begun.set()
        overlapped.wait(0.2)
        ended.set()
        busy.release()

    with AlarmClock(wake, poll_seconds=0.01):
        assert begun.wait(PATIENCE)

    assert ended.is_set()
    assert not overlapped.is_set()


@given(attempts=st.integers(0, 200), seed=st.integers(0, 1000))
def test_waits_double_up_to_a_bound_and_are_shortened_by_chance_to_no_less_than_half(attempts: int, seed: int) -> None:
    whole = LONGEST if attempts > 20 else min(FIRST * 2 ** max(0, attempts - 1), LONGEST)

    assert whole / 2 <= retry_after(attempts, SeededDice(str(seed))) <= whole
