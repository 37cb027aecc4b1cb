"""More time: asked for in time, on the last day, the day after; the overdue interval stays."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import AskSpec
from engine.errors import BadInput, NotPermitted
from tests.samples import SAMPLE, with_action
from tests.worlds import confirmed, fired, local, of_type, own_task, task_of, wait, world

IN_TIME = {"asked_until": "2026-11-10", "reason": "雨"}
LATE = {**IN_TIME, "measures": "停用"}


def ask(play, case, data, by="wang", **how):
    return play.submit(by, case, "extend", data, **how)


def consent(play, case, by):
    return play.do(by, case, cmd.AnswerApproval(task=task_of(play.case(case), "approval").n, consent=True))


def without_lead(late_by="office"):
    return with_action(SAMPLE, "doing", "extend", ask=AskSpec(late_by=late_by, late_form=("measures",), times=1))


def test_an_extension_in_time_moves_the_deadline_and_starts_the_ladder_anew():
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-12 09:00")

    ask(play, case, IN_TIME)
    consent(play, case, "chen")

    (moved,) = of_type(play.events(case), ev.DeadlineMoved)
    assert (moved.was, moved.deadline.due_at, moved.cause) == (
        local("2026-10-21 00:00"),
        local("2026-11-11 00:00"),
        "extended",
    )
    task = own_task(play.case(case))
    assert (task.alarm, task.epoch, task.extensions) == (moved.alarm, 2, 1)
    assert (moved.alarm.rung, moved.alarm.at, moved.alarm.epoch) == ("remind", local("2026-11-09 00:00"), 2)
    assert (play.case(case).expiries, play.case(case).leaves()) == (0, ("doing",))


@pytest.mark.parametrize(
    ("at", "code"),
    [("2026-10-15 23:59", ""), ("2026-10-16 00:00", "asked_too_late"), ("2026-10-20 12:00", "asked_too_late")],
)
def test_an_extension_is_asked_some_days_before_the_deadline(at, code):
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    wait(play, at)

    if not code:
        ask(play, case, IN_TIME)
        assert task_of(play.case(case), "approval").holder.party == "checker"
        return
    with pytest.raises(NotPermitted) as refused:
        ask(play, case, IN_TIME)
    latest = datetime.fromisoformat(refused.value.data["latest"])
    assert (refused.value.code, latest) == (code, local("2026-10-16 00:00"))
    assert [offer.action for offer in play.offers("wang", case)] == ["apply"]


def test_asked_on_the_last_day_the_usual_approver_decides():
    play = world(procedure=without_lead())
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-20 23:59")

    ask(play, case, IN_TIME)

    asked = task_of(play.case(case), "approval")
    assert (asked.holder.party, asked.asked.late) == ("checker", False)


def test_asked_the_day_after_a_higher_approver_decides_and_the_overdue_stays():
    play = world(procedure=without_lead())
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 10:00")

    with pytest.raises(BadInput) as refused:
        ask(play, case, IN_TIME)
    ask(play, case, LATE)
    asked = task_of(play.case(case), "approval")
    consent(play, case, "lin")

    assert refused.value.data["problems"] == [{"field": "measures", "code": "missing"}]
    assert (asked.holder.party, asked.asked.late) == ("office", True)
    assert [event.late for event in of_type(play.events(case), ev.ActionTaken)] == [False, False, True]
    state = play.case(case)
    assert own_task(state).deadline.due_at == local("2026-11-11 00:00")
    assert (own_task(state).expired_at, own_task(state).fired, state.expiries) == (None, (), 1)
    (expired,) = of_type(play.events(case), ev.DeadlineExpired)
    assert expired.due_at == local("2026-10-21 00:00")


def test_asked_when_the_deadline_strikes_is_late():
    play = world(procedure=without_lead())
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 00:00")

    ask(play, case, LATE)

    assert task_of(play.case(case), "approval").asked.late is True


def test_the_usual_approver_may_not_decide_a_late_request():
    play = world(procedure=without_lead())
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 10:00")
    ask(play, case, LATE)

    with pytest.raises(NotPermitted) as refused:
        consent(play, case, "chen")

    assert refused.value.code == "not_your_task"


def test_where_no_late_approver_is_named_late_requests_are_refused():
    play = world(procedure=with_action(SAMPLE, "doing", "extend", ask=AskSpec(times=1)))
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 10:00")

    with pytest.raises(NotPermitted) as refused:
        ask(play, case, IN_TIME)

    assert refused.value.code == "asked_after_deadline"
    assert "extend" not in [offer.action for offer in play.offers("wang", case)]


def test_an_extension_is_granted_as_often_as_allowed():
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, IN_TIME)
    consent(play, case, "chen")

    with pytest.raises(NotPermitted) as refused:
        ask(play, case, {**IN_TIME, "asked_until": "2026-12-10"})

    assert refused.value.code == "asked_too_often"


def test_an_extension_refused_counts_as_none():
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, IN_TIME)
    task = task_of(play.case(case), "approval").n
    play.do("chen", case, cmd.AnswerApproval(task=task, consent=False, reason="无理由"))

    ask(play, case, IN_TIME)

    assert own_task(play.case(case)).deadline.due_at == local("2026-10-21 00:00")
    assert own_task(play.case(case)).extensions == 0


@pytest.mark.parametrize("until", ["2026-10-20", "2026-10-01"])
def test_a_new_deadline_is_later_than_the_present_one(until):
    play = world()
    case = confirmed(play, due_on="2026-10-20")

    with pytest.raises(BadInput) as refused:
        ask(play, case, {**IN_TIME, "asked_until": until})

    assert (refused.value.code, refused.value.field) == ("deadline_not_later", "asked_until")


def test_a_deadline_that_was_moved_expires_on_its_new_day_only():
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    ask(play, case, IN_TIME)
    consent(play, case, "chen")

    wait(play, "2026-11-10 23:59")
    before = fired(play, case)
    wait(play, "2026-11-11 00:00")

    assert (before, fired(play, case)) == (["remind"], ["remind", "expiry", "overdue"])
    assert play.case(case).expiries == 1


def test_the_recheck_opened_by_the_first_expiry_is_not_opened_twice():
    play = world(procedure=without_lead())
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-21 10:00")
    ask(play, case, LATE)
    consent(play, case, "lin")

    wait(play, "2026-11-11 09:00")

    assert play.case(case).expiries == 3  # twice the task's own, once the recheck's
    assert [task.spec for task in play.case(case).tasks if task.kind == "extra"] == ["recheck"]
