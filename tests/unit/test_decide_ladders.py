"""Ladders in motion: chosen by the case, paused, repeated to an end, stepped down; rungs that act and move."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.definition import (
    ActionSpec,
    CalmSpec,
    LadderChoice,
    LadderSpec,
    Notify,
    RungSpec,
    SetFields,
)
from engine.core.event import Alarm
from tests.climbing import climbed, climbing, rungs, times_of
from tests.samples import DOING, OPENED, SLOW
from tests.worlds import (
    confirmed,
    fired,
    local,
    of_type,
    only_task,
    own_task,
    reported,
    wait,
    world,
)

FAST = LadderSpec(
    id="fast",
    title="从快",
    rungs=(
        RungSpec(id="overdue", title="逾期", at="deadline", to=("holder",), text="told"),
        RungSpec(
            id="letter", title="函告", at="1 workday after", draft="letter", by="office", issue_within="1 workday"
        ),
        RungSpec(
            id="expose", title="曝光", at="2 workdays after", draft="expose", by="office", issue_within="1 workday"
        ),
    ),
)


def by_level():
    choices = (LadderChoice(ladder="fast", when="level == 'high'"), LadderChoice(ladder="slow"))
    actions = (
        *DOING.tasks[0].actions,
        ActionSpec(id="grade", title="定级", form=(), do=(SetFields(values={"level": "'high'"}),)),
    )
    return climbing(FAST, ladder="", ladders=choices, actions=actions)


# which ladder ------------------------------------------------------------------------------------------------------


def test_the_first_ladder_whose_condition_holds_is_climbed():
    play = world(procedure=by_level())

    assert own_task(play.case(confirmed(play))).ladder == "slow"


def test_another_ladder_is_climbed_as_soon_as_what_decides_changes_and_the_entry_says_so():
    play = world(procedure=by_level())
    case = confirmed(play)
    wait(play, "2026-10-19 10:00")  # reminded; due on the 20th

    events = play.submit("wang", case, "grade")

    assert of_type(events, ev.LadderChanged) == [
        ev.LadderChanged(
            task=2,
            ladder="fast",
            was="slow",
            fields=("level",),
            alarm=Alarm(rung="expiry", at=local("2026-10-21 00:00"), epoch=3),
        )
    ]
    wait(play, "2026-10-24 09:00")
    assert climbed(play, case) == ["remind", "expiry", "overdue", "letter", "expose"]


def test_rungs_fired_stay_fired_and_those_whose_moment_passed_are_skipped_and_named():
    play = world(procedure=by_level())
    case = confirmed(play)
    wait(play, "2026-10-22 10:00")  # two workdays late: the slow letter is not due yet, the fast one would have been

    changed = of_type(play.submit("wang", case, "grade"), ev.LadderChanged)[0]

    assert (changed.skipped, changed.alarm) == (("letter", "expose"), None)
    before = fired(play, case)
    wait(play, "2026-11-30")
    assert fired(play, case) == before


def test_a_change_of_other_fields_changes_no_ladder():
    play = world(procedure=by_level())
    case = confirmed(play)

    events = play.submit("wang", case, "grade")
    again = play.submit("wang", case, "grade")

    assert (len(of_type(events, ev.LadderChanged)), of_type(again, ev.LadderChanged)) == (1, [])


# repeats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"times": 3}, ["10-21", "10-22", "10-23"]),
        ({"until": "2 workdays after"}, ["10-21", "10-22"]),
        ({"times": 1}, ["10-21"]),
    ],
)
def test_repeats_end_after_so_many_times_or_at_a_point(more, days):
    overdue = RungSpec(
        id="overdue", title="逾期", at="deadline", to=("holder",), text="told", every="1 workday", **more
    )
    play = world(procedure=climbing(rungs(overdue)))
    case = confirmed(play)

    wait(play, "2026-11-30")

    assert times_of(play, case, "overdue") == days
    assert only_task(play.case(case)).alarm is None


def test_repeats_that_fell_together_count_towards_their_end():
    overdue = RungSpec(
        id="overdue", title="逾期", at="deadline", to=("holder",), text="told", every="1 workday", times=3
    )
    play = world(procedure=climbing(rungs(overdue)))
    case = confirmed(play)

    wait(play, "2026-10-30 09:00", asleep=True)
    wait(play, "2026-11-30")

    (once,) = [one for one in of_type(play.events(case), ev.RungFired) if one.rung == "overdue"]
    assert once.coalesced == 2


def test_a_repeat_with_digest_marks_its_messages():
    overdue = RungSpec(
        id="overdue", title="逾期", at="deadline", to=("holder",), text="told", every="1 workday", times=2, digest=True
    )
    play = world(procedure=climbing(rungs(SLOW.rungs[0], overdue)))
    case = confirmed(play)

    wait(play, "2026-11-30")

    told = [(sent.message.rung, sent.message.digest) for sent in play.messages if sent.message.rung]
    assert told == [("remind", False), ("overdue", True), ("overdue", True)]
    assert case


# stepping down -----------------------------------------------------------------------------------------------------


def calming(back_to="letter", keep=False):
    office = {"by": "office", "issue_within": "1 workday", "if_over": "keep" if keep else "withdraw"}
    ladder = rungs(
        SLOW.rungs[1],
        RungSpec(id="letter", title="函告", at="1 workday after", draft="letter", **office),
        RungSpec(id="circular", title="通报", at="2 workdays after", draft="circular", **office),
        RungSpec(id="expose", title="曝光", at="4 workdays after", draft="expose", **office),
        calms=CalmSpec(on=("progress",), back_to=back_to),
    )
    actions = (*DOING.tasks[0].actions, ActionSpec(id="progress", title="报告进展"))
    return climbing(ladder, actions=actions)


def test_progress_steps_the_ladder_down_and_what_comes_after_is_climbed_anew():
    play = world(procedure=calming())
    case = confirmed(play)
    wait(play, "2026-10-23 10:00")  # due on Tuesday the 20th, the letter fired on the 21st, the circular on the 22nd
    assert [one for one in climbed(play, case) if one != "overdue"] == ["expiry", "letter", "circular"]

    calmed = of_type(play.submit("wang", case, "progress"), ev.LadderCalmed)

    assert [(one.action, one.was, one.back_to, one.again) for one in calmed] == [
        ("progress", "circular", "letter", ("circular",))
    ]
    wait(play, "2026-10-30 09:00")
    later = [one for one in climbed(play, case) if one != "overdue"]
    assert later == ["expiry", "letter", "circular", "circular", "expose"]
    assert times_of(play, case, "circular") == ["10-22", "10-26"]


def test_what_a_rung_above_has_drafted_is_withdrawn_unless_it_waits_on():
    for keep, open_now in ((False, ["letter"]), (True, ["letter", "circular"])):
        play = world(procedure=calming(keep=keep))
        case = confirmed(play)
        wait(play, "2026-10-23 10:00")
        play.submit("wang", case, "progress")

        assert [task.spec for task in play.case(case).tasks if task.draft] == open_now


def test_back_to_the_start_means_back_to_the_deadline():
    play = world(procedure=calming("start"))
    case = confirmed(play)
    wait(play, "2026-10-23 10:00")

    (calmed,) = of_type(play.submit("wang", case, "progress"), ev.LadderCalmed)

    assert (calmed.again, calmed.counts_from) == (("letter", "circular"), local("2026-10-24 00:00"))
    wait(play, "2026-10-30 09:00")
    assert (times_of(play, case, "letter"), times_of(play, case, "circular")) == (
        ["10-21", "10-26"],
        ["10-22", "10-27"],
    )


def test_progress_before_anything_was_escalated_changes_nothing():
    play = world(procedure=calming())
    case = confirmed(play)
    wait(play, "2026-10-21 10:00")

    assert of_type(play.submit("wang", case, "progress"), ev.LadderCalmed) == []


# rungs that act ----------------------------------------------------------------------------------------------------


def test_a_rung_sets_fields_tells_people_and_moves_the_case():
    acts = RungSpec(
        id="acts",
        title="转核查",
        at="1 workday after",
        do=(SetFields(values={"opinion": "'逾期'"}), Notify(to=("office",), text="told")),
        enter="checking",
    )
    play = world(procedure=climbing(rungs(SLOW.rungs[0], acts)))
    case = confirmed(play)

    wait(play, "2026-10-22 09:00")

    assert play.case(case).leaves() == ("checking",)
    assert play.case(case).fields["opinion"] == "逾期"
    assert {sent.message.to for sent in play.messages if sent.at == local("2026-10-21 00:00")} == {"he", "lin"}
    assert fired(play, case) == ["remind", "expiry", "acts"]


def test_whatever_is_not_declared_is_as_before():
    play = world()
    case = reported(play)

    wait(play, "2026-10-14 09:00")

    assert own_task(play.case(case)).ladder == OPENED.tasks[0].ladder


@pytest.mark.parametrize(
    ("when", "ladder"),
    [
        ("unit.industry == 'steel'", "fast"),
        ("unit.industry == 'food'", "slow"),
        ("place.region == '/s/t1/'", "fast"),
        ("place.region == '/s/t2/'", "slow"),
        ("unit.headcount > 50", "fast"),
    ],
)
def test_a_ladder_may_differ_by_industry_by_region_and_by_what_is_known_of_the_unit(when, ladder):
    choices = (LadderChoice(ladder="fast", when=when), LadderChoice(ladder="slow"))
    play = world(procedure=climbing(FAST, ladder="", ladders=choices))
    play.units["U1"] = replace(play.units["U1"], attributes={"headcount": 80})

    assert own_task(play.case(confirmed(play))).ladder == ladder


def test_a_condition_that_cannot_be_told_does_not_hold():
    choices = (LadderChoice(ladder="fast", when="unit.headcount > 50"), LadderChoice(ladder="slow"))
    play = world(procedure=climbing(FAST, ladder="", ladders=choices))

    assert own_task(play.case(confirmed(play))).ladder == "slow"
