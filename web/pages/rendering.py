"""Templates: the only place that knows Jinja2; everything is escaped, a name that is missing is an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from web.catalogues import say
from web.pages.assets import asset
from web.pages.navigation import navigation_of
from web.pages.visitor import Visitor

#: Nothing but our own files, and no script or style within a page.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FOLDER = Path(__file__).parent.parent / "templates"


@cache
def environment() -> Environment:
    """The templates of the product; only its own files are templates, never what somebody typed."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(say=say, asset=asset)
    return made


def show(
    request: Request,
    visitor: Visitor | None,
    template: str,
    *,
    block: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page, or one block of it for a part that is replaced in place; without a visitor the shell shows no menu."""
    told = environment().get_template(template)
    values = {
        "visitor": visitor,
        "path": request.url.path,
        "navigation": navigation_of(visitor) if visitor and not block else (),
        "csrf": visitor.csrf if visitor else "",
        **context,
    }
    text = "".join(told.blocks[block](told.new_context(values))) if block else told.render(values)
    return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": CSP, **(headers or {})})


def is_partial(request: Request) -> bool:
    """Whether a script asks for a part of a page."""
    return request.headers.get("hx-request") == "true"
