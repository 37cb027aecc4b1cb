"""Whatever is stopped, let go on, extended, sent away, returned and taken back: no deadline is lost, none doubled."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.case import Task
from engine.core.deadlines import Deadline
from engine.core.definition import PauseSpec
from engine.core.stopped_time import redone
from engine.core.upcast import decode_events, encode_events
from engine.errors import BadInput, ZhibenError
from engine.proof.play import World
from tests.unit.test_stopping import stopping
from tests.worlds import calendar, confirmed, local

BEGIN = "2026-09-28 10:00"
ACTS = ("halt", "go_on", "examine", "come_back", "extend", "consent", "recall", "apply", "fail", "pause", "take_up")
#: Acts that are no action of a task, and the kind of their offer.
KINDS = {"consent": "consent", "recall": "recall", "pause": "pause_ladder", "take_up": "resume_ladder"}
PAUSE = PauseSpec(by=("checker",), most="10 workdays", times=3, missed="fire")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 40)),
        st.tuples(st.sampled_from(("halt", "go_on", "examine", "come_back")), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 200)),
    ),
    min_size=6,
    max_size=28,
)
WITHIN = st.sampled_from(("12 workdays", "15 days", "1 month", "500 hours"))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(within=WITHIN, steps=STEPS)
def test_no_sequence_of_stops_extensions_returns_and_recalls_loses_or_doubles_a_deadline(
    within: str, steps: list[tuple[str, int]]
) -> None:
    play = stopping(within=within, at=BEGIN, pause=PAUSE)
    case = confirmed(play)

    for what, amount in steps:
        if what == "wait":
            play.advance(play.now + timedelta(hours=amount))
        else:
            _do(play, case, what, amount)
        _holds_now(play, case)

    _no_rung_twice(play, case)
    _adds_what_was_stopped(play, case)
    events = play.events(case)
    assert tuple(decode_events(encode_events(events))) == events


def _do(play: World, case: str, what: str, late_by: int) -> None:
    """Do it, dated back by some hours; what is offered is accepted at once, what is not is refused."""
    by = {"extend": "wang", "apply": "wang", "fail": "zhou"}.get(what, "chen")
    at = play.now - timedelta(hours=late_by) if what in ("halt", "go_on", "examine", "come_back") else play.now
    offered = {(one.kind, one.action) for one in play.offers(by, case)}
    kind = KINDS.get(what, "act")
    expected = any(one == kind and (what in KINDS or what == action) for one, action in offered)
    try:
        _act(play, case, what, by, at)
    except BadInput:
        return  # the offer says nothing of dates
    except ZhibenError:
        assert late_by or not expected, (what, offered)
    else:
        assert late_by or expected, (what, offered)


def _act(play: World, case: str, what: str, by: str, at: datetime) -> None:
    if what == "consent":
        asked = next((task.n for task in play.case(case).tasks if task.kind == "approval"), 99)
        play.do(by, case, cmd.AnswerApproval(task=asked, consent=True))
    elif what in ("pause", "take_up"):
        tasks = [task.n for task in play.case(case).tasks if task.ladder]
        for n in tasks[:1] or [99]:
            act = cmd.PauseLadder(task=n, reason="x") if what == "pause" else cmd.ResumeLadder(task=n, reason="x")
            play.do(by, case, act)
    elif what == "recall":
        play.do(by, case, cmd.RecallAction(reason="x"))
    elif what == "apply":
        photo = play.file("photo", "photos")
        play.submit(by, case, what, {"photos": [photo.sha256]}, evidence=(photo,))
    else:
        until = (play.now + timedelta(days=30)).date().isoformat()
        data = {"halt": {"reason": "x"}, "extend": {"asked_until": until, "reason": "x", "measures": "y"}}
        reason = data.get(what, {"reason": "x"} if what == "fail" else {})
        play.submit(by, case, what, reason, occurred_at=None if at == play.now else at)


def _holds_now(play: World, case: str) -> None:
    """What is dated and has not passed is armed; what stands still has no deadline, no alarm and a reason."""
    for task in play.case(case).tasks:
        assert (task.deadline is None) == bool(task.undated)
        if task.stopped is not None:
            assert (task.deadline, task.alarm, task.expired_at, task.undated) == (None, None, None, "stopped")
        elif task.deadline is not None and task.expired_at is None:
            assert task.alarm is not None
            assert task.deadline.due_at > play.now or task.alarm.at <= play.now
        for stops in [task.deadline.derivation.stops if task.deadline else ()]:
            assert all(one.since <= one.until for one in stops)
            assert all(one.until <= two.since for one, two in pairwise(stops))


def _no_rung_twice(play: World, case: str) -> None:
    """A rung that does not repeat fires once for a deadline, however often its clock stops, a deadline passes once."""
    fired: Counter[tuple[int, str]] = Counter()
    expired: Counter[tuple[int, datetime]] = Counter()
    clock: dict[int, int] = {}
    held: dict[tuple[str, str], int] = {}
    where: dict[int, tuple[str, str]] = {}
    for event in play.events(case):
        match event:
            case ev.TaskOpened():
                where[event.task] = (event.state, event.spec)
                goes_on = event.kept is not None
                clock[event.task] = held.get((event.state, event.spec), event.task) if goes_on else event.task
                held[event.state, event.spec] = clock[event.task]
            case ev.DeadlineMoved():
                clock[event.task] = held_anew = -event.task * 1000 - len(fired) - len(expired)
                task = next(
                    one for one in play.events(case) if isinstance(one, ev.TaskOpened) and one.task == event.task
                )
                held[task.state, task.spec] = held_anew
            case ev.RungFired(rung="remind" | "letter"):
                fired[clock[event.task], event.rung] += 1
            case ev.DeadlineExpired():
                expired[clock[event.task], event.due_at] += 1
            case _:
                pass
    assert [one for one, count in fired.items() if count > 1] == []
    assert [one for one, count in expired.items() if count > 1] == []


def _adds_what_was_stopped(play: World, case: str) -> None:
    """Each time a clock goes on, its deadline lies as much later as was stopped: counted here by days, one by one."""
    before: dict[tuple[str, str], Deadline] = {}
    where: dict[int, tuple[str, str]] = {}
    for event in play.events(case):
        match event:
            case ev.TaskOpened():
                where[event.task] = (event.state, event.spec)
                stopped = event.kept.stopped if event.kept else None
                if (deadline := stopped.deadline if stopped else event.deadline) is not None:
                    before[event.state, event.spec] = deadline
            case ev.DeadlineMoved():
                before[where[event.task]] = event.deadline
            case ev.ClockResumed(deadline=deadline, stop=stop) if deadline is not None:
                was = before[where[event.task]]
                if stop is None:
                    assert deadline == was
                else:
                    assert deadline.due_at == _later(was, stop.since, stop.until, calendar())
                assert redone(deadline, calendar()) == deadline
                before[where[event.task]] = deadline
            case _:
                pass


def _later(was: Deadline, since: datetime, until: datetime, days: Calendar) -> datetime:
    if was.derivation.rule.endswith("hours"):
        return was.due_at + (until - since)
    passed = _days(days.local_day(since), days.local_day(until))
    due_on = was.derivation.due_on
    if not was.derivation.rule.endswith("workdays"):
        return days.end_of(due_on + timedelta(len(passed)))
    for _ in [day for day in passed if days.is_workday(day)]:
        due_on += timedelta(1)
        while not days.is_workday(due_on):
            due_on += timedelta(1)
    return days.end_of(due_on)


def _days(first: date, last: date) -> list[date]:
    """The days after the first, up to the last."""
    return [first + timedelta(n) for n in range(1, (last - first).days + 1)]


def test_a_law_is_tried_on_stops_that_do_happen() -> None:
    play = stopping(within="12 workdays", at=BEGIN)
    case = confirmed(play)
    for what in ("halt", "examine", "come_back", "go_on", "extend", "consent", "examine", "recall"):
        _do(play, case, what, 0)
        play.advance(play.now + timedelta(minutes=10))

    told = Counter(type(event).__name__ for event in play.events(case))
    task: Task = play.case(case).tasks[0]
    assert (told["ClockStopped"], told["ClockResumed"], told["DeadlineMoved"]) == (3, 1, 1)
    assert (task.state, task.deadline is not None, local(BEGIN) < task.opened_at) == ("doing", True, True)
