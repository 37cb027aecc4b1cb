"""Several acts by one request: each is carried out, or refused, by itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from engine.core.command import Request, SubmitAction
from engine.errors import BadInput, Broken, Busy, NotFound, ZhibenError
from engine.runtime.door import Outcome
from web.api import asked, shown
from web.api.commands import Key, case_stream, command_id, seen_of
from web.api.telling import receipt
from web.bodies import StrictRoute
from web.middleware import incident_of
from web.policy import Caller, policy
from web.problems import problem_of

router = APIRouter(route_class=StrictRoute, tags=["acts"])


@router.post("/batch", operation_id="act_in_batch")
def act_in_batch(caller: Annotated[Caller, policy("case.act")], body: asked.BatchIn, key: Key) -> shown.BatchOut:
    """Do one action each of several tasks; what the definition wants done one by one is refused here."""
    most = caller.services.settings.most_batch
    if len(body.items) > most:
        raise BadInput("too_many_items", field="items", most=most)
    acted_by = body.acted_by or caller.person
    caller.check_acts_for(acted_by)
    requests = [_request(caller, key, n, item, acted_by) for n, item in enumerate(body.items)]
    outcomes = caller.services.door.submit_batch(requests)
    results = [
        _result(caller, n, item.case, outcome)
        for n, (item, outcome) in enumerate(zip(body.items, outcomes, strict=True))
    ]
    done = sum(result.receipt is not None for result in results)
    return shown.BatchOut(results=results, done=done, refused=len(results) - done)


def _request(caller: Caller, key: str, n: int, item: asked.BatchItem, acted_by: str) -> Request:
    act = SubmitAction(
        task=item.task,
        action=item.action,
        data=item.data,
        evidence=tuple(one.ref() for one in item.evidence),
        batch=True,
        seen=seen_of(item.task, item.seen),
    )
    return Request(
        id=command_id(caller.person, key, str(n)),
        stream=case_stream(item.case),
        act=act,
        acted_by=acted_by,
        entered_by=caller.person,
        medium="api",
    )


def _result(caller: Caller, n: int, case: str, outcome: Outcome) -> shown.BatchResult:
    if not isinstance(outcome, ZhibenError):
        return shown.BatchResult(n=n, receipt=receipt(outcome))
    error = outcome if isinstance(outcome, Busy | Broken) else _as_seen_by(caller, case, outcome)
    incident = incident_of(caller.services, error, "/batch") if isinstance(error, Broken) else ""
    return shown.BatchResult(n=n, problem=shown.ProblemOut(**problem_of(error, incident=incident)))


def _as_seen_by(caller: Caller, case: str, refused: ZhibenError) -> ZhibenError:
    """The refusal, or that there is no such case where the caller may not see it."""
    try:
        caller.services.reader.case(caller.person, case)
    except NotFound as hidden:
        return hidden
    return refused
