"""Votes (会签): who is asked, who has a voice, what follows, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.definition import SignSpec
from engine.core.directory import Holding, Substitution
from engine.errors import BadInput, NotPermitted, Stale
from tests.samples import with_action
from tests.voting import VOTES, asked, change, closings, code_of, council, kinds, offered, spec, vote, vote_task, voting
from tests.worlds import local, of_type, own_task, reported, wait

# asking ---------------------------------------------------------------------------------------------------------------


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


# answering ------------------------------------------------------------------------------------------------------------


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


def test_whoever_signed_with_the_asker_has_no_voice():
    signs = (SignSpec(party="", level="hand", count=2),)
    play = council(voting(signs=signs), more=(Holding(id="z", person="chen", role="fire", region="/s/"),))
    case = reported(play)
    files = [play.file("signature"), play.file("signature")]
    both = tuple(cmd.Signature(person=who, file=one.sha256) for who, one in zip(("zhou", "chen"), files, strict=True))
    data = {"reason": "已自行整改"}
    act = cmd.SubmitAction(task=1, action="dismiss", data=data, evidence=tuple(files), signatures=both)
    play.do("zhou", case, act)

    assert code_of(NotPermitted, lambda: vote(play, case, "chen", "fire")) == "second_person_needed"
    assert ("vote", 2) not in offered(play, case, "chen")
    vote(play, case, "f1", "fire")


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


# what ends it ---------------------------------------------------------------------------------------------------------


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
