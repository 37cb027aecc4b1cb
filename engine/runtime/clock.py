"""The only reader of a clock, and the only roller of dice: everybody else is told the instant and handed the bytes."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic

from engine.core.ports import Clock
from engine.errors import Broken


def stopwatch() -> float:
    """Seconds of a clock that only goes forward; differences mean something, the number itself does not."""
    return monotonic()


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is set or advanced; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._lock = Lock()
        self._now = _aware(start)

    def now(self) -> datetime:
        """The instant it was last set to, UTC."""
        return self._now

    def set(self, at: datetime) -> None:
        """Move to an instant, not before the present one."""
        later = _aware(at)
        with self._lock:
            if later < self._now:
                raise Broken("clock_backwards", now=str(self._now), asked=str(later))
            self._now = later

    def advance(self, by: timedelta) -> datetime:
        """Let some time pass; returns the new present."""
        if by < timedelta():
            raise Broken("clock_backwards", now=str(self._now), asked=str(by))
        with self._lock:
            self._now += by
            return self._now


class SystemDice:
    """Randomness of the operating system, fit for keys."""

    def token(self, size: int) -> bytes:
        """Random bytes."""
        return secrets.token_bytes(size)


class AheadClock:
    """Runs as another clock does, a lead ahead of it; the lead only grows, so that this clock, too, never goes back."""

    def __init__(self, base: Clock, lead: timedelta) -> None:
        self._base = base
        self._lock = Lock()
        self._lead = lead

    @property
    def base(self) -> Clock:
        """The other clock."""
        return self._base

    @property
    def lead(self) -> timedelta:
        """How far it is ahead; negative where it is behind."""
        return self._lead

    def now(self) -> datetime:
        """The present of the other clock and the lead, UTC."""
        return self._base.now() + self._lead

    def move_to(self, at: datetime) -> datetime:
        """Be at an instant at least; returns the present."""
        later = _aware(at)
        with self._lock:
            self._lead = max(self._lead, later - self._base.now())
        return self.now()


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Broken("instant_without_zone", at=str(at))
    return at.astimezone(UTC)
