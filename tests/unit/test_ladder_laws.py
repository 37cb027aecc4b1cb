"""Laws of ladders: whatever is paused, moved, calmed or slept through, each rung comes once, in time and in order."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import ActionSpec, CalmSpec, LadderChoice, LadderSpec, PauseSpec, RungSpec, SetFields
from engine.core.ladders import EXPIRY, RESUME, schedule
from engine.errors import BadInput, Refusal
from tests.samples import DOING, SAMPLE, with_state
from tests.worlds import confirmed, of_type, world

POINTS = (
    *("3 workdays before", "1 day before", "6 hours before", "deadline", "6 hours after", "1 workday after"),
    *("2 workdays after", "2 workdays after 10:00", "4 workdays after", "7 workdays after"),
)
OVER = POINTS.index("deadline")


@st.composite
def ladders(draw, name: str) -> LadderSpec:
    chosen = sorted(draw(st.sets(st.integers(0, len(POINTS) - 1), min_size=1, max_size=6)))
    specs = []
    for index in chosen:
        more = {}
        if draw(st.booleans()):
            more = {"draft": "letter", "by": "office", "if_over": draw(st.sampled_from(("withdraw", "keep")))}
        elif draw(st.booleans()):
            more = {
                "every": draw(st.sampled_from(("1 workday", "1 day", "12 hours"))),
                "times": draw(st.integers(0, 3)),
            }
        specs.append(RungSpec(id=f"r{index}", title="x", at=POINTS[index], to=("holder",), text="told", **more))
    back = ["start", *(f"r{index}" for index in chosen if index >= OVER)]
    return LadderSpec(
        id=name,
        title=name,
        rungs=tuple(specs),
        pause=PauseSpec(by=("office",), most="3 workdays", times=9, missed=draw(st.sampled_from(("fire", "skip")))),
        calms=CalmSpec(on=("progress",), back_to=draw(st.sampled_from(back))),
    )


ACTS = st.sampled_from(("wait", "wait", "wait", "sleep", "pause", "resume", "progress", "grade", "extend"))
STEPS = st.lists(st.tuples(ACTS, st.integers(1, 120)), min_size=6, max_size=18)


def procedure(first: LadderSpec, second: LadderSpec):
    """The sample whose work may climb either of two ladders."""
    actions = (
        DOING.tasks[0].actions[0],
        replace(DOING.tasks[0].actions[1], ask=None, approve=None),
        ActionSpec(id="progress", title="进展"),
        ActionSpec(id="up", title="升级", do=(SetFields(values={"level": "'high'"}),)),
        ActionSpec(id="down", title="降级", do=(SetFields(values={"level": "'low'"}),)),
    )
    choices = (LadderChoice(ladder="second", when="level == 'high'"), LadderChoice(ladder="first"))
    task = replace(DOING.tasks[0], ladder="", ladders=choices, actions=actions, expiry_opens="")
    return replace(with_state(SAMPLE, "doing", tasks=(task,)), ladders=(*SAMPLE.ladders, first, second))


def step(play, case: str, act: str, amount: int) -> None:
    """One thing that happens; what is refused changes nothing."""
    try:
        match act:
            case "wait" | "sleep":
                play.advance(play.now + timedelta(hours=amount), asleep=act == "sleep")
            case "pause":
                play.do("lin", case, cmd.PauseLadder(task=2, reason="x"))
            case "resume":
                play.do("lin", case, cmd.ResumeLadder(task=2, reason="x"))
            case "grade":
                level = play.case(case).fields["level"]
                play.submit("wang", case, "down" if level == "high" else "up")
            case "extend":
                day = play.calendar.local_day(play.now) + timedelta(days=amount // 8 + 1)
                play.submit("wang", case, "extend", {"asked_until": day.isoformat(), "reason": "x"})
            case _:
                play.submit("wang", case, "progress")
    except (Refusal, BadInput):
        pass
    play.advance(play.now)


def check_course(play, case: str) -> None:
    """Each rung at most once for each arming, repeats apart; none before its moment, none paused, all in order."""
    fired: set[str] = set()
    last: dict[str, datetime] = {}
    latest, paused = None, False
    machine = play.machine_of("sample")
    repeats = {(one.id, rung.id) for one in machine.ladders.values() for rung in one.rungs if rung.every}
    ladder = ""
    for written in play.log:
        for event in written.events:
            if getattr(event, "task", 0) != 2:
                continue
            match event:
                case ev.TaskOpened():
                    ladder = event.ladder
                case ev.LadderChanged():
                    ladder = event.ladder
                case ev.DeadlineMoved():
                    fired, last, latest = set(), {}, None
                case ev.LadderCalmed():
                    fired -= set(event.again)
                    last = {rung: at for rung, at in last.items() if rung not in event.again}
                case ev.LadderPaused():
                    paused = True
                case ev.LadderResumed():
                    paused = False
                case ev.RungFired():
                    assert not paused
                    assert event.due_at <= written.head.recorded_at
                    assert event.system_late >= 0
                    assert event.rung not in fired or (
                        (ladder, event.rung) in repeats and event.due_at > last[event.rung]
                    )
                    assert latest is None or event.due_at >= latest
                    fired.add(event.rung)
                    last[event.rung] = latest = event.due_at
                case ev.DeadlineExpired():
                    assert EXPIRY not in fired
                    fired.add(EXPIRY)
                case _:
                    pass


def check_alarm(play, case: str) -> None:
    """What is armed is the earliest that may still come, found by looking at every moment there is."""
    task = play.case(case).task(2)
    ladder = play.machine_of("sample").ladders[task.ladder]
    moments = schedule(ladder, task.deadline.due_at, task.opened_at, play.calendar, task.counts_from)
    ahead = [] if task.expired_at is not None else [(task.deadline.due_at, EXPIRY)]
    if task.paused is not None:
        ahead.append((task.paused.until, RESUME))
    else:
        for at, name in moments:
            rung = next((one for one in ladder.rungs if one.id == name), None)
            if rung is None or name in task.skipped:
                continue
            if name not in task.fired:
                assert at > play.now
                ahead.append((at, name))
            elif rung.every:
                ahead += [(moment, name) for moment in grid(rung, at, play) if moment > play.now][:1]
    told = (task.alarm.at, task.alarm.rung) if task.alarm else None
    assert (told[0] if told else None) == (min(ahead)[0] if ahead else None)
    assert told is None or told in ahead


def grid(rung: RungSpec, first: datetime, play) -> list[datetime]:
    """The moments of a repeated rung, counted one by one."""
    calendar, moments, local = play.calendar, [first], first.astimezone(play.calendar.zone)
    for index in range(1, rung.times or 200):
        match rung.every:
            case "12 hours":
                moments.append(first + timedelta(hours=12 * index))
            case "1 day":
                moments.append(calendar.instant(local.date() + timedelta(days=index), local.time()))
            case _:
                moments.append(calendar.instant(calendar.workday_after(local.date(), index), local.time()))
    return moments


@settings(max_examples=150)
@given(first=ladders("first"), second=ladders("second"), steps=STEPS)
def test_each_rung_comes_once_in_time_and_in_order_whatever_happens(first, second, steps):
    play = world(procedure=procedure(first, second))
    case = confirmed(play, due_on="2026-10-09")
    check_alarm(play, case)
    for act, amount in steps:
        step(play, case, act, amount)
        check_alarm(play, case)
    check_course(play, case)


def test_the_laws_see_all_that_can_happen():
    """Over the same examples: pauses, their ends in time and by hand, steps down, changes and moves do occur."""
    seen: set[str] = set()

    @settings(max_examples=80, database=None)
    @given(first=ladders("first"), second=ladders("second"), steps=STEPS)
    def look(first, second, steps):
        play = world(procedure=procedure(first, second))
        case = confirmed(play, due_on="2026-10-09")
        for act, amount in steps:
            step(play, case, act, amount)
        kinds = (ev.LadderChanged, ev.LadderCalmed, ev.LadderPaused, ev.LadderResumed, ev.DeadlineMoved, ev.RungFired)
        seen.update(type(event).__name__ for event in of_type(play.events(case), *kinds))
        seen.update(event.how for event in of_type(play.events(case), ev.LadderResumed))

    look()

    assert seen == {
        *("LadderChanged", "LadderCalmed", "LadderPaused", "LadderResumed", "DeadlineMoved", "RungFired"),
        *("by_hand", "in_time"),
    }
