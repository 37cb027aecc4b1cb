"""Who looks at a page: admitted by the session's cookie, and every change only from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from engine.errors import NotPermitted
from engine.runtime.accounts import SessionSeen
from web.errors import NotSignedIn
from web.policy import POLICIES, Caller, Policy
from web.services import Services

#: Everything a signed-in person may ask of the pages; what they see and do is the store's and the engine's to say.
PAGE_SCOPES = frozenset({"read", "act", "import", "directory", "operate"})
CSRF_HEADER = "x-csrf"
CSRF_FIELD = "_csrf"


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
        """The visitor; raises NotSignedIn or NotPermitted."""
        services: Services = request.app.state.services
        now = services.clock.now()
        token = request.cookies.get(services.settings.cookie, "")
        session = await run_in_threadpool(services.sessions.seen, token) if token else None
        if session is None:
            raise NotSignedIn("not_signed_in")
        if request.method not in ("GET", "HEAD"):
            await check_own(request, session)
        return await run_in_threadpool(self._admit, services, session, now)

    def _admit(self, services: Services, session: SessionSeen, now: Any) -> Visitor:
        person = session.person
        names: Mapping[str, str] = services.reader.names([person])
        visitor = Visitor(
            services=services,
            person=person,
            scopes=PAGE_SCOPES,
            now=now,
            session=session,
            name=names.get(person, ""),
        )
        wanted = self.policy.permission
        if wanted and not services.reader.directory().may(person, wanted, visitor.day):
            raise NotPermitted("permission_missing", permission=wanted)
        return visitor


async def check_own(request: Request, session: SessionSeen) -> None:
    """Refuse a change that does not come from a page of ours drawn for this session."""
    if not from_our_host(request):
        raise NotPermitted("foreign_request")
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(("application/x-www-form", "multipart/")):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not compare_digest(given.encode(), session.csrf.encode()):
        raise NotPermitted("foreign_request")


def from_our_host(request: Request) -> bool:
    """Whether the browser says that the request began on one of our own pages."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host", "")


_GATES = {name: PageGate(policy) for name, policy in POLICIES.items()}


def page(name: str) -> Any:
    """The dependency that admits visitors by the policy of that name; every page has exactly one."""
    return Depends(_GATES[name])


def sign_in_address(request: Request) -> str:
    """Where to sign in, and come back from."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(wanted, safe='')}"
