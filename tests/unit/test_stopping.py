"""Clocks that stand still (中止计时): nothing is lost, nothing counted twice, and what had passed has passed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    DeadlineSpec,
    FormItem,
    Procedure,
    ResumeClock,
    StateSpec,
    StopClock,
    StopSpec,
    TargetSpec,
    TaskSpec,
)
from engine.core.stops import STOPPED, Stop
from engine.errors import NotPermitted
from tests.samples import SAMPLE, SLOW, with_action, with_state
from tests.worlds import EVE, confirmed, fired, local, of_type, only_task, own_task, task_of, wait, world

REASON = (FormItem(field="reason", required=True),)
#: An examination outside: the clock stands still while the case waits for its result.
AWAY = StateSpec(
    path="away",
    title="等待鉴定",
    stop_clock=StopSpec(),
    basis=("sample.7",),
    tasks=(
        TaskSpec(
            holder="checker",
            undated="鉴定机构定",
            actions=(
                ActionSpec(
                    id="come_back",
                    title="鉴定回来",
                    to=(TargetSpec(state="doing"),),
                    recall="until read",
                    late_entry="30 days",
                ),
                ActionSpec(id="give_up", title="直接验收", to=(TargetSpec(state="checking"),)),
            ),
        ),
    ),
)
EXAMINE = ActionSpec(
    id="examine",
    title="送鉴定",
    by=("checker",),
    to=(TargetSpec(state="away"),),
    recall="until read",
    late_entry="30 days",
)
HALT = ActionSpec(
    id="halt", title="中止", by=("checker",), form=REASON, do=(StopClock(reason="reason"),), late_entry="30 days"
)
GO_ON = ActionSpec(id="go_on", title="恢复", by=("checker",), do=(ResumeClock(),), late_entry="30 days")


def procedure_of(within: str = "", *, away: StateSpec = AWAY, approve: str = "", pause: Any = None) -> Procedure:
    """The sample in which doing may be stopped, by an act (which somebody may have to approve) and an examination."""
    doing = next(state for state in SAMPLE.states if state.path == "doing")
    own, *others = doing.tasks
    halt = replace(HALT, approve=ApprovalSpec(by=approve, undated="无")) if approve else HALT
    deadline = DeadlineSpec(within=within) if within else own.deadline
    own = replace(own, deadline=deadline, expiry_opens="", actions=(*own.actions, EXAMINE, halt, GO_ON))
    procedure = with_state(SAMPLE, "doing", tasks=(own, *others))
    procedure = with_action(procedure, "doing", "extend", ask=replace(own.actions[1].ask, lead="", times=0))
    return replace(procedure, states=(*procedure.states, away), ladders=(replace(SLOW, pause=pause),))


def stopping(within: str = "", *, at: str = EVE, **how: Any) -> Any:
    """A world that runs it."""
    return world(at=at, procedure=procedure_of(within, **how))


def halt(play: Any, case: str, **how: Any) -> None:
    play.submit("chen", case, "halt", {"reason": "等专家"}, **how)


def go_on(play: Any, case: str, **how: Any) -> None:
    play.submit("chen", case, "go_on", **how)


def due(play: Any, case: str) -> Any:
    deadline = own_task(play.case(case)).deadline
    return deadline.due_at if deadline else None


def code_of(do: Any) -> str:
    with pytest.raises(NotPermitted) as refused:
        do()
    return refused.value.code


def test_while_the_clock_stands_still_there_is_no_deadline_no_alarm_and_a_stated_reason():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")

    halt(play, case)

    task = own_task(play.case(case))
    assert (task.deadline, task.alarm, task.undated) == (None, None, STOPPED)
    assert (task.stopped.by, task.stopped.reason, task.stopped.since) == ("chen", "等专家", local("2026-10-09 10:00"))
    wait(play, "2026-12-31 10:00")
    assert (fired(play, case), play.case(case).expiries) == ([], 0)


def test_as_many_workdays_are_left_after_the_stop_as_before_it():
    play = stopping(within="5 workdays")
    case = confirmed(play)  # Wednesday 30 September: 8, 9, 10 (made up), 12 and 13 October
    wait(play, "2026-10-09 10:00")  # 3 workdays are left
    halt(play, case)
    wait(play, "2026-10-20 16:00")

    go_on(play, case)

    (resumed,) = of_type(play.events(case), ev.ClockResumed)
    stop = Stop(since=local("2026-10-09 10:00"), until=local("2026-10-20 16:00"), unit="workday", amount=8)
    told = resumed.deadline.derivation
    assert (resumed.stop, told.stops, told.due_on) == (stop, (stop,), date(2026, 10, 23))
    assert due(play, case) == local("2026-10-24 00:00")
    assert (resumed.alarm.rung, resumed.alarm.at) == ("remind", local("2026-10-22 00:00"))


@pytest.mark.parametrize(
    ("within", "until"),
    [
        ("10 days", "2026-10-22 00:00"),  # 10 October and 11 days
        ("1 month", "2026-11-11 00:00"),
        ("400 hours", "2026-10-28 08:00"),  # 400 hours and 11 days and 6 hours
    ],
)
def test_what_was_stopped_is_added_in_the_unit_of_the_deadline(within, until):
    play = stopping(within=within)
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    halt(play, case)
    wait(play, "2026-10-20 16:00")

    go_on(play, case)

    assert due(play, case) == local(until)


def test_a_day_that_the_plan_names_moves_by_the_days_stopped():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-09 10:00")
    halt(play, case)
    wait(play, "2026-10-14 10:00")

    go_on(play, case)

    assert due(play, case) == local("2026-10-26 00:00")


def test_rungs_shift_with_the_deadline_and_none_fires_twice():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-20 09:00")  # reminded the day before
    halt(play, case)
    wait(play, "2026-11-20 09:00")
    go_on(play, case)

    wait(play, "2026-11-21 00:00")

    assert fired(play, case) == ["remind", "expiry", "overdue"]
    assert play.case(case).expiries == 1


def test_a_stop_after_the_deadline_has_passed_is_refused_and_not_offered():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 09:00")

    code = code_of(lambda: halt(play, case))

    assert code == "clock_run_out"
    assert "halt" not in [offer.action for offer in play.offers("chen", case)]
    assert (due(play, case), play.case(case).expiries) == (local("2026-10-21 00:00"), 1)


def test_what_stands_still_is_not_stopped_again_and_what_runs_does_not_go_on():
    play = stopping()
    case = confirmed(play)

    running = code_of(lambda: go_on(play, case))
    halt(play, case)
    stopped = code_of(lambda: halt(play, case))

    assert (running, stopped) == ("no_clock_stopped", "clock_stopped_already")
    assert {one.action for one in play.offers("chen", case)} & {"halt", "go_on"} == {"go_on"}


def test_while_an_examination_lasts_the_clock_is_held_and_the_case_comes_back_to_it():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    play.submit("chen", case, "examine")
    state = play.case(case)
    assert [(one.state, one.kept.stopped.state) for one in state.clocks] == [("doing", "away")]
    assert only_task(state).state == "away"

    wait(play, "2026-10-20 16:00")
    play.submit("chen", case, "come_back")

    assert (due(play, case), play.case(case).clocks) == (local("2026-10-24 00:00"), ())
    assert own_task(play.case(case)).opened_at == local("2026-10-20 16:00")
    wait(play, "2026-10-24 00:00")
    assert fired(play, case) == ["remind", "expiry", "overdue"]


def test_a_clock_that_had_run_out_is_held_as_it_stands_and_stays_late():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-14 10:00")
    play.submit("chen", case, "examine")
    wait(play, "2026-10-20 16:00")

    play.submit("chen", case, "come_back")

    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.expired_at) == (local("2026-10-14 00:00"), local("2026-10-14 00:00"))
    wait(play, "2026-10-20 17:00")
    assert play.case(case).expiries == 1
    assert fired(play, case)[:3] == ["remind", "expiry", "overdue"]
    assert fired(play, case).count("letter") == 1


def test_where_the_case_goes_on_elsewhere_the_held_clock_is_dropped():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    play.submit("chen", case, "examine")

    play.submit("chen", case, "give_up")

    assert play.case(case).clocks == ()
    assert [event.task for event in of_type(play.events(case), ev.ClockDropped)] == [2]


def test_a_stop_entered_late_counts_from_when_it_happened_and_what_was_recorded_stays():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 09:00")  # the deadline has been recorded as passed

    halt(play, case, occurred_at=local("2026-10-19 10:00"))
    stopped = play.case(case)
    go_on(play, case)

    task = own_task(play.case(case))
    assert (own_task(stopped).expired_at, stopped.expiries) == (None, 1)
    assert (task.deadline.due_at, task.expired_at) == (local("2026-10-23 00:00"), None)
    wait(play, "2026-10-23 00:00")
    assert (play.case(case).expiries, fired(play, case)) == (2, ["remind", "expiry", "overdue", "expiry"])


def test_an_extension_is_not_asked_for_while_the_clock_stands_still():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    halt(play, case)

    code = code_of(lambda: play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "雨"}))

    assert code == "clock_stopped"


def test_an_extension_granted_meanwhile_moves_the_deadline_to_which_the_stop_is_added():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "雨"})
    wait(play, "2026-10-09 10:00")
    halt(play, case)
    play.do("chen", case, cmd.AnswerApproval(task=task_of(play.case(case), "approval").n, consent=True))
    wait(play, "2026-10-14 10:00")

    go_on(play, case)

    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.extensions, task.first_due) == (
        local("2026-11-16 00:00"),
        1,
        date(2026, 10, 25),
    )


def test_taking_back_the_way_into_the_examination_leaves_the_clock_as_it_was():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    before = own_task(play.case(case)).deadline
    wait(play, "2026-10-09 10:00")
    play.submit("chen", case, "examine")
    wait(play, "2026-10-09 10:30")

    play.do("chen", case, cmd.RecallAction(reason="不用鉴定"))

    task, state = own_task(play.case(case)), play.case(case)
    assert (task.deadline, task.stopped, state.clocks, state.leaves()) == (before, None, (), ("doing",))
    assert (task.alarm.rung, task.alarm.at) == ("remind", local("2026-10-12 00:00"))


def test_taking_back_the_way_out_of_the_examination_holds_the_clock_again_from_when_it_first_was():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    play.submit("chen", case, "examine")
    wait(play, "2026-10-12 10:00")
    play.submit("chen", case, "come_back")
    wait(play, "2026-10-12 10:30")

    play.do("chen", case, cmd.RecallAction(reason="结果有误"))
    held = play.case(case)
    wait(play, "2026-10-20 16:00")
    play.submit("chen", case, "come_back")

    assert (held.leaves(), [one.kept.stopped.since for one in held.clocks]) == (("away",), [local("2026-10-09 10:00")])
    assert due(play, case) == local("2026-10-24 00:00")


def test_taking_back_the_way_out_after_the_deadline_has_passed_does_not_undo_that():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-12 10:00")
    play.submit("chen", case, "examine")
    play.submit("chen", case, "come_back")
    wait(play, "2026-10-14 10:00")

    play.do("chen", case, cmd.RecallAction(reason="结果有误"))
    wait(play, "2026-10-20 10:00")
    play.submit("chen", case, "come_back")

    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.expired_at) == (local("2026-10-14 00:00"), local("2026-10-14 00:00"))
    assert (play.case(case).expiries, fired(play, case).count("remind")) == (1, 1)


def test_a_task_that_was_stopped_and_is_taken_back_to_stands_still_again():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    halt(play, case)
    play.submit("chen", case, "examine")
    wait(play, "2026-10-09 10:30")

    play.do("chen", case, cmd.RecallAction(reason="不用鉴定"))

    task = own_task(play.case(case))
    assert (task.deadline, task.stopped.by_act, task.stopped.since) == (None, True, local("2026-10-09 10:00"))
    wait(play, "2026-10-20 16:00")
    go_on(play, case)
    assert due(play, case) == local("2026-10-24 00:00")
