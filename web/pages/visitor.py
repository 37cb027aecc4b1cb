"""Who looks at a page: admitted by the session's cookie, and every change only from our own pages."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.errors import NotPermitted, ZhibenError
from engine.runtime.accounts import SessionSeen
from web.errors import DrawnForAnother, NotSignedIn, PasswordDue, PinDue
from web.pages.held import hold
from web.pages.origin import check_own, csrf_given, from_our_host
from web.policy import POLICIES, Caller, Policy
from web.services import Services
from web.settings import WebSettings

#: Everything a signed-in person may ask of the pages; what they see and do is the store's and the engine's to say.
PAGE_SCOPES = frozenset({"read", "act", "import", "directory", "operate", "account"})
#: The policy of pages that are there also for who must choose a password first.
OWN_ACCOUNT = "account.own"
#: That of leaving.
LEAVE = "account.leave"
#: A file becomes part of the record only with the act that names it.
_NO_ACT = frozenset({LEAVE, "evidence.add"})
_FRESH_BYTES = 24
_FRESH = re.compile(r"[A-Za-z0-9_-]{32}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


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
    """Admits or refuses a visitor by one policy; runs before anything else of its page.

    `quiet` is what a page asks by itself: it does not show that anybody is there.
    """

    def __init__(self, policy: Policy, *, quiet: bool = False) -> None:
        self.policy = policy
        self.quiet = quiet

    async def __call__(self, request: Request) -> Visitor:
        """The visitor; raises NotSignedIn, PasswordDue, PinDue, DrawnForAnother, NotPermitted, TooOften."""
        services: Services = request.app.state.services
        limiter = request.app.state.limiter
        if not self.policy.scope:
            limiter.public(request)
            return await self._anybody(request, services)
        token = request.cookies.get(services.settings.cookie, "")
        seen = partial(services.sessions.seen, token, quiet=self.quiet)
        session = await run_in_threadpool(seen) if token else None
        if session is None:
            limiter.public(request)
            if _changes(request) and self.policy.name != LEAVE and (person := await self._drawn_for(request, services)):
                await hold(request, person, keep=self._keeps)
                raise PinDue("pin_due")
            raise NotSignedIn("not_signed_in")
        limiter.admitted(session.id.encode())
        if _changes(request):
            await self._check_change(request, services, token, session)
        if session.must_change and self.policy.name not in (OWN_ACCOUNT, LEAVE):
            raise PasswordDue("password_due")
        visitor = await run_in_threadpool(self._admit, services, session)
        request.state.visitor = visitor
        return visitor

    @property
    def _keeps(self) -> bool:
        """Whether what was typed may be shown again: nothing of one's own account, where it may be a password."""
        return self.policy.name not in (OWN_ACCOUNT, LEAVE)

    async def _check_change(self, request: Request, services: Services, token: str, session: SessionSeen) -> None:
        """Refuse what does not come from a page of ours drawn for whoever is there."""
        try:
            await check_own(request, session.csrf)
        except NotPermitted:
            if person := await self._drawn_for(request, services):
                await hold(request, person, keep=self._keeps)
                raise DrawnForAnother("drawn_for_another") from None
            raise
        if self.policy.name not in _NO_ACT and await run_in_threadpool(services.devices.asks, token, away=session.away):
            await hold(request, session.person, keep=self._keeps)
            raise PinDue("pin_due")

    async def _drawn_for(self, request: Request, services: Services) -> str:
        """For which person of this device the form was drawn, where it comes from a page of ours; "" = none."""
        device = device_of(request)
        if not device or not from_our_host(request):
            return ""
        return await run_in_threadpool(services.devices.whose, device, await csrf_given(request))

    async def _anybody(self, request: Request, services: Services) -> Visitor:
        """Somebody not signed in: their forms carry what a cookie of their own says."""
        if _changes(request):
            await check_own(request, _fresh_in(request))
        return anybody(request)

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


def anybody(request: Request) -> Visitor:
    """A visitor who may be anybody, with what their forms carry."""
    services: Services = request.app.state.services
    csrf = _fresh_in(request) or urlsafe_b64encode(services.dice.token(_FRESH_BYTES)).decode("ascii")
    session = SessionSeen(id="", person="", csrf=csrf)
    return Visitor(services=services, person="", scopes=frozenset(), now=services.clock.now(), session=session)


def _fresh_in(request: Request) -> str:
    """What a browser holds whose forms are nobody's; "" = nothing we gave it."""
    held = request.cookies.get(request.app.state.services.settings.fresh_cookie, "")
    return held if _FRESH.fullmatch(held) else ""


def device_of(request: Request) -> str:
    """The token of the device; "" = it has none."""
    held = request.cookies.get(request.app.state.services.settings.device_cookie, "")
    return held if _TOKEN.fullmatch(held) else ""


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


_GATES = {(name, quiet): PageGate(policy, quiet=quiet) for name, policy in POLICIES.items() for quiet in (False, True)}


def page(name: str, *, quiet: bool = False) -> Any:
    """The dependency that admits visitors by the policy of that name; every page has exactly one.

    `quiet` where pages ask by themselves every so often: nobody stays signed in by that.
    """
    return Depends(_GATES[name, quiet])


def keep_session(response: Response, settings: WebSettings, token: str) -> None:
    """Let the browser hold the session until it is closed; the server ends it earlier."""
    response.set_cookie(settings.cookie, token, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
    response.delete_cookie(settings.fresh_cookie, path="/", secure=settings.secure_cookies, httponly=True)


def keep_device(response: Response, services: Services, token: str) -> None:
    """Let the browser hold for a working day what it is known by; the server forgets it earlier."""
    settings, day = services.settings, services.accounts.rules.remembered
    response.set_cookie(
        settings.device_cookie,
        token,
        max_age=int(day.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_device(response: Response, settings: WebSettings) -> None:
    """Let the browser forget what it was known by."""
    response.delete_cookie(
        settings.device_cookie, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


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
