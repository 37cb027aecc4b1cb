"""Joint work (主办, 协办): opinions on time or late by name, and what the holder must wait for."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Opinion
from engine.core.definition import DeadlineSpec, JointSpec
from engine.core.directory import Holding, Substitution
from engine.errors import BadInput, NotPermitted, Stale
from tests.voting import council, jointly
from tests.worlds import applied, confirmed, local, of_type, own_task, wait

JOINT = JointSpec(by=("fire", "works"), deadline=DeadlineSpec(within="1 workday"), ladder="slow")


def code_of(kind, do):
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def checking(joint=JOINT, **more):
    """A world with a case that is checked, and others asked for their opinion."""
    play = council(jointly(joint), **more)
    return play, applied(play, confirmed(play))


def asked(play, case):
    return {task.spec: task for task in play.case(case).tasks if task.kind == "opinion"}


def give(play, case, person, party, opinion="无异议", evidence=()):
    task = asked(play, case)[party].n
    return play.do(person, case, cmd.GiveOpinion(task=task, opinion=opinion, evidence=evidence))


def accept(play, case):
    return play.submit("zhou", case, "accept", evidence=(play.file("signature"),), on_site=True)


def offered(play, case, person):
    return {(offer.kind, offer.action) for offer in play.offers(person, case)}


def test_beside_the_holder_each_is_asked_with_a_deadline_of_their_own():
    play, case = checking()

    assert [(task.kind, task.spec, task.holder.persons) for task in play.case(case).tasks] == [
        ("own", "", ("chen", "zhou")),
        ("opinion", "fire", ("f1", "f2")),
        ("opinion", "works", ("w1", "w2")),
    ]
    assert [task.deadline.due_at for task in asked(play, case).values()] == [local("2026-10-09 00:00")] * 2
    assert own_task(play.case(case)).deadline.due_at == local("2026-10-11 00:00")


def test_an_opinion_is_kept_with_its_files_and_its_giver_is_done():
    play, case = checking()
    file = play.file("file")

    events = give(play, case, "f1", "fire", " 消防设施完好 ", evidence=(file,))

    number = events[0].task
    assert events == (
        ev.OpinionGiven(task=number, party="fire", opinion="消防设施完好", evidence=(file,)),
        ev.TaskEnded(task=number, how="done"),
    )
    state = play.case(case)
    activation = state.active[0].n
    assert state.opinions == (Opinion(party="fire", activation=activation, task=number, person="f1", at=play.now),)
    assert sorted(asked(play, case)) == ["works"]


def test_who_concludes_waits_for_those_whose_time_has_not_passed():
    play, case = checking()
    give(play, case, "f1", "fire")

    with pytest.raises(NotPermitted) as refused:
        accept(play, case)

    assert (refused.value.code, refused.value.data) == (
        "opinions_missing",
        {"action": "accept", "parties": ("works",)},
    )
    assert offered(play, case, "zhou") == set()


def test_once_all_have_spoken_it_is_concluded():
    play, case = checking()
    give(play, case, "f1", "fire")
    give(play, case, "w1", "works")

    assert ("act", "accept") in offered(play, case, "zhou")
    accept(play, case)

    assert play.case(case).closed == "completed"


def test_whoever_lets_their_time_pass_holds_nobody_up_and_is_named_as_having_missed_it():
    play, case = checking()
    give(play, case, "f1", "fire")
    missing = asked(play, case)["works"].n
    wait(play, "2026-10-09 09:00")

    accept(play, case)

    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert (play.case(case).closed, ended[missing]) == ("completed", "missed")
    expired = of_type(play.events(case), ev.DeadlineExpired)
    assert [event.task for event in expired] == [missing]


def test_a_late_opinion_is_heard_and_late_by_name():
    play, case = checking()
    wait(play, "2026-10-09 09:00")
    assert {offer.late for offer in play.offers("f1", case)} == {True}

    give(play, case, "f1", "fire")
    give(play, case, "w1", "works")

    assert [(one.party, one.person, one.late) for one in play.case(case).opinions] == [
        ("fire", "f1", True),
        ("works", "w1", True),
    ]


def test_all_are_waited_for_where_it_is_said_however_late():
    play, case = checking(JointSpec(by=("fire",), deadline=DeadlineSpec(within="1 workday"), wait="all"))
    wait(play, "2026-10-12 09:00")

    assert code_of(NotPermitted, lambda: accept(play, case)) == "opinions_missing"
    give(play, case, "f2", "fire")
    accept(play, case)

    assert play.case(case).closed == "completed"


def test_nobody_is_waited_for_where_it_is_said_and_who_had_time_left_missed_nothing():
    play, case = checking(JointSpec(by=("fire",), undated="随时可提", wait="none"))
    number = asked(play, case)["fire"].n

    accept(play, case)

    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert ended[number] == "left"


def test_a_second_opinion_is_refused():
    play, case = checking()
    number = asked(play, case)["fire"].n
    give(play, case, "f1", "fire")

    again = cmd.GiveOpinion(task=number, opinion="补充")

    assert code_of(Stale, lambda: play.do("f2", case, again)) == "task_not_open"


def test_one_person_does_not_speak_for_two_who_were_asked():
    play, case = checking(
        substitutions=(Substitution(id="s", person="w1", substitute="f1"),),
    )
    give(play, case, "f1", "works")

    assert [(one.person, one.stands_for) for one in play.case(case).opinions] == [("f1", "w1")]
    assert code_of(NotPermitted, lambda: give(play, case, "f1", "fire")) == "opinion_given_already"
    assert offered(play, case, "f1") == set()
    give(play, case, "f2", "fire")


def test_only_those_asked_give_an_opinion_and_it_says_something():
    play, case = checking()

    for person in ("w1", "zhou", "wang"):
        assert code_of(NotPermitted, lambda: give(play, case, person, "fire")) == "not_your_task"  # noqa: B023
    assert code_of(BadInput, lambda: give(play, case, "f1", "fire", "  ")) == "missing"
    assert code_of(BadInput, lambda: give(play, case, "f1", "fire", "长" * 4001)) == "too_long"
    own = cmd.GiveOpinion(task=own_task(play.case(case)).n, opinion="x")
    assert code_of(Stale, lambda: play.do("zhou", case, own)) == "task_not_open"


def test_coming_again_everybody_is_asked_anew_and_no_old_alarm_is_left():
    play, case = checking()
    give(play, case, "f1", "fire")
    give(play, case, "w1", "works")
    first = play.case(case).active[0].n
    play.submit("zhou", case, "fail", {"reason": "整改不到位"})
    wait(play, "2026-10-12 09:00")
    applied(play, case)

    assert [task.deadline.due_at for task in asked(play, case).values()] == [local("2026-10-14 00:00")] * 2
    assert code_of(NotPermitted, lambda: accept(play, case)) == "opinions_missing"
    give(play, case, "f1", "fire")
    assert [one.activation == first for one in play.case(case).opinions] == [True, True, False]


def test_only_what_leads_on_waits():
    play, case = checking(more=(Holding(id="z", person="zhou", role="fire", region="/s/"),))

    assert offered(play, case, "zhou") == {("opinion", "fire")}


def test_opinions_of_a_claimed_case_wait_for_its_triage():
    play = council(jointly(JOINT))
    act = cmd.ClaimCase(
        version=next(iter(play.machines)),
        state="checking",
        data={"subject": "旧件", "unit": "U1"},
        claimed_opened_at=local("2026-03-02 09:00"),
    )
    play.do("clerk", "K1", act)
    assert [(task.kind, task.alarm) for task in play.case("K1").tasks] == [
        ("own", None),
        ("opinion", None),
        ("opinion", None),
    ]

    play.do("lin", "K1", cmd.TriageCase(start="now", reason="接续办理"))

    assert all(task.alarm for task in play.case("K1").tasks)
