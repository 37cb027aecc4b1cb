"""Acts about people: claiming, passing on, standing in, voting, handing over; each by the address its offer names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from msgspec.structs import replace
from starlette.responses import Response

from engine.core.command_ladders import PauseLadder, ResumeLadder
from engine.core.command_people import (
    AnswerHandOver,
    AnswerVote,
    ChangeVoices,
    ClaimTask,
    CopyCase,
    DelegateTask,
    Designate,
    GiveBackTask,
    GiveOpinion,
    HandOver,
    ReadCopy,
    ReassignTask,
    RecallAction,
    RecusePerson,
    ReleaseTask,
    TransferTask,
    UrgeTask,
)
from web.api import asked_people as asked
from web.api import shown
from web.api.asked import Entered
from web.api.commands import Key, Match, act_on_case, case_stream, evidence_of, request_of
from web.api.parameters import CaseId, TaskNumber
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["people"])
Acts = Annotated[Caller, policy("case.act")]
_Handler = TypeVar("_Handler", bound=Callable[..., Any])
_TASK = "/cases/{case}/tasks/{task}"


class On:
    """The case and the request that every act here is about."""

    def __init__(self, http: Request, case: CaseId, key: Key, match: Match = "") -> None:
        self.http, self.case, self.key, self.match = http, case, key, match

    async def do(self, caller: Caller, act: Any, body: Entered) -> Response:
        """Carry an act out; where files may not come with it, what was entered from paper still needs its scan."""
        evidence = evidence_of(body)
        if evidence and "evidence" in act.__struct_fields__:
            act = replace(act, evidence=evidence)
        request = request_of(caller, self.key, case_stream(self.case), act, body)
        return await act_on_case(self.http, caller, request, self.match)


Of = Annotated[On, Depends()]


def _route(path: str, name: str) -> Callable[[_Handler], _Handler]:
    return router.post(path, operation_id=name, response_model=shown.ReceiptOut)


@_route(f"{_TASK}/claim", "claim_task")
async def claim(caller: Acts, on: Of, task: TaskNumber, body: asked.ReasonIn) -> Response:
    """Take a task that several hold."""
    return await on.do(caller, ClaimTask(task=task), body)


@_route(f"{_TASK}/release", "release_task")
async def release(caller: Acts, on: Of, task: TaskNumber, body: asked.ReasonIn) -> Response:
    """Put a claimed task back."""
    return await on.do(caller, ReleaseTask(task=task, reason=body.reason), body)


@_route(f"{_TASK}/transfer", "transfer_task")
async def transfer(caller: Acts, on: Of, task: TaskNumber, body: asked.PassIn) -> Response:
    """Give a task to another for good."""
    return await on.do(caller, TransferTask(task=task, to=body.to, reason=body.reason), body)


@_route(f"{_TASK}/delegate", "delegate_task")
async def delegate(caller: Acts, on: Of, task: TaskNumber, body: asked.PassIn) -> Response:
    """Let another work on a task; it comes back."""
    return await on.do(caller, DelegateTask(task=task, to=body.to, reason=body.reason), body)


@_route(f"{_TASK}/give-back", "give_back_task")
async def give_back(caller: Acts, on: Of, task: TaskNumber, body: asked.GiveBackIn) -> Response:
    """Give a delegated task back with what was found."""
    return await on.do(caller, GiveBackTask(task=task, opinion=body.opinion), body)


@_route(f"{_TASK}/take-back", "take_back_task")
async def take_back(caller: Acts, on: Of, task: TaskNumber, body: asked.ReasonIn) -> Response:
    """Take a delegated task back before it is given back."""
    return await on.do(caller, GiveBackTask(task=task, opinion=body.reason), body)


@_route(f"{_TASK}/reassign", "reassign_task")
async def reassign(caller: Acts, on: Of, task: TaskNumber, body: asked.PassIn) -> Response:
    """Give a task of somebody who leaves to a named person; needs the permission to."""
    return await on.do(caller, ReassignTask(task=task, to=body.to, reason=body.reason), body)


@_route(f"{_TASK}/urge", "urge_task")
async def urge(caller: Acts, on: Of, task: TaskNumber, body: asked.UrgeIn) -> Response:
    """Urge whoever holds a task."""
    return await on.do(caller, UrgeTask(task=task, note=body.note), body)


@_route(f"{_TASK}/copy", "copy_case")
async def copy(caller: Acts, on: Of, task: TaskNumber, body: asked.CopyIn) -> Response:
    """Send copies of the case."""
    return await on.do(caller, CopyCase(task=task, to=body.to, note=body.note), body)


@_route("/cases/{case}/read-copy", "read_copy")
async def read_copy(caller: Acts, on: Of, body: asked.ReasonIn) -> Response:
    """Say that one has read the copy one was sent."""
    return await on.do(caller, ReadCopy(), body)


@_route("/cases/{case}/recall", "recall_action")
async def recall(caller: Acts, on: Of, body: asked.ReasonIn) -> Response:
    """Take one's last act back before anybody acted on it."""
    return await on.do(caller, RecallAction(reason=body.reason), body)


@_route(f"{_TASK}/recuse", "recuse_person")
async def recuse(caller: Acts, on: Of, task: TaskNumber, body: asked.RecuseIn) -> Response:
    """Say that one is biased in this case."""
    return await on.do(caller, RecusePerson(task=task, reason=body.reason), body)


@_route(f"{_TASK}/pause-ladder", "pause_ladder")
async def pause(caller: Acts, on: Of, task: TaskNumber, body: asked.PauseIn) -> Response:
    """Let no rung of a task's ladder fire for a while."""
    return await on.do(caller, PauseLadder(task=task, until=body.until, reason=body.reason), body)


@_route(f"{_TASK}/resume-ladder", "resume_ladder")
async def resume(caller: Acts, on: Of, task: TaskNumber, body: asked.ResumeIn) -> Response:
    """Let a paused ladder go on."""
    return await on.do(caller, ResumeLadder(task=task, reason=body.reason), body)


@_route(f"{_TASK}/hand-over", "hand_over")
async def hand_over(caller: Acts, on: Of, task: TaskNumber, body: asked.HandOverIn) -> Response:
    """Hand the matter over to another office."""
    act = HandOver(task=task, region=body.region, industry=body.industry, reason=body.reason)
    return await on.do(caller, act, body)


@_route(f"{_TASK}/receive", "receive_hand_over")
async def receive(caller: Acts, on: Of, task: TaskNumber, body: asked.ReasonIn) -> Response:
    """Receive a matter that was handed over."""
    return await on.do(caller, AnswerHandOver(task=task, receive=True, reason=body.reason), body)


@_route(f"{_TASK}/refuse-receipt", "refuse_receipt")
async def refuse_receipt(caller: Acts, on: Of, task: TaskNumber, body: asked.RefuseReceiptIn) -> Response:
    """Refuse a matter on a stated ground."""
    act = AnswerHandOver(task=task, receive=False, ground=body.ground, reason=body.reason)
    return await on.do(caller, act, body)


@_route(f"{_TASK}/designate", "designate")
async def designate(caller: Acts, on: Of, task: TaskNumber, body: asked.DesignateIn) -> Response:
    """Say whose the matter is."""
    act = Designate(task=task, region=body.region, industry=body.industry, person=body.person, reason=body.reason)
    return await on.do(caller, act, body)


@_route(f"{_TASK}/vote", "answer_vote")
async def vote(caller: Acts, on: Of, task: TaskNumber, body: asked.VoteIn) -> Response:
    """Give one's voice."""
    return await on.do(caller, AnswerVote(task=task, consent=body.consent, reason=body.reason), body)


@_route(f"{_TASK}/add-voice", "add_voice")
async def add_voice(caller: Acts, on: Of, task: TaskNumber, body: asked.AddVoiceIn) -> Response:
    """Ask one person more in a vote under way."""
    return await on.do(caller, ChangeVoices(task=task, add=body.person, reason=body.reason), body)


@_route(f"{_TASK}/remove-voice", "remove_voice")
async def remove_voice(caller: Acts, on: Of, task: TaskNumber, body: asked.RemoveVoiceIn) -> Response:
    """Take out a voice that was added."""
    return await on.do(caller, ChangeVoices(task=task, remove=body.voice, reason=body.reason), body)


@_route(f"{_TASK}/opinion", "give_opinion")
async def opinion(caller: Acts, on: Of, task: TaskNumber, body: asked.OpinionIn) -> Response:
    """Give one's opinion on a task that another concludes."""
    return await on.do(caller, GiveOpinion(task=task, opinion=body.opinion), body)
