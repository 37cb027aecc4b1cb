"""What happens to every request and response, whatever the route: headers, methods, sizes, and errors nobody caught."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import BadInput, Broken, ZhibenError
from web.errors import NoSuchMethod, TooLarge
from web.problems import status_of
from web.services import Services

log = structlog.get_logger()

METHODS = ("GET", "HEAD", "POST")
#: A multipart body is larger than its file by boundaries, headers and small fields.
_MULTIPART_SLACK = 64 * 1024
_MOST_QUERY = 8_192
_MOST_FRAMES = 12
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STRICT_CSP = "default-src 'none'; frame-ancestors 'none'"
#: Pages must let their own forms say where they come from: under no-referrer browsers send `Origin: null`.
PAGE_HEADERS = {**HEADERS, "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
#: A year; browsers take it only from https.
HSTS = "max-age=31536000"

#: Makes the response that tells an error, with the id of its incident, in the manner of the address asked for.
Tell = Callable[[Scope, ZhibenError, str], Response]


def incident_of(services: Services, error: BaseException, path: str) -> str:
    """Log what broke under a fresh id; only the id is told outside. Where, but no values: they may be personal."""
    incident = services.dice.token(8).hex()
    code = error.code if isinstance(error, ZhibenError) else type(error).__name__
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("incident", incident=incident, path=path, code=code, where=where[-_MOST_FRAMES:])
    return incident


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, services: Services, tell: Tell, is_page: Callable[[str], bool]) -> None:
        self._app = app
        self._services = services
        self._tell = tell
        self._is_page = is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(scope, message)
            await send(message)

        try:
            most = self._check(scope)
            await self._app(scope, _bounded(receive, most), sending)
        except Exception as error:
            if started:
                raise
            told = error if isinstance(error, ZhibenError) else Broken("unhandled")
            broken = status_of(told) == 500
            incident = incident_of(self._services, error, scope["path"]) if broken else ""
            await self._tell(scope, told, incident)(scope, receive, sending)

    def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in (PAGE_HEADERS if self._is_page(scope["path"]) else HEADERS).items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", STRICT_CSP)
        if self._services.settings.secure_cookies:
            headers.setdefault("Strict-Transport-Security", HSTS)
        if "server" in headers:
            del headers["server"]

    def _check(self, scope: Scope) -> int:
        """Refuse methods, addresses and announced sizes that no route takes; how many bytes may come."""
        if scope["method"] not in METHODS:
            raise NoSuchMethod("method_not_allowed", allow=", ".join(METHODS))
        query: bytes = scope.get("query_string", b"")
        if len(query) > _MOST_QUERY or not _readable(query) or not _readable(scope.get("raw_path") or b""):
            raise BadInput("text_forbidden")
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").lower().startswith("multipart/")
        settings = self._services.settings
        most = settings.file_bytes + _MULTIPART_SLACK if multipart else settings.request_bytes
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > most:
            raise TooLarge("body_too_large", most=most)
        return most


def _readable(raw: bytes) -> bool:
    """Whether an address is UTF-8 without control characters once its escapes are read."""
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(letter < " " or letter == "\x7f" for letter in text)


def _bounded(receive: Receive, most: int) -> Receive:
    """Count what comes; what was not announced is counted, too."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge("body_too_large", most=most)
        return message

    return counted
