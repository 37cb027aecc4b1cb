"""How often one token, or one address that is refused, may ask; counted in the memory of this process."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from web.errors import TooOften
from web.settings import WebSettings


class Limiter:
    """Counts requests in fixed windows; raises TooOften beyond the rates of the settings."""

    def __init__(self, settings: WebSettings) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())
        self._caller_rate = parse(settings.caller_rate)
        self._refused_rate = parse(settings.refused_rate)
        self._sign_in_rate = parse(settings.sign_in_rate)

    def admitted(self, digest: bytes) -> None:
        """Count a request with a token, or of a session, that is in force."""
        if not self._windows.hit(self._caller_rate, "token", digest.hex()):
            raise TooOften("too_many_requests", seconds=self._caller_rate.get_expiry())

    def refused(self, request: Request) -> None:
        """Count a request that will be refused; by the peer's own address, whatever its headers claim."""
        if not self._windows.hit(self._refused_rate, "refused", _peer(request)):
            raise TooOften("too_many_requests", seconds=self._refused_rate.get_expiry())

    def sign_in(self, request: Request) -> None:
        """Count an attempt to sign in, by the peer's own address."""
        if not self._windows.hit(self._sign_in_rate, "sign-in", _peer(request)):
            raise TooOften("too_many_requests", seconds=self._sign_in_rate.get_expiry())

    def public(self, request: Request) -> None:
        """Count a request to a public route."""
        if not self._windows.hit(self._caller_rate, "public", _peer(request)):
            raise TooOften("too_many_requests", seconds=self._caller_rate.get_expiry())


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""
