"""Boards: a few figures, where they lie and how they went; nothing that does not lead to its list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from engine.errors import NotFound
from web.pages import board_views as views
from web.pages.registers import words_for
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()

Reads = Annotated[Visitor, page("case.read")]


@router.get("/boards", include_in_schema=False)
def first(visitor: Reads) -> Response:
    """Lead to the first board."""
    for name in visitor.services.boards.boards:
        return RedirectResponse(f"/boards/{name}", status_code=303)
    raise NotFound("board_not_found")


@router.get("/boards/{board}", include_in_schema=False)
def board_page(request: Request, board: str, visitor: Reads, screen: str = "") -> Response:
    """One board; `screen=1` shows it without controls, drawn anew every minute."""
    seen = visitor.services.boards.seen(visitor.person, board)
    wall = seen.board.wall
    rows: Sequence[views.WallRow] = ()
    if wall and seen.wall:
        register = visitor.services.registers.register(wall.figure.register)
        rows = views.wall_of(wall, register, seen.wall, words_for(visitor, register, seen.wall))
    told = views.view_of(seen, visitor.services.reader.calendar(), rows)
    whole: dict[str, Any] = {"shell": None, "clock": None} if screen else {}
    return show(request, visitor, "board.html", board=told, screen=bool(screen), **whole)
