"""Errors as pages: what happened in plain words, and what to do next."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from engine.errors import ZhibenError
from web.catalogues import Titles
from web.errors import NotSignedIn
from web.pages.rendering import is_partial, show
from web.pages.visitor import sign_in_address
from web.problems import problem_of


def respond_page(request: Request, error: ZhibenError, *, titles: Titles, incident: str = "") -> Response:
    """The page that tells an error; who is not signed in is led to where they can."""
    if isinstance(error, NotSignedIn):
        where = sign_in_address(request)
        return (
            Response(status_code=401, headers={"HX-Redirect": where})
            if is_partial(request)
            else RedirectResponse(where, status_code=303)
        )
    problem = problem_of(error, titles=titles, incident=incident)
    return show(request, None, "error.html", status=problem["status"], problem=problem)
