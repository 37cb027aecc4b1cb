"""The clock of a demonstration: seen on every page, let run ahead by whoever watches."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from engine.errors import Conflict, NotFound
from web.pages.clock_bar import clock_bar
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.passing import Passing

router = APIRouter()


@router.get("/clock", include_in_schema=False)
def see_clock(request: Request, visitor: Annotated[Visitor, page("clock.move", quiet=True)]) -> Response:
    """The bar by itself; once the clock has arrived the page around it is asked to be drawn anew."""
    _passing(visitor)
    bar = clock_bar(request)
    assert bar is not None
    arrived = {} if bar.moving else {"HX-Refresh": "true"}
    return show(request, visitor, "parts/clock_bar.html", headers=arrived, clock=bar)


@router.post("/clock", include_in_schema=False)
def move_clock(
    request: Request, visitor: Annotated[Visitor, page("clock.move")], days: Annotated[int, Form()]
) -> Response:
    """Let the clock run so many days ahead and go back to the page; who presses twice has pressed once."""
    with suppress(Conflict):
        _passing(visitor).begin(days)
    return RedirectResponse(_back(request), status_code=303)


def _passing(visitor: Visitor) -> Passing:
    if visitor.services.passing is None:
        raise NotFound("not_found")
    return visitor.services.passing


def _back(request: Request) -> str:
    """The page from which the button was pressed, on this host only."""
    told = urlsplit(request.headers.get("referer", ""))
    path = told.path if told.netloc == request.headers.get("host", "") and told.path[:1] == "/" else "/"
    return ("/" + path.lstrip("/")) + (f"?{told.query}" if told.query else "")
