"""Voices one after the other, added (加签) and taken out (减签)."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.directory import Holding
from engine.errors import BadInput, NotPermitted, Stale
from tests.voting import asked, change, closings, code_of, council, kinds, offered, spec, vote, voting
from tests.worlds import local, of_type, wait

# in sequence ----------------------------------------------------------------------------------------------------------


def test_one_after_the_other_each_from_when_they_are_asked():
    play = council(voting(spec(order="sequential")))
    case = asked(play)
    assert kinds(play, case)[1:] == [("vote", "fire", ("f1", "f2"))]
    wait(play, "2026-10-08 09:00")

    vote(play, case, "f1", "fire")

    assert kinds(play, case)[1:] == [("vote", "works", ("w1", "w2"))]
    assert play.case(case).tasks[1].deadline.due_at == local("2026-10-10 00:00")
    assert [one.task for one in play.case(case).rounds[0].voices] == [2, 3, 0]
    vote(play, case, "w1", "works")
    vote(play, case, "l1", "law")
    assert play.case(case).closed == "mistaken"
    assert play.case(case).fields["reason"] == "已自行整改"


def test_who_has_not_been_asked_yet_is_not_asked_any_more_once_it_is_decided():
    play = council(voting(spec(order="sequential", rule="2/3")))
    case = asked(play)

    vote(play, case, "f1", "fire")
    vote(play, case, "w1", "works")

    assert play.case(case).closed == "mistaken"
    assert [event.holder.party for event in of_type(play.events(case), ev.TaskOpened)] == ["checker", "fire", "works"]


# adding and taking out ------------------------------------------------------------------------------------------------


def test_an_added_person_has_a_voice_and_a_deadline_of_their_own():
    play = council(voting())
    case = asked(play)
    wait(play, "2026-10-08 09:00")

    change(play, case, "zhou", add="e1")

    state = play.case(case)
    assert kinds(play, case)[-1] == ("vote", "expert", ("e1",))
    assert state.tasks[-1].deadline.due_at == local("2026-10-10 00:00")
    assert state.rounds[0].voices[-1] == Voice(n=4, party="expert", person="e1", added_by="zhou", task=5)
    for person, office in (("f1", "fire"), ("w1", "works"), ("l1", "law")):
        vote(play, case, person, office)
    assert play.case(case).closed == ""
    assert code_of(NotPermitted, lambda: vote(play, case, "e2", "e1")) == "not_your_task"
    vote(play, case, "e1", "e1")
    assert play.case(case).closed == "mistaken"


def test_an_added_voice_comes_next_and_a_second_one_after_it():
    play = council(voting(spec(order="sequential", add=("expert",))))
    case = asked(play)

    change(play, case, "f1", add="e1")
    change(play, case, "f1", add="e2")

    assert [one.person or one.party for one in play.case(case).rounds[0].voices] == ["fire", "e1", "e2", "works", "law"]
    assert [task.holder.party for task in play.case(case).tasks] == ["checker", "fire"]
    vote(play, case, "f2", "fire")
    assert kinds(play, case)[1:] == [("vote", "expert", ("e1",))]


def test_where_an_added_person_has_left_any_other_of_their_party_speaks():
    play = council(voting())
    case = asked(play)
    change(play, case, "zhou", add="e1")
    left = council(voting(), without=("e1",))
    play.directory = left.directory

    vote(play, case, "e2", "e1")

    assert play.case(case).rounds[0].voices[-1].answered_by == "e2"


def test_the_asker_and_a_voter_may_add_and_nobody_else():
    play = council(voting())
    case = asked(play)

    for person in ("chen", "e1", "he"):
        assert code_of(NotPermitted, lambda: change(play, case, person, add="e1")) == "neither_asker_nor_voter"  # noqa: B023
        assert "add_voice" not in {kind for kind, _ in offered(play, case, person)}
    vote(play, case, "f1", "fire")
    for person, added in (("zhou", "e1"), ("f1", "e2"), ("w1", "e3")):
        assert ("add_voice", 1) in offered(play, case, person)
        change(play, case, person, add=added)

    assert [one.added_by for one in play.case(case).rounds[0].voices] == ["", "", "", "zhou", "f1", "w1"]


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("zhou", "second_person_needed"),
        ("f2", "not_to_be_added"),
        ("chen", "not_to_be_added"),
        ("nobody", "not_to_be_added"),
    ],
)
def test_only_members_of_the_parties_named_are_added(person, code):
    play = council(voting())
    case = asked(play)

    assert code_of(NotPermitted, lambda: change(play, case, "zhou", add=person)) == code


def test_nobody_who_has_a_voice_is_added():
    play = council(voting(spec(add=("expert", "fire"))))
    case = asked(play)
    change(play, case, "zhou", add="e1")

    assert code_of(NotPermitted, lambda: change(play, case, "zhou", add="e1")) == "has_a_voice_already"
    assert code_of(NotPermitted, lambda: change(play, case, "zhou", add="f2")) == "has_a_voice_already"
    vote(play, case, "f1", "fire")
    assert code_of(NotPermitted, lambda: change(play, case, "zhou", add="f1")) == "has_a_voice_already"
    change(play, case, "zhou", add="f2")


def test_nobody_who_may_not_sign_is_added():
    more = (Holding(id="z", person="chen", role="expert", region="/s/"),)
    play = council(voting(not_by=("finder",)), more=more)
    case = asked(play)

    assert code_of(NotPermitted, lambda: change(play, case, "zhou", add="chen")) == "separation_of_duties"


def test_an_added_voice_that_has_not_spoken_is_taken_out_by_who_added_it_or_the_asker():
    play = council(voting())
    case = asked(play)
    change(play, case, "f1", add="e1")
    change(play, case, "w1", add="e2")

    assert code_of(NotPermitted, lambda: change(play, case, "w1", remove=4)) == "voice_not_removable"
    assert code_of(NotPermitted, lambda: change(play, case, "zhou", remove=1)) == "voice_not_removable"
    assert code_of(BadInput, lambda: change(play, case, "zhou", remove=9)) == "voice_unknown"
    change(play, case, "f1", remove=4)
    change(play, case, "zhou", remove=5)

    state = play.case(case)
    assert [one.answer for one in state.rounds[0].voices] == ["", "", "", "withdrawn", "withdrawn"]
    assert [task.holder.party for task in state.tasks] == ["checker", "fire", "works", "law"]
    assert code_of(NotPermitted, lambda: change(play, case, "zhou", remove=5)) == "voice_not_removable"


def test_taking_out_the_last_open_voice_decides_the_vote():
    play = council(voting())
    case = asked(play)
    change(play, case, "zhou", add="e1")
    for person, office in (("f1", "fire"), ("w1", "works"), ("l1", "law")):
        vote(play, case, person, office)

    change(play, case, "zhou", remove=4)

    assert (play.case(case).closed, closings(play, case)) == ("mistaken", ["passed"])
    assert play.case(case).fields["reason"] == "已自行整改"


def test_taking_out_who_is_asked_goes_on_to_the_next():
    play = council(voting(spec(order="sequential", add=("expert",))))
    case = asked(play)
    change(play, case, "f1", add="e1")
    vote(play, case, "f1", "fire")

    change(play, case, "f1", remove=4)

    assert kinds(play, case)[1:] == [("vote", "works", ("w1", "w2"))]


def test_changes_need_a_reason_and_one_thing_at_a_time():
    play = council(voting())
    case = asked(play)

    assert code_of(BadInput, lambda: change(play, case, "zhou", add="e1", reason=" ")) == "reason_missing"
    assert code_of(BadInput, lambda: change(play, case, "zhou")) == "add_or_remove"
    assert code_of(BadInput, lambda: change(play, case, "zhou", add="e1", remove=4)) == "add_or_remove"
    act = cmd.ChangeVoices(task=2, add="e1", reason="x")
    assert code_of(Stale, lambda: play.do("zhou", case, act)) == "no_vote_under_way"
