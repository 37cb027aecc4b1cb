"""Steps of a scenario about people as acts: taking, passing on, voting, handing over, inviting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from engine.core import command as cmd
from engine.core.case import Case, Task
from engine.core.case_people import Round
from engine.core.language.scenario import Step
from engine.core.language.scenario_people import PEOPLE_KINDS, Office
from engine.core.machine import Machine
from engine.errors import Stale
from engine.proof.play import World


class Places(Protocol):
    """How a scenario writes where an office is."""

    def region(self, title: str | None) -> str:
        """The path of a region; "" = none given."""

    def industry(self, title: str | None) -> str:
        """The id of an industry; "" = none given."""


def people_act_of(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct | None:
    """The act that a step about people means; None where it is of another kind, Stale where it has no task now."""
    kind = next((name for name in PEOPLE_KINDS if getattr(step, name) is not None), "")
    return _ACTS[kind](world, case, step, places) if kind else None


def state_matches(path: str, reference: str | None) -> bool:
    """Whether a reference means a state: by its whole path, or by its end."""
    return reference is None or path == reference or path.endswith(f".{reference}")


def _task(world: World, case: Case, step: Step, state: str | None) -> int:
    """A state's own task, or the extra one that the step names."""
    wanted = step.task or ""
    kinds = ("own", "extra") if not wanted else ("own", "extra", "vote", "opinion", "approval", "draft")
    return _first(
        (one for one in case.tasks if one.kind in kinds and one.spec == wanted and state_matches(one.state, state)),
        state,
    ).n


def _asked(world: World, case: Case, step: Step, kind: str, fits: Callable[[Task], bool], wanted: str | None) -> int:
    """A task of that kind: one that who acts may do something with, else the first."""
    having = [one for one in case.tasks if one.kind == kind and fits(one)]
    offered = {offer.task for offer in world.offers(world.person(step.by or ""), case.id)}
    return next((one.n for one in having if one.n in offered), 0) or _first(having, wanted).n


def _first(tasks: Iterable[Task], wanted: str | None) -> Task:
    found = next(iter(tasks), None)
    if found is None:
        raise Stale("task_not_open", wanted=wanted or "")
    return found


def _person(step: Step) -> str:
    return step.to if isinstance(step.to, str) else ""


def _office(step: Step, places: Places) -> tuple[str, str]:
    to = step.to if isinstance(step.to, Office) else Office()
    return places.region(to.region), places.industry(to.industry)


# with a task -------------------------------------------------------------------------------------------------------


def _take(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ClaimTask(task=_task(world, case, step, step.take))


def _release(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ReleaseTask(task=_task(world, case, step, step.release), reason=step.reason or "")


def _transfer(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.TransferTask(task=_task(world, case, step, step.transfer), to=_person(step), reason=step.reason or "")


def _delegate(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.DelegateTask(task=_task(world, case, step, step.delegate), to=_person(step), reason=step.reason or "")


def _give_back(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    task = _task(world, case, step, step.give_back or step.take_back)
    return cmd.GiveBackTask(task=task, opinion=step.says or "", evidence=_files(world, step))


def _reassign(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ReassignTask(task=_task(world, case, step, step.reassign), to=_person(step), reason=step.reason or "")


def _urge(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.UrgeTask(task=_task(world, case, step, step.urge), note=step.says or "")


def _copy(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    to = tuple(step.to) if isinstance(step.to, list) else (_person(step),)
    return cmd.CopyCase(task=_task(world, case, step, step.copies), to=to, note=step.says or "")


def _read_copy(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ReadCopy()


def _recall(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.RecallAction(reason=step.reason or "")


def _recuse(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.RecusePerson(task=_task(world, case, step, step.recuse), reason=step.reason or "")


def _files(world: World, step: Step) -> tuple[cmd.EvidenceRef, ...]:
    return tuple(world.file(kind) for kind in step.evidence)


# to other offices --------------------------------------------------------------------------------------------------


def _hand_over(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    region, industry = _office(step, places)
    return cmd.HandOver(
        task=_task(world, case, step, step.hand_over),
        region=region,
        industry=industry,
        reason=step.reason or "",
        evidence=_files(world, step),
    )


def _receive(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    task = _asked(world, case, step, "receipt", lambda one: True, step.receive or step.refuse_receipt)
    if step.receive:
        return cmd.AnswerHandOver(task=task, receive=True)
    return cmd.AnswerHandOver(
        task=task, receive=False, ground=_ground(world, case, task, step.refuse_receipt or ""), reason=step.reason or ""
    )


def _ground(world: World, case: Case, receipt: int, title: str) -> str:
    """The id of a ground by its title."""
    machine: Machine = world.machines[case.version]
    grounds = [
        pair
        for spec in machine.tasks.values()
        if spec.handling.hand_over is not None
        for pair in spec.handling.hand_over.grounds
    ]
    return next((name for name, known in grounds if title in (name, known)), title)


def _designate(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    region, industry = _office(step, places)
    return cmd.Designate(
        task=_asked(world, case, step, "designation", lambda one: True, "designate"),
        region=region,
        industry=industry,
        person=_person(step),
        reason=step.reason or "",
    )


# voices and opinions -----------------------------------------------------------------------------------------------


def _round(case: Case, action: str | None) -> Round:
    found = next((one for one in case.rounds if one.action == action), None)
    if found is None:
        raise Stale("task_not_open", wanted=action or "")
    return found


def _vote(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    asked = {voice.task for voice in _round(case, step.vote or step.vote_against).voices}
    return cmd.AnswerVote(
        task=_asked(world, case, step, "vote", lambda one: one.n in asked, step.vote or step.vote_against),
        consent=bool(step.vote),
        reason=step.reason or "",
        evidence=_files(world, step),
    )


def _add_voice(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ChangeVoices(task=_round(case, step.add_voice).of, add=_person(step), reason=step.reason or "")


def _remove_voice(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    voting = _round(case, step.remove_voice)
    voice = next((one.n for one in voting.voices if one.person == _person(step)), 0)
    return cmd.ChangeVoices(task=voting.of, remove=voice, reason=step.reason or "")


def _opinion(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    state = step.opinion
    return cmd.GiveOpinion(
        task=_asked(world, case, step, "opinion", lambda one: state_matches(one.state, state), state),
        opinion=step.says or "",
        evidence=_files(world, step),
    )


# who has no account ------------------------------------------------------------------------------------------------


def _invite(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    offered = {
        offer.task: True
        for offer in world.offers(step.by or "", case.id)
        if offer.kind == "invite" and offer.action == step.invite
    }
    task = next(iter(offered), 0) or _first(case.tasks, step.invite).n
    return cmd.InviteGuest(task=task, party=step.invite or "", until=step.until or "")


def _end_guest(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.EndGuest(person=world.person(step.end_guest or ""), reason=step.reason or "")


def _pause_ladder(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    task = _task(world, case, step, step.pause_ladder)
    return cmd.PauseLadder(task=task, until=step.paused_until or "", reason=step.reason or "")


def _resume_ladder(world: World, case: Case, step: Step, places: Places) -> cmd.AnyAct:
    return cmd.ResumeLadder(task=_task(world, case, step, step.resume_ladder), reason=step.reason or "")


_ACTS: dict[str, Callable[[World, Case, Step, Places], cmd.AnyAct]] = {
    "take": _take,
    "release": _release,
    "transfer": _transfer,
    "delegate": _delegate,
    "give_back": _give_back,
    "take_back": _give_back,
    "reassign": _reassign,
    "urge": _urge,
    "copies": _copy,
    "read_copy": _read_copy,
    "recall": _recall,
    "recuse": _recuse,
    "hand_over": _hand_over,
    "receive": _receive,
    "refuse_receipt": _receive,
    "designate": _designate,
    "vote": _vote,
    "vote_against": _vote,
    "add_voice": _add_voice,
    "remove_voice": _remove_voice,
    "opinion": _opinion,
    "invite": _invite,
    "end_guest": _end_guest,
    "pause_ladder": _pause_ladder,
    "resume_ladder": _resume_ladder,
}
