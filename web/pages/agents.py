"""What a browser calls itself, told by family."""

from __future__ import annotations

from fastapi import Request

#: What a browser calls itself -> its family; the first that fits, since each claims to be those before it.
_AGENTS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def agent_of(request: Request) -> str:
    """The family of the browser; "" where it is none of the known."""
    told = request.headers.get("user-agent", "")
    return next((family for mark, family in _AGENTS if mark in told), "")
