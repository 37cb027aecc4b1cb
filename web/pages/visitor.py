"""Who looks at a page: admitted by the session's cookie, and every change only from our own pages."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.errors import NotPermitted, ZhibenError
from engine.runtime.accounts import SessionSeen
from web.errors import NotSignedIn, PasswordDue
from web.pages.origin import check_own
from web.policy import POLICIES, Caller, Policy
from web.services import Services
from web.settings import WebSettings

#: Everything a signed-in person may ask of the pages; what they see and do is the store's and the engine's to say.
PAGE_SCOPES = frozenset({"read", "act", "import", "directory", "operate", "account"})
#: The policy of pages that are there also for who must choose a password first.
OWN_ACCOUNT = "account.own"
_FRESH_BYTES = 24
_FRESH = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, kw_only=True)
class Visitor(Caller):
    """A caller who came by a page; person "" where the page is public."""

    session: SessionSeen
    #: name as the visitor may read it
    name: str = ""

    @property
    def csrf(self) -> str:
        """What every form of this session carries."""
        return self.session.csrf


class PageGate:
    """Admits or refuses a visitor by one policy; runs before anything else of its page."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def __call__(self, request: Request) -> Visitor:
        """The visitor; raises NotSignedIn, PasswordDue, NotPermitted, TooOften."""
        services: Services = request.app.state.services
        limiter = request.app.state.limiter
        if not self.policy.scope:
            limiter.public(request)
            return await self._anybody(request, services)
        token = request.cookies.get(services.settings.cookie, "")
        session = await run_in_threadpool(services.sessions.seen, token) if token else None
        if session is None:
            limiter.public(request)
            raise NotSignedIn("not_signed_in")
        limiter.admitted(session.id.encode())
        if _changes(request):
            await check_own(request, session.csrf)
        if session.must_change and self.policy.name != OWN_ACCOUNT:
            raise PasswordDue("password_due")
        visitor = await run_in_threadpool(self._admit, services, session)
        request.state.visitor = visitor
        return visitor

    async def _anybody(self, request: Request, services: Services) -> Visitor:
        """Somebody not signed in: their forms carry what a cookie of their own says."""
        held = request.cookies.get(services.settings.fresh_cookie, "")
        known = held if _FRESH.fullmatch(held) else ""
        if _changes(request):
            await check_own(request, known)
        csrf = known or urlsafe_b64encode(services.dice.token(_FRESH_BYTES)).decode("ascii")
        session = SessionSeen(id="", person="", csrf=csrf)
        return Visitor(services=services, person="", scopes=frozenset(), now=services.clock.now(), session=session)

    def _admit(self, services: Services, session: SessionSeen) -> Visitor:
        visitor = visitor_of(services, session)
        wanted = self.policy.permission
        if wanted and not services.reader.directory().may(visitor.person, wanted, visitor.day):
            raise NotPermitted("permission_missing", permission=wanted)
        return visitor


def visitor_of(services: Services, session: SessionSeen) -> Visitor:
    """The person of a session."""
    return Visitor(
        services=services,
        person=session.person,
        scopes=PAGE_SCOPES,
        now=services.clock.now(),
        session=session,
        name=services.reader.names([session.person]).get(session.person, ""),
    )


def visitor_if_any(request: Request) -> Visitor | None:
    """Who looks, where no gate has asked; None rather than an error, since an error is being told."""
    services: Services = request.app.state.services
    token = request.cookies.get(services.settings.cookie, "")
    try:
        request.app.state.limiter.public(request)
        session = services.sessions.seen(token) if token else None
        return None if session is None or session.must_change else visitor_of(services, session)
    except ZhibenError:
        return None


def _changes(request: Request) -> bool:
    return request.method not in ("GET", "HEAD")


_GATES = {name: PageGate(policy) for name, policy in POLICIES.items()}


def page(name: str) -> Any:
    """The dependency that admits visitors by the policy of that name; every page has exactly one."""
    return Depends(_GATES[name])


def keep_session(response: Response, settings: WebSettings, token: str) -> None:
    """Let the browser hold the session until it is closed; the server ends it earlier."""
    response.set_cookie(settings.cookie, token, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
    response.delete_cookie(settings.fresh_cookie, path="/", secure=settings.secure_cookies, httponly=True)


def drop_session(response: Response, settings: WebSettings) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(settings.cookie, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")


def keep_fresh(response: Response, settings: WebSettings, visitor: Visitor) -> None:
    """Let a browser that is not signed in hold what its form carries; no other site can send it along."""
    response.set_cookie(
        settings.fresh_cookie,
        visitor.csrf,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
