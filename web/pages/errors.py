"""Errors as pages: what happened in plain words, and what to do next; for a part of a page, a notice at its head."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from engine.errors import NotFound, ZhibenError
from web.catalogues import Titles, say, sentence_of
from web.errors import DrawnForAnother, NoSuchMethod, NotSignedIn, PasswordDue, PinDue
from web.pages.held import held_in
from web.pages.origin import CHOOSE_PASSWORD, sign_in_address
from web.pages.rendering import is_partial, show
from web.pages.switch import respond_held
from web.pages.visitor import visitor_if_any
from web.problems import headers_of, problem_of

#: The code of a change that does not come from a page of this session.
_FOREIGN = "foreign_request"
#: A part of a page that failed is not put in the place of what was being filled in.
_AT_HEAD = {"HX-Retarget": "#flashes", "HX-Reswap": "outerHTML"}


def respond_page(
    request: Request, error: ZhibenError, *, titles: Titles, incident: str = "", may_ask: bool = True
) -> Response:
    """The page that tells an error; who is not signed in is led to where they can.

    `may_ask` lets it read whose session it is, so that the page has its frame; not in the thread of the event loop.
    """
    if isinstance(error, NotSignedIn):
        return _lead(request, sign_in_address(request), status=401)
    if isinstance(error, PasswordDue):
        return _lead(request, CHOOSE_PASSWORD, status=403)
    if isinstance(error, PinDue | DrawnForAnother) and (held := held_in(request)):
        return respond_held(request, error, held)
    problem = problem_of(error, titles=titles, incident=incident)
    status = int(problem["status"])
    told = {
        "title": say(f"error_page.title.s{status}"),
        "detail": _detail(error, str(problem["detail"])),
        "next": say(_first(f"error_page.next_of.{error.code}", f"error_page.next.s{status}")),
        "incident": incident,
        "status": status,
    }
    headers = headers_of(error)
    visitor = getattr(request.state, "visitor", None)
    if visitor is None and not incident and may_ask and (not is_partial(request) or error.code == _FOREIGN):
        visitor = visitor_if_any(request)
    if visitor is not None and error.code == _FOREIGN:
        # it may be a page of who was signed in here before
        told["next"] = say("error_page.signed_in_now", name=visitor.name) + str(told["next"])
    if is_partial(request):
        return show(request, None, "notice.html", block="notice", status=status, headers=headers | _AT_HEAD, told=told)
    # not the address of the request: it may be one that only forms are sent to
    return show(request, visitor, "error.html", status=status, headers=headers, told=told, path="/")


def _detail(error: ZhibenError, detail: str) -> str:
    """The sentence; that of a program's request is put as a person would be told, "" where the title says it all."""
    if isinstance(error, NotFound | NoSuchMethod):
        return ""
    code = f"error_page.instead.{error.code}"
    return say(code, **error.data) if sentence_of(code) is not None else detail


def _first(code: str, otherwise: str) -> str:
    return code if sentence_of(code) is not None else otherwise


def _lead(request: Request, where: str, *, status: int) -> Response:
    """Lead a browser there; a script that asked for a part lets its whole page go."""
    if is_partial(request):
        return Response(status_code=status, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)
