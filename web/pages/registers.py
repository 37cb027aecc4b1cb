"""Registers: the list, one register with its filters, a row opened, views that persons keep."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from engine.core.register import Register
from engine.errors import BadInput
from engine.runtime.registers import RegisterAsk, RegisterPage
from engine.runtime.saved_views import drop_view, keep_view
from engine.store.saved_views import SavedView
from web.catalogues import say, tell_instant
from web.pages import register_cells as cells
from web.pages import register_choices as choices
from web.pages import register_views as views
from web.pages.flash import flash
from web.pages.register_address import RegisterAddress, address_of
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()

Reads = Annotated[Visitor, page("case.read")]
LONGEST_NAME = 40
LONGEST_QUERY = 2_000


@router.get("/registers", include_in_schema=False)
def index(request: Request, visitor: Reads) -> Response:
    """All registers with their totals."""
    found = visitor.services.registers
    told = [
        {
            "title": register.title,
            "address": f"/registers/{register.id}",
            "totals": _all_totals(register, visitor),
        }
        for register in found.registers.values()
    ]
    return show(request, visitor, "registers.html", registers=told, names=_TOTALS)


_TOTALS = ("open", "soon", "overdue", "escalated", "ended")


def _all_totals(register: Register, visitor: Visitor) -> list[views.TotalView]:
    """A register's totals, one for each head; those it has not are blank."""
    counts = visitor.services.registers.counts(visitor.person, register.id, RegisterAsk())
    known = dict(
        zip(register.totals, views.totals_of(register, counts, RegisterAddress(register=register.id)), strict=True)
    )
    return [known.get(name, views.TotalView(title="", value="")) for name in _TOTALS]  # type: ignore[call-overload]


@router.get("/registers/{register}", include_in_schema=False)
def register_page(request: Request, register: str, visitor: Reads) -> Response:
    """One register, filtered, sorted and paged as its address says."""
    found = visitor.services.registers
    spec = found.register(register)
    address = address_of(register, request.query_params)
    read, counts = found.both(visitor.person, register, address.ask())
    words = words_for(visitor, spec, read)
    filters = choices.filters_of(spec, counts, words, address)
    told = views.found_of(counts)
    return show(
        request,
        visitor,
        "register.html",
        title=spec.title,
        path=address.path,
        query=address.at_first().query,
        found=told,
        export_what=views.exported_of(counts),
        printed=_printed(visitor, words, counts.total),
        caption=say("register.caption", title=spec.title, sort=cells.title_of(read.sort)),
        conditions=conditions_of(filters, address),
        filters=filters,
        narrowed=bool(address.filters or address.q),
        q=address.q,
        without_q=str(_without_words(address)),
        carried=_without_words(address).pairs(),
        heads=views.heads_of(spec, read, address),
        rows=views.rows_of(spec, read, words, address.at_first()),
        totals=views.totals_of(spec, counts, address),
        newer=str(_at(address, before=read.before)) if read.before else "",
        older=str(_at(address, after=read.after)) if read.after else "",
        views=_kept(visitor, address),
    )


@router.get("/registers/{register}/rows/{case}", include_in_schema=False)
def row(request: Request, register: str, case: str, visitor: Reads) -> Response:
    """What opens beneath a row."""
    spec = visitor.services.registers.register(register)
    read = visitor.services.registers.line(visitor.person, register, case)
    words = words_for(visitor, spec, read)
    beneath = views.beneath_of(spec, read.lines[0], words, address_of(register, request.query_params))
    return show(request, visitor, "register_beneath.html", block="beneath", beneath=beneath)


@router.post("/registers/{register}/views", include_in_schema=False)
def keep(
    request: Request,
    register: str,
    visitor: Reads,
    name: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keep the present filters under a name."""
    address = _kept_address(visitor, register, back)
    told = " ".join(name.split())
    if not told or len(told) > LONGEST_NAME or not told.isprintable():
        raise BadInput("wrong_name", field="name", most=LONGEST_NAME)
    view = SavedView(name=told, query=address.query)
    visitor.services.door.run(partial(keep_view, person=visitor.person, register=register, view=view))
    answer = RedirectResponse(str(address), status_code=303)
    flash(answer, "register.view_kept", name=told, secure=request.url.scheme == "https")
    return answer


@router.post("/registers/{register}/views/drop", include_in_schema=False)
def drop(
    request: Request,
    register: str,
    visitor: Reads,
    name: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keep a view no longer."""
    address = _kept_address(visitor, register, back)
    visitor.services.door.run(partial(drop_view, person=visitor.person, register=register, name=name))
    answer = RedirectResponse(str(address), status_code=303)
    flash(answer, "register.view_dropped", name=name[:LONGEST_NAME], secure=request.url.scheme == "https")
    return answer


# what the pages of registers share ---------------------------------------------------------------------------------


def words_for(visitor: Visitor, register: Register, read: RegisterPage) -> cells.Words:
    """The titles for a page."""
    machines = visitor.services.registers.machines(register)
    return cells.words_of(read, machines, visitor.services.reader.calendar(), visitor.now)


def conditions_of(filters: list[choices.FilterView], address: RegisterAddress) -> str:
    """All that is filtered by, in one line; "" = nothing."""
    told = [say("register.condition", name=one.title, value=one.value) for one in filters if one.value]
    if address.q:
        told.append(say("register.condition", name=say("register.search_name"), value=address.q))
    return say("register.export_joint").join(told)


def read_query(register: str, query: str) -> RegisterAddress:
    """The address that a form carried along."""
    if len(query) > LONGEST_QUERY:
        raise BadInput("search_too_long", field="query", most=LONGEST_QUERY)
    return address_of(register, QueryParams(parse_qsl(query))).at_first()


def _kept_address(visitor: Visitor, register: str, query: str) -> RegisterAddress:
    """The address of a form, asked once: what no register can answer is not kept."""
    address = read_query(register, query)
    visitor.services.registers.page(visitor.person, register, address.ask(limit=1))
    return address


def _kept(visitor: Visitor, address: RegisterAddress) -> list[dict[str, str]]:
    found = visitor.services.registers.saved(visitor.person, address.register)
    return [
        {"name": one.name, "address": f"{address.path}?{one.query}" if one.query else address.path} for one in found
    ]


def _at(address: RegisterAddress, **mark: Any) -> RegisterAddress:
    return RegisterAddress(
        register=address.register, filters=address.filters, q=address.q, sort=address.sort, down=address.down, **mark
    )


def _without_words(address: RegisterAddress) -> RegisterAddress:
    return RegisterAddress(register=address.register, filters=address.filters, sort=address.sort, down=address.down)


def _printed(visitor: Visitor, words: cells.Words, count: int) -> str:
    at = tell_instant(visitor.now, words.calendar.zone)
    return say("register.printed", place=place_title(visitor), at=at, count=f"{count:,}")


def place_title(visitor: Visitor) -> str:
    """What the uppermost region is called; "" where none is recorded."""
    regions = visitor.services.reader.directory().regions
    return regions[min(regions, key=len)] if regions else ""
