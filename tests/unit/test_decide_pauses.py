"""Paused ladders: nothing fires but the deadline, what was missed comes once or is skipped, and it ends in time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import LadderSpec, RungSpec
from engine.core.event import Alarm
from engine.errors import BadInput, NotPermitted
from tests.climbing import PAUSE, climbed, climbing, rungs, times_of
from tests.samples import SLOW, with_action
from tests.worlds import applied, confirmed, fired, local, of_type, own_task, task_of, wait, world


def paused(missed="fire", at="2026-10-19 10:00", until="", **more):
    ladder = rungs(*SLOW.rungs, pause=replace(PAUSE, missed=missed, **more))
    play = world(procedure=climbing(ladder))
    case = confirmed(play)
    wait(play, at)
    play.do("lin", case, cmd.PauseLadder(task=2, until=until, reason="停产检修"))
    return play, case


def test_while_a_ladder_is_paused_no_rung_fires_but_the_deadline_is_recorded():
    play, case = paused(at="2026-10-16 10:00", until="2026-10-22")

    wait(play, "2026-10-22 18:00")

    assert fired(play, case) == ["expiry"]
    (task,) = play.case(case).tasks
    assert (task.paused.by, task.paused.reason, task.alarm.rung) == ("lin", "停产检修", "resume")
    assert play.case(case).expiries == 1


def test_when_a_pause_ends_what_was_missed_fires_once_and_in_order():
    play, case = paused(at="2026-10-16 10:00", until="2026-10-22")

    wait(play, "2026-10-23 00:00")

    assert climbed(play, case) == ["expiry", "remind", "overdue", "letter"]
    (resumed,) = of_type(play.events(case), ev.LadderResumed)
    assert (resumed.how, resumed.since, resumed.system_late) == ("in_time", local("2026-10-23 00:00"), 0)
    late = [one.system_late for one in of_type(play.events(case), ev.RungFired)]
    assert late == [0, 0, 0]
    wait(play, "2026-10-26 09:00")
    assert climbed(play, case) == ["expiry", "remind", "overdue", "letter", "overdue"]


def test_or_it_is_skipped_and_named_where_the_ladder_says_so():
    play, case = paused("skip", at="2026-10-16 10:00", until="2026-10-22")

    wait(play, "2026-10-26 09:00")

    (resumed,) = of_type(play.events(case), ev.LadderResumed)
    assert resumed.skipped == ("remind", "overdue")
    assert climbed(play, case) == ["expiry", "letter"]


def test_a_pause_ends_by_itself_as_late_as_the_ladder_allows():
    play, case = paused()

    assert own_task(play.case(case)).paused.until == local("2026-10-27 00:00")


def test_whoever_may_pause_may_let_it_go_on_before_its_time():
    play, case = paused(until="2026-10-22")
    wait(play, "2026-10-21 10:00")

    (resumed,) = play.do("he", case, cmd.ResumeLadder(task=2, reason="检修提前结束"))

    assert (resumed.how, resumed.reason, resumed.alarm) == (
        "by_hand",
        "检修提前结束",
        Alarm(rung="overdue", at=local("2026-10-21 00:00"), epoch=5, armed_at=local("2026-10-21 10:00")),
    )
    wait(play, "2026-10-21 10:01")
    assert of_type(play.events(case), ev.RungFired)[-1].system_late == 0


def test_repeats_of_the_time_of_a_pause_are_not_made_up_for():
    play, case = paused(at="2026-10-21 10:00", until="2026-10-26")  # overdue has fired on the 21st

    wait(play, "2026-10-28 09:00")

    assert times_of(play, case, "overdue") == ["10-21", "10-27", "10-28"]
    assert times_of(play, case, "letter") == ["10-23"]


@pytest.mark.parametrize(
    ("until", "code"),
    [("2026-10-27", "pause_too_long"), ("2026-10-18", "pause_over_already"), ("bald", "not_a_date")],
)
def test_a_pause_ends_within_what_the_ladder_allows(until, code):
    play = world(procedure=climbing(rungs(*SLOW.rungs, pause=PAUSE)))
    case = confirmed(play)
    wait(play, "2026-10-19 10:00")

    with pytest.raises(BadInput) as refused:
        play.do("lin", case, cmd.PauseLadder(task=2, until=until, reason="x"))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("person", "act", "code"),
    [
        ("wang", cmd.PauseLadder(task=2, reason="x"), "may_not_pause"),
        ("lin", cmd.PauseLadder(task=2, reason="x"), "paused_already"),
        ("wang", cmd.ResumeLadder(task=2, reason="x"), "may_not_pause"),
    ],
)
def test_only_whoever_the_ladder_names_pauses_it_and_once_at_a_time(person, act, code):
    play, case = paused()

    with pytest.raises(NotPermitted) as refused:
        play.do(person, case, act)

    assert refused.value.code == code


def test_a_ladder_is_paused_only_as_often_as_it_says():
    play, case = paused()
    play.do("lin", case, cmd.ResumeLadder(task=2, reason="x"))
    play.do("lin", case, cmd.PauseLadder(task=2, reason="x"))
    play.do("lin", case, cmd.ResumeLadder(task=2, reason="x"))

    with pytest.raises(NotPermitted) as refused:
        play.do("lin", case, cmd.PauseLadder(task=2, reason="x"))

    assert refused.value.code == "paused_too_often"


def test_a_ladder_without_pause_is_not_paused_and_nothing_is_offered():
    play = world()
    case = confirmed(play)

    with pytest.raises(NotPermitted) as refused:
        play.do("lin", case, cmd.PauseLadder(task=2, reason="x"))

    assert refused.value.code == "pause_not_provided"
    assert "pause_ladder" not in {offer.kind for offer in play.offers("lin", case)}


def test_pausing_and_resuming_are_offered_to_whom_they_are_open():
    play, case = paused()
    kinds = {person: {offer.kind for offer in play.offers(person, case)} for person in ("lin", "wang")}

    play.do("lin", case, cmd.ResumeLadder(task=2, reason="x"))

    assert ("resume_ladder" in kinds["lin"], "pause_ladder" in kinds["lin"]) == (True, False)
    assert not {"resume_ladder", "pause_ladder"} & kinds["wang"]
    assert "pause_ladder" in {offer.kind for offer in play.offers("lin", case)}


def test_a_new_deadline_leaves_a_ladder_paused():
    play, case = paused(at="2026-10-14 10:00", until="2026-10-20")
    play.submit("wang", case, "extend", {"asked_until": "2026-10-30", "reason": "x"})
    play.do("chen", case, cmd.AnswerApproval(task=3, consent=True))

    task = own_task(play.case(case))

    assert (task.deadline.due_at, task.paused.until) == (local("2026-10-31 00:00"), local("2026-10-21 00:00"))
    assert task.alarm == Alarm(rung="resume", at=local("2026-10-21 00:00"), epoch=3)


def test_a_pause_that_ended_while_the_system_was_off_ends_at_its_own_time():
    play, case = paused("skip", at="2026-10-16 10:00", until="2026-10-20")

    wait(play, "2026-10-26 09:00", asleep=True)

    (resumed,) = of_type(play.events(case), ev.LadderResumed)
    assert (resumed.since, resumed.skipped) == (local("2026-10-21 00:00"), ("remind",))
    assert resumed.system_late == 5 * 24 * 3600 + 9 * 3600
    assert climbed(play, case) == ["expiry", "overdue", "letter"]


def test_a_recalled_task_is_paused_as_it_was():
    procedure = with_action(climbing(rungs(*SLOW.rungs, pause=PAUSE)), "doing", "apply", recall="1 workday")
    play = world(procedure=procedure)
    case = confirmed(play)
    wait(play, "2026-10-14 10:00")
    play.do("lin", case, cmd.PauseLadder(task=2, until="2026-10-19", reason="x"))
    applied(play, case)

    play.do("wang", case, cmd.RecallAction())

    task = own_task(play.case(case))
    assert (task.paused.until, task.pauses, task.alarm.rung) == (local("2026-10-20 00:00"), 1, "resume")


def test_after_three_days_off_pauses_drafts_and_repeats_are_each_made_up_for_once_and_in_order():
    """D30: off from Friday evening to Wednesday; the pause ended on Saturday, the letter was due on Monday."""
    letter = replace(SLOW.rungs[2], at="2 workdays after", issue_within="1 workday", ladder="urging")
    urging = LadderSpec(
        id="urging",
        title="催签",
        rungs=(RungSpec(id="hurry", title="催签", at="deadline", to=("holder",), text="told"),),
    )
    play = world(procedure=climbing(rungs(*SLOW.rungs[:2], letter, pause=PAUSE), urging))
    case = confirmed(play, due_on="2026-10-22")
    wait(play, "2026-10-23 17:00")  # due on Thursday; reminded, overdue since Friday 00:00
    play.do("lin", case, cmd.PauseLadder(task=2, until="2026-10-24", reason="周末检修"))

    wait(play, "2026-10-28 09:00", asleep=True)

    zone, hour, day = play.calendar.zone, 3600, 24 * 3600
    told = [
        (type(event).__name__, getattr(event, "rung", ""), event.system_late, getattr(event, "coalesced", 0))
        for written in play.log
        if written.head.recorded_at.astimezone(zone).isoformat().startswith("2026-10-28")
        for event in of_type(written.events, ev.RungFired, ev.LadderResumed)
    ]
    assert told == [
        ("LadderResumed", "", 3 * day + 9 * hour, 0),
        ("RungFired", "overdue", 2 * day + 9 * hour, 2),
        ("RungFired", "letter", 2 * day + 9 * hour, 0),
    ]
    assert task_of(play.case(case), "draft").deadline.due_at == local("2026-10-30 00:00")
    wait(play, "2026-10-30 09:00")
    assert climbed(play, case, 3) == ["expiry", "hurry"]
    assert times_of(play, case, "overdue") == ["10-23", "10-26", "10-29", "10-30"]
