"""Light or dark: the visitor's choice, kept in a cookie that the server reads, so that no page flickers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from web.pages.visitor import Visitor, page

router = APIRouter()
COOKIE = "theme"
THEMES = ("light", "dark")
_A_YEAR = 365 * 24 * 3600


def theme_of(request: Request) -> str:
    """light or dark; "" = as the system wishes."""
    held = request.cookies.get(COOKIE, "")
    return held if held in THEMES else ""


@router.post("/theme", include_in_schema=False)
def choose(
    visitor: Annotated[Visitor, page("task.read")],
    theme: Annotated[str, Form(max_length=10)] = "",
    back: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Keep the choice and go back to the page it was made on."""
    own = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = RedirectResponse(back if own else "/", status_code=303)
    if theme in THEMES:
        secure = visitor.services.settings.secure_cookies
        answer.set_cookie(COOKIE, theme, max_age=_A_YEAR, secure=secure, samesite="lax")
    else:
        answer.delete_cookie(COOKIE)
    return answer
