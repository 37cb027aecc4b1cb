"""Votes, joint work and ways back that cannot be carried out are refused when a definition is loaded."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import ApprovalSpec, DeadlineSpec, JointSpec
from engine.errors import DefinitionErrors
from tests.samples import SAMPLE, with_action, with_state
from tests.voting import VOTES, jointly, voting


def problems_of(procedure):
    try:
        compile_procedure(procedure)
    except DefinitionErrors as refused:
        return sorted((one.code, one.data["path"]) for one in refused.problems)
    return []


def votes(**changes):
    return replace(VOTES, **changes)


AT = "states.opened.actions.dismiss.votes"


@pytest.mark.parametrize(
    "spec",
    [
        VOTES,
        votes(rule="3", quorum=3, veto=("law",)),
        votes(rule="2/3", order="sequential"),
        votes(deadline=None, undated="自行安排", ladder=""),
    ],
)
def test_what_can_be_carried_out_is_accepted(spec):
    assert problems_of(voting(spec)) == []


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (votes(by=("fire", "law", "fire")), ("duplicate_id", f"{AT}.by")),
        (votes(by=("fire", "nobody")), ("unknown_party", f"{AT}.by")),
        (votes(add=("nobody",)), ("unknown_party", f"{AT}.add")),
        (votes(veto=("office",)), ("veto_without_voice", f"{AT}.veto")),
        (votes(rule="4"), ("too_few_voices", f"{AT}.rule")),
        (votes(rule="0"), ("too_few_voices", f"{AT}.rule")),
        (votes(rule="3/2"), ("unknown_rule", f"{AT}.rule")),
        (votes(rule="0/2"), ("unknown_rule", f"{AT}.rule")),
        (votes(rule="2/"), ("unknown_rule", f"{AT}.rule")),
        (votes(rule="most"), ("unknown_rule", f"{AT}.rule")),
        (votes(quorum=4), ("too_few_voices", f"{AT}.quorum")),
        (votes(deadline=None), ("deadline_missing", f"{AT}.each")),
        (votes(ladder="none"), ("unknown_ladder", f"{AT}.each.ladder")),
        (votes(refused_to="nowhere"), ("unknown_target", f"{AT}.refused")),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_place(spec, problem):
    assert problem in problems_of(voting(spec))


def test_voters_may_not_be_shut_out_of_the_action_they_vote_on():
    assert problems_of(voting(not_by=("finder", "law"))) == [("voter_excluded", f"{AT}.by")]


def test_an_action_is_approved_or_voted_on():
    procedure = with_action(voting(), "opened", "dismiss", approve=ApprovalSpec(by="office", undated="x"))

    assert problems_of(procedure) == [("one_of", AT)]


def test_nobody_votes_on_what_opens_a_case_or_undoes_its_end():
    procedure = voting()
    started = replace(procedure, starts=(replace(procedure.starts[0], votes=VOTES),))
    (done,) = (state for state in procedure.states if state.path == "done")
    reopened = with_state(procedure, "done", reopen=replace(done.reopen, votes=VOTES))

    assert problems_of(started) == [("votes_need_a_task", "starts.report.votes")]
    assert problems_of(reopened) == [("votes_need_a_task", "states.done.reopen.votes")]


JOINT = JointSpec(by=("fire", "works"), deadline=DeadlineSpec(within="1 workday"))


@pytest.mark.parametrize(
    ("joint", "problems"),
    [
        (JOINT, []),
        (replace(JOINT, deadline=None, undated="x", wait="all"), []),
        (replace(JOINT, by=("nobody",)), [("unknown_party", "states.checking.task.joint.by")]),
        (replace(JOINT, by=("law", "law")), [("duplicate_id", "states.checking.task.joint.by")]),
        (replace(JOINT, by=()), [("missing_key", "states.checking.task.joint.by")]),
        (replace(JOINT, deadline=None, wait="all"), [("deadline_missing", "states.checking.task.joint")]),
        (
            replace(JOINT, deadline=None, undated="x"),
            [("wait_without_deadline", "states.checking.task.joint.wait")],
        ),
    ],
)
def test_joint_work_has_others_and_a_time_where_it_waits_for_one(joint, problems):
    assert problems_of(jointly(joint)) == problems


def test_only_the_one_task_of_a_state_is_worked_on_jointly():
    procedure = jointly(JOINT)
    (doing,) = (state for state in SAMPLE.states if state.path == "doing")
    own, extra = doing.tasks
    procedure = with_state(procedure, "doing", tasks=(own, replace(extra, joint=JOINT)))

    assert problems_of(procedure) == [("joint_needs_own_task", "states.doing.tasks.recheck.joint")]
