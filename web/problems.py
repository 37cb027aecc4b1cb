"""Errors as problem+json (RFC 9457): one table from classes of errors to statuses, one shape for all bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from engine.errors import (
    BadInput,
    Broken,
    Busy,
    Conflict,
    DefinitionError,
    DefinitionErrors,
    ExpressionError,
    NotFound,
    NotPermitted,
    Refusal,
    Stale,
    ZhibenError,
)
from web.catalogues import NO_TITLES, Titles, say, tell_error, tell_problem
from web.errors import (
    DrawnForAnother,
    NoSuchMethod,
    NotSignedIn,
    PasswordDue,
    PinDue,
    PreconditionFailed,
    TooLarge,
    TooOften,
    WrongType,
)

MEDIA_TYPE = "application/problem+json"
#: The status of an error is that of the nearest class above it.
STATUSES: Mapping[type[ZhibenError], int] = {
    ZhibenError: 500,
    DefinitionError: 422,
    DefinitionErrors: 422,
    BadInput: 422,
    TooLarge: 413,
    WrongType: 415,
    Refusal: 409,
    NotSignedIn: 401,
    PasswordDue: 403,
    PinDue: 403,
    DrawnForAnother: 409,
    NotPermitted: 403,
    NotFound: 404,
    NoSuchMethod: 405,
    Stale: 409,
    PreconditionFailed: 412,
    Conflict: 409,
    ExpressionError: 403,
    TooOften: 429,
    Busy: 503,
    Broken: 500,
}
#: Seconds after which a caller may try again, where the error does not say.
RETRY_AFTER = 2
#: What may be told of something not found without telling whether it exists: these are of things the actor sees.
_OPEN_NOT_FOUND = frozenset({"action_not_found"})


def status_of(error: ZhibenError) -> int:
    """The HTTP status of an error."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem_of(error: ZhibenError, *, titles: Titles = NO_TITLES, incident: str = "") -> dict[str, Any]:
    """The body of an error; what is absent and what is hidden have the same, and internals are never told."""
    status = status_of(error)
    if status >= 500 and not isinstance(error, Busy):
        return _problem(500, "broken", say("broken", incident=incident), incident=incident)
    if isinstance(error, NotFound) and error.code not in _OPEN_NOT_FOUND:
        return _problem(404, "not_found", say("not_found"))
    more: dict[str, Any] = {}
    if isinstance(error, BadInput):
        more["errors"] = _fields_of(error, titles)
    return _problem(status, error.code, tell_error(error, titles), **more)


def _fields_of(error: BadInput, titles: Titles) -> list[dict[str, str]]:
    problems = error.data.get("problems")
    if not isinstance(problems, list | tuple):
        return [{"field": error.field, "code": error.code, "detail": tell_error(error, titles)}] if error.field else []
    return [
        {
            "field": str(one.get("field", "")),
            "code": str(one.get("code", "")),
            "detail": tell_problem(str(one.get("code", "")), one, titles, kind="form"),
        }
        for one in problems
    ]


def _problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"urn:zhiben:problem:{code}",
        "title": say(f"status.s{status}"),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }


def headers_of(error: ZhibenError) -> dict[str, str]:
    """What the headers of a response tell of an error, whoever asked."""
    headers: dict[str, str] = {}
    if isinstance(error, Busy):
        headers["Retry-After"] = str(error.data.get("seconds", RETRY_AFTER))
    if isinstance(error, NoSuchMethod) and error.data.get("allow"):
        headers["Allow"] = str(error.data["allow"])
    return headers


def respond(error: ZhibenError, *, titles: Titles = NO_TITLES, incident: str = "") -> Response:
    """The response that tells an error."""
    body = problem_of(error, titles=titles, incident=incident)
    headers = headers_of(error)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status_code=body["status"], media_type=MEDIA_TYPE, headers=headers)
