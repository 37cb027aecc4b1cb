"""A matter goes to another office: received, refused on a ground, designated; nobody is ever without it (D19)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Assigned, Given, Handing
from engine.core.directory import Substitution
from engine.core.offer import Offer
from engine.errors import BadInput, NotPermitted, Stale
from tests.offices import (
    HAND_OVER,
    OFFICES,
    answer,
    code_of,
    directory,
    hand_over,
    kinds,
    offices,
    refuse,
    with_hand_over,
)
from tests.samples import SAMPLE
from tests.worlds import EVE, local, of_type, own_task, reported, task_of, wait

AT = local(EVE)


# handing over --------------------------------------------------------------------------------------------------------


def test_a_matter_handed_over_stays_the_senders_until_it_is_received_and_its_clock_runs():
    play = offices()
    case = reported(play)
    before = own_task(play.case(case))

    receipt = hand_over(play, case)

    assert own_task(play.case(case)) == before
    assert (receipt.kind, receipt.spec, receipt.state, receipt.activation) == ("receipt", "checker", "opened", 1)
    assert receipt.holder == ev.Holder(
        party="checker", persons=("feng", "gu"), role="checker", region="/s/t1/", industry="food"
    )
    assert receipt.handing == Handing(
        party="checker", of=1, region="/s/t1/", industry="food", by="chen", at=AT, reason="属食品行业"
    )
    assert (receipt.deadline.due_at, receipt.ladder) == (local("2026-10-09 00:00"), "prompt")
    wait(play, "2026-10-11 09:00")
    assert [(task.kind, task.expired_at is not None) for task in play.case(case).tasks] == [
        ("own", True),
        ("receipt", True),
    ]


def test_the_other_office_receives_it_and_every_task_of_the_party_is_theirs_with_its_deadline():
    play = offices()
    case = reported(play)
    before = own_task(play.case(case))
    hand_over(play, case)

    answer(play, case, "feng")

    state = play.case(case)
    holder = ev.Holder(party="checker", persons=("feng", "gu"), role="checker", region="/s/t1/", industry="food")
    assert state.tasks == (replace(before, holder=holder),)
    assert state.assigned == {"checker": Assigned(how="received", region="/s/t1/", industry="food", by="feng", at=AT)}
    assert play.log[-1].events == (
        ev.HandOverAnswered(task=2, received=True),
        ev.TaskEnded(task=2, how="done"),
        ev.PartyAssigned(party="checker", assigned=state.assigned["checker"]),
        ev.HolderChanged(task=1, holder=holder, how="received"),
    )
    assert [offer.action for offer in play.offers("feng", case) if offer.kind == "act"] == ["confirm", "dismiss"]
    assert play.offers("chen", case) == ()


def test_what_follows_after_receipt_is_of_the_office_that_received_it():
    play = offices()
    case = reported(play)
    hand_over(play, case)
    answer(play, case, "gu")

    play.submit("feng", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))

    assert own_task(play.case(case)).holder.persons == ("feng", "gu")


def test_what_came_with_it_is_kept_with_the_receipt():
    play = offices()
    case = reported(play)
    letter = play.file("file")

    play.do("chen", case, cmd.HandOver(task=1, industry="food", reason="属食品行业", evidence=(letter,)))

    (opened,) = of_type(play.log[-1].events, ev.TaskOpened)
    assert opened.evidence == (letter,)


def test_whoever_was_given_the_task_loses_it_when_another_office_receives_it():
    play = offices()
    case = reported(play)
    given = Given(person="zhou", how="transferred", by="chen", at=AT)
    state = play.case(case)
    play.cases[case] = replace(state, tasks=(replace(state.tasks[0], given=given),))
    hand_over(play, case, by="zhou")

    answer(play, case, "feng")

    task = own_task(play.case(case))
    assert (task.given, task.back_to, task.holder.persons) == (None, None, ("feng", "gu"))


@pytest.mark.parametrize(
    ("to", "kind", "code"),
    [
        ({"industry": "steel"}, NotPermitted, "hand_over_same_office"),
        ({"region": "/s/t1/"}, NotPermitted, "hand_over_same_office"),
        ({"region": "/s/t2/", "industry": "food"}, NotPermitted, "nobody_there"),
        ({"region": "/s/t9/", "industry": "steel"}, BadInput, "region_unknown"),
        ({"industry": "fishing"}, BadInput, "industry_unknown"),
        ({"industry": "food", "reason": " "}, BadInput, "reason_missing"),
    ],
)
def test_it_goes_only_where_somebody_else_is_and_with_a_reason(to, kind, code):
    play = offices()
    case = reported(play)
    before = play.case(case)

    assert code_of(kind, lambda: hand_over(play, case, **to)) == code
    assert play.case(case) == before


def test_it_may_go_to_another_town():
    play = offices()
    case = reported(play)

    receipt = hand_over(play, case, region="/s/t2/", industry="steel")

    assert receipt.holder.persons == ("tang",)


@pytest.mark.parametrize("person", ["feng", "lin", "wang", "stranger"])
def test_only_who_holds_it_hands_it_over(person):
    play = offices()
    case = reported(play)

    assert code_of(NotPermitted, lambda: hand_over(play, case, by=person)) == "not_your_task"
    assert "hand_over" not in [kind for _, kind in kinds(play, person, case)]


def test_what_another_party_holds_is_not_handed_over_though_said_for_the_whole_procedure():
    play = offices()
    case = reported(play)
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    assert code_of(NotPermitted, lambda: hand_over(play, case, by="wang")) == "not_to_hand_over"
    assert kinds(play, "wang", case) == []


def test_what_the_definition_does_not_let_go_stays():
    play = offices(procedure=SAMPLE)
    case = reported(play)

    assert code_of(NotPermitted, lambda: hand_over(play, case)) == "not_to_hand_over"
    assert kinds(play, "chen", case) == []


def test_one_hand_over_at_a_time():
    play = offices()
    case = reported(play)
    hand_over(play, case)

    code = code_of(NotPermitted, lambda: hand_over(play, case, by="zhou", region="/s/t2/", industry="steel"))

    assert code == "hand_over_under_way"
    assert kinds(play, "chen", case) == []


def test_it_is_not_handed_over_late_or_ahead():
    play = offices()
    case = reported(play)
    wait(play, "2026-10-09 09:00")
    act = cmd.HandOver(task=1, industry="food", reason="属食品行业")

    yesterday = lambda: play.do("chen", case, act, occurred_at=local("2026-10-08 09:00"))  # noqa: E731
    tomorrow = lambda: play.do("chen", case, act, occurred_at=local("2026-10-10 09:00"))  # noqa: E731

    assert code_of(NotPermitted, yesterday) == "late_entry_not_allowed"
    assert code_of(BadInput, tomorrow) == "in_the_future"
    assert code_of(Stale, lambda: hand_over(play, case, task=9)) == "task_not_open"


def test_whoever_stands_in_for_the_holder_hands_it_over_in_their_place():
    stands_in = Substitution(id="S1", person="chen", substitute="tang")
    play = offices(substitutions=(stands_in,))
    case = reported(play)

    hand_over(play, case, by="tang")

    assert play.log[-1].events[0] == ev.ActedFor(task=1, persons=("chen",), how="substitution")


def test_the_superior_hands_it_over_where_they_may_act_and_the_record_says_so():
    play = offices(procedure=with_hand_over(superior=True))
    case = reported(play)

    receipt = hand_over(play, case, by="lin", industry="food", reason="分工不清")

    assert play.log[-1].events[0] == ev.ActedFor(task=1, persons=("chen", "zhou"), how="superior", reason="分工不清")
    assert receipt.handing.by == "lin"


# receiving and refusing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["chen", "tang", "lin", "wang"])
def test_only_the_other_office_answers(person):
    play = offices()
    case = reported(play)
    hand_over(play, case)

    assert code_of(NotPermitted, lambda: answer(play, case, person)) == "not_your_task"
    assert code_of(NotPermitted, lambda: refuse(play, case, person)) == "not_your_task"
    assert [kind for _, kind in kinds(play, person, case)] == []


def test_the_other_office_is_offered_to_receive_it_or_to_refuse_on_one_of_the_grounds():
    play = offices()
    case = reported(play)
    hand_over(play, case)

    assert play.offers("feng", case) == (
        Offer(task=2, kind="receive", action="", title="", party="checker"),
        Offer(
            task=2,
            kind="refuse_receipt",
            action="",
            title="",
            party="checker",
            reason=True,
            among=("not_ours", "elsewhere"),
        ),
    )


@pytest.mark.parametrize(
    ("ground", "reason", "code"),
    [("", "x", "ground_unknown"), ("busy", "x", "ground_unknown"), ("not_ours", " ", "reason_missing")],
)
def test_a_refusal_needs_a_stated_ground_and_a_reason(ground, reason, code):
    play = offices()
    case = reported(play)
    hand_over(play, case)

    assert code_of(BadInput, lambda: refuse(play, case, ground=ground, reason=reason)) == code


def test_refused_it_stays_with_the_sender_and_somebody_must_say_whose_it_is():
    play = offices()
    case = reported(play)
    before = own_task(play.case(case))
    sent = hand_over(play, case).handing

    refuse(play, case)

    own, asked = play.case(case).tasks
    assert own == before
    assert (asked.kind, asked.spec, asked.holder.persons) == ("designation", "checker", ("he", "lin"))
    assert asked.handing == replace(sent, refused=("not_ours",))
    assert (asked.deadline.due_at, asked.ladder) == (local("2026-10-10 00:00"), "prompt")
    assert play.log[-1].events[:2] == (
        ev.HandOverAnswered(task=2, received=False, ground="not_ours", reason="属钢铁行业"),
        ev.TaskEnded(task=2, how="refused", reason="属钢铁行业"),
    )
    assert play.case(case).assigned == {}


def test_without_anybody_to_designate_the_sender_tries_another_office():
    play = offices(
        procedure=with_hand_over(spec=replace(HAND_OVER, designate_by="", designate=None, designate_ladder=""))
    )
    case = reported(play)
    hand_over(play, case)
    refuse(play, case)
    assert [task.kind for task in play.case(case).tasks] == ["own"]

    hand_over(play, case, region="/s/t2/", industry="steel")
    answer(play, case, "tang")

    assert own_task(play.case(case)).holder.persons == ("tang",)


def test_what_was_received_may_be_handed_on_until_it_is_designated():
    play = offices()
    case = reported(play)
    hand_over(play, case)
    answer(play, case, "feng")

    receipt = hand_over(play, case, by="feng", industry="steel", reason="属钢铁行业")

    assert (receipt.holder.persons, receipt.handing.of) == (("chen", "zhou"), 1)


def test_a_receipt_that_nobody_answers_is_recorded_and_its_ladder_runs():
    play = offices()
    case = reported(play)
    hand_over(play, case)

    wait(play, "2026-10-09 09:00")

    told = [event for event in of_type(play.events(case), ev.RungFired, ev.DeadlineExpired) if event.task == 2]
    assert [type(event).__name__ for event in told] == ["DeadlineExpired", "RungFired"]
    assert [sent.message.to for sent in play.messages if sent.message.task == 2] == ["feng", "gu", "he", "lin"]


def test_an_office_that_has_nobody_left_is_asked_no_more_and_the_sender_may_ask_another():
    play = offices()
    case = reported(play)
    hand_over(play, case)

    play.reorganise(directory(one for one in OFFICES if one.person not in ("feng", "gu")))

    assert ev.TaskEnded(task=2, how="withdrawn") in play.log[-1].events
    assert [(task.kind, task.holder.persons) for task in play.case(case).tasks] == [("own", ("chen", "zhou"))]
    assert "hand_over" in {offer.kind for offer in play.offers("chen", case)}


def test_when_the_sender_goes_on_what_waits_for_the_other_office_goes_with_the_state():
    play = offices()
    case = reported(play)
    hand_over(play, case)

    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    assert ev.TaskEnded(task=2, how="left") in play.log[-1].events
    assert [task.kind for task in play.case(case).tasks] == ["own"]
    assert code_of(Stale, lambda: play.do("feng", case, cmd.AnswerHandOver(task=2, receive=True))) == "task_not_open"


def test_an_extra_task_that_ends_takes_its_hand_over_along():
    play = offices()
    case = reported(play)
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    wait(play, "2026-10-21 09:00")
    extra = task_of(play.case(case), "extra")
    receipt = hand_over(play, case, task=extra.n)

    play.submit("chen", case, "note", {"opinion": "仍在施工"})

    assert ev.TaskEnded(task=receipt.n, how="withdrawn") in play.log[-1].events
