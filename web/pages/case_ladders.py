"""The ladders of a case as rulers: what was reached, what is next, what waits for whom, pauses and steps down; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.core.case import Task
from engine.core.definition import LadderSpec
from engine.core.definition_ladders import START
from engine.core.ladders import EXPIRY, last_repeat, rung_of, schedule
from engine.runtime.reading import SeenCase
from web.case_history import Climb, Duty, History
from web.catalogues import say, tell_rule
from web.pages.case_timeline import Moment, moment, name_of
from web.pages.case_views import Known, people, task_title

#: What has become of what a rung drafted, by how its task ended.
_DRAFTS = {"issued": "issued", "declined": "declined", "": "unsigned"}


@dataclass(frozen=True, kw_only=True)
class RungView:
    """One mark of a ruler."""

    title: str
    at: Moment
    #: before, at or after the deadline
    side: str
    #: fired, skipped, next, ahead, held, unsigned, issued, declined, dropped
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
    #: until when it is paused, by whom and why; "" = it is not
    paused: str = ""
    #: that it changed, was paused before or stepped down
    notes: tuple[str, ...] = ()


def ladders_of(seen: SeenCase, history: History, known: Known) -> tuple[LadderView, ...]:
    """The rulers of the open tasks that have a ladder."""
    tasks = {task.n: task for task in seen.case.tasks}
    return tuple(
        _ladder(duty, tasks[duty.task], seen, history, known)
        for duty in history.duties
        if duty.task in tasks and tasks[duty.task].deadline is not None and tasks[duty.task].ladder
        if duty.kind in ("own", "extra")
    )


def _ladder(duty: Duty, task: Task, seen: SeenCase, history: History, known: Known) -> LadderView:
    ladder, deadline = seen.machine.ladders.get(task.ladder), task.deadline
    assert deadline is not None
    moments = schedule(ladder, deadline.due_at, task.began, seen.calendar, task.counts_from)
    drafts = {one.draft.rung: one for one in history.duties if one.draft and one.draft.of == duty.task}
    ahead = (name for at, name in moments if at > known.now and name not in (*task.skipped, *task.fired))
    following = "" if task.paused else next(ahead, "")
    rungs: list[RungView] = []
    shown_now = False
    for at, name in moments:
        rung = rung_of(ladder, name)
        before_now = not shown_now and at > known.now
        shown_now = shown_now or before_now
        status, note = _status(name, at, task, duty, drafts, following, known)
        if rung is not None and rung.every and status in ("fired", "next", "ahead"):
            note = _repeats(ladder, name, at, moments, seen)
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
    return LadderView(
        title=ladder.title if ladder else "",
        task=task_title(duty, known.titles),
        rungs=tuple(rungs),
        paused=_paused(task, seen, known),
        notes=tuple(_notes(duty, seen, known)),
    )


def _status(
    name: str, at: datetime, task: Task, duty: Duty, drafts: Mapping[str, Duty], following: str, known: Known
) -> tuple[str, str]:
    """How a rung stands, and with whom what it drafted waits, or what became of that."""
    if name in drafts and name in task.fired:
        draft = drafts[name]
        deed = draft.deeds[-1] if draft.deeds else None
        told = name_of(deed.person, known.titles) if deed else people(draft.holder.persons, known)
        prepared = say("case_page.rung.prepared") if draft.draft and draft.draft.prepared_by and not draft.how else ""
        return _DRAFTS.get(draft.how, "dropped"), f"{told}{prepared}"
    if name in task.skipped:
        return "skipped", ""
    if name in task.fired or (name == EXPIRY and task.expired_at is not None):
        return "fired", ""
    if task.paused is not None and name != EXPIRY and at < task.paused.until:
        return "held", ""
    before = [one.at for one in duty.passed if one.rung == name]
    note = say("case_page.rung.again") if before and task.counts_from else ""
    return ("next" if name == following else "ahead"), note


def _repeats(
    ladder: LadderSpec | None, name: str, first: datetime, moments: tuple[tuple[datetime, str], ...], seen: SeenCase
) -> str:
    rung = rung_of(ladder, name)
    assert rung is not None
    every = say("case_page.rung.every", every=tell_rule(rung.every))
    last = last_repeat(rung, first, moments, seen.calendar)
    if rung.times:
        return say("case_page.rung.times", every=every, times=rung.times)
    return say("case_page.rung.until", every=every, until=moment(last, seen.calendar, last).told) if last else every


def _paused(task: Task, seen: SeenCase, known: Known) -> str:
    paused = task.paused
    if paused is None:
        return ""
    return say(
        "case_page.rung.paused",
        until=moment(paused.until, seen.calendar, known.now, ends_day=True).told,
        who=name_of(paused.by, known.titles),
        reason=paused.reason,
    )


def _notes(duty: Duty, seen: SeenCase, known: Known) -> Iterator[str]:
    for climb in duty.climbs:
        if climb.how == "paused":
            continue  # while it lasts it is told above, afterwards by its end
        by_hand = climb.how == "went_on" and climb.reason
        yield say(
            "case_page.climb.went_on_by" if by_hand else f"case_page.climb.{climb.how}", **_told(climb, seen, known)
        )


def _told(climb: Climb, seen: SeenCase, known: Known) -> dict[str, str]:
    titles = known.titles
    names = titles.ladders if climb.how == "changed" else titles.rungs
    to = say("event.ladder_start") if climb.to == START else names.get(climb.to, climb.to)
    return {
        "at": moment(climb.at, seen.calendar, known.now).told,
        "who": name_of(climb.person, titles) if climb.person else "",
        "was": names.get(climb.was, climb.was),
        "to": to,
        "reason": titles.actions.get(climb.reason, climb.reason),
    }
