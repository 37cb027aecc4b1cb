"""Where a case has got to: its states as pictures with the way taken; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.machine import Machine
from engine.runtime.reading import SeenCase
from web.case_history import Duty, History, Stay
from web.catalogues import say
from web.diagram import Diagram, Visited, draw, moves_of
from web.pages.case_timeline import Moment, moment
from web.pages.case_views import Known, doer, people, why_held


@dataclass(frozen=True, kw_only=True)
class StayView:
    """One stay in a state: from when to when, who held it and did what."""

    since: Moment
    until: Moment | None
    lasted: str
    holders: tuple[str, ...]
    deeds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StateView:
    """A state and the case's stays in it."""

    path: str
    title: str
    basis: str
    now: bool
    stays: tuple[StayView, ...]


@dataclass(frozen=True, kw_only=True)
class CourseView:
    """The picture across and down, and what stands behind its states."""

    across: Diagram
    down: Diagram
    states: tuple[StateView, ...]


# states -------------------------------------------------------------------------------------------------------------


def course_of(seen: SeenCase, history: History, known: Known) -> CourseView:
    """The picture of the states for this case."""
    machine, calendar = seen.machine, seen.calendar
    visited = _visited(machine, history.stays, calendar, known.now)
    gone = moves_of(stay.state for stay in history.stays)
    return CourseView(
        across=draw(machine, visited, gone),
        down=draw(machine, visited, gone, down=True),
        states=tuple(_states(seen, history, known)),
    )


def _visited(machine: Machine, stays: Iterable[Stay], calendar: Calendar, now: datetime) -> dict[str, Visited]:
    grouped: dict[str, list[Stay]] = {}
    for stay in stays:
        for path in (stay.state, *machine.ancestors.get(stay.state, ())):
            grouped.setdefault(path, []).append(stay)
    found: dict[str, Visited] = {}
    for path, some in grouped.items():
        last_final = machine.states[path].kind == "final"
        here = any(stay.left_at is None for stay in some)
        days = sum(_days(stay, calendar, now) for stay in some)
        own = [stay for stay in some if stay.state == path]
        lasted = "" if last_final or not own else days_told(days)
        found[path] = Visited(times=len(own) or 1, lasted=lasted, now=here)
    return found


def _days(stay: Stay, calendar: Calendar, now: datetime) -> int:
    return (calendar.local_day(stay.left_at or now) - calendar.local_day(stay.entered_at)).days


def days_told(days: int) -> str:
    """So many days, or that it was the same day."""
    return say("case_page.days", count=days) if days else say("case_page.same_day")


def _states(seen: SeenCase, history: History, known: Known) -> Iterable[StateView]:
    """States the case has been in, in the order in which it came to them."""
    by_state: dict[str, list[Stay]] = {}
    for stay in history.stays:
        by_state.setdefault(stay.state, []).append(stay)
    for path, stays in by_state.items():
        spec = seen.machine.states[path]
        yield StateView(
            path=path,
            title=spec.title,
            basis=say("values.joint").join(known.titles.basis(spec.basis)),
            now=any(stay.left_at is None for stay in stays),
            stays=tuple(_stay(stay, seen, history, known) for stay in stays),
        )


def _stay(stay: Stay, seen: SeenCase, history: History, known: Known) -> StayView:
    calendar, now = seen.calendar, known.now
    duties = [duty for duty in history.duties if _belongs(duty, stay)]
    holders = dict.fromkeys(
        say("case_page.holder", holder=people(duty.holder.persons, known), why=why_held(held, known))
        for one in duties
        if one.kind in ("own", "extra")
        for duty, held in one.stretches()
    )
    deeds = dict.fromkeys(
        say(
            "case_page.deed",
            who=doer(deed, known),
            title=known.titles.actions.get(deed.action, deed.action),
            at=moment(deed.at, calendar, now).told,
        )
        for duty in duties
        for deed in duty.deeds
        if not deed.how
    )
    return StayView(
        since=moment(stay.entered_at, calendar, now),
        until=moment(stay.left_at, calendar, now) if stay.left_at else None,
        lasted=days_told(_days(stay, calendar, now)),
        holders=tuple(holders),
        deeds=tuple(deeds),
    )


def _belongs(duty: Duty, stay: Stay) -> bool:
    return duty.activation == stay.activation
