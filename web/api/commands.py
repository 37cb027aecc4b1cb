"""How a request of the interface becomes a command at the one door, and its answer a response."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header
from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from engine.core.command import Answer, EvidenceRef, Request, Seen, Stream
from engine.errors import BadInput, Broken, Busy, Stale, ZhibenError
from web.api import shown
from web.api.asked import Entered
from web.api.telling import receipt
from web.catalogues import titles_of
from web.errors import PreconditionFailed
from web.policy import Caller

#: The caller's own id of a change: a repeat gets the first answer, another request under it is refused.
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9._:\-]{8,128}$")]
#: The ETag of the case that was seen.
Match = Annotated[str, Header(alias="If-Match", pattern=r'^("[0-9]{1,15}")?$')]


def command_id(person: str, key: str, item: str = "") -> str:
    """The id of a command: nobody can use, or learn of, the ids of another person."""
    return sha256(f"api\n{person}\n{key}\n{item}".encode()).hexdigest()


def seen_in(match: str) -> int:
    """The entry that If-Match names, 0 = none."""
    return int(match.strip('"')) if match else 0


def evidence_of(body: Entered) -> tuple[EvidenceRef, ...]:
    """The files that come with an act; what was entered from paper needs a scan of it."""
    files = tuple(one.ref() for one in body.evidence)
    if body.medium == "paper" and not any(one.kind == "scan" for one in files):
        raise BadInput("scan_missing", field="evidence")
    return files


def request_of(caller: Caller, key: str, stream: Stream, act: Any, body: Entered | None = None) -> Request:
    """The command of a caller, acted by whom the body names."""
    acted_by = (body.acted_by if body else "") or caller.person
    return Request(
        id=command_id(caller.person, key),
        stream=stream,
        act=act,
        acted_by=acted_by,
        entered_by=caller.person,
        occurred_at=body.occurred_at if body else None,
        medium=body.medium if body else "api",
    )


async def hand_over(caller: Caller, request: Request) -> Answer:
    """Hand a command to the one door and await its answer without holding a thread."""
    if request.acted_by != request.entered_by:
        await run_in_threadpool(caller.check_acts_for, request.acted_by)
    services = caller.services
    if services.blocking_door:
        return await run_in_threadpool(services.door.submit, request)
    answer = asyncio.wrap_future(services.door.submit_later(request))
    try:
        # Shielded: who stops waiting does not undo what the writer has begun.
        return await asyncio.wait_for(asyncio.shield(answer), services.settings.answer_seconds)
    except TimeoutError as exc:
        raise Busy("commit_unknown") from exc


async def act_on_case(http: HttpRequest, caller: Caller, request: Request, match: str = "") -> Response:
    """Carry out an act on a case; whoever may not see the case is told only that it is not there."""
    seen = seen_in(match)
    if seen:
        request = replace(request, act=_as_seen(request.act, seen))
    try:
        answer = await hand_over(caller, request)
    except (Busy, Broken):
        raise
    except ZhibenError as refused:
        case = await run_in_threadpool(caller.services.reader.case, caller.person, request.stream.id)
        http.state.titles = titles_of(case.machine)
        if seen and isinstance(refused, Stale):
            raise PreconditionFailed(refused.code, **refused.data) from refused
        raise
    return told(answer)


def seen_of(task: int, seq: int) -> Seen:
    """What the caller had before their eyes."""
    return Seen(task=task, seq=seq)


def _as_seen(act: Any, seq: int) -> Any:
    return replace(act, seen=seen_of(getattr(act, "task", 0), seq)) if hasattr(act, "seen") else act


def told(answer: Answer, *, status: int = 200, location: str = "") -> Response:
    """The receipt of a command."""
    headers = {"ETag": etag(answer.seq)} if answer.seq and answer.stream.kind == "case" else {}
    if location:
        headers["Location"] = location
    body: shown.ReceiptOut = receipt(answer)
    return Response(body.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def etag(seq: int) -> str:
    """The entity tag of a case: its last entry."""
    return f'"{seq}"'


def case_stream(case: str) -> Stream:
    """The stream of a case."""
    return Stream(kind="case", id=case)
