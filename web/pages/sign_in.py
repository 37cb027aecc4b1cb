"""Signing in and out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.errors import NotPermitted
from engine.runtime.accounts import Opened
from web.catalogues import say
from web.pages.errors import CHOOSE_PASSWORD
from web.pages.origin import SIGN_IN, own_path
from web.pages.rendering import show
from web.pages.visitor import OWN_ACCOUNT, Visitor, drop_session, keep_fresh, keep_session, page

router = APIRouter()

#: What a browser calls itself -> its family; the first that fits, since each claims to be those before it.
_AGENTS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def agent_of(request: Request) -> str:
    """The family of the browser; "" where it is none of the known."""
    told = request.headers.get("user-agent", "")
    return next((family for mark, family in _AGENTS if mark in told), "")


@router.get(SIGN_IN, include_in_schema=False)
async def ask(
    request: Request,
    visitor: Annotated[Visitor, page("public")],
    wanted: Annotated[str, Query(alias="next")] = "/",
    out: bool = False,
) -> Response:
    """The form; who is signed in already is led on."""
    services = visitor.services
    token = request.cookies.get(services.settings.cookie, "")
    session = await run_in_threadpool(services.sessions.seen, token) if token else None
    if session is not None:
        return RedirectResponse(own_path(wanted), status_code=303)
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
    attempt = partial(services.accounts.sign_in, login, password, agent=agent_of(request))
    try:
        opened: Opened = await to_thread.run_sync(attempt, limiter=request.app.state.hashing)
    except NotPermitted as refused:
        return _form(request, visitor, wanted, login=login, wrong=say(refused.code))
    await run_in_threadpool(_end_former, request, visitor)
    answer = RedirectResponse(CHOOSE_PASSWORD if opened.must_change else own_path(wanted), status_code=303)
    keep_session(answer, services.settings, opened.token)
    return answer


@router.post("/sign-out", include_in_schema=False)
def end(visitor: Annotated[Visitor, page(OWN_ACCOUNT)]) -> Response:
    """End this session."""
    visitor.services.accounts.end(visitor.person, [visitor.session.id])
    answer = RedirectResponse(f"{SIGN_IN}?out=1", status_code=303)
    drop_session(answer, visitor.services.settings)
    return answer


def _end_former(request: Request, visitor: Visitor) -> None:
    """The session that the browser had is of no use to it any more."""
    services = visitor.services
    token = request.cookies.get(services.settings.cookie, "")
    if token and (former := services.sessions.seen(token)):
        services.accounts.end(former.person, [former.id])


def _form(
    request: Request, visitor: Visitor, wanted: str, *, login: str = "", wrong: str = "", told: str = ""
) -> Response:
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
    )
    keep_fresh(answer, visitor.services.settings, visitor)
    return answer
