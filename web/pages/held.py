"""A form that was sent and could not be taken yet: held within the page that asks for the PIN, never on the server."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData

from web.pages.origin import CSRF_FIELD, looked_at, own_path

#: How the fields of a held form are called within the form that holds it.
PREFIX = "held."
#: Asks for the form itself with all that was typed before anything is done: its person has not seen it yet.
LOOK_AGAIN = "_look_again"
#: Those of its time and place, which it gets anew.
_OWN = (CSRF_FIELD, "_within")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What was sent, for whom its page was drawn, and from where."""

    person: str
    #: the page from which it was sent
    back: str
    #: where it was sent to; "" = nothing of it is kept
    to: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    #: a file came along: no page can give one back, and a signature is drawn anew by whoever shows that they are there
    files: bool = False


async def hold(request: Request, person: str, *, keep: bool) -> None:
    """Keep what was sent for the page that tells why it was not taken; `keep` = also what was typed."""
    form = await request.form() if keep and request.headers.get("content-type") else FormData()
    texts = tuple((name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in _OWN)
    files = any(not isinstance(one, str) and one.filename for _, one in form.multi_items())
    to = own_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    request.state.held = Held(
        person=person,
        back=looked_at(request),
        to=to if texts and to != "/" else "",
        fields=texts if to != "/" else (),
        files=files,
    )


def held_in(request: Request) -> Held | None:
    """What was kept for this request."""
    found = getattr(request.state, "held", None)
    return found if isinstance(found, Held) else None


def held_again(form: FormData, person: str, back: str) -> Held | None:
    """The form that a form holds; None = it holds none."""
    to = own_path(str(form.get("to", "")))
    fields = tuple(
        (name.removeprefix(PREFIX), text)
        for name, text in form.multi_items()
        if name.startswith(PREFIX) and isinstance(text, str)
    )
    if to == "/" or not fields:
        return None
    return Held(person=person, back=back, to=to, fields=fields, files=form.get("files") == "1")
