"""A case in which everything that concerns time happens at once: one procedure, what people and the clock do, laws."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import CalendarYear
from engine.core.case import Task
from engine.core.deadlines import Deadline
from engine.core.definition import (
    ActionSpec,
    CalmSpec,
    DeadlineSpec,
    FormItem,
    LadderChoice,
    LadderSpec,
    PauseSpec,
    Procedure,
    RungSpec,
    SetFields,
    TaskSpec,
)
from engine.core.fold import fold_entry
from engine.core.ladders import EXPIRY, RESUME, schedule
from engine.core.stopped_time import redone
from engine.core.upcast import decode_events, encode_events
from engine.errors import BadInput, ZhibenError
from engine.runtime.calendar_years import with_year
from tests.holding import HANDLING
from tests.samples import SLOW, with_action, with_state
from tests.unit.test_stopping import AWAY, procedure_of
from tests.worlds import confirmed, world
from web.catalogues import tell_event

#: Two weeks before a year that is not published yet.
BEGIN = "2026-12-14 10:00"
#: Who does what; the others are done by chen.
BY = {
    **dict.fromkeys(("extend", "apply", "delegate", "give_back", "progress", "due", "report_week"), "wang"),
    **dict.fromkeys(("fail", "accept"), "zhou"),
    **dict.fromkeys(("pause", "resume", "issue", "decline", "reopen", "triage"), "lin"),
}
ACTS = (
    *("halt", "go_on", "examine", "come_back", "extend", "consent", "recall", "apply", "fail", "accept", "reopen"),
    *("pause", "resume", "issue", "decline", "delegate", "give_back", "progress", "up", "down", "due", "report_week"),
    "triage",
)
#: Acts that are no action of a task, and the kind of their offer.
KINDS = {
    **{one: one for one in ("consent", "recall", "issue", "decline", "delegate", "reopen")},
    "give_back": "take_back",
    "pause": "pause_ladder",
    "resume": "resume_ladder",
}
DATED_BACK = ("halt", "go_on", "examine", "come_back")
#: Rungs that come once for a deadline.
ONCE = ("remind", "early", "letter", "note", "last")


def ladder(name: str, missed: str, *before: RungSpec, after: tuple[RungSpec, ...] = ()) -> LadderSpec:
    """One of the two ladders of the work: it may be paused, and steps down on progress."""
    return replace(
        SLOW,
        id=name,
        title=name,
        rungs=(*before, *SLOW.rungs, *after),
        pause=PauseSpec(by=("office",), most="6 workdays", times=9, missed=missed),  # type: ignore[arg-type]
        calms=CalmSpec(on=("progress",)),
    )


#: What decides which ladder is climbed; it may change while the case is away, too.
GRADES = (
    ActionSpec(id="up", title="升级", by=("checker",), do=(SetFields(values={"level": "'high'"}),)),
    ActionSpec(id="down", title="降级", by=("checker",), do=(SetFields(values={"level": "'low'"}),)),
)
EARLY = RungSpec(id="early", title="预警", at="3 workdays before", to=("holder",), text="told")
LAST = RungSpec(id="last", title="约谈", at="5 workdays after", to=("holder",), text="told")
NOTE = RungSpec(id="note", title="情况", at="2 days after start", to=("holder",), text="told")


def procedure(deadline: DeadlineSpec, missed: str) -> Procedure:
    """The sample whose work may be stopped, extended, paused, sent away, taken back; with a task every week beside."""
    (task,) = AWAY.tasks
    made = procedure_of(away=replace(AWAY, tasks=(replace(task, actions=(*task.actions, *GRADES)),)))
    doing = next(state for state in made.states if state.path == "doing")
    own, recheck = doing.tasks
    own = replace(
        own,
        deadline=deadline,
        expiry_opens="recheck",
        ladder="",
        ladders=(LadderChoice(ladder="steep", when="level == 'high'"), LadderChoice(ladder="flat")),
        handling=HANDLING,
        actions=(
            *own.actions,
            ActionSpec(id="progress", title="进展"),
            *GRADES,
            ActionSpec(id="due", title="定期限", form=(FormItem(field="due_on", required=True),)),
        ),
    )
    weekly = TaskSpec(
        id="weekly",
        title="周报",
        holder="unit.principal",
        every="5 workdays",
        deadline=DeadlineSpec(within="5 workdays"),
        ladder="flat",
        actions=(ActionSpec(id="report_week", title="报送"),),
    )
    made = with_state(made, "doing", tasks=(own, recheck, weekly))
    made = with_action(made, "doing", "apply", recall="2 days")
    made = with_action(made, "opened", "confirm", form=(FormItem(field="level"), FormItem(field="due_on")))
    return replace(made, ladders=(SLOW, ladder("flat", missed), ladder("steep", missed, NOTE, EARLY, after=(LAST,))))


def year(version: int, off: frozenset[int], worked: frozenset[int]) -> CalendarYear:
    """What was published for 2027: the days of its first weeks that are off, and weekends that are worked."""
    first = date(2027, 1, 1)
    holidays = {first + timedelta(n): "节" for n in off}
    workdays = {day: "节" for n in worked - off if (day := first + timedelta(n)).weekday() >= 5}
    return CalendarYear(
        year=2027, version=f"cn-2027@{version}", status="official", title="通知", source="国办",
        holidays=holidays, workdays=workdays,
    )  # fmt: skip


class Course:
    """One play: each step is done, and what must hold then is looked at."""

    def __init__(self, deadline: DeadlineSpec, missed: str, *, claimed: bool = False) -> None:
        self.play = world(BEGIN, procedure(deadline, missed))
        self.done: Counter[str] = Counter()
        if claimed:
            self.case = self._claimed()
        else:
            self.case = confirmed(self.play, due_on="")
        self.check()

    def _claimed(self) -> str:
        data = {"subject": "缺护栏", "unit": "U1", "place": "P1", "level": "low"}
        act = cmd.ClaimCase(
            version=self.play.machine_of("sample").version, state="doing", data=data, claimed_number="旧1",
            claimed_opened_at=self.play.now - timedelta(days=4),
        )  # fmt: skip
        self.play.do("clerk", "C1", act)
        return "C1"

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The open tasks."""
        return self.play.case(self.case).tasks

    # what happens ------------------------------------------------------------------------------------------------

    def step(self, what: str, amount: int) -> None:
        """Do it, or let so many hours pass; what is offered is done, what is not is refused."""
        if what in ("wait", "sleep"):
            self.play.advance(self.play.now + timedelta(hours=amount), asleep=what == "sleep")
        else:
            self._try(what, amount)
        self.play.advance(self.play.now)
        self.check()

    def publish(self, found: CalendarYear) -> None:
        """A year is published, and the case follows it; a second time nothing is left to move."""
        self.play.calendar = with_year(self.play.calendar, found)
        self.done["publish"] += bool(self.redate())
        assert self.redate() == ()
        self.play.advance(self.play.now)
        self.check()

    def redate(self) -> tuple[ev.AnyEvent, ...]:
        """Lead the case after the calendar."""
        return self.play.do(cmd.SYSTEM, self.case, cmd.RedateCase(calendar="cn", year=2027))

    def _try(self, what: str, late_by: int) -> None:
        by = BY.get(what, "chen")
        at = self.play.now - timedelta(hours=late_by) if what in DATED_BACK else self.play.now
        offered = {(one.kind, one.action) for one in self.play.offers(by, self.case)}
        kind = KINDS.get(what, "act")
        expected = any(one == kind and (what in KINDS or what == action) for one, action in offered)
        try:
            self._act(what, by, at)
        except BadInput:
            return  # the offer says nothing of dates
        except ZhibenError:
            done = False
        else:
            done = True
        assert late_by or what == "triage" or done == expected, (what, offered)
        self.done[what] += done

    def _act(self, what: str, by: str, at: datetime) -> None:
        play, case, day = self.play, self.case, self.play.calendar.local_day(self.play.now)
        match what:
            case "consent":
                play.do(by, case, cmd.AnswerApproval(task=self._task(kind="approval"), consent=True))
            case "pause":
                play.do(by, case, cmd.PauseLadder(task=self._pausable(), reason="x"))
            case "resume":
                play.do(by, case, cmd.ResumeLadder(task=self._resumable(), reason="x"))
            case "recall":
                play.do(by, case, cmd.RecallAction(reason="x"))
            case "issue":
                play.do(by, case, cmd.IssueDraft(task=self._task(kind="draft"), evidence=()))
            case "decline":
                play.do(by, case, cmd.DeclineDraft(task=self._task(kind="draft"), reason="x"))
            case "delegate":
                play.do(by, case, cmd.DelegateTask(task=self._task(state="doing"), to="li", reason="x"))
            case "give_back":
                play.do(by, case, cmd.GiveBackTask(task=self._task(state="doing"), opinion="x"))
            case "triage":
                play.do(by, case, cmd.TriageCase(start="now", reason="x"))
            case "apply":
                photo = play.file("photo", "photos")
                play.submit(by, case, what, {"photos": [photo.sha256]}, evidence=(photo,))
            case "accept":
                play.submit(by, case, what, evidence=(play.file("signature"),), on_site=True)
            case _:
                later = (day + timedelta(days=24)).isoformat()
                data = {
                    "halt": {"reason": "x"},
                    "fail": {"reason": "x"},
                    "extend": {"asked_until": later, "reason": "x", "measures": "y"},
                    "due": {"due_on": (day + timedelta(days=6)).isoformat()},
                    "reopen": {"reason": "x", "due_on": later},
                }
                play.submit(by, case, what, data.get(what, {}), occurred_at=None if at == play.now else at)

    def _task(self, *, kind: str = "own", state: str = "") -> int:
        return next((one.n for one in self.tasks if one.kind == kind and one.state.startswith(state)), 99)

    def _pausable(self) -> int:
        return next(
            (one.n for one in self.tasks if one.ladder in ("flat", "steep") and not one.paused and one.alarm), 99
        )

    def _resumable(self) -> int:
        return next((one.n for one in self.tasks if one.paused), 99)

    # what must hold ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """What is dated is armed for what comes next, what is not says why; workings lead to what stands."""
        asleep = (claim := self.play.case(self.case).claim) is not None and not claim.triaged
        for task in self.tasks:
            assert (task.deadline is None) == bool(task.undated)
            if task.stopped is not None:
                assert (task.deadline, task.alarm, task.expired_at, task.undated) == (None, None, None, "stopped")
            elif asleep and task.kind in ("own", "extra"):
                assert task.alarm is None
            else:
                self._check_alarm(task)
            if task.deadline is not None and task.expired_at is None:
                self._check_working(task.deadline)

    def _check_working(self, deadline: Deadline) -> None:
        again = redone(deadline, self.play.calendar)
        assert (again.due_at, again.opens_at) == (deadline.due_at, deadline.opens_at)
        told, anew = deadline.derivation, again.derivation
        assert (anew.due_on, anew.provisional, anew.stops) == (told.due_on, told.provisional, told.stops)

    def _check_alarm(self, task: Task) -> None:
        told = (task.alarm.at, task.alarm.rung) if task.alarm else None
        ahead = sorted(self._ahead(task))
        assert (told[0] if told else None) == (ahead[0][0] if ahead else None), (task, told, ahead)
        assert told is None or told in ahead
        assert task.alarm is None or task.alarm.epoch == task.epoch

    def _ahead(self, task: Task) -> Iterator[tuple[datetime, str]]:
        """What may still come of a task, none of it overdue."""
        if task.deadline is None:
            return
        if task.expired_at is None:
            assert task.deadline.due_at > self.play.now, task
            yield task.deadline.due_at, EXPIRY
        if task.paused is not None:
            yield task.paused.until, RESUME
            return
        found = self.play.machine_of("sample").ladders.get(task.ladder)
        moments = schedule(found, task.deadline.due_at, task.began, self.play.calendar, task.counts_from)
        for at, name in moments:
            rung = next((one for one in found.rungs if one.id == name), None) if found else None
            if rung is None or name in task.skipped:
                continue
            if name not in task.fired:
                assert at > self.play.now, (name, at, task)
                yield at, name
            elif rung.every:
                yield self._repeat(at), name

    def _repeat(self, first: datetime) -> datetime:
        """The next moment of what is repeated every workday, counted one by one."""
        days, local_first = self.play.calendar, first.astimezone(self.play.calendar.zone)
        day = local_first.date()
        while (at := days.instant(day, local_first.time())) <= max(self.play.now, first):
            day = days.workday_after(day, 1)
        return at

    def check_whole(self) -> None:
        """At the end: nothing came twice, entries make the same case again, are read again and can be told."""
        events = self.play.events(self.case)
        assert tuple(decode_events(encode_events(events))) == events
        again = None
        for written in self.play.log:
            again = fold_entry(again, written.head, written.events)
        assert again == self.play.case(self.case)
        for event in events:
            told = tell_event(event)
            assert re.search("[一-鿿]", told), told
            assert not re.search(r"[{}]|None|waits_for", told), told
        self._check_once()

    def _check_once(self) -> None:
        """A rung that does not repeat comes once for a deadline, whatever its clock does; a deadline passes once."""
        came: Counter[tuple[Any, str]] = Counter()
        clock: dict[int, Any] = {}
        held: dict[Any, Any] = {}
        where: dict[int, Any] = {}
        for n, event in enumerate(self.play.events(self.case)):
            match event:
                case ev.TaskOpened():
                    period = event.period.n if event.period else event.task if event.kind == "draft" else 0
                    where[event.task] = key = (event.state, event.spec, period)
                    clock[event.task] = held.get(key, event.task) if event.kept else event.task
                    held[key] = clock[event.task]
                case ev.DeadlineMoved():
                    clock[event.task] = held[where[event.task]] = ("moved", n)
                case ev.LadderCalmed():
                    for rung in event.again:
                        came.pop((clock[event.task], rung), None)
                case ev.RungFired() if event.rung in ONCE:
                    came[clock[event.task], event.rung] += 1
                case ev.DeadlineExpired():
                    came[clock[event.task], f"{event.due_at:%F %T}"] += 1
                case _:
                    pass
        assert [one for one, count in came.items() if count > 1] == []
