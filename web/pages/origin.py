"""Whether a change comes from a page of ours, and which addresses are ours to go to."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import quote, urlsplit

from fastapi import Request

from engine.errors import NotPermitted
from web.errors import WrongType

CSRF_HEADER = "x-csrf"
CSRF_FIELD = "_csrf"
SIGN_IN = "/sign-in"
#: Where people who share a device change places.
SWITCH = "/switch"
#: Where who must choose a password does so.
CHOOSE_PASSWORD = "/account/password"  # noqa: S105 - an address
#: What browsers' forms and our scripts send; nothing else is read by a page.
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BODIES = ("", "application/json", *_FORMS)
_LONGEST_ADDRESS = 1_000
#: Addresses that are no place to come back to.
_DOORS = (SIGN_IN, SWITCH, f"{SWITCH}/leave", "/sign-out", CHOOSE_PASSWORD)


async def check_own(request: Request, csrf: str) -> None:
    """Refuse a change that does not come from a page of ours drawn for this session."""
    if not from_our_host(request):
        raise NotPermitted("foreign_request")
    given = await csrf_given(request)
    if not csrf or not compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
        raise NotPermitted("foreign_request")


async def csrf_given(request: Request) -> str:
    """What a change brings along to show for whom its page was drawn; "" = nothing."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _BODIES:
        raise WrongType("content_type_refused", accepted=_FORMS[0])
    given = request.headers.get(CSRF_HEADER, "")
    if not given and kind in _FORMS:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    return given


def from_our_host(request: Request) -> bool:
    """Whether the browser says that the request began on one of our own pages; silence is a no."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return is_ours(request, request.headers.get("origin") or request.headers.get("referer", ""))


def is_ours(request: Request, address: str) -> bool:
    """Whether an absolute address lies on the host that people know us by."""
    try:
        told = urlsplit(address)
    except ValueError:
        return False
    if known := request.app.state.services.settings.origin:
        return f"{told.scheme}://{told.netloc}".lower() == str(known).lower()
    # a proxy may have ended https, so that the scheme seen here is not the one people use
    return told.scheme in ("http", "https") and told.netloc == request.headers.get("host", "")


def own_path(address: str) -> str:
    """The address if it is a path of this application, "/" if it is anything else: nobody is led elsewhere."""
    fit = (
        address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
        and len(address) <= _LONGEST_ADDRESS
        and address.isprintable()
        and address.isascii()
        and address.partition("?")[0].rstrip("/") not in _DOORS
    )
    return address if fit else "/"


def sign_in_address(request: Request) -> str:
    """Where to sign in, and come back from to the page that was looked at."""
    wanted = looked_at(request)
    return SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"


def looked_at(request: Request) -> str:
    """The page: the address asked for; where a part or a change of a page was asked for, that page's."""
    if request.headers.get("hx-request") or request.method not in ("GET", "HEAD"):
        page = request.headers.get("hx-current-url") or request.headers.get("referer", "")
        if not is_ours(request, page):
            return "/"
        told = urlsplit(page)
        return own_path(told.path + (f"?{told.query}" if told.query else ""))
    asked = request.scope["raw_path"].decode("ascii", "replace")  # as the browser wrote it, escapes and all
    return own_path(asked + (f"?{request.url.query}" if request.url.query else ""))
