"""Every token and every part of the pages in every state, on one page: to look at, and to photograph."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.pages.flash import Flash
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()

#: Tokens of css/tokens.css as the page shows them: paper and ink, the accent, the lights, heat.
COLOURS = (
    ("paper", "paper-sunken", "ink", "ink-soft", "ink-faint", "hairline", "line", "line-control"),
    ("accent", "accent-strong", "accent-paper", "accent-line"),
    ("green-sign", "yellow-sign", "red-sign"),
    ("heat-1", "heat-2", "heat-3", "heat-4", "heat-5"),
)


@router.get("/design", include_in_schema=False)
def design(request: Request, visitor: Annotated[Visitor, page("task.read")]) -> Response:
    """The page."""
    sample = Flash(words="", undo="/design")
    return show(request, visitor, "design.html", colours=COLOURS, sample=sample)
