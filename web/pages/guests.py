"""Those without an account who take part in a case: invited, shown their link and code, ended."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

import segno
from fastapi import APIRouter, Form, Path, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.core.command import EndGuest, InviteGuest
from engine.core.command import Request as Wanted
from engine.core.offer import Offer
from engine.errors import Broken, NotFound, ZhibenError
from engine.runtime.guests import Invited, acts_of_party
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, command_id, hand_over
from web.api.parameters import CaseId
from web.catalogues import say, tell_instant
from web.pages.flash import flash
from web.pages.form_drawing import titles_seen, told_of
from web.pages.form_reading import NOTHING_POSTED
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Reads = Annotated[Visitor, page("case.read")]
Acts = Annotated[Visitor, page("case.act")]
GuestId = Annotated[str, Path(pattern="^guest-[0-9a-f]{20}$")]
Text = Annotated[str, Form(max_length=500)]
_KEY = Annotated[str, Form(alias="_key", max_length=64)]


@dataclass(frozen=True, kw_only=True)
class GuestLine:
    """One who was invited, as the page shows them."""

    person: str
    party: str
    name: str
    invited_by: str
    at: str
    until: str
    admitted: bool
    notice: str


def guest_address(case: str, person: str, proof: str) -> str:
    """Where a guest's link leads, within this host."""
    return f"/guest/{quote(case, safe='')}/{person}/{proof}"


@router.get("/cases/{case}/guests", include_in_schema=False)
def ask(visitor: Reads, http: Request, case: CaseId) -> Response:
    """Who was invited, and the form to invite somebody."""
    return _show(http, visitor, visitor.services.reader.case(visitor.person, case))


@router.post("/cases/{case}/guests", include_in_schema=False)
async def invite(
    visitor: Acts,
    http: Request,
    case: CaseId,
    who: Annotated[str, Form(max_length=80)] = "",
    until: Annotated[str, Form(max_length=40)] = "",
    key: _KEY = "",
) -> Response:
    """Invite a party of a task, and lead to the notice with its link and code."""
    task, _, party = who.partition(".")
    act = InviteGuest(task=int(task) if task.isdecimal() and len(task) < 8 else 0, party=party, until=until)
    refused = await _carry_out(visitor, case, act, key)
    seen = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    if refused is not None:
        return await run_in_threadpool(_show, http, visitor, seen, refused=refused, chosen=who, until=until)
    found = await run_in_threadpool(visitor.services.guests.invited, seen)
    return RedirectResponse(f"/cases/{quote(case, safe='')}/guests/{found[-1].guest.person}", status_code=303)


@router.post("/cases/{case}/guests/{person}/end", include_in_schema=False)
async def end(
    visitor: Acts, http: Request, case: CaseId, person: GuestId, reason: Text = "", key: _KEY = ""
) -> Response:
    """End an invitation; its link admits nobody from then on."""
    refused = await _carry_out(visitor, case, EndGuest(person=person, reason=reason), key)
    if refused is not None:
        seen = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
        return await run_in_threadpool(_show, http, visitor, seen, refused=refused)
    answer = RedirectResponse(f"/cases/{quote(case, safe='')}/guests", status_code=303)
    flash(answer, "guests_page.ended", secure=visitor.services.settings.secure_cookies)
    return answer


@router.get("/cases/{case}/guests/{person}", include_in_schema=False)
def notice(visitor: Reads, http: Request, case: CaseId, person: GuestId) -> Response:
    """The notice to hand over: what is asked, until when, the link and the code that a phone reads."""
    seen = visitor.services.reader.case(visitor.person, case)
    found = next((one for one in visitor.services.guests.invited(seen) if one.guest.person == person), None)
    if found is None or not found.admitted or not _may_know(visitor, seen, found):
        raise NotFound("guest_not_found")
    link = _whole(http, visitor, guest_address(case, person, visitor.services.guests.proof(case, person)))
    return show(
        http,
        visitor,
        "guest_notice.html",
        case=seen.case,
        procedure=seen.machine.procedure,
        guest=_line(visitor, seen, found),
        acts=[action.title for action in acts_of_party(seen.machine, found.guest.party)],
        link=link,
        code=code_of(link),
    )


def code_of(link: str) -> Markup:
    """The link as a code (QR, ISO/IEC 18004, correction level M) in SVG without styles or scripts."""
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, dark="#000", light="#fff", omitsize=False
    )
    return Markup(drawn.getvalue().decode("ascii"))  # noqa: S704 - made here from digits and letters of our own


def _whole(http: Request, visitor: Visitor, path: str) -> str:
    """An address as somebody outside types it: under the name people know us by, where that was set."""
    known = str(visitor.services.settings.origin or "")
    told = urlsplit(known or str(http.base_url))
    return f"{told.scheme}://{told.netloc}{path}"


def _may_know(visitor: Visitor, seen: SeenCase, found: Invited) -> bool:
    """A link admits whoever has it: it is shown to who made it, and to who answers for the task."""
    return found.guest.invited_by == visitor.person or visitor.services.guests.may_invite(seen, visitor.person)


async def _carry_out(visitor: Visitor, case: str, act: InviteGuest | EndGuest, key: str) -> ZhibenError | None:
    wanted = Wanted(
        id=command_id(visitor.person, key or visitor.services.dice.token(16).hex()),
        stream=case_stream(case),
        act=act,
        acted_by=visitor.person,
        entered_by=visitor.person,
        medium="web",
    )
    try:
        await hand_over(visitor, wanted)
    except Broken:
        raise
    except ZhibenError as refused:
        return refused
    return None


def _show(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    *,
    refused: ZhibenError | None = None,
    chosen: str = "",
    until: str = "",
) -> Response:
    told = told_of(NOTHING_POSTED, refused, titles_seen(seen)) if refused else []
    offers = [one for one in seen.offers if one.kind == "invite"]
    return show(
        http,
        visitor,
        "guests.html",
        status=status_of(refused) if refused else 200,
        case=seen.case,
        guests=[_line(visitor, seen, one) for one in visitor.services.guests.invited(seen)],
        parties=[(f"{one.task}.{one.action}", _named(seen, one)) for one in offers],
        chosen=chosen,
        until=until,
        today=visitor.day.isoformat(),
        wrong={one.field: one.text for one in told},
        key=visitor.services.dice.token(16).hex(),
    )


def _named(seen: SeenCase, offer: Offer) -> str:
    """The party and its name as the reader may know it."""
    value = seen.opened.get(seen.machine.parties[offer.action].field)
    return say("guests_page.who", party=offer.title, name=value) if isinstance(value, str) else offer.title


def _line(visitor: Visitor, seen: SeenCase, one: Invited) -> GuestLine:
    zone = seen.calendar.zone
    by = one.guest.invited_by
    return GuestLine(
        person=one.guest.person,
        party=one.party,
        name=one.name,
        invited_by=visitor.services.reader.names([by]).get(by, by),
        at=tell_instant(one.guest.at, zone, visitor.now),
        until=tell_instant(one.guest.until, zone, visitor.now, ends_day=True) if one.guest.until else "",
        admitted=one.admitted,
        notice=f"/cases/{quote(seen.case.id, safe='')}/guests/{one.guest.person}"
        if one.admitted and _may_know(visitor, seen, one)
        else "",
    )
