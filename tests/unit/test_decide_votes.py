"""Votes (会签): who has a voice, when they are decided, what follows, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.definition import DeadlineSpec, VotesSpec
from engine.core.directory import Holding, Substitution
from engine.core.votes import needed, outcome
from engine.errors import BadInput, NotPermitted, Stale
from tests.samples import with_action
from tests.voting import VOTES, asked, change, closings, council, vote, vote_task, voting
from tests.worlds import local, of_type, own_task, wait

EACH = DeadlineSpec(within="1 workday")


def code_of(kind, do):
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def spec(**changes):
    return VotesSpec(**{"by": ("fire", "works", "law"), "deadline": EACH, "ladder": "slow", **changes})


def kinds(play, case):
    return [(task.kind, task.holder.party, task.holder.persons) for task in play.case(case).tasks]


def offered(play, case, person):
    return {(offer.kind, offer.task) for offer in play.offers(person, case)}


# asking ------------------------------------------------------------------------------------------------------------


def test_everybody_is_asked_at_once_with_a_deadline_of_their_own():
    play = council(voting())

    case = asked(play)

    state = play.case(case)
    assert kinds(play, case) == [
        ("own", "checker", ("chen", "zhou")),
        ("vote", "fire", ("f1", "f2")),
        ("vote", "works", ("w1", "w2")),
        ("vote", "law", ("l1", "l2")),
    ]
    assert [(task.n, task.voice, task.spec, task.deadline.due_at) for task in state.tasks[1:]] == [
        (n + 1, n, "dismiss", local("2026-10-09 00:00")) for n in (1, 2, 3)
    ]
    (under_way,) = state.rounds
    assert (under_way.n, under_way.of, under_way.action) == (2, 1, "dismiss")
    assert under_way.voices == tuple(
        Voice(n=n, party=party, task=n + 1) for n, party in enumerate(("fire", "works", "law"), start=1)
    )
    assert "reason" not in state.fields


def test_all_must_consent_and_then_it_is_carried_out_with_the_answers_given_when_it_was_asked():
    play = council(voting())
    case = asked(play)

    vote(play, case, "f1", "fire")
    vote(play, case, "w2", "works")
    assert play.case(case).leaves() == ("opened",)
    vote(play, case, "l1", "law")

    state = play.case(case)
    assert (state.closed, state.leaves(), state.tasks, state.rounds) == ("mistaken", ("dropped",), (), ())
    assert state.fields["reason"] == "已自行整改"
    assert [(one.action, one.person, one.party) for one in state.signed] == [
        ("report", "chen", "checker"),
        ("dismiss", "zhou", "checker"),
        ("dismiss.vote", "f1", "fire"),
        ("dismiss.vote", "w2", "works"),
        ("dismiss.vote", "l1", "law"),
    ]
    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert ended == {1: "done", 2: "consented", 3: "consented", 4: "consented"}
    assert closings(play, case) == ["passed"]


def test_one_refusal_among_all_ends_it_and_nothing_happens():
    play = council(voting())
    case = asked(play)
    due_at, alarm = own_task(play.case(case)).deadline, own_task(play.case(case)).alarm

    vote(play, case, "f1", "fire")
    vote(play, case, "w1", "works", consent=False)

    state = play.case(case)
    assert (state.leaves(), state.rounds) == (("opened",), ())
    assert kinds(play, case) == [("own", "checker", ("chen", "zhou"))]
    assert (own_task(state).deadline, own_task(state).alarm) == (due_at, alarm)
    assert "reason" not in state.fields
    ended = of_type(play.events(case), ev.TaskEnded)
    assert [(event.task, event.how) for event in ended] == [(2, "consented"), (3, "refused"), (4, "withdrawn")]
    assert closings(play, case) == ["refused"]


def test_what_was_refused_may_be_asked_again_with_fresh_deadlines_and_the_old_one_of_the_task():
    play = council(voting())
    case = asked(play)
    due_at = own_task(play.case(case)).deadline
    vote(play, case, "f1", "fire", consent=False)
    wait(play, "2026-10-08 09:00")

    play.submit("chen", case, "dismiss", {"reason": "y"})

    state = play.case(case)
    assert [task.deadline.due_at for task in state.tasks[1:]] == [local("2026-10-10 00:00")] * 3
    assert own_task(state).deadline == due_at
    assert [one.answer for one in state.rounds[0].voices] == ["", "", ""]
    assert state.rounds[0].n == 5


def test_what_is_being_voted_on_is_not_asked_a_second_time():
    play = council(voting())
    case = asked(play)

    again = lambda: play.submit("chen", case, "dismiss", {"reason": "y"})  # noqa: E731

    assert code_of(NotPermitted, again) == "already_asked"


def test_of_one_task_one_vote_is_held_at_a_time():
    play = council(with_action(voting(), "opened", "confirm", votes=VOTES))
    case = asked(play)

    other = lambda: play.submit(  # noqa: E731
        "chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),)
    )

    assert code_of(NotPermitted, other) == "vote_under_way"
    assert "act" not in {kind for kind, _ in offered(play, case, "chen")}
    vote(play, case, "f1", "fire", consent=False)
    other()
    assert play.case(case).rounds[0].action == "confirm"


def test_where_it_is_said_a_refusal_leads_on():
    play = council(voting(spec(refused_to="doing")))
    case = asked(play)

    vote(play, case, "f1", "fire", consent=False)

    state = play.case(case)
    assert (state.leaves(), state.rounds, [task.kind for task in state.tasks]) == (("doing",), (), ["own"])
    assert closings(play, case) == ["refused"]


def test_the_form_is_checked_when_it_is_asked():
    play = council(voting())
    case = play.start("chen", "sample", "report", {"subject": "x", "unit": "U1"})

    assert code_of(BadInput, lambda: play.submit("zhou", case, "dismiss", {})) == "form_refused"
    assert play.case(case).rounds == ()


# answering ---------------------------------------------------------------------------------------------------------


def test_a_refusal_needs_a_reason_and_the_voice_stays_open_without():
    play = council(voting())
    case = asked(play)
    act = cmd.AnswerVote(task=vote_task(play, case, "fire"), consent=False, reason=" ")

    assert code_of(BadInput, lambda: play.do("f1", case, act)) == "reason_missing"
    vote(play, case, "f1", "fire", consent=False)

    answered = next(event for event in of_type(play.events(case), ev.VoicesChanged))
    assert (answered.how, answered.reason) == ("answered", "证据不足")


@pytest.mark.parametrize("person", ["w1", "zhou", "wang", "stranger"])
def test_only_who_holds_a_voice_gives_it(person):
    play = council(voting())
    case = asked(play)

    assert code_of(NotPermitted, lambda: vote(play, case, person, "fire")) == "not_your_task"
    assert ("vote", 2) not in offered(play, case, person)


def test_whoever_asked_has_no_voice():
    play = council(voting(), more=(Holding(id="z", person="zhou", role="fire", region="/s/"),))
    case = asked(play)

    assert code_of(NotPermitted, lambda: vote(play, case, "zhou", "fire")) == "second_person_needed"
    assert ("vote", 2) not in offered(play, case, "zhou")


def test_nobody_gives_two_voices_of_one_vote():
    play = council(voting(), more=(Holding(id="z", person="f1", role="works", region="/s/"),))
    case = asked(play)
    vote(play, case, "f1", "fire")

    assert code_of(NotPermitted, lambda: vote(play, case, "f1", "works")) == "voice_given_already"
    assert offered(play, case, "f1") == {("add_voice", 1)}


def test_nobody_gives_two_voices_by_standing_in_for_another():
    stands_in = Substitution(id="s", person="w1", substitute="f1")
    play = council(voting(), substitutions=(stands_in,))
    case = asked(play)

    vote(play, case, "f1", "works")

    voice = play.case(case).rounds[0].voices[1]
    assert (voice.answered_by, voice.stands_for) == ("f1", "w1")
    assert code_of(NotPermitted, lambda: vote(play, case, "f1", "fire")) == "voice_given_already"


def test_who_was_stood_in_for_has_given_their_voice():
    stands_in = Substitution(id="s", person="w1", substitute="s1")
    both = (
        Holding(id="x", person="w1", role="fire", region="/s/"),
        Holding(id="y", person="s1", role="clerk", region="/s/"),
    )
    play = council(voting(), substitutions=(stands_in,), more=both)
    case = asked(play)
    vote(play, case, "s1", "works")

    assert code_of(NotPermitted, lambda: vote(play, case, "w1", "fire")) == "voice_given_already"
    acted = of_type(play.events(case), ev.ActedFor)
    assert [(event.task, event.persons, event.how) for event in acted] == [(3, ("w1",), "substitution")]


def test_who_stands_in_for_the_asker_has_no_voice_in_their_place():
    stands_in = Substitution(id="s", person="zhou", substitute="s1")
    more = (Holding(id="z", person="zhou", role="fire", region="/s/"), Holding(id="y", person="s1", role="clerk"))
    play = council(voting(), substitutions=(stands_in,), more=more)
    case = asked(play)

    assert code_of(NotPermitted, lambda: vote(play, case, "s1", "fire")) == "second_person_needed"


def test_in_whose_place_it_was_asked_has_no_voice():
    stands_in = Substitution(id="s", person="zhou", substitute="s1")
    more = (
        Holding(id="z", person="zhou", role="fire", region="/s/"),
        Holding(id="y", person="s1", role="clerk", region="/s/"),
    )
    play = council(voting(), substitutions=(stands_in,), more=more)
    case = asked(play, by="s1")

    assert code_of(NotPermitted, lambda: vote(play, case, "zhou", "fire")) == "second_person_needed"


def test_whoever_may_not_sign_the_action_has_no_voice_on_it():
    more = (Holding(id="z", person="chen", role="fire", region="/s/"),)
    play = council(voting(not_by=("finder",)), more=more)
    case = asked(play)

    assert code_of(NotPermitted, lambda: vote(play, case, "chen", "fire")) == "separation_of_duties"


def test_a_voice_is_no_approval():
    play = council(voting())
    case = asked(play)

    assert code_of(Stale, lambda: play.do("f1", case, cmd.AnswerApproval(task=2, consent=True))) == "task_not_open"


def test_silence_decides_nothing_and_a_late_voice_counts_and_is_late_by_name():
    play = council(voting())
    case = asked(play)
    vote(play, case, "f1", "fire")
    vote(play, case, "w1", "works")

    wait(play, "2026-10-12 09:00")
    state = play.case(case)
    assert [task.expired_at is not None for task in state.tasks if task.kind == "vote"] == [True]
    assert len(state.rounds) == 1
    assert {offer.late for offer in play.offers("l1", case) if offer.kind == "vote"} == {True}
    vote(play, case, "l1", "law")

    answered = [event for event in of_type(play.events(case), ev.VoicesChanged) if event.how == "answered"]
    assert [(one.answered_by, one.late) for one in answered[-1].voices] == [
        ("f1", False),
        ("w1", False),
        ("l1", True),
    ]
    assert play.case(case).closed == "mistaken"


def test_a_voice_entered_late_that_was_given_in_time_is_not_late():
    play = council(voting(late_entry="5 days"))
    case = asked(play)
    wait(play, "2026-10-09 09:00")

    vote(play, case, "f1", "fire", occurred_at=local("2026-10-08 16:00"))

    assert [one.late for one in play.case(case).rounds[0].voices] == [False, False, False]
    assert play.case(case).rounds[0].voices[0].answered_at == local("2026-10-08 16:00")


# counting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "voices", "wanted"),
    [("all", 4, 4), ("any", 4, 1), ("2/3", 3, 2), ("2/3", 4, 3), ("1/2", 5, 3), ("1/2", 4, 2), ("3", 5, 3)],
)
def test_a_share_is_rounded_up(rule, voices, wanted):
    assert needed(rule, voices) == wanted


def voices(*answers):
    return [Voice(n=n, party=party, task=n, answer=answer) for n, (party, answer) in enumerate(answers, start=1)]


@pytest.mark.parametrize(
    ("votes", "answers", "how"),
    [
        (spec(rule="any"), ("consent", "", ""), "passed"),
        (spec(rule="any"), ("refuse", "refuse", ""), ""),
        (spec(rule="any"), ("refuse", "refuse", "refuse"), "refused"),
        (spec(rule="2/3"), ("consent", "", ""), ""),
        (spec(rule="2/3"), ("consent", "consent", ""), "passed"),
        (spec(rule="2/3"), ("refuse", "refuse", ""), "refused"),
        (spec(rule="any", quorum=2), ("consent", "", ""), ""),
        (spec(rule="any", quorum=2), ("consent", "refuse", ""), "passed"),
        (spec(rule="all", quorum=3), ("refuse", "", ""), ""),
        (spec(rule="all", quorum=3), ("refuse", "consent", "consent"), "refused"),
        (spec(rule="any", veto=("fire",)), ("refuse", "", ""), "refused"),
        (spec(rule="any", veto=("fire",)), ("", "consent", "consent"), ""),
        (spec(rule="any", veto=("fire",)), ("consent", "", ""), "passed"),
        (spec(rule="any", veto=("fire",), quorum=3), ("refuse", "", ""), "refused"),
        (spec(rule="2"), ("consent", "withdrawn", "consent"), "passed"),
        (spec(rule="all"), ("consent", "withdrawn", "consent"), "passed"),
    ],
)
def test_a_vote_is_decided_once_no_open_voice_can_change_it(votes, answers, how):
    assert outcome(votes, voices(*zip(votes.by, answers, strict=True))) == how


# in sequence -------------------------------------------------------------------------------------------------------


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


# adding and taking out ---------------------------------------------------------------------------------------------


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


# what ends it ------------------------------------------------------------------------------------------------------


def test_a_vote_ends_undecided_when_its_state_is_left_by_another_action():
    play = council(voting())
    case = asked(play)
    vote(play, case, "f1", "fire")

    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    state = play.case(case)
    assert (state.leaves(), state.rounds, [task.kind for task in state.tasks]) == (("doing",), (), ["own"])
    assert closings(play, case) == ["withdrawn"]
    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert ended == {1: "done", 2: "consented", 3: "withdrawn", 4: "withdrawn"}
    act = cmd.AnswerVote(task=3, consent=True)
    assert code_of(Stale, lambda: play.do("w1", case, act)) == "task_not_open"


def recall(play, case, person, task=0):
    return play.do(person, case, cmd.RecallAction(reason="表述有误", seen=cmd.Seen(task=task)))


@pytest.mark.parametrize("seen", [0, 1])
def test_whoever_asked_takes_it_back_and_asks_again(seen):
    play = council(voting())
    case = asked(play)
    vote(play, case, "f1", "fire")
    before = own_task(play.case(case))

    events = recall(play, case, "zhou", seen)

    assert events == (
        ev.TaskEnded(task=3, how="withdrawn", reason="表述有误"),
        ev.TaskEnded(task=4, how="withdrawn", reason="表述有误"),
        ev.RoundClosed(round=2, how="withdrawn"),
    )
    state = play.case(case)
    assert (state.leaves(), state.rounds, state.tasks) == (("opened",), (), (before,))
    play.submit("zhou", case, "dismiss", {"reason": "改"})
    assert [one.answer for one in play.case(case).rounds[0].voices] == ["", "", ""]
    vote(play, case, "f1", "fire")


@pytest.mark.parametrize("person", ["chen", "f1", "he"])
def test_nobody_else_takes_it_back(person):
    play = council(voting())
    case = asked(play)

    assert code_of(NotPermitted, lambda: recall(play, case, person, 1)) == "nothing_to_recall"
    assert "recall" not in {kind for kind, _ in offered(play, case, person)}


def test_alarms_of_voices_end_with_the_vote():
    play = council(voting())
    case = asked(play)
    vote(play, case, "f1", "fire", consent=False)

    wait(play, "2026-10-08 23:00")

    told = of_type(play.events(case), ev.RungFired, ev.DeadlineExpired)
    assert {event.task for event in told} <= {1}


def test_the_task_itself_is_due_when_it_was_whatever_is_voted():
    play = council(voting())
    case = asked(play)
    before = own_task(play.case(case))
    play.now += timedelta(hours=1)

    change(play, case, "zhou", add="e1")
    vote(play, case, "f1", "fire")
    vote(play, case, "e1", "e1", consent=False)

    after = own_task(play.case(case))
    assert (after.deadline, after.alarm, after.epoch) == (before.deadline, before.alarm, before.epoch)


def test_votes_are_offered_to_who_may_vote_and_their_asker_may_take_them_back():
    play = council(voting())
    case = asked(play)

    assert offered(play, case, "f1") == {("vote", 2), ("add_voice", 1)}
    assert offered(play, case, "zhou") == {("act", 1), ("add_voice", 1), ("recall", 1)}
    assert offered(play, case, "e1") == set()
    (offer,) = (one for one in play.offers("zhou", case) if one.kind == "add_voice")
    assert (offer.parties, offer.reason, offer.action) == (VOTES.add, True, "dismiss")
