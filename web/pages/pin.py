"""A person's own PIN for devices that several share."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.errors import BadInput
from engine.runtime.pins import LEAST, MOST
from web.catalogues import tell_error
from web.pages.flash import flash
from web.pages.rendering import show
from web.pages.visitor import OWN_ACCOUNT, Visitor, page

router = APIRouter()
PIN = "/account/pin"
_ACCOUNT = "/account"
_Field = Annotated[str, Form(max_length=1_000)]


@router.get(PIN, include_in_schema=False)
def ask(request: Request, visitor: Annotated[Visitor, page(OWN_ACCOUNT)]) -> Response:
    """The form: a PIN, or another one, or none any more."""
    return _form(request, visitor)


@router.post(PIN, include_in_schema=False)
async def choose(
    request: Request,
    visitor: Annotated[Visitor, page(OWN_ACCOUNT)],
    password: _Field = "",
    pin: _Field = "",
    again: _Field = "",
) -> Response:
    """Have this PIN from now on."""
    if pin != again:
        return await run_in_threadpool(_form, request, visitor, BadInput("pin_unlike", field="again"))
    attempt = partial(visitor.services.devices.set_pin, visitor.person, password, pin)
    return await _attempt(request, visitor, attempt, "account.pin_set")


@router.post(f"{PIN}/remove", include_in_schema=False)
async def remove(request: Request, visitor: Annotated[Visitor, page(OWN_ACCOUNT)], password: _Field = "") -> Response:
    """Have no PIN any more."""
    attempt = partial(visitor.services.devices.remove_pin, visitor.person, password)
    return await _attempt(request, visitor, attempt, "account.pin_removed", removing=True)


async def _attempt(
    request: Request, visitor: Visitor, attempt: partial[None], done: str, *, removing: bool = False
) -> Response:
    try:
        await to_thread.run_sync(attempt, limiter=request.app.state.hashing)
    except BadInput as wrong:
        return await run_in_threadpool(_form, request, visitor, wrong, removing=removing)
    answer = RedirectResponse(_ACCOUNT, status_code=303)
    flash(answer, done, secure=visitor.services.settings.secure_cookies)
    return answer


def _form(request: Request, visitor: Visitor, wrong: BadInput | None = None, *, removing: bool = False) -> Response:
    told = {wrong.field: tell_error(wrong)} if wrong else {}
    return show(
        request,
        visitor,
        "account_pin.html",
        status=422 if wrong else 200,
        has=visitor.services.devices.pin_since(visitor.person) is not None,
        login=visitor.services.accounts.account(visitor.person).login,
        least=LEAST,
        most=MOST,
        wrong={} if removing else told,
        wrong_removing=told if removing else {},
    )
