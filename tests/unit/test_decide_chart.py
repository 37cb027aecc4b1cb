"""The ways through the chart: parallel regions and their join, passing through, sending back, reopening."""

from __future__ import annotations

import pytest

from engine.core import event as ev
from engine.errors import BadInput, NotPermitted, Stale
from tests.samples import SAMPLE, with_action
from tests.worlds import accepted, applied, confirmed, local, of_type, only_task, own_task, wait, world


def reviewing(play, **data):
    """A case both of whose reviews run; its two tasks."""
    case = confirmed(play, level="high", **data)
    left, right = play.case(case).tasks
    return case, left, right


def states(events):
    return [
        (type(event).__name__.removeprefix("State").lower(), event.state)
        for event in of_type(events, ev.StateEntered, ev.StateLeft)
    ]


def test_the_first_branch_that_holds_is_taken_and_regions_run_side_by_side():
    play = world()

    case, left, right = reviewing(play)

    state = play.case(case)
    assert state.leaves() == ("reviewing.left.asked", "reviewing.right.asked")
    assert (left.holder.party, right.holder.party) == ("office", "checker")
    assert [event.leaf for event in of_type(play.log[-1].events, ev.StateEntered)] == [False, False, True, False, True]
    assert len({event.activation for event in of_type(play.events(case), ev.StateEntered)}) == state.activations == 6


def test_a_region_that_is_done_waits_for_the_other():
    play = world()
    case, left, _ = reviewing(play)

    play.submit("lin", case, "answer", {"opinion": "a"}, task=left.n)

    assert set(play.case(case).leaves()) == {"reviewing.left.given", "reviewing.right.asked"}
    assert only_task(play.case(case)).state == "reviewing.right.asked"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("urgent", "target"), [(True, "checking"), (False, "doing")])
def test_when_both_are_done_the_case_passes_on_by_itself(order, urgent, target):
    play = world()
    case, *tasks = reviewing(play, urgent=urgent)
    answers = [("lin", tasks[0].n), ("zhou", tasks[1].n)]

    for index in order:
        person, task = answers[index]
        play.submit(person, case, "answer", {"opinion": "x"}, task=task)

    state = play.case(case)
    assert state.leaves() == (target,)
    assert only_task(state).state == target
    assert states(play.log[-1].events)[-3:] == [("entered", "sorting"), ("left", "sorting"), ("entered", target)]
    assert {event.how for event in of_type(play.events(case), ev.TaskEnded)} == {"done"}


def test_a_way_out_of_one_region_leaves_both():
    play = world()
    case, left, right = reviewing(play)

    play.submit("lin", case, "withdraw", task=left.n)

    assert play.case(case).leaves() == ("opened",)
    assert of_type(play.log[-1].events, ev.TaskEnded) == [
        ev.TaskEnded(task=left.n, how="done"),
        ev.TaskEnded(task=right.n, how="left"),
    ]
    assert {state for what, state in states(play.log[-1].events) if what == "left"} == {
        "reviewing.left.asked",
        "reviewing.right.asked",
    }


def test_a_second_stay_in_a_state_is_another_activation_with_another_deadline():
    play = world()
    case, left, _ = reviewing(play)
    wait(play, "2026-10-08 09:00")

    play.submit("lin", case, "withdraw", task=left.n)

    first, second = (event for event in of_type(play.events(case), ev.TaskOpened) if event.state == "opened")
    assert (first.activation, second.activation) == (1, 7)
    assert (first.deadline.due_at, second.deadline.due_at) == (local("2026-10-10 00:00"), local("2026-10-11 00:00"))


def test_acceptance_failed_sends_the_case_back():
    play = world()
    case = applied(play, confirmed(play, due_on="2026-10-20"))

    play.submit("zhou", case, "fail", {"reason": "护栏高度不足"})

    assert (play.case(case).leaves(), play.case(case).fields["reason"]) == (("doing",), "护栏高度不足")
    assert own_task(play.case(case)).deadline.due_at == local("2026-10-21 00:00")


def test_the_end_has_a_kind_and_a_date_and_leaves_no_task():
    play = world()

    case = accepted(play, applied(play, confirmed(play)))

    assert play.log[-1].events[-1] == ev.CaseClosed(how="completed", state="done")
    state = play.case(case)
    assert (state.closed, state.closed_at, state.tasks) == ("completed", local("2026-09-30 10:00"), ())


def test_what_has_ended_takes_no_more_acts():
    play = world()
    case = accepted(play, applied(play, confirmed(play)))

    for action in ("accept", "fail", "confirm"):
        with pytest.raises(Stale):
            play.submit("zhou", case, action, {"reason": "x"})


def reopen(play, case, by="lin", **how):
    return play.submit(by, case, "reopen", {"reason": "销号有误", "due_on": "2026-12-31"}, **how)


def test_a_higher_approver_undoes_the_end_with_a_new_deadline():
    play = world()
    case = accepted(play, applied(play, confirmed(play)))
    wait(play, "2026-11-05 09:00")

    events = reopen(play, case)

    assert events[:2] == (
        ev.CaseReopened(was="completed", closed_at=local("2026-09-30 10:00")),
        ev.ActionTaken(action="reopen", party="office"),
    )
    state = play.case(case)
    assert (state.closed, state.closed_at, state.reopened, state.leaves()) == ("", None, 1, ("doing",))
    assert own_task(state).deadline.due_at == local("2027-01-01 00:00")


@pytest.mark.parametrize("person", ["chen", "zhou", "wang", "stranger"])
def test_whoever_is_not_higher_may_not_undo_the_end(person):
    play = world()
    case = accepted(play, applied(play, confirmed(play)))

    with pytest.raises(NotPermitted) as refused:
        reopen(play, case, by=person)

    assert (refused.value.code, play.case(case).closed) == ("not_your_task", "completed")


def test_undoing_the_end_needs_a_reason_and_a_date():
    play = world()
    case = accepted(play, applied(play, confirmed(play)))

    with pytest.raises(BadInput) as refused:
        play.submit("lin", case, "reopen", {})

    assert [problem["field"] for problem in refused.value.data["problems"]] == ["reason", "due_on"]


def test_an_open_case_cannot_be_reopened():
    play = world()
    case = confirmed(play)

    with pytest.raises(Stale):
        reopen(play, case)


def test_an_end_that_nobody_may_undo_stays():
    play = world(procedure=with_action(SAMPLE, "opened", "dismiss", approve=None))
    case = play.start("chen", "sample", "report", {"subject": "x", "unit": "U1"})
    play.submit("zhou", case, "dismiss", {"reason": "x"})

    with pytest.raises(Stale):
        reopen(play, case)
    assert play.offers("lin", case) == ()


def test_a_reopened_case_ends_again_and_keeps_both_ends():
    play = world()
    case = accepted(play, applied(play, confirmed(play)))
    wait(play, "2026-11-05 09:00")
    reopen(play, case)

    accepted(play, applied(play, case))

    assert [event.how for event in of_type(play.events(case), ev.CaseClosed)] == ["completed", "completed"]
    assert (play.case(case).closed_at, play.case(case).reopened) == (local("2026-11-05 09:00"), 1)
