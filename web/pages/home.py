"""The first address: where a visitor's day begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from web.pages.visitor import Visitor, page

router = APIRouter()


@router.get("/", include_in_schema=False)
def begin(visitor: Annotated[Visitor, page("task.read")]) -> Response:
    """Lead to the visitor's work."""
    return RedirectResponse("/work", status_code=303)
