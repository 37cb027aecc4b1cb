"""Forms about the people of a task: claiming, passing on, standing in, voting, handing over; each says what it does."""

from __future__ import annotations

import dataclasses
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.core import command_people as cmd
from engine.core.offers import Offer
from engine.errors import Broken, NotFound, ZhibenError
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, hand_over
from web.api.parameters import CaseId
from web.catalogues import Titles, say
from web.pages.flash import flash
from web.pages.form_commands import request_of
from web.pages.form_drawing import changes_since, draw, told_of
from web.pages.form_reading import NOTHING_POSTED, Posted, read_posted
from web.pages.forms import CASE, DONE, gone, show_form, within_of
from web.pages.people_asking import KINDS, UNDONE_BY, address, asked_about, fields_of
from web.pages.people_choices import options_of
from web.pages.people_commands import act_of
from web.pages.people_told import known_titles, told_about
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Acts = Annotated[Visitor, page("case.act")]
TaskNumber = Annotated[int, Path(ge=0, le=2**31 - 1)]
Kind = Annotated[str, Path(pattern=f"^({'|'.join(KINDS)})$")]
#: How a voice is given: each answer has a form of its own.
Voice = Annotated[str, Query(pattern="^(consent|refuse)?$")]
#: Key of a form that has no page of its own: a button of a notice.
Undo = Annotated[str, Query(pattern="^[0-9a-f]{0,64}$")]
ADDRESS = "/cases/{case}/people/{task}/{kind}"
_KEY_BYTES = 16


@router.get(ADDRESS, include_in_schema=False)
def ask(visitor: Acts, http: Request, case: CaseId, task: TaskNumber, kind: Kind, answer: Voice = "") -> Response:
    """The form; where it is not offered to the visitor any more, what has happened."""
    seen = visitor.services.reader.case(visitor.person, case)
    offer = _offer(seen, task, kind)
    if offer is None:
        return gone(http, visitor, seen, NOTHING_POSTED, say("form_page.not_offered"), status=409)
    return _draw(http, visitor, seen, offer, dataclasses.replace(NOTHING_POSTED, within=within_of(http)), answer)


@router.post(ADDRESS, include_in_schema=False)
async def act(
    visitor: Acts, http: Request, case: CaseId, task: TaskNumber, kind: Kind, answer: Voice = "", undo: Undo = ""
) -> Response:
    """Do it and lead back; or show the form again."""
    seen = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    offer = _offer(seen, task, kind)
    options = await run_in_threadpool(_options, visitor, seen, offer)
    posted = await read_posted(http, visitor, fields_of(kind, options))
    if undo and not posted.key:
        posted = dataclasses.replace(posted, key=undo)
    refused: ZhibenError | None = None
    if not posted.wrong:
        try:
            command = request_of(visitor, case_stream(case), act_of(kind, task, posted, answer), posted)
            done = await hand_over(visitor, command)
            return await run_in_threadpool(_done, http, visitor, case, task, kind, done.seq, posted)
        except Broken:
            raise
        except ZhibenError as error:
            refused = error
    now = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    return await run_in_threadpool(_again, http, visitor, now, task, kind, answer, posted, refused)


@router.post("/cases/{case}/read-copy", include_in_schema=False)
async def read_copy(visitor: Acts, http: Request, case: CaseId) -> Response:
    """Say that the visitor has read the copy they were sent, and lead back to where they said so."""
    posted = await read_posted(http, visitor, {})
    await hand_over(visitor, request_of(visitor, case_stream(case), cmd.ReadCopy(), posted))
    where = "/inbox" if posted.within == "inbox" else f"/cases/{quote(case, safe='')}"
    answered = RedirectResponse(where, status_code=303)
    flash(answered, "people.done.read_copy", secure=visitor.services.settings.secure_cookies)
    return answered


def _offer(seen: SeenCase, task: int, kind: str) -> Offer | None:
    return next((one for one in seen.offers if one.task == task and one.kind == kind), None)


def _options(visitor: Visitor, seen: SeenCase, offer: Offer | None) -> list[tuple[str, str]]:
    return options_of(visitor, seen, offer, known_titles(visitor, seen)) if offer is not None else []


def _draw(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    offer: Offer,
    posted: Posted,
    answer: str,
    refused: ZhibenError | None = None,
    *,
    status: int = 200,
) -> Response:
    titles = known_titles(visitor, seen)
    told = told_of(posted, refused, titles)
    asked = asked_about(
        seen.case.id, offer, told_about(visitor, seen, offer, titles), _options(visitor, seen, offer), answer
    )
    view = draw(
        visitor,
        asked,
        seen=seen.case.seq,
        posted=posted,
        told=told,
        changes=changes_since(visitor, seen, posted.seen) if refused else (),
        within=posted.within,
        titles=titles,
    )
    return show_form(http, visitor, dataclasses.replace(view, late=None), seen, status=status)


def _again(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    task: int,
    kind: str,
    answer: str,
    posted: Posted,
    refused: ZhibenError | None,
) -> Response:
    offer, status = _offer(seen, task, kind), status_of(refused) if refused else 422
    if offer is not None:
        return _draw(http, visitor, seen, offer, posted, answer, refused, status=status)
    titles: Titles = known_titles(visitor, seen)
    told = told_of(posted, refused, titles)
    why = told[0].text if told else say("form_page.not_offered")
    return gone(http, visitor, seen, posted, why, status=status, fields=fields_of(kind, ()))


def _done(http: Request, visitor: Visitor, case: str, task: int, kind: str, seq: int, posted: Posted) -> Response:
    """Lead back to the case, with the way back where there is one; to the visitor's work where they see it no more."""
    try:
        seen = visitor.services.reader.case(visitor.person, case)
        where = f"/cases/{quote(case, safe='')}"
    except NotFound:
        seen, where = None, "/work"
    if posted.within == "row":
        number = seen.case.number if seen else ""
        return show(
            http,
            visitor,
            "action.html",
            block="done",
            headers={"HX-Trigger": DONE},
            where=where,
            number=number,
            recalls=(),
        )
    answered = (
        Response(status_code=200, headers={"HX-Redirect": where})
        if posted.within == CASE
        else RedirectResponse(where, status_code=303)
    )
    undo = _undo(visitor, case, seen, task, kind)
    flash(answered, f"people.done.{kind}", undo=undo, secure=visitor.services.settings.secure_cookies)
    return answered


def _undo(visitor: Visitor, case: str, seen: SeenCase | None, task: int, kind: str) -> str:
    """The address that takes back what was done, if the visitor may do that as it stands now."""
    back = UNDONE_BY.get(kind, "")
    if seen is None or not back or _offer(seen, task, back) is None:
        return ""
    return f"{address(case, task, back)}?undo={visitor.services.dice.token(_KEY_BYTES).hex()}"
