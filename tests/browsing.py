"""Visiting pages in tests: anybody is signed in by naming themselves, and forms carry a known token."""

from __future__ import annotations

from engine.runtime.accounts import SessionSeen

CSRF = "c" * 32


class OpenSessions:
    """A fake of Sessions in which the cookie names the person."""

    def seen(self, token: str, *, quiet: bool = False) -> SessionSeen | None:
        """See Sessions."""
        return SessionSeen(id=f"session-{token}", person=token, csrf=CSRF)


def headers_of(person: str, *, cookie: str = "__Host-zhiben", host: str = "testserver") -> dict[str, str]:
    """Headers of a request from one of our own pages."""
    return {"Cookie": f"{cookie}={person}", "Origin": f"http://{host}", "X-CSRF": CSRF}
