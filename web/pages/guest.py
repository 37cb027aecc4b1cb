"""What somebody without an account sees and does by their link: no menu, one case, the acts of one party."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.errors import Broken, NotFound, ZhibenError
from engine.runtime.accounts import SessionSeen
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, hand_over
from web.api.parameters import ActionId, CaseId
from web.catalogues import tell_instant
from web.pages.case_timeline import moment
from web.pages.form_asking import asked_by_offer, find_offer
from web.pages.form_commands import act_of, request_of
from web.pages.form_drawing import draw, titles_seen, told_of
from web.pages.form_reading import NOTHING_POSTED, Posted, read_posted
from web.pages.forms import TaskNumber
from web.pages.guests import GuestId, guest_address
from web.pages.rendering import show
from web.pages.visitor import Visitor, keep_fresh, page
from web.problems import status_of

router = APIRouter()
Anybody = Annotated[Visitor, page("guest.link")]
Proof = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22}$")]
_RECEIPT = 12
#: A link admits whoever has it: nothing else is to keep it or pass it on.
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}
ROOT = "/guest/{case}/{person}/{proof}"


@router.get(ROOT, include_in_schema=False)
def look(visitor: Anybody, http: Request, case: CaseId, person: GuestId, proof: Proof) -> Response:
    """What is asked, until when; a page of its own where the link admits nobody."""
    try:
        seen = visitor.services.guests.case(case, person, proof)
    except NotFound:
        return _over(http, visitor)
    root = guest_address(case, person, proof)
    return _page(http, visitor, seen, person, acts=[(o.title, f"{root}/{o.task}/{o.action}") for o in seen.offers])


@router.get(ROOT + "/{task}/{action}", include_in_schema=False)
def ask(
    visitor: Anybody, http: Request, case: CaseId, person: GuestId, proof: Proof, task: TaskNumber, action: ActionId
) -> Response:
    """The form of one act."""
    try:
        seen = visitor.services.guests.case(case, person, proof)
    except NotFound:
        return _over(http, visitor)
    return _form(http, visitor, seen, person, proof, task, action)


@router.post(ROOT + "/{task}/{action}", include_in_schema=False)
async def act(
    visitor: Anybody, http: Request, case: CaseId, person: GuestId, proof: Proof, task: TaskNumber, action: ActionId
) -> Response:
    """Do it, and say that it was received; or show the form again with everything typed."""
    try:
        seen = await run_in_threadpool(visitor.services.guests.case, case, person, proof)
    except NotFound:
        return await run_in_threadpool(_over, http, visitor)
    guest = _as_guest(visitor, person)
    posted = await read_posted(http, guest, seen.machine.fields)
    if posted.wrong or posted.late:
        return await run_in_threadpool(_form, http, visitor, seen, person, proof, task, action, posted)
    try:
        wanted = request_of(guest, case_stream(case), act_of("act", task, action, posted), posted)
        answer = await hand_over(guest, wanted)
    except Broken:
        raise
    except ZhibenError as refused:
        return await run_in_threadpool(_form, http, visitor, seen, person, proof, task, action, posted, refused)
    return await run_in_threadpool(
        _page, http, visitor, seen, person, receipt=answer.leaf[:_RECEIPT], back=guest_address(case, person, proof)
    )


def _as_guest(visitor: Visitor, person: str) -> Visitor:
    """The visitor as the guest they proved to be: for one act, of one case."""
    session = SessionSeen(id="", person=person, csrf=visitor.csrf)
    return dataclasses.replace(visitor, person=person, scopes=frozenset({"act"}), session=session)


def _form(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    person: str,
    proof: str,
    task: int,
    action: str,
    posted: Posted = NOTHING_POSTED,
    refused: ZhibenError | None = None,
) -> Response:
    offer = find_offer(seen.offers, task, action, "")
    if offer is None:
        return _over(http, visitor)
    titles, root = titles_seen(seen), guest_address(seen.case.id, person, proof)
    asked = dataclasses.replace(
        asked_by_offer(seen, offer, titles), address=f"{root}/{task}/{action}", back=root, late_entry="", signers=()
    )
    told = told_of(posted, refused, titles)
    view = draw(_as_guest(visitor, person), asked, seen=seen.case.seq, posted=posted, told=told, titles=titles)
    status = status_of(refused) if refused else 422 if told else 200
    return _page(http, visitor, seen, person, form=view, status=status, back=root)


def _page(http: Request, visitor: Visitor, seen: SeenCase, person: str, *, status: int = 200, **more: Any) -> Response:
    guest = next(one for one in seen.case.guests if one.person == person)
    until = tell_instant(guest.until, seen.calendar.zone, visitor.now, ends_day=True) if guest.until else ""
    shown: dict[str, Any] = {"acts": (), "form": None, "receipt": "", "back": "", **more}
    answer = show(
        http,
        None,
        "guest.html",
        status=status,
        headers=_PRIVATE,
        csrf=visitor.csrf,
        case=seen.case,
        procedure=seen.machine.procedure,
        party=seen.machine.parties[guest.party].title,
        at=moment(visitor.now, seen.calendar, visitor.now).told,
        until=until,
        **shown,
    )
    keep_fresh(answer, visitor.services.settings, visitor)
    return answer


def _over(http: Request, visitor: Visitor) -> Response:
    """The link admits nobody: it was ended, its time is over, or it never was one."""
    return show(http, None, "guest_over.html", status=410, headers=_PRIVATE, csrf=visitor.csrf)
