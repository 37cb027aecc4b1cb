"""Who may use a route: every route names its policy, and an application with one that does not cannot be built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import Broken, NotPermitted
from engine.runtime.projection import micros
from web.errors import NotSignedIn
from web.services import Services
from web.tokens import digest_of, token_in


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a route asks of whoever calls it, besides what the store shows them and the engine lets them do."""

    name: str
    #: scope the token must have; "" = the route is public
    scope: str
    #: permission that a role of the person must grant; "" = none
    permission: str = ""


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(name="public", scope=""),
        # nobody signs in: the address itself proves to which one case, and as whom, it admits
        Policy(name="guest.link", scope=""),
        # no token has this scope: a person's own account is for their browser alone
        Policy(name="account.own", scope="account"),
        # leaving is always possible, also for who must first say who they are
        Policy(name="account.leave", scope="account"),
        Policy(name="case.read", scope="read"),
        Policy(name="case.act", scope="act"),
        Policy(name="task.read", scope="read"),
        Policy(name="message.read", scope="read"),
        Policy(name="evidence.add", scope="act"),
        Policy(name="procedure.read", scope="read"),
        Policy(name="directory.read", scope="read"),
        # of others only with the scope and permission of whoever keeps the directory
        Policy(name="directory.own", scope="act"),
        Policy(name="directory.record", scope="directory", permission="directory"),
        Policy(name="task.reassign", scope="act", permission="reassign"),
        Policy(name="calendar.publish", scope="act", permission="publish"),
        Policy(name="case.triage", scope="act", permission="triage"),
        # what each sees of obligations the store says; who may excuse somebody, the duty
        Policy(name="duty.read", scope="read"),
        Policy(name="duty.exempt", scope="act"),
        Policy(name="watch.read", scope="read", permission="watch"),
        Policy(name="watch.answer", scope="act", permission="watch"),
        Policy(name="import.start", scope="import", permission="import"),
        Policy(name="import.read", scope="import", permission="import"),
        # only demonstrations have a clock that moves; whoever watches one may let it run ahead
        Policy(name="clock.move", scope="operate"),
    )
}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """For whom a request is made, when, and with which services; person "" where the route is public."""

    services: Services
    person: str
    scopes: frozenset[str]
    now: datetime

    @property
    def day(self) -> date:
        """The local day."""
        return self.services.reader.calendar().local_day(self.now)

    def check_acts_for(self, person: str) -> None:
        """Refuse to enter what another person signed without the permission to."""
        if person != self.person and not self.services.reader.directory().may(self.person, ENTER_FOR_OTHERS, self.day):
            raise NotPermitted("may_not_enter_for_others", person=self.person)


class Gate:
    """Admits or refuses a request by one policy; runs before anything else of its route."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __call__(self, request: Request) -> Caller:
        """The caller; raises NotSignedIn, NotPermitted or TooOften."""
        services: Services = request.app.state.services
        limiter = request.app.state.limiter
        now = services.clock.now()
        if not self.policy.scope:
            limiter.public(request)
            return Caller(services=services, person="", scopes=frozenset(), now=now)
        token = token_in(request.headers.get("authorization", ""))
        row = services.reader.token(digest_of(token)) if token else None
        if row is None or row.revoked_at is not None or row.expires_at <= micros(now):
            limiter.refused(request)
            raise NotSignedIn("token_refused" if token else "not_signed_in")
        limiter.admitted(row.digest)
        caller = Caller(services=services, person=row.person, scopes=frozenset(row.scopes), now=now)
        self._check(caller)
        return caller

    def _check(self, caller: Caller) -> None:
        if self.policy.scope not in caller.scopes:
            raise NotPermitted("scope_missing", scope=self.policy.scope)
        wanted = self.policy.permission
        if wanted and not caller.services.reader.directory().may(caller.person, wanted, caller.day):
            raise NotPermitted("permission_missing", permission=wanted)


_GATES = {name: Gate(policy) for name, policy in POLICIES.items()}


def policy(name: str) -> Any:
    """The dependency that admits callers by the policy of that name; every route has exactly one."""
    return Depends(_GATES[name])


def public() -> Any:
    """The dependency of routes that anybody may use."""
    return policy("public")


def check_policies(app: FastAPI, *, known: frozenset[str] = frozenset()) -> None:
    """Refuse an application in which a route has not exactly one policy; `known` are paths of its own documents."""
    for route in routes_of(app.routes):
        path = getattr(route, "path", "")
        if path in known:
            continue
        found = list(gates_of(route))
        if len(found) != 1:
            raise Broken("route_without_policy", route=path, policies=[gate.policy.name for gate in found])


def routes_of(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """All routes, those of mounted applications and included routers among them."""
    for route in routes:
        router = getattr(route, "original_router", route)  # how FastAPI keeps a router that was included
        inner = getattr(router, "routes", None)
        if inner:
            yield from routes_of(inner)
        else:
            yield route


class HasPolicy(Protocol):
    """What admits callers by one policy."""

    policy: Policy


def gates_of(route: BaseRoute) -> Iterator[HasPolicy]:
    """The gates a request to the route must pass."""
    if isinstance(route, APIRoute):
        yield from _gates_in(route.dependant)


def _gates_in(dependant: Dependant) -> Iterator[HasPolicy]:
    for inner in dependant.dependencies:
        if isinstance(getattr(inner.call, "policy", None), Policy):
            yield inner.call  # type: ignore[misc]
        yield from _gates_in(inner)
