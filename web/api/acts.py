"""Acts on cases: starting, doing an action, answering, issuing, declining, reading, reopening, triage."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.core.command import (
    AnswerApproval,
    DeclineDraft,
    IssueDraft,
    ReadTask,
    StartCase,
    SubmitAction,
    TriageCase,
)
from engine.errors import BadInput, NotFound
from web.api import asked, shown
from web.api.commands import (
    Key,
    Match,
    act_on_case,
    case_stream,
    command_id,
    evidence_of,
    hand_over,
    request_of,
    told,
)
from web.api.parameters import ActionId, CaseId, TaskNumber
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["acts"])
Acts = Annotated[Caller, policy("case.act")]
_CASE_ID = 24


@router.post("/cases", operation_id="start_case", status_code=201, response_model=shown.ReceiptOut)
async def start_case(caller: Acts, http: Request, body: asked.StartIn, key: Key) -> Response:
    """Open a case; its id derives from the key, so that a repeat opens nothing new."""
    version = body.version or await run_in_threadpool(_latest, caller, body.procedure)
    act = StartCase(
        version=version,
        action=body.action,
        data=body.data,
        evidence=evidence_of(body),
        obligation=body.obligation,
    )
    case = sha256(f"case\n{command_id(caller.person, key)}".encode()).hexdigest()[:_CASE_ID]
    answer = await hand_over(caller, request_of(caller, key, case_stream(case), act, body))
    return told(answer, status=201, location=f"{http.app.state.base}/cases/{answer.stream.id}")


def _latest(caller: Caller, procedure: str) -> str:
    if not procedure:
        raise BadInput("input_missing", field="procedure")
    for row in caller.services.reader.procedures():
        if row.procedure == procedure:
            return row.version
    raise NotFound("procedure_not_published", procedure=procedure)


@router.post(
    "/cases/{case}/tasks/{task}/actions/{action}", operation_id="submit_action", response_model=shown.ReceiptOut
)
async def submit_action(
    caller: Acts,
    http: Request,
    case: CaseId,
    task: TaskNumber,
    action: ActionId,
    body: asked.ActIn,
    key: Key,
    match: Match = "",
) -> Response:
    """Do an action of a task."""
    act = SubmitAction(
        task=task,
        action=action,
        data=body.data,
        evidence=evidence_of(body),
        on_site=body.on_site,
        signatures=tuple(one.signature() for one in body.signatures),
        back_to=body.back_to,
        instead=body.instead,
    )
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/actions/{action}", operation_id="reopen_case", response_model=shown.ReceiptOut)
async def reopen_case(
    caller: Acts, http: Request, case: CaseId, action: ActionId, body: asked.ActIn, key: Key, match: Match = ""
) -> Response:
    """Do an action of a closed case: undo its end."""
    act = SubmitAction(task=0, action=action, data=body.data, evidence=evidence_of(body), on_site=body.on_site)
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/tasks/{task}/consent", operation_id="consent", response_model=shown.ReceiptOut)
async def consent(
    caller: Acts, http: Request, case: CaseId, task: TaskNumber, body: asked.AnswerIn, key: Key, match: Match = ""
) -> Response:
    """Consent to what another person asked for."""
    act = AnswerApproval(task=task, consent=True, reason=body.reason, evidence=evidence_of(body))
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/tasks/{task}/refuse", operation_id="refuse", response_model=shown.ReceiptOut)
async def refuse(
    caller: Acts, http: Request, case: CaseId, task: TaskNumber, body: asked.AnswerIn, key: Key, match: Match = ""
) -> Response:
    """Refuse what another person asked for, with a reason."""
    act = AnswerApproval(task=task, consent=False, reason=body.reason, evidence=evidence_of(body))
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/tasks/{task}/issue", operation_id="issue_draft", response_model=shown.ReceiptOut)
async def issue_draft(
    caller: Acts, http: Request, case: CaseId, task: TaskNumber, body: asked.IssueIn, key: Key, match: Match = ""
) -> Response:
    """Issue a drafted act."""
    act = IssueDraft(task=task, text=body.text, way=body.way, served_on=body.served_on, evidence=evidence_of(body))
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/tasks/{task}/decline", operation_id="decline_draft", response_model=shown.ReceiptOut)
async def decline_draft(
    caller: Acts, http: Request, case: CaseId, task: TaskNumber, body: asked.DeclineIn, key: Key, match: Match = ""
) -> Response:
    """Decide not to issue a drafted act, and say why."""
    evidence_of(body)
    act = DeclineDraft(task=task, reason=body.reason)
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body), match)


@router.post("/cases/{case}/tasks/{task}/read", operation_id="read_task", response_model=shown.ReceiptOut)
async def read_task(caller: Acts, http: Request, case: CaseId, task: TaskNumber, key: Key) -> Response:
    """Note that the caller saw the task; only a holder's first read changes anything."""
    # Nothing refuses a read, so that it must be seen first that there is something to read for this person.
    await run_in_threadpool(caller.services.reader.case, caller.person, case)
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), ReadTask(task=task)))


@router.post("/cases/{case}/triage", operation_id="triage_case", response_model=shown.ReceiptOut)
async def triage_case(caller: Acts, http: Request, case: CaseId, body: asked.TriageIn, key: Key) -> Response:
    """Say where the ladders of a claimed case start."""
    evidence_of(body)
    act = TriageCase(start=body.start, until=body.until, reason=body.reason)
    return await act_on_case(http, caller, request_of(caller, key, case_stream(case), act, body))
