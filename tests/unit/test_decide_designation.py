"""Whose a matter is that nobody will have: who says so, whom they may name, and what follows (D19, D20)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.case_people import Assigned
from engine.core.definition import ApprovalSpec, DeadlineSpec, PartySpec
from engine.core.directory import Holding
from engine.core.offers_of_hand_over import hand_over_targets
from engine.errors import BadInput, NotPermitted, ZhibenError
from tests.offices import (
    INDUSTRIES,
    OFFICES,
    REGIONS,
    answer,
    code_of,
    designate,
    directory,
    hand_over,
    kinds,
    offices,
    refuse,
    with_hand_over,
)
from tests.samples import DOING, SAMPLE, with_action, with_state
from tests.worlds import EVE, local, of_type, own_task, reported, task_of, wait

AT = local(EVE)


# designation ---------------------------------------------------------------------------------------------------------


def refused(play):
    """A case that was handed over and refused."""
    case = reported(play)
    hand_over(play, case)
    refuse(play, case)
    return case


def test_the_office_designates_and_the_designated_have_it():
    play = offices()
    case = refused(play)
    before = own_task(play.case(case))

    designate(play, case, industry="food")

    state = play.case(case)
    assigned = Assigned(how="designated", region="/s/t1/", industry="food", by="lin", at=AT, reason="按职责分工")
    holder = ev.Holder(party="checker", persons=("feng", "gu"), role="checker", region="/s/t1/", industry="food")
    assert (state.tasks, state.assigned) == ((replace(before, holder=holder),), {"checker": assigned})
    assert play.log[-1].events == (
        ev.TaskEnded(task=3, how="done", reason="按职责分工"),
        ev.PartyAssigned(party="checker", assigned=assigned),
        ev.HolderChanged(task=1, holder=holder, how="designated", reason="按职责分工"),
    )


def test_the_office_may_say_that_the_sender_keeps_it():
    play = offices()
    case = refused(play)
    before = own_task(play.case(case)).holder

    designate(play, case, region="/s/t1/", industry="steel")

    assert own_task(play.case(case)).holder == before
    assert play.case(case).assigned["checker"].industry == "steel"


def test_one_person_may_be_designated():
    play = offices()
    case = refused(play)

    designate(play, case, person="tang")

    assert own_task(play.case(case)).holder == ev.Holder(party="checker", persons=("tang",), role="checker")


@pytest.mark.parametrize(
    ("to", "kind", "code"),
    [
        ({}, BadInput, "target_missing"),
        ({"person": "tang", "industry": "food"}, BadInput, "one_target_only"),
        ({"person": "wang"}, NotPermitted, "designated_not_of_role"),
        ({"person": "stranger"}, NotPermitted, "designated_not_of_role"),
        ({"region": "/s/t2/", "industry": "food"}, NotPermitted, "nobody_there"),
        ({"region": "/elsewhere/"}, BadInput, "region_unknown"),
        ({"industry": "food", "reason": ""}, BadInput, "reason_missing"),
    ],
)
def test_only_somebody_who_is_there_can_be_designated(to, kind, code):
    play = offices()
    case = refused(play)
    before = play.case(case)

    assert code_of(kind, lambda: designate(play, case, **to)) == code
    assert play.case(case) == before


@pytest.mark.parametrize("person", ["chen", "feng", "wang"])
def test_only_who_is_asked_designates(person):
    play = offices()
    case = refused(play)

    assert code_of(NotPermitted, lambda: designate(play, case, by=person, industry="food")) == "not_your_task"
    assert kinds(play, person, case) == []
    assert kinds(play, "lin", case) == [(3, "designate")]


def test_while_somebody_is_asked_whose_it_is_the_sender_does_not_hand_it_to_another():
    play = offices()
    case = refused(play)

    code = code_of(NotPermitted, lambda: hand_over(play, case, region="/s/t2/", industry="steel"))

    assert code == "hand_over_under_way"


def test_the_designated_can_neither_hand_it_on_nor_refuse():
    # Whoever designates may think again, as the superior of who holds it.
    play = offices(procedure=with_hand_over(superior=True))
    case = refused(play)
    designate(play, case, industry="food")

    assert code_of(NotPermitted, lambda: hand_over(play, case, by="feng", industry="steel")) == "designated"
    assert kinds(play, "feng", case) == []
    hand_over(play, case, by="lin", region="/s/t2/", industry="steel")

    assert code_of(NotPermitted, lambda: refuse(play, case, "tang")) == "designated_cannot_refuse"
    assert kinds(play, "tang", case) == [(4, "receive")]
    answer(play, case, "tang")
    assert own_task(play.case(case)).holder.persons == ("tang",)


def test_a_designation_that_nobody_makes_is_recorded_and_its_ladder_runs():
    play = offices()
    case = refused(play)

    wait(play, "2026-10-10 09:00")

    asked = task_of(play.case(case), "designation")
    assert (asked.expired_at, asked.fired) == (local("2026-10-10 00:00"), ("late",))


def test_deadline_alarm_and_ladder_of_the_task_are_the_same_whatever_way_it_went():
    play = offices()
    still = offices()
    case, other = refused(play), reported(still)
    designate(play, case, industry="food")

    changed = own_task(play.case(case))
    same = own_task(still.case(other))

    assert replace(changed, holder=same.holder) == same


# who may be chosen ---------------------------------------------------------------------------------------------------


def targets(play, case, task, **where):
    machine = play.machines[play.case(case).version]
    facts = play.facts(machine, play.case(case), None)
    return hand_over_targets(machine, play.case(case), facts, task, local(EVE).date(), **where)


def test_offices_to_choose_from_are_those_with_somebody_else():
    play = offices()
    case = reported(play)
    task = own_task(play.case(case))

    assert targets(play, case, task) == (("/s/t1/", "food"),)
    assert targets(play, case, task, region="/s/t2/") == (("/s/t2/", "steel"),)
    assert targets(play, case, task, region="/s/") == ()


def test_offices_that_may_be_designated_include_the_present_one():
    play = offices()
    case = refused(play)

    assert targets(play, case, task_of(play.case(case), "designation")) == (("/s/t1/", ""), ("/s/t1/", "food"))


def test_every_office_shown_is_accepted_and_every_other_refused():
    for region in REGIONS:
        for industry in ("", *INDUSTRIES):
            play = offices()
            case = reported(play)
            shown = targets(play, case, own_task(play.case(case)), region=region)
            try:
                hand_over(play, case, region=region, industry=industry)
                taken = True
            except ZhibenError:
                taken = False
            people = directory().holders("checker", region, industry, "", local(EVE).date())
            general = directory().holders("checker", region, "", "", local(EVE).date())
            listed = (region, industry) in shown or (people == general and (region, "") in shown)
            assert (region, industry, taken) == (region, industry, listed)


def test_who_is_left_out_of_the_party_is_no_office_either():
    parties = tuple(replace(party, excepts=("finder",)) if party.id == "checker" else party for party in SAMPLE.parties)
    holdings = (*OFFICES, Holding(id="40", person="chen", role="checker", region="/s/t2/", industry="food"))
    play = offices(procedure=with_hand_over(replace(SAMPLE, parties=parties)), holdings=holdings)
    case = reported(play)

    code = code_of(NotPermitted, lambda: hand_over(play, case, by="zhou", region="/s/t2/", industry="food"))

    assert code == "nobody_there"
    assert targets(play, case, own_task(play.case(case)), region="/s/t2/") == (("/s/t2/", "steel"),)


def test_a_party_that_follows_another_goes_with_its_office_but_not_with_one_person():
    follower = PartySpec(
        id="second", title="复核人", kind="role", role="checker", region="place.region", follows="checker"
    )
    procedure = with_state(
        replace(SAMPLE, parties=(*SAMPLE.parties, follower)),
        "doing",
        tasks=(replace(DOING.tasks[0], holder="checker"), replace(DOING.tasks[1], holder="second")),
    )

    def received(*, person: bool):
        play = offices(procedure=with_hand_over(procedure))
        case = reported(play)
        play.submit(
            "chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),)
        )
        wait(play, "2026-10-21 09:00")
        hand_over(play, case, by="zhou")
        if person:
            refuse(play, case)
            designate(play, case, person="tang")
        else:
            answer(play, case, "feng")
        return [task.holder.persons for task in play.case(case).tasks]

    assert received(person=False) == [("feng", "gu"), ("feng", "gu")]
    assert received(person=True) == [("tang",), ("chen", "zhou")]


def test_consent_asked_of_the_party_goes_with_it():
    play = offices()
    case = reported(play)
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "雨"})
    wait(play, "2026-10-21 09:00")
    extra = task_of(play.case(case), "extra")
    hand_over(play, case, task=extra.n)

    answer(play, case, "feng")

    changed = {event.task: event.holder.persons for event in of_type(play.log[-1].events, ev.HolderChanged)}
    assert changed == {3: ("feng", "gu"), extra.n: ("feng", "gu")}


def test_consent_that_the_former_office_asked_of_its_own_is_asked_no_more_and_nothing_is_said_of_it_after():
    approval = ApprovalSpec(by="checker", deadline=DeadlineSpec(within="1 workday"))
    play = offices(with_hand_over(with_action(SAMPLE, "opened", "dismiss", approve=approval)))
    case = reported(play)
    play.submit("chen", case, "dismiss", {"reason": "已自行整改"})
    asked = task_of(play.case(case), "approval")
    hand_over(play, case)

    answer(play, case, "feng")

    told = [(type(event), event.task) for event in of_type(play.log[-1].events, ev.HolderChanged, ev.TaskEnded)]
    assert told == [(ev.TaskEnded, 3), (ev.TaskEnded, asked.n), (ev.HolderChanged, 1)]
