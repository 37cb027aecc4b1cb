"""A person's own account: who they are here, their password, their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from engine.errors import BadInput
from engine.runtime.account_proofs import Opened
from engine.runtime.passwords import PasswordRules
from engine.runtime.projection import from_micros
from engine.store.accounts import SessionRow
from web.catalogues import say, tell_error, tell_instant
from web.catalogues.told_time import tell_day
from web.pages.agents import agent_of
from web.pages.flash import flash
from web.pages.navigation import offices_of
from web.pages.origin import CHOOSE_PASSWORD
from web.pages.rendering import show
from web.pages.visitor import OWN_ACCOUNT, Visitor, device_of, keep_device, keep_session, page

router = APIRouter()
_ACCOUNT = "/account"
_Field = Annotated[str, Form(max_length=1_000)]


@dataclass(frozen=True, kw_only=True)
class SeenBrowser:
    """One session as the page shows it."""

    id: str
    agent: str
    since: str
    used: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class SeenAside:
    """A browser that remembers the person though no session of theirs is in force there."""

    id: str
    agent: str
    until: str


@router.get(_ACCOUNT, include_in_schema=False)
def look(request: Request, visitor: Annotated[Visitor, page(OWN_ACCOUNT)]) -> Response:
    """Name, roles, password, sessions."""
    if visitor.session.must_change:
        return RedirectResponse(CHOOSE_PASSWORD, status_code=303)
    accounts, devices = visitor.services.accounts, visitor.services.devices
    account = accounts.account(visitor.person)
    pin_since = devices.pin_since(visitor.person)
    expires = accounts.expires_at(visitor.person)
    zone = visitor.services.reader.calendar().zone
    return show(
        request,
        visitor,
        "account.html",
        login=account.login,
        offices=offices_of(visitor),
        changed=_told(account.changed_at, visitor),
        expires=tell_day(expires.astimezone(zone).date(), visitor.day) if expires else "",
        pin=tell_instant(pin_since, zone, visitor.now) if pin_since else "",
        sessions=[_browser(row, visitor) for row in accounts.sessions(visitor.person)],
        aside=[
            SeenAside(
                id=one.id,
                agent=one.agent or say("account.some_browser"),
                until=tell_instant(one.until, zone, visitor.now),
            )
            for one in devices.aside(visitor.person)
        ],
    )


@router.post("/account/sessions/end", include_in_schema=False)
def end_others(
    visitor: Annotated[Visitor, page(OWN_ACCOUNT)], session: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """End another session of one's own, or all but this one."""
    accounts = visitor.services.accounts
    live = {row.id for row in accounts.sessions(visitor.person)}
    aside = {one.id for one in visitor.services.devices.aside(visitor.person)}
    others = (live | aside) - {visitor.session.id}
    ended = accounts.end(visitor.person, others & {session} if session else others)
    answer = RedirectResponse(_ACCOUNT, status_code=303)
    flash(answer, "account.sessions_ended", secure=visitor.services.settings.secure_cookies, count=ended)
    return answer


@router.get(CHOOSE_PASSWORD, include_in_schema=False)
def ask_password(request: Request, visitor: Annotated[Visitor, page(OWN_ACCOUNT)]) -> Response:
    """The form; it stands alone where the password must be changed before anything else."""
    return _form(request, visitor)


@router.post(CHOOSE_PASSWORD, include_in_schema=False)
async def change_password(
    request: Request,
    visitor: Annotated[Visitor, page(OWN_ACCOUNT)],
    old: _Field = "",
    new: _Field = "",
    again: _Field = "",
) -> Response:
    """Set another password; this browser gets a fresh session, all others end."""
    if new != again:
        return _form(request, visitor, BadInput("password_unlike", field="again"))
    accounts = visitor.services.accounts
    attempt = partial(
        accounts.change_password, visitor.person, old, new, agent=agent_of(request), device=device_of(request)
    )
    try:
        opened: Opened = await to_thread.run_sync(attempt, limiter=request.app.state.hashing)
    except BadInput as wrong:
        return _form(request, visitor, wrong)
    settings = visitor.services.settings
    answer = RedirectResponse("/" if visitor.session.must_change else _ACCOUNT, status_code=303)
    keep_session(answer, settings, opened.token)
    keep_device(answer, visitor.services, opened.device)
    flash(answer, "account.password_changed", secure=settings.secure_cookies)
    return answer


def _form(request: Request, visitor: Visitor, wrong: BadInput | None = None) -> Response:
    due = visitor.session.must_change
    rules = visitor.services.accounts.rules.passwords
    return show(
        request,
        None if due else visitor,
        "account_password.html",
        status=422 if wrong else 200,
        csrf=visitor.csrf,
        due=due,
        name=visitor.name,
        login=visitor.services.accounts.account(visitor.person).login,
        hints=_hints(rules),
        wrong={wrong.field: tell_error(wrong)} if wrong else {},
    )


def _hints(rules: PasswordRules) -> tuple[str, ...]:
    """What a password must be like, in words."""
    hints = [say("account.hint.length", least=rules.least, most=rules.most)]
    if rules.profile == "gb":
        hints.append(say("account.hint.kinds"))
    hints.append(say("account.hint.common"))
    if rules.expire_days:
        hints.append(say("account.hint.days", days=rules.expire_days))
    return tuple(hints)


def _browser(row: SessionRow, visitor: Visitor) -> SeenBrowser:
    return SeenBrowser(
        id=row.id,
        agent=row.agent or say("account.some_browser"),
        since=_told(row.created_at, visitor),
        used=_told(row.seen_at, visitor),
        here=row.id == visitor.session.id,
    )


def _told(micros: int, visitor: Visitor) -> str:
    return tell_instant(from_micros(micros), visitor.services.reader.calendar().zone, visitor.now)
