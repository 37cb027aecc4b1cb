"""Templates: the only place that knows Jinja2; everything is escaped, a name that is missing is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from web.catalogues import say
from web.pages.assets import asset
from web.pages.clock_bar import clock_bar
from web.pages.flash import COOKIE as FLASH
from web.pages.flash import flashes_of
from web.pages.navigation import shell_of
from web.pages.theme import theme_of
from web.pages.visitor import Visitor

#: Nothing but our own files, and no script or style within a page.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: `same-origin`, not `no-referrer`: with that browsers send `Origin: null` with every form, also to ourselves.
HEADERS = {"Content-Security-Policy": CSP, "Referrer-Policy": "same-origin"}
_DATE = re.compile(r"(?<![0-9-])(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}(?![0-9-])", re.ASCII)
FOLDER = Path(__file__).parent.parent / "templates"
#: Files of templates/parts whose macros every template has as `ui.…`, also where one block is rendered alone.
PARTS = ("icons", "status", "notices", "lists", "forms")


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
    made.filters["unbroken"] = unbroken
    made.globals["ui"] = SimpleNamespace(**{name: macro for part in PARTS for name, macro in _macros(made, part)})
    return made


def unbroken(told: str) -> Markup:
    """A text whose dates stay on one line: a browser breaks `10-01` after its hyphen."""
    return Markup(_DATE.sub(r'<span class="nowrap">\g<0></span>', str(escape(told))))  # noqa: S704


def _macros(made: Environment, part: str) -> Iterator[tuple[str, Macro]]:
    module = made.get_template(f"parts/{part}.html").module
    return ((name, value) for name, value in vars(module).items() if isinstance(value, Macro))


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
    flashes = () if block else flashes_of(request)
    values = {
        "visitor": visitor,
        "path": request.url.path,
        "shell": shell_of(visitor) if visitor and not block else None,
        "theme": theme_of(request),
        "flashes": flashes,
        "csrf": visitor.csrf if visitor else "",
        "clock": None if block else clock_bar(request),
        **context,
    }
    text = "".join(told.blocks[block](told.new_context(values))) if block else told.render(values)
    answer = HTMLResponse(text, status_code=status, headers={**HEADERS, **(headers or {})})
    if flashes:
        answer.delete_cookie(FLASH)
    return answer


def is_partial(request: Request) -> bool:
    """Whether a script asks for a part of a page."""
    return request.headers.get("hx-request") == "true"
