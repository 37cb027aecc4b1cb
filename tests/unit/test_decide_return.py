"""退回: back to a state in which the case has been, chosen by who acts, with deadlines that begin anew."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.compiler import compile_procedure
from engine.core.definition import ApprovalSpec, DeadlineSpec, TargetSpec, VotesSpec
from engine.errors import BadInput, DefinitionErrors, NotPermitted
from tests.samples import SAMPLE, with_action
from tests.voting import PARTIES, closings, council, returning, vote
from tests.worlds import applied, confirmed, fired, local, of_type, own_task, task_of, wait

FIRED = (ev.RungFired, ev.DeadlineExpired)
VOTES = VotesSpec(by=("fire", "works"), deadline=DeadlineSpec(within="1 workday"), ladder="slow")


def back(play, case, to, by="zhou", **how):
    task = play.task_with(case, "send_back")
    return play.do(
        by, case, cmd.SubmitAction(task=task, action="send_back", data={"reason": "材料不全"}, back_to=to), **how
    )


def offer_of(play, case, person="zhou"):
    return next((one for one in play.offers(person, case) if one.action == "send_back"), None)


def voted_return(**changes):
    """The sample in which a case is sent back only after a vote, and in which acceptance is voted on."""
    procedure = returning(replace(SAMPLE, parties=(*SAMPLE.parties, *PARTIES)))
    return with_action(procedure, "checking", "accept", votes=VOTES, **changes)


def test_it_leads_back_to_the_state_that_was_chosen():
    play = council(returning())
    case = applied(play, confirmed(play))
    assert offer_of(play, case).among == ("opened", "doing")

    back(play, case, "opened")

    state = play.case(case)
    assert (state.leaves(), [task.kind for task in state.tasks]) == (("opened",), ["own"])
    assert state.visited == ("opened", "doing", "checking")
    assert state.fields["reason"] == "材料不全"


@pytest.mark.parametrize("to", ["", "checking", "sorting", "done", "nowhere"])
def test_it_leads_to_no_state_in_which_the_case_has_not_been(to):
    play = council(returning())
    case = applied(play, confirmed(play))

    with pytest.raises(BadInput) as refused:
        back(play, case, to)

    assert (refused.value.code, refused.value.data["states"]) == ("not_been_there", ("opened", "doing"))


def test_a_case_that_has_been_in_none_of_them_is_not_sent_back():
    play = council(with_action(returning(), "checking", "send_back", to=(TargetSpec(state="sorting"),)))
    case = applied(play, confirmed(play))

    assert offer_of(play, case) is None
    with pytest.raises(NotPermitted) as refused:
        back(play, case, "sorting")
    assert refused.value.code == "been_nowhere_else"


def test_only_what_leads_back_names_a_state():
    play = council(returning())
    case = applied(play, confirmed(play))
    task = own_task(play.case(case)).n

    with pytest.raises(BadInput) as refused:
        play.do("zhou", case, cmd.SubmitAction(task=task, action="fail", data={"reason": "x"}, back_to="opened"))

    assert refused.value.code == "leads_not_back"


def test_coming_again_its_deadline_begins_anew_and_no_old_alarm_is_left():
    play = council(returning())
    case = applied(play, confirmed(play))
    wait(play, "2026-10-09 10:00")

    back(play, case, "opened")

    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.fired, task.skipped) == (local("2026-10-13 00:00"), (), ())
    assert task.alarm == ev.Alarm(rung="remind", at=local("2026-10-10 00:00"), epoch=1)
    wait(play, "2026-10-13 00:00")
    told = [(event.task, getattr(event, "rung", "expiry")) for event in of_type(play.events(case), *FIRED)]
    # The checking that was left reminded once; nothing else of it, nor of the first stay, goes off.
    assert told == [(3, "remind"), (task.n, "remind"), (task.n, "expiry"), (task.n, "overdue")]


def test_a_return_that_needs_consent_keeps_the_state_that_was_chosen():
    approve = ApprovalSpec(by="office", deadline=DeadlineSpec(within="1 workday"))
    play = council(with_action(returning(), "checking", "send_back", approve=approve))
    case = applied(play, confirmed(play))
    back(play, case, "opened")
    assert play.case(case).leaves() == ("checking",)

    play.do("lin", case, cmd.AnswerApproval(task=task_of(play.case(case), "approval").n, consent=True))

    assert play.case(case).leaves() == ("opened",)


def test_a_return_that_is_voted_on_keeps_the_state_that_was_chosen():
    procedure = returning(replace(SAMPLE, parties=(*SAMPLE.parties, *PARTIES)))
    play = council(with_action(procedure, "checking", "send_back", votes=VOTES))
    case = applied(play, confirmed(play))
    back(play, case, "doing")
    vote(play, case, "f1", "fire")

    vote(play, case, "w1", "works")

    assert play.case(case).leaves() == ("doing",)


def test_out_of_the_middle_of_a_vote_it_ends_undecided_and_is_asked_anew():
    play = council(voted_return())
    case = applied(play, confirmed(play))
    play.submit("zhou", case, "accept", evidence=(play.file("signature"),), on_site=True)
    vote(play, case, "f1", "fire")
    wait(play, "2026-10-08 15:00")

    back(play, case, "doing", by="chen")

    assert (play.case(case).rounds, closings(play, case)) == ((), ["withdrawn"])
    assert [task.kind for task in play.case(case).tasks] == ["own"]
    before = fired(play, case)
    wait(play, "2026-10-09 09:00")
    # Nothing of the vote that ended goes off any more.
    assert fired(play, case) == before
    applied(play, case)
    play.submit("zhou", case, "accept", evidence=(play.file("signature"),), on_site=True)

    (again,) = play.case(case).rounds
    assert [one.answer for one in again.voices] == ["", ""]
    votes = [task for task in play.case(case).tasks if task.kind == "vote"]
    assert [task.deadline.due_at for task in votes] == [local("2026-10-11 00:00")] * 2
    vote(play, case, "f1", "fire")
    vote(play, case, "w1", "works")
    assert play.case(case).closed == "completed"


def test_a_way_back_alone_makes_no_state_reachable():
    procedure = with_action(SAMPLE, "opened", "confirm", to=(TargetSpec(state="checking"),))
    lost = returning(with_action(procedure, "checking", "fail", to=(TargetSpec(state="opened"),)))

    with pytest.raises(DefinitionErrors) as refused:
        compile_procedure(lost)

    unreachable = {one.data["path"] for one in refused.value.problems if one.code == "unreachable_state"}
    assert {"states.reviewing.left.asked", "states.sorting"} <= unreachable


def test_a_way_back_needs_somewhere_to_go():
    with pytest.raises(DefinitionErrors) as refused:
        compile_procedure(with_action(returning(), "checking", "send_back", to=()))

    assert "no_state_to_go_back" in {one.code for one in refused.value.problems}
