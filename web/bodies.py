"""Bodies of requests, read without goodwill: the declared type, one meaning, bounded size, whole characters."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import BadInput
from web.errors import WrongType
from web.settings import WebSettings

JSON = "application/json"
MULTIPART = "multipart/form-data"
_MOST_DIGITS = 40


class StrictRoute(APIRoute):
    """A route whose JSON body is checked before anything else reads it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the check."""
        handle = super().get_route_handler()
        wanted = _wanted(self)

        async def checked(request: Request) -> Response:
            given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if wanted and given != wanted:
                raise WrongType("content_type_refused", accepted=wanted)
            if wanted == JSON:
                settings: WebSettings = request.app.state.services.settings
                read_json(await request.body(), settings.json_depth)
            return await handle(request)

        return checked


def _wanted(route: APIRoute) -> str:
    """The content type a route asks for; "" where it takes no body."""
    body = route.body_field
    if body is None:
        return ""
    media = getattr(body.field_info, "media_type", JSON)
    return MULTIPART if media == MULTIPART else JSON


def read_json(raw: bytes, most_depth: int) -> Any:
    """The value of a JSON text; BadInput for repeated keys, too many levels, NUL, half characters and non-numbers."""
    if not raw.strip():
        raise BadInput("body_missing")
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number, parse_int=_integer
        )
    except RecursionError as exc:
        raise BadInput("json_too_deep", most=most_depth) from exc
    except ValueError as exc:
        raise BadInput("not_json") from exc
    _measure(value, most_depth)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadInput("json_repeated_key", key=key[:80])
        found[key] = value
    return found


def _no_number(text: str) -> None:
    raise BadInput("not_json", got=text)


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise BadInput("value_integer_too_large")
    return int(text)


def _measure(value: Any, most_depth: int) -> None:
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, dict | list):
            if depth >= most_depth:
                raise BadInput("json_too_deep", most=most_depth)
            inner = [*one, *one.values()] if isinstance(one, dict) else one
            waiting += [(child, depth + 1) for child in inner]
        elif isinstance(one, str):
            check_text(one)


def check_text(text: str) -> None:
    """Refuse what no database keeps: NUL and halves of characters."""
    if "\x00" in text:
        raise BadInput("text_forbidden")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise BadInput("value_half_character") from exc
