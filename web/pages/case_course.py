"""Where a case has got to: its states as pictures with the way taken, its ladders as rulers; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.ladders import EXPIRY, rung_of, schedule
from engine.core.machine import Machine
from engine.runtime.reading import SeenCase
from web.case_history import Duty, History, Stay
from web.catalogues import say, tell_rule
from web.diagram import Diagram, Visited, draw, moves_of
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.case_views import Known, doer, people, task_title, why_held


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


@dataclass(frozen=True, kw_only=True)
class RungView:
    """One mark of a ruler."""

    title: str
    at: Moment
    #: before, at or after the deadline
    side: str
    #: fired, skipped, next, ahead, waiting, issued, declined
    status: str
    note: str
    #: whether the present lies between the mark before and this one
    now_before: bool = False


@dataclass(frozen=True, kw_only=True)
class LadderView:
    """The ladder of one task, as a ruler."""

    title: str
    task: str
    rungs: tuple[RungView, ...]


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


# ladders ------------------------------------------------------------------------------------------------------------


def ladders_of(seen: SeenCase, history: History, known: Known) -> tuple[LadderView, ...]:
    """The rulers of the open tasks that have a ladder."""
    return tuple(
        _ladder(duty, seen, history, known)
        for duty in history.duties
        if duty.deadline is not None and duty.ladder and not duty.how and duty.kind in ("own", "extra")
    )


def _ladder(duty: Duty, seen: SeenCase, history: History, known: Known) -> LadderView:
    ladder, deadline = seen.machine.ladders.get(duty.ladder), duty.deadline
    assert deadline is not None
    task = seen.case.task(duty.task)
    began, counts_from = (task.began, task.counts_from) if task else (duty.opened_at, None)
    moments = schedule(ladder, deadline.due_at, began, seen.calendar, counts_from)
    drafts = {one.draft.rung: one for one in history.duties if one.draft and one.draft.of == duty.task}
    passed = {one.rung: one.at for one in duty.passed}
    following = next((name for at, name in moments if at > known.now and name not in duty.skipped), "")
    rungs: list[RungView] = []
    shown_now = False
    for at, name in moments:
        rung = rung_of(ladder, name)
        before_now = not shown_now and at > known.now
        shown_now = shown_now or before_now
        status, note = _status(name, passed, duty, drafts, following, seen, known)
        rungs.append(
            RungView(
                title=rung.title if rung else say("case_page.rung.deadline"),
                at=moment(at, seen.calendar, known.now, ends_day=True),
                side="at" if name == EXPIRY else "before" if at < deadline.due_at else "after",
                status=status,
                note=note,
                now_before=before_now,
            )
        )
    return LadderView(title=ladder.title if ladder else "", task=task_title(duty, known.titles), rungs=tuple(rungs))


def _status(
    name: str,
    passed: Mapping[str, datetime],
    duty: Duty,
    drafts: Mapping[str, Duty],
    following: str,
    seen: SeenCase,
    known: Known,
) -> tuple[str, str]:
    """How a rung stands, and with whom what it drafted waits, or what became of that."""
    if name in drafts:
        draft = drafts[name]
        status = {"issued": "issued", "declined": "declined", "": "waiting"}.get(draft.how, "dropped")
        deed = draft.deeds[-1] if draft.deeds else None
        return status, name_of(deed.person, known.titles) if deed else people(draft.holder.persons, known)
    if name in duty.skipped:
        return "skipped", ""
    if name == EXPIRY and duty.expired_at and duty.deadline and duty.expired_at[-1] >= duty.deadline.due_at:
        return "fired", ""
    if name in passed:
        rung = rung_of(seen.machine.ladders.get(duty.ladder), name)
        return "fired", say("case_page.rung.every", every=tell_rule(rung.every)) if rung and rung.every else ""
    return ("next" if name == following else "ahead"), ""
