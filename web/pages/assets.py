"""Addresses of what pages load: each with the hash of its content, so that browsers keep it for ever."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "static"
_DIGITS = 12


@cache
def asset(path: str) -> str:
    """The address of a file of web/static; raises FileNotFoundError for one that was not installed."""
    digest = sha256((FOLDER / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:_DIGITS]}"
