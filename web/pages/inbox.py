"""The inbox: what was told to the visitor, written out; opening a message notes that it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from engine.core.calendar import Calendar
from engine.runtime.desk import CopyToRead, Letter
from engine.runtime.projection import from_micros, micros
from engine.runtime.reading import PageAsk
from engine.runtime.service import Service
from engine.store.worklists import MOST_UNREAD
from web.api.parameters import After
from web.catalogues import say, tell_instant
from web.catalogues.told_calendar import tell_plain
from web.pages.message_fates import fate_of
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()
Reads = Annotated[Visitor, page("message.read")]
PATH = "/inbox"
ROWS = 50
_KEY_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A message as a line of the inbox."""

    key: str
    subject: str
    body: str
    at: str
    exact: str
    read: bool
    #: the case it is about; "" where the visitor may no longer see it
    address: str
    #: title of the case
    about: str
    #: what became of it outside of the inbox
    fate: str = ""


@dataclass(frozen=True, kw_only=True)
class CopySlip:
    """A copy to read, as a line of the inbox."""

    case: str
    address: str
    #: number and title
    number: str
    title: str
    by: str
    at: str
    exact: str


def copy_slip(one: CopyToRead, calendar: Calendar, now: datetime) -> CopySlip:
    """A copy in words."""
    return CopySlip(
        case=quote(one.case.id, safe=""),
        address=f"/cases/{quote(one.case.id, safe='')}",
        number=one.case.number,
        title=one.case.title,
        by=say("people.copy.by", by=one.sender or say("pages.somebody")),
        at=tell_instant(one.copy.at, calendar.zone, now),
        exact=one.copy.at.astimezone(calendar.zone).isoformat(timespec="minutes"),
    )


def slip_of(letter: Letter, calendar: Calendar, visitor: Visitor) -> Slip:
    """A message in words; of a case that the visitor may no longer see it says no more than that."""
    view, case = letter.view, letter.case
    at = from_micros(view.created_at)
    told = tell_plain(view.text, view.references) if view.stream.kind == "library" else ("", "")
    subject, body = letter.subject or told[0], letter.body or told[1]
    return Slip(
        key=view.key,
        subject=subject or say("inbox.withdrawn"),
        body=say("inbox.over") if letter.over else body if body != subject else "",
        at=tell_instant(at, calendar.zone, visitor.now),
        exact=at.astimezone(calendar.zone).isoformat(timespec="minutes"),
        read=view.read_at is not None,
        address=f"/cases/{quote(case.id, safe='')}" if case else "",
        about=case.title if case and case.title not in letter.subject else "",
        fate=fate_of(view, calendar, visitor.now),
    )


@router.get(PATH, include_in_schema=False)
def inbox(visitor: Reads, http: Request, after: After = "") -> Response:
    """Messages to the visitor, the latest first."""
    services = visitor.services
    found = services.desk.messages(visitor.person, PageAsk(limit=ROWS, after=after))
    unread = services.desk.waiting(visitor.person).unread
    calendar = services.reader.calendar()
    return show(
        http,
        visitor,
        "inbox.html",
        copies=[copy_slip(one, calendar, visitor.now) for one in services.desk.copies(visitor.person)],
        key=services.dice.token(_KEY_BYTES).hex(),
        slips=[slip_of(one, calendar, visitor) for one in found.items],
        ruled=services.message_desk is not None and services.message_desk.rules is not None,
        unread=say("inbox.most", count=MOST_UNREAD - 1) if unread >= MOST_UNREAD else unread,
        latest=found.items[0].view.created_at if found.items else 0,
        first=PATH if after else "",
        older=f"{PATH}?after={quote(found.after)}" if found.after else "",
    )


@router.post(f"{PATH}/open", include_in_schema=False)
def open_one(visitor: Reads, key: Annotated[str, Form(max_length=300)]) -> Response:
    """Note that a message was read, and lead to what it is about."""
    person, at = visitor.person, micros(visitor.now)

    def note(service: Service) -> None:
        with service.store.session() as session:
            session.outbox.mark_read(person, key, at)

    visitor.services.door.run(note)
    kind, _, case = key.rsplit(":", 2)[0].partition("/")
    where = f"/cases/{quote(case, safe='')}" if kind == "case" and case else PATH
    return RedirectResponse(where, status_code=303)


@router.post(f"{PATH}/read", include_in_schema=False)
def read_all(visitor: Reads, latest: Annotated[int, Form(ge=0, le=2**62)]) -> Response:
    """Note that everything up to the latest message that was shown has been read."""
    person, at = visitor.person, micros(visitor.now)

    def note(service: Service) -> None:
        with service.store.session() as session:
            session.outbox.read_up_to(person, latest, at)

    visitor.services.door.run(note)
    return RedirectResponse(PATH, status_code=303)
