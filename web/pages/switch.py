"""Changing places on a device that several people share: whom it remembers, their PINs, forms that waited for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.errors import NotPermitted
from engine.runtime.account_proofs import Opened
from engine.runtime.accounts import SessionSeen
from engine.runtime.devices import Remembered
from web.catalogues import say
from web.errors import DrawnForAnother
from web.pages.agents import agent_of
from web.pages.held import LOOK_AGAIN, PREFIX, Held, held_again
from web.pages.origin import CHOOSE_PASSWORD, SIGN_IN, SWITCH, own_path
from web.pages.rendering import is_partial, show
from web.pages.visitor import (
    Visitor,
    anybody,
    device_of,
    drop_device,
    drop_session,
    keep_device,
    keep_fresh,
    keep_session,
    page,
)
from web.services import Services

router = APIRouter()
_LONGEST_ID = 100
_LONGEST_PIN = 20
_LONGEST_PASSWORD = 1_000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One person whom the device remembers."""

    person: str
    name: str
    locked: bool
    #: whether the session in force is theirs
    here: bool
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page that asks for a PIN is about."""

    next: str
    #: the person that was chosen, "" = nobody yet
    person: str = ""
    held: Held | None = None
    #: due = the person was away, stale = a form of theirs was sent while another was signed in; "" = neither
    why: Literal["", "due", "stale"] = ""
    #: a sentence on what was wrong, or on what was done
    wrong: str = ""
    told: str = ""


@router.get(SWITCH, include_in_schema=False)
def ask(
    request: Request,
    visitor: Annotated[Visitor, page("public")],
    wanted: Annotated[str, Query(alias="next")] = "/",
    out: bool = False,
) -> Response:
    """Whom the device remembers, and the PIN."""
    return _page(request, visitor, Asked(next=own_path(wanted), told=say("sign_in.out") if out else ""))


@router.post(SWITCH, include_in_schema=False)
async def change(request: Request, visitor: Annotated[Visitor, page("public")]) -> Response:
    """Put the session in force aside, take up that of who gave their PIN, and lead on to where they were."""
    services = visitor.services
    request.app.state.limiter.sign_in(request)
    form = await request.form()
    person = str(form.get("person", ""))[:_LONGEST_ID]
    back = own_path(str(form.get("next", "")))
    held = held_again(form, person, back)
    asked = Asked(next=back, person=person, held=held, why=_why(str(form.get("why", ""))))
    try:
        opened = await to_thread.run_sync(
            partial(_open, request, services, person, form), limiter=request.app.state.hashing
        )
    except NotPermitted as refused:
        wrong = say(refused.code, **refused.data)
        again = Asked(next=asked.next, person=person, held=held, why=asked.why, wrong=wrong)
        return await run_in_threadpool(_page, request, visitor, again, status=422)
    if held and not opened.must_change:
        session = await run_in_threadpool(services.sessions.seen, opened.token)
        answer = await run_in_threadpool(_go_on, request, services, held, session)
    else:
        answer = RedirectResponse(CHOOSE_PASSWORD if opened.must_change else back, status_code=303)
    keep_session(answer, services.settings, opened.token)
    if opened.device:
        keep_device(answer, services, opened.device)
    return answer


def _open(request: Request, services: Services, person: str, form: FormData) -> Opened:
    """The session of whoever gave the PIN, or the password where the PIN does not help; NotPermitted."""
    device, agent = device_of(request), agent_of(request)
    password = str(form.get("password", ""))[:_LONGEST_PASSWORD]
    if not password:
        return services.devices.switch(device, person, str(form.get("pin", ""))[:_LONGEST_PIN], agent=agent)
    former = request.cookies.get(services.settings.cookie, "")
    login = services.devices.login_of(device, person)
    return services.accounts.sign_in(login, password, agent=agent, device=device, former=former)


@router.post(f"{SWITCH}/leave", include_in_schema=False)
def leave(request: Request, visitor: Annotated[Visitor, page("public")]) -> Response:
    """Sign everybody out of this device."""
    services = visitor.services
    services.devices.leave_all(device_of(request))
    if session := _session_of(request, services):
        services.accounts.end(session.person, [session.id])
    answer = RedirectResponse(f"{SIGN_IN}?out=1", status_code=303)
    drop_session(answer, services.settings)
    drop_device(answer, services.settings)
    return answer


def respond_held(request: Request, error: Exception, held: Held) -> Response:
    """The page that asks for the PIN before what was sent is taken, or tells that it was drawn for somebody else."""
    stale = isinstance(error, DrawnForAnother)
    asked = Asked(next=held.back, person=held.person, held=held if held.to else None, why="stale" if stale else "due")
    return _page(request, anybody(request), asked, status=409 if stale else 403)


def _why(told: str) -> Literal["", "due", "stale"]:
    return "due" if told == "due" else "stale" if told == "stale" else ""


def _page(request: Request, visitor: Visitor, asked: Asked, *, status: int = 200) -> Response:
    services = visitor.services
    people = services.devices.people(device_of(request))
    names = services.reader.names([*(one.person for one in people), *([asked.person] if asked.person else [])])
    session = _session_of(request, services)
    chosen = asked.person or _first(people)
    # what waits, waits for one person, who has a PIN or not
    waits = next((one for one in people if one.person == asked.person and not one.locked), None)
    answer = show(
        request,
        None,
        "switch.html",
        block="ask" if is_partial(request) else "",
        status=status,
        csrf=visitor.csrf,
        asked=asked,
        # beneath a row there is a heading of the page already
        rank=2 if is_partial(request) else 1,
        waits=names.get(asked.person, asked.person) if asked.why else "",
        by_pin=waits is not None,
        people=[
            Choice(
                person=one.person,
                name=names.get(one.person, one.person),
                locked=one.locked,
                here=session is not None and one.person == session.person,
                chosen=one.person == chosen,
            )
            for one in people
        ],
        now=services.reader.names([session.person]).get(session.person, session.person) if session else "",
        lasting=session is None or any(one.person == session.person for one in people),
        prefix=PREFIX,
        other=f"{SIGN_IN}?other=1&next={quote(asked.next, safe='')}",
    )
    keep_fresh(answer, services.settings, visitor)
    return answer


def _first(people: Sequence[Remembered]) -> str:
    """Who most likely comes: the first whose session is not the one in force."""
    return next((one.person for one in people if not one.here and not one.locked), "")


def _session_of(request: Request, services: Services) -> SessionSeen | None:
    token = request.cookies.get(services.settings.cookie, "")
    return services.sessions.seen(token, quiet=True) if token else None


def _go_on(request: Request, services: Services, held: Held, session: SessionSeen | None) -> Response:
    """The form that waited, for its own person to send."""
    name = services.reader.names([held.person]).get(held.person, held.person)
    said = {"_reason": say("switch.on.reason"), "_text": say("switch.on.text")}
    return show(
        request,
        None,
        "switch_go_on.html",
        csrf=session.csrf if session else "",
        held=held,
        name=name,
        # what no form is shown for once more, its person must see here
        told=[(said[field], text) for field, text in held.fields if field in said and text],
        look_again=LOOK_AGAIN,
        path=held.back,
    )
