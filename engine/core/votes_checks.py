"""Whether votes, joint work and ways back of a definition can be carried out as they are written."""

from __future__ import annotations

from engine.core import votes
from engine.core.definition import ActionSpec, JointSpec, TaskSpec, VotesSpec
from engine.core.uses import References


def check_votes(action: ActionSpec, task: TaskSpec | None, where: str, references: References) -> None:
    """Note what is wrong with the vote on an action."""
    spec = action.votes
    if spec is None:
        return
    at, problems = f"{where}.votes", references.problems
    if task is None:
        problems.add("votes_need_a_task", at, "an action of a task", action.id)
    if action.approve is not None:
        problems.add("one_of", at, "votes or approve", action.id)
    references.all_parties(spec.by, f"{at}.by")
    references.unique(spec.by, f"{at}.by")
    references.all_parties(spec.add, f"{at}.add")
    references.timed(spec.deadline, spec.undated, spec.ladder, f"{at}.each")
    for party in spec.veto:
        references.known(party, spec.by, "veto_without_voice", f"{at}.veto")
    for party in spec.by:
        if party in action.not_by:
            problems.add("voter_excluded", f"{at}.by", "parties that may sign the action", party)
    _check_counts(spec, at, references)


def _check_counts(spec: VotesSpec, at: str, references: References) -> None:
    problems, voices = references.problems, len(spec.by)
    if not voices:
        problems.add("missing_key", f"{at}.by", "whose voices")
    part, _, whole = spec.rule.partition("/")
    if spec.rule not in ("all", "any") and not (part.isdecimal() and (whole.isdecimal() or "/" not in spec.rule)):
        problems.add("unknown_rule", f"{at}.rule", "all, any, a share like 2/3, or a number", spec.rule)
    elif whole and not 0 < int(part) <= int(whole):
        problems.add("unknown_rule", f"{at}.rule", "a share above 0 and at most 1", spec.rule)
    elif voices and not 1 <= votes.needed(spec.rule, voices) <= voices:
        problems.add("too_few_voices", f"{at}.rule", f"at most the {voices} voices that are asked", spec.rule)
    if spec.quorum > voices:
        problems.add("too_few_voices", f"{at}.quorum", f"at most the {voices} voices that are asked", spec.quorum)


def check_joint(task: TaskSpec, at: str, references: References) -> None:
    """Note what is wrong with the opinions asked beside a task."""
    spec = task.joint
    if spec is None:
        return
    where = f"{at}.joint"
    if task.id or task.every:
        references.problems.add("joint_needs_own_task", where, "the one task of a state", task.id or task.every)
    references.all_parties(spec.by, f"{where}.by")
    references.unique(spec.by, f"{where}.by")
    references.timed(spec.deadline, spec.undated, spec.ladder, where)
    _check_wait(spec, where, references)


def _check_wait(spec: JointSpec, where: str, references: References) -> None:
    if not spec.by:
        references.problems.add("missing_key", f"{where}.by", "whose opinions")
    if spec.wait == "due" and spec.deadline is None:
        expected = "a deadline that can pass, or wait: all or none"
        references.problems.add("wait_without_deadline", f"{where}.wait", expected, spec.wait)


def check_back(action: ActionSpec, task: TaskSpec | None, where: str, references: References) -> None:
    """Note a way back that leads nowhere."""
    if action.back and (task is None or not action.to):
        references.problems.add("no_state_to_go_back", f"{where}.to", "another state with a task", action.id)
