"""What the last act did, told once on the next page: a code and its data in a short-lived cookie, never a text."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request
from starlette.responses import Response

from web.catalogues import say, sentence_of

COOKIE = "flash"
SENT = "sent"
_SECONDS = 60
_DRAFT_SECONDS = 7 * 86_400
_LONGEST = 2_000


@dataclass(frozen=True, kw_only=True)
class Flash:
    """One notice; `undo` is the address of the act that takes it back, "" where there is none."""

    words: str
    undo: str = ""


def flash(response: Response, code: str, *, undo: str = "", secure: bool = True, **data: Any) -> None:
    """Let the next page tell the sentence of a code with this data (no personal values: it passes the browser)."""
    told = base64.urlsafe_b64encode(orjson.dumps({"code": code, "data": data, "undo": undo})).decode()
    if len(told) <= _LONGEST:
        response.set_cookie(COOKIE, told, max_age=_SECONDS, httponly=True, secure=secure, samesite="lax")


def flashes_of(request: Request) -> tuple[Flash, ...]:
    """What the page is to tell; what cannot be read tells nothing."""
    held = request.cookies.get(COOKIE, "")
    if not held or len(held) > _LONGEST:
        return ()
    try:
        told = orjson.loads(base64.urlsafe_b64decode(held))
    except ValueError:
        return ()
    if not isinstance(told, Mapping) or sentence_of(str(told.get("code"))) is None:
        return ()
    data = told.get("data")
    words = say(str(told["code"]), **({str(k): v for k, v in data.items()} if isinstance(data, Mapping) else {}))
    undo = str(told.get("undo") or "")
    return (Flash(words=words, undo=undo if undo.startswith("/") and not undo.startswith("//") else ""),)


def sent(response: Response, kept_as: str, *, secure: bool = True) -> None:
    """Let the browser forget the draft of a form that was sent.

    With the answer itself, for the script of the page it leads to may never run: whoever goes on at once would else
    find what was sent typed in again. The script that keeps drafts reads it before it restores one.
    """
    response.set_cookie(SENT, quote(kept_as, safe=""), max_age=_DRAFT_SECONDS, secure=secure, samesite="lax")
