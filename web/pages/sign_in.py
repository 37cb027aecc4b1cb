"""Signing in and out."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.errors import NotPermitted
from engine.runtime.account_proofs import Opened
from web.catalogues import say
from web.pages.agents import agent_of
from web.pages.origin import CHOOSE_PASSWORD, SIGN_IN, SWITCH, own_path
from web.pages.rendering import show
from web.pages.visitor import (
    LEAVE,
    Visitor,
    device_of,
    drop_session,
    keep_device,
    keep_fresh,
    keep_session,
    page,
)

router = APIRouter()


@router.get(SIGN_IN, include_in_schema=False)
def ask(
    request: Request,
    visitor: Annotated[Visitor, page("public")],
    wanted: Annotated[str, Query(alias="next")] = "/",
    out: bool = False,
    other: bool = False,
) -> Response:
    """The form; who is signed in already is led on, whom the device remembers is asked for the PIN.

    `other` = somebody wants to sign in with a password whoever is signed in or remembered.
    """
    services = visitor.services
    token = request.cookies.get(services.settings.cookie, "")
    session = services.sessions.seen(token) if token else None
    if session is not None and not other:
        return RedirectResponse(own_path(wanted), status_code=303)
    if not other and services.devices.people(device_of(request)):
        where = f"{SWITCH}?next={quote(own_path(wanted), safe='')}{'&out=1' if out else ''}"
        return RedirectResponse(where, status_code=303)
    return _form(request, visitor, wanted, told="sign_in.out" if out else "")


@router.post(SIGN_IN, include_in_schema=False)
async def begin(
    request: Request,
    visitor: Annotated[Visitor, page("public")],
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1_000)] = "",
    wanted: Annotated[str, Form(alias="next", max_length=1_000)] = "/",
) -> Response:
    """Begin a session under a fresh token, whatever the browser brought along."""
    services = visitor.services
    request.app.state.limiter.sign_in(request)
    attempt = partial(
        services.accounts.sign_in,
        login,
        password,
        agent=agent_of(request),
        device=device_of(request),
        former=request.cookies.get(services.settings.cookie, ""),
    )
    try:
        opened: Opened = await to_thread.run_sync(attempt, limiter=request.app.state.hashing)
    except NotPermitted as refused:
        wrong = say(refused.code)
        return await run_in_threadpool(_form, request, visitor, wanted, login=login, wrong=wrong)
    answer = RedirectResponse(CHOOSE_PASSWORD if opened.must_change else own_path(wanted), status_code=303)
    keep_session(answer, services.settings, opened.token)
    keep_device(answer, services, opened.device)
    return answer


@router.post("/sign-out", include_in_schema=False)
def end(visitor: Annotated[Visitor, page(LEAVE)]) -> Response:
    """End this session; whoever else is remembered on the device stays so."""
    visitor.services.accounts.end(visitor.person, [visitor.session.id])
    answer = RedirectResponse(f"{SIGN_IN}?out=1", status_code=303)
    drop_session(answer, visitor.services.settings)
    return answer


def _form(
    request: Request, visitor: Visitor, wanted: str, *, login: str = "", wrong: str = "", told: str = ""
) -> Response:
    services = visitor.services
    token = request.cookies.get(services.settings.cookie, "")
    session = services.sessions.seen(token) if token else None
    people = services.devices.people(device_of(request))
    answer = show(
        request,
        None,
        "sign_in.html",
        status=422 if wrong else 200,
        csrf=visitor.csrf,
        next=own_path(wanted),
        login=login[:60],
        wrong=wrong,
        told=say(told) if told else "",
        now=services.reader.names([session.person]).get(session.person, "") if session else "",
        back=f"{SWITCH}?next={quote(own_path(wanted), safe='')}" if people else "",
    )
    keep_fresh(answer, services.settings, visitor)
    return answer
