"""The sample procedure with votes, joint work and ways back, and people enough to vote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import (
    ActionSpec,
    DeadlineSpec,
    FormItem,
    JointSpec,
    PartySpec,
    Procedure,
    TargetSpec,
    VotesSpec,
)
from engine.core.directory import Directory, Holding, RolePower, Substitution
from engine.errors import ZhibenError
from engine.proof.play import World
from tests.samples import SAMPLE, with_action, with_state
from tests.trying import refused
from tests.worlds import HOLDINGS, PAIR, ROLES, local, of_type, reported, task_of, world

#: Three offices with two people each, all of the same region, and experts who may be added.
OFFICES = ("fire", "works", "law")
VOTERS = {"fire": ("f1", "f2"), "works": ("w1", "w2"), "law": ("l1", "l2"), "expert": ("e1", "e2", "e3")}
VOTER_ROLES = {name: RolePower(id=name, title=name, sees="region") for name in VOTERS}
VOTER_HOLDINGS = tuple(
    Holding(id=f"v-{person}", person=person, role=role, region="/s/")
    for role, ones in VOTERS.items()
    for person in ones
)
PARTIES = tuple(
    PartySpec(id=name, title=name, kind="role", role=name, region="place.region", none="pool") for name in VOTERS
)
VOTES = VotesSpec(by=OFFICES, deadline=DeadlineSpec(within="1 workday"), ladder="slow", add=("expert",))


def voting(votes: VotesSpec = VOTES, procedure: Procedure = SAMPLE, **changes: Any) -> Procedure:
    """The sample in which a dismissal is voted on."""
    procedure = replace(procedure, parties=(*procedure.parties, *PARTIES))
    return with_action(procedure, "opened", "dismiss", approve=None, votes=votes, **changes)


def jointly(joint: JointSpec, procedure: Procedure = SAMPLE) -> Procedure:
    """The sample in which others give opinions while a case is checked."""
    procedure = replace(procedure, parties=(*procedure.parties, *PARTIES))
    (state,) = (one for one in procedure.states if one.path == "checking")
    return with_state(procedure, "checking", tasks=(replace(state.tasks[0], joint=joint),))


def returning(procedure: Procedure = SAMPLE) -> Procedure:
    """The sample in which a case that is checked may be sent back to wherever it has been."""
    back = ActionSpec(
        id="send_back",
        title="退回",
        form=(FormItem(field="reason", required=True),),
        back=True,
        to=(TargetSpec(state="opened"), TargetSpec(state="doing"), TargetSpec(state="sorting")),
    )
    (state,) = (one for one in procedure.states if one.path == "checking")
    task = state.tasks[0]
    return with_state(procedure, "checking", tasks=(replace(task, actions=(*task.actions, back)),))


def council(
    procedure: Procedure,
    *,
    substitutions: tuple[Substitution, ...] = (),
    more: tuple[Holding, ...] = (),
    without: tuple[str, ...] = (),
    holdings: tuple[Holding, ...] = PAIR,
    at: str = "2026-09-30 10:00",
) -> World:
    """The world of the sample with the voters in it."""
    play = world(at=at, procedure=procedure, holdings=holdings)
    present = (one for one in (*holdings, *VOTER_HOLDINGS, *more) if one.person not in without)
    play.directory = Directory(
        version=1,
        holdings=tuple(present),
        roles={**ROLES, **VOTER_ROLES},
        regions={},
        industries={},
        substitutions=substitutions,
    )
    return play


def asked(play: World, by: str = "zhou", **data: Any) -> str:
    """A case on whose dismissal is voted."""
    case = reported(play, **data)
    play.submit(by, case, "dismiss", {"reason": "已自行整改"})
    return case


def vote_task(play: World, case: str, office: str) -> int:
    """The open task that asks for the voice of an office, or of a person who was added."""
    state = play.case(case)
    voices = [one for found in state.rounds for one in found.voices if not one.answer]
    return next(one.task for one in voices if office in (one.party if not one.person else "", one.person))


def vote(play: World, case: str, person: str, office: str, consent: bool = True, **how: Any) -> tuple[Any, ...]:
    """A person gives the voice of an office, or their own where they were added."""
    reason = "" if consent else "证据不足"
    act = cmd.AnswerVote(task=vote_task(play, case, office), consent=consent, reason=reason)
    return play.do(person, case, act, **how)


def change(play: World, case: str, person: str, *, add: str = "", remove: int = 0, reason: str = "听取意见") -> Any:
    """Somebody adds a voice or takes one out."""
    (found,) = play.case(case).rounds
    return play.do(person, case, cmd.ChangeVoices(task=found.of, add=add, remove=remove, reason=reason))


def refusal(play: World, case: str, person: str, act: cmd.AnyAct) -> str:
    """The code with which an act would be refused now; "" = it would not be. Nothing is done."""
    error = refused(play, play.case(case), person, act)
    return error.code if error is not None else ""


def spec(**changes: Any) -> VotesSpec:
    """A vote of the three offices."""
    return VotesSpec(**{"by": OFFICES, "deadline": DeadlineSpec(within="1 workday"), "ladder": "slow", **changes})


def code_of(kind: type[ZhibenError], do: Callable[[], object]) -> str:
    """The code of the error of a kind with which something is refused."""
    try:
        do()
    except kind as refused:
        return refused.code
    raise AssertionError("it was not refused")


def kinds(play: World, case: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, party and holders of every open task."""
    return [(task.kind, task.holder.party, task.holder.persons) for task in play.case(case).tasks]


def offered(play: World, case: str, person: str) -> set[tuple[str, int]]:
    """Kind and task of everything that is offered to a person."""
    return {(offer.kind, offer.task) for offer in play.offers(person, case)}


def closings(play: World, case: str) -> list[str]:
    """How the votes of a case ended, in order."""
    return [event.how for event in of_type(play.events(case), ev.RoundClosed)]


__all__ = [
    "HOLDINGS",
    "OFFICES",
    "PAIR",
    "VOTERS",
    "VOTES",
    "asked",
    "change",
    "closings",
    "code_of",
    "council",
    "jointly",
    "kinds",
    "local",
    "offered",
    "refusal",
    "returning",
    "spec",
    "task_of",
    "vote",
    "vote_task",
    "voting",
]
