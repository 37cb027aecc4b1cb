"""Clocks beside each other: regions, states around states, names, other dates; and definitions that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    AskSpec,
    DeadlineSpec,
    FormItem,
    PauseSpec,
    Procedure,
    ResumeClock,
    StageSpec,
    StopClock,
    StopSpec,
    TargetSpec,
)
from engine.errors import DefinitionErrors
from tests.samples import SAMPLE, with_action, with_state
from tests.unit.test_stopping import AWAY, stopping
from tests.worlds import confirmed, fired, local, of_type, own_task, task_of, wait, world

LEFT, RIGHT = "reviewing.left.asked", "reviewing.right.asked"


def task_in(play: Any, case: str, state: str) -> Any:
    return next(task for task in play.case(case).tasks if task.state == state)


def test_a_region_that_waits_stops_the_clock_of_the_other_until_it_is_done():
    play = world(procedure=with_state(SAMPLE, LEFT, stop_clock=StopSpec()))
    case = confirmed(play, level="high")
    beside = task_in(play, case, RIGHT)
    wait(play, "2026-10-14 10:00")

    play.submit("lin", case, "answer", {"opinion": "同意"}, task=task_in(play, case, LEFT).n)

    assert (beside.deadline, beside.stopped.state, beside.stopped.by_act) == (None, LEFT, False)
    # the waiting region's own clock runs: its two workdays passed on the 9th
    assert [event.task for event in of_type(play.events(case), ev.DeadlineExpired)] == [2]
    assert task_in(play, case, RIGHT).deadline.due_at == local("2026-10-17 00:00")


def test_a_clock_that_only_starts_with_a_date_stands_still_at_once_while_a_region_beside_stops_it():
    given = ActionSpec(id="date", title="定日期", form=(FormItem(field="asked_until", required=True),))
    (right,) = next(state.tasks for state in SAMPLE.states if state.path == RIGHT)
    spec = DeadlineSpec(within="3 workdays", since="asked_until")
    waiting = with_state(SAMPLE, RIGHT, tasks=(replace(right, deadline=spec, actions=(*right.actions, given)),))
    play = world(procedure=with_state(waiting, LEFT, stop_clock=StopSpec()))
    case = confirmed(play, level="high")

    play.submit("chen", case, "date", {"asked_until": "2026-09-30"})

    assert task_in(play, case, RIGHT).stopped.state == LEFT
    play.submit("lin", case, "answer", {"opinion": "同意"}, task=task_in(play, case, LEFT).n)
    assert task_in(play, case, RIGHT).deadline is not None


def test_a_region_that_names_what_it_stops_leaves_the_others_running():
    play = world(procedure=with_state(SAMPLE, LEFT, stop_clock=StopSpec(of=("doing",))))

    case = confirmed(play, level="high")

    assert task_in(play, case, RIGHT).stopped is None


def test_a_state_around_others_stops_what_lies_outside_and_nothing_inside():
    play = world(procedure=with_state(SAMPLE, "reviewing", stop_clock=StopSpec()))

    case = confirmed(play, level="high")

    assert [task.stopped for task in play.case(case).tasks] == [None, None]
    assert [one.state for one in play.case(case).clocks] == ["opened"]


def test_where_the_act_that_leads_back_names_another_date_that_one_holds():
    back = ActionSpec(
        id="come_back",
        title="鉴定回来",
        form=(FormItem(field="due_on", required=True),),
        to=(TargetSpec(state="doing"),),
    )
    away = replace(AWAY, tasks=(replace(AWAY.tasks[0], actions=(back,)),))
    play = stopping(away=away)
    case = confirmed(play, due_on="2026-10-20")
    play.submit("chen", case, "examine")
    wait(play, "2026-10-12 10:00")

    play.submit("chen", case, "come_back", {"due_on": "2026-11-30"})

    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.stopped, play.case(case).clocks) == (local("2026-12-01 00:00"), None, ())


def test_approvals_run_on_while_the_clock_of_their_task_stands_still():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "雨"})

    play.submit("chen", case, "halt", {"reason": "等专家"})

    assert task_of(play.case(case), "approval").deadline.due_at == local("2026-10-10 00:00")
    wait(play, "2026-10-10 00:00")
    assert play.case(case).expiries == 1


def test_a_paused_ladder_that_is_stopped_goes_on_when_both_are_over():
    play = stopping(pause=PauseSpec(by=("checker",), most="10 workdays", times=1, missed="fire"))
    case = confirmed(play, due_on="2026-10-20")
    task = own_task(play.case(case))
    play.do("chen", case, cmd.PauseLadder(task=task.n, until="2026-10-14", reason="在修"))
    wait(play, "2026-10-12 10:00")
    play.submit("chen", case, "halt", {"reason": "等专家"})
    wait(play, "2026-10-30 10:00")
    still = own_task(play.case(case))

    play.submit("chen", case, "go_on")
    wait(play, "2026-10-30 10:01")
    taken_up = own_task(play.case(case))
    wait(play, "2026-11-08 00:00")

    assert (still.deadline, still.alarm, still.paused is not None) == (None, None, True)
    assert (taken_up.paused, taken_up.deadline.due_at) == (None, local("2026-11-08 00:00"))
    assert (play.case(case).expiries, fired(play, case)) == (1, ["remind", "expiry", "overdue"])


def test_an_approved_stop_counts_from_the_consent():
    play = stopping(approve="office")
    case = confirmed(play, due_on="2026-10-20")
    play.submit("chen", case, "halt", {"reason": "等专家"})
    wait(play, "2026-10-09 10:00")
    running = own_task(play.case(case)).stopped

    asked = task_of(play.case(case), "approval").n
    play.do("lin", case, cmd.AnswerApproval(task=asked, consent=True))

    assert running is None
    assert own_task(play.case(case)).stopped.since == local("2026-10-09 10:00")


STOP = StopClock(reason="reason")


def on_extend(**changes: Any) -> Procedure:
    return with_action(SAMPLE, "doing", "extend", **changes)


IMPOSSIBLE: dict[str, tuple[Procedure, list[tuple[str, str]]]] = {
    "a stop that no act ends": (
        on_extend(do=(STOP,)),
        [("clock_never_goes_on", "states.doing.actions.extend.do.0")],
    ),
    "a resumption of what no act stops": (
        on_extend(do=(ResumeClock(),)),
        [("clock_never_stops", "states.doing.actions.extend.do.0")],
    ),
    "a reason that nobody may read": (
        on_extend(do=(StopClock(reason="reporter"), ResumeClock())),
        [("sealed_field_shown", "states.doing.actions.extend.do.0.stop_clock.reason")],
    ),
    "a clock that is not there": (
        on_extend(do=(StopClock(reason="reason", of=("somewhere",)), ResumeClock())),
        [("unknown_clock", "states.doing.actions.extend.do.0.of")],
    ),
    "a state that stops its own clock": (
        with_state(SAMPLE, "doing", stop_clock=StopSpec(of=("doing.recheck",))),
        [("clock_of_its_own", "states.doing.stop_clock")],
    ),
    "an end that stops clocks": (
        with_state(SAMPLE, "done", stop_clock=StopSpec()),
        [("unfitting_key", "states.done.stop_clock")],
    ),
    "a limit in hours": (
        on_extend(ask=AskSpec(total="90 hours")),
        [("limit_in_days", "states.doing.actions.extend.ask.total")],
    ),
    "a limit where no date is asked": (
        on_extend(ask=AskSpec(total="90 days"), do=()),
        [("limit_without_date", "states.doing.actions.extend.ask")],
    ),
    "an approver of a stage where nobody approves": (
        on_extend(ask=AskSpec(stages=(StageSpec(id="first", by="office"),)), approve=None),
        [("late_without_approval", "states.doing.actions.extend.ask.stages")],
    ),
    "silence of somebody who has for ever": (
        on_extend(
            approve=replace(SAMPLE.states[1].tasks[0].actions[1].approve, deadline=None, undated="x", silence="granted")
        ),
        [("silence_without_deadline", "states.doing.actions.extend.approve.silence")],
    ),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_definition_is_refused_that_has(what):
    procedure, expected = IMPOSSIBLE[what]

    with pytest.raises(DefinitionErrors) as refused:
        compile_procedure(procedure)

    assert [(one.code, one.data["path"]) for one in refused.value.problems] == expected
