"""What the bar of a clock that may be let run ahead shows; only a demonstration has it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from web.catalogues import say
from web.catalogues.told_time import tell_day
from web.passing import DAYS
from web.services import Services


@dataclass(frozen=True, kw_only=True)
class Step:
    """One button."""

    days: int
    title: str


@dataclass(frozen=True, kw_only=True)
class ClockBar:
    """The bar: where the clock stands, and how far it may be let run."""

    day: str
    time: str
    #: what it did on its last way; "" = it was not moved
    told: str
    moving: bool
    percent: int
    until: str
    steps: tuple[Step, ...]


def clock_bar(request: Request) -> ClockBar | None:
    """The bar of this application; None where the clock is the machine's."""
    services: Services = request.app.state.services
    if services.passing is None:
        return None
    seen = services.passing.seen()
    calendar = services.reader.calendar()
    day = calendar.local_day(seen.now)
    return ClockBar(
        day=say("clock.day", year=day.year, day=tell_day(day)),
        time=seen.now.astimezone(calendar.zone).strftime("%H:%M"),
        told=_told(seen.fired, seen.failed),
        moving=seen.until is not None,
        percent=seen.percent,
        until=tell_day(calendar.local_day(seen.until)) if seen.until else "",
        steps=tuple(Step(days=days, title=say(f"clock.step.days_{days}")) for days in DAYS),
    )


def _told(fired: int, failed: str) -> str:
    if failed:
        return say("clock.failed", code=failed)
    return say("clock.fired", count=fired) if fired else ""
