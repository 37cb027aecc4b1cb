"""Formal acts that wait for the visitor: read as they will be printed, then issued, or not issued for a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.core.command import DeclineDraft, IssueDraft, Seen
from engine.errors import Broken, NotFound, ZhibenError
from engine.runtime.desk import Draft
from engine.runtime.reading import PageAsk
from engine.store.worklists import TaskFilter
from web.api.commands import case_stream, hand_over
from web.api.parameters import After, CaseId, TaskNumber
from web.catalogues import titles_of
from web.pages.draft_views import asked_to_issue, issue_fields, paper_of, row_of, stage_of, states_of, titles_in, why_of
from web.pages.flash import flash
from web.pages.form_commands import evidence_of, request_of
from web.pages.form_drawing import draw, told_of
from web.pages.form_reading import NOTHING_POSTED, Posted, read_posted
from web.pages.forms import ALLOWED
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.pages.work_views import countdown, whose
from web.problems import status_of

router = APIRouter()
Reads = Annotated[Visitor, page("task.read")]
Acts = Annotated[Visitor, page("case.act")]
PATH = "/drafts"
ADDRESS = "/drafts/{case}/{task}"
ROWS = 50
_KEY_BYTES = 16


@router.get(PATH, include_in_schema=False)
def drafts(visitor: Reads, http: Request, after: After = "") -> Response:
    """Formal acts that wait for the visitor, the most urgent first."""
    ask = PageAsk(limit=ROWS, after=after)
    found = visitor.services.desk.work(visitor.person, TaskFilter(kind="draft"), ask)
    return show(
        http,
        visitor,
        "drafts.html",
        rows=[row_of(work, visitor.now) for work in found.items],
        first=PATH if after else "",
        older=f"{PATH}?after={found.after}" if found.after else "",
    )


@router.get(ADDRESS, include_in_schema=False)
def draft(visitor: Acts, http: Request, case: CaseId, task: TaskNumber) -> Response:
    """One formal act: as it will be printed, why it exists, and what is decided about it."""
    found = visitor.services.desk.draft(visitor.person, case, task)
    return _show(http, visitor, found, NOTHING_POSTED)


@router.post(f"{ADDRESS}/issue", include_in_schema=False)
async def issue(visitor: Acts, http: Request, case: CaseId, task: TaskNumber) -> Response:
    """Issue it."""
    found = await run_in_threadpool(_found, visitor, case, task)
    posted = await read_posted(http, visitor, issue_fields())
    if posted.wrong and found is not None:
        return await run_in_threadpool(_show, http, visitor, found, posted, None, 422)
    act = IssueDraft(
        task=task,
        evidence=evidence_of(posted),
        way=posted.values.get("way", ""),
        served_on=posted.values.get("served_on", ""),
        seen=Seen(task=task, seq=posted.seen),
    )
    return await _decided(http, visitor, case, found, posted, act)


@router.post(f"{ADDRESS}/decline", include_in_schema=False)
async def decline(visitor: Acts, http: Request, case: CaseId, task: TaskNumber) -> Response:
    """Decide that it is not issued, and say why."""
    found = await run_in_threadpool(_found, visitor, case, task)
    posted = await read_posted(http, visitor, {})
    act = DeclineDraft(task=task, reason=posted.reason, seen=Seen(task=task, seq=posted.seen))
    return await _decided(http, visitor, case, found, posted, act)


def _found(visitor: Visitor, case: str, task: int) -> Draft | None:
    """The act, None where it no longer waits; NotFound where the visitor may not see its case."""
    try:
        return visitor.services.desk.draft(visitor.person, case, task)
    except NotFound:
        visitor.services.reader.case(visitor.person, case)
        return None


async def _decided(
    http: Request, visitor: Visitor, case: str, found: Draft | None, posted: Posted, act: IssueDraft | DeclineDraft
) -> Response:
    try:
        await hand_over(visitor, request_of(visitor, case_stream(case), act, posted))
    except Broken:
        raise
    except ZhibenError as refused:
        if found is None:
            raise
        return await run_in_threadpool(_show, http, visitor, found, posted, refused, status_of(refused))
    return await run_in_threadpool(_done, visitor, case, act)


def _done(visitor: Visitor, case: str, act: IssueDraft | DeclineDraft) -> Response:
    """Lead back to what else waits, and tell the number it got."""
    issued = isinstance(act, IssueDraft)
    number, cleared = "", False
    if issued:
        seen = visitor.services.reader.case(visitor.person, case).case
        acts = [one for one in seen.issued if one.task == act.task]
        number, cleared = next((one.number for one in acts), ""), not acts
    answer = RedirectResponse(PATH, status_code=303)
    code = "drafts.told_numbered" if number else "drafts.told_issued" if issued else "drafts.told_declined"
    code = "drafts.told_cleared" if cleared else code
    flash(answer, code, secure=visitor.services.settings.secure_cookies, number=number)
    return answer


def _show(
    http: Request,
    visitor: Visitor,
    found: Draft,
    posted: Posted,
    refused: ZhibenError | None = None,
    status: int = 200,
) -> Response:
    work = found.work
    told = told_of(posted, refused, titles_of(work.machine))
    declining = bool(posted.reason) or any(one.field == "reason" for one in told)
    form = draw(
        visitor,
        asked_to_issue(work),
        seen=posted.seen or work.case.seq,
        posted=NOTHING_POSTED if declining else posted,
        told=() if declining else told,
    )
    light, left, exact = countdown(work.task, work.calendar, visitor.now)
    return show(
        http,
        visitor,
        "draft.html",
        status=status,
        headers=ALLOWED,
        paper=paper_of(work, visitor.now),
        why=why_of(work, found.names, visitor.now, visitor.services.clauses),
        case=work.case,
        whose=whose(work),
        state=states_of(work),
        kind=work.task.draft.kind if work.task.draft else "",
        preparing=stage_of(work) == "prepare",
        titles=titles_in(work, found.names),
        light=light,
        left=left,
        exact=exact,
        form=form,
        address=f"/drafts/{work.case.id}/{work.task.n}",
        key=posted.key or visitor.services.dice.token(_KEY_BYTES).hex(),
        reason=posted.reason,
        reason_wrong=_sentences(told) if declining else "",
    )


def _sentences(told: Iterable[object]) -> str:
    return " ".join(str(getattr(one, "text", "")) for one in told)
