"""The application: routes, each with its policy, behind one guard; errors told by one table."""

from __future__ import annotations

from collections.abc import Callable

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from engine.errors import BadInput, Broken, NotFound, ZhibenError
from web.api import (
    acts,
    arrangements,
    batch,
    cases,
    directory,
    duties,
    files,
    inbox,
    links,
    people,
    procedures,
    watches,
)
from web.api.described import describe
from web.catalogues import NO_TITLES, say
from web.errors import NoSuchMethod, WrongType
from web.limiter import Limiter
from web.middleware import Guard, incident_of
from web.pages import PAGES
from web.pages.assets import ADDRESS as STATIC
from web.pages.assets import Assets
from web.pages.errors import respond_page
from web.policy import check_policies
from web.problems import respond, status_of
from web.services import Services

BASE = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    cases.router,
    links.router,
    acts.router,
    people.router,
    batch.router,
    inbox.router,
    duties.router,
    arrangements.router,  # before the directory, whose tables would take its addresses
    directory.router,
    files.router,
    procedures.router,
    watches.router,
)
_OPENAPI = f"{BASE}/openapi.json"
_HASHES_AT_ONCE = 4


def create_app(services: Services) -> FastAPI:
    """Build the application; Broken if a route does not name its policy."""
    docs = services.settings.docs
    app = FastAPI(
        title=say("api.title"),
        description=say("api.description"),
        version="1",
        openapi_url=_OPENAPI if docs else None,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.limiter = Limiter(services.settings)
    app.state.base = BASE
    #: each takes its memory: more at once would be slower for everybody
    app.state.hashing = CapacityLimiter(_HASHES_AT_ONCE)
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    for page in PAGES:
        app.include_router(page)
    app.mount(STATIC, Assets(), name="static")
    check_policies(app, known=frozenset({_OPENAPI, STATIC} if docs else {STATIC}))
    app.add_exception_handler(ZhibenError, _zhiben)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_middleware(Guard, services=services, tell=_tell(app), is_page=is_page)
    describe(app)
    return app


def is_page(path: str) -> bool:
    """Whether people, not programs, ask for the address."""
    return path != BASE and not path.startswith((f"{BASE}/", f"{STATIC}/"))


def _tell(app: FastAPI) -> Callable[[Scope, ZhibenError, str], Response]:
    """How errors are told that no route has caught; a page that cannot be drawn must not hide what broke."""

    def tell(scope: Scope, error: ZhibenError, incident: str) -> Response:
        if not is_page(scope["path"]):
            return respond(error, incident=incident)
        try:
            return respond_page(
                Request({**scope, "app": app}), error, titles=NO_TITLES, incident=incident, may_ask=False
            )
        except Exception as broken:  # noqa: BLE001 - whatever a template raises
            incident_of(app.state.services, broken, scope["path"])
            return respond(error, incident=incident)

    return tell


def _zhiben(request: Request, error: ZhibenError) -> Response:
    incident = ""
    if status_of(error) == 500:
        incident = incident_of(request.app.state.services, error, request.url.path)
    if is_page(request.url.path):
        return respond_page(request, error, titles=getattr(request.state, "titles", NO_TITLES), incident=incident)
    return respond(error, titles=getattr(request.state, "titles", NO_TITLES), incident=incident)


_KINDS = {"missing": "input_missing", "extra_forbidden": "input_unknown"}


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """What does not fit the declared shape, told by field; never by value."""
    problems = [
        {"field": _field(one["loc"]), "code": _KINDS.get(one["type"], "input_wrong")} for one in error.errors()[:100]
    ]
    return _zhiben(request, BadInput("input_unreadable", problems=problems))


def _field(location: tuple[int | str, ...]) -> str:
    """Where it stands: the path below body, query, path or header."""
    return ".".join(str(part) for part in location[1:])[:200] or str(location[0])


def _http(request: Request, error: HTTPException) -> Response:
    """What the framework refuses; behind it may be an error of ours."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ZhibenError):
            return _zhiben(request, cause)
        cause = cause.__cause__ or cause.__context__
    match error.status_code:
        case 404:
            told: ZhibenError = NotFound("not_found")
        case 405:
            told = NoSuchMethod("method_not_allowed", **_allow(error))
        case 415:
            told = WrongType("content_type_refused", accepted="application/json")
        case status if status < 500:
            told = BadInput("input_unreadable")
        case status:
            told = Broken("framework", status=status)
    return _zhiben(request, told)


def _allow(error: HTTPException) -> dict[str, str]:
    allowed = (error.headers or {}).get("Allow", "")
    return {"allow": allowed} if allowed else {}
