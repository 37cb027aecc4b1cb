"""Registers as spreadsheets: what is filtered, with the instant and the filters in the head."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response

from engine.core.register import Column, Register
from engine.errors import BadInput
from engine.runtime.registers import Line
from web.catalogues import say, tell_instant
from web.pages import register_cells as cells
from web.pages import register_choices as choices
from web.pages.register_address import RegisterAddress
from web.pages.registers import conditions_of, place_title, read_query, words_for
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.services import Sheet

router = APIRouter()

Reads = Annotated[Visitor, page("case.read")]
#: Rows written while one waits; more are written in the background.
AT_ONCE = 5_000
MOST_ROWS = 200_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/registers/{register}/export", include_in_schema=False)
def export(register: str, visitor: Reads, query: Annotated[str, Form()] = "") -> Response:
    """The spreadsheet of what is filtered; a large one is written in the background."""
    found = visitor.services.registers
    spec = found.register(register)
    address = read_query(register, query)
    counts = found.counts(visitor.person, register, address.ask())
    if counts.total > MOST_ROWS:
        raise BadInput("export_too_large", field="query", most=MOST_ROWS)
    sheet = _sheet(visitor, spec, address)
    rows = _rows(visitor, spec, address)
    if counts.total > AT_ONCE:
        name = visitor.services.exports.start(visitor.person, sheet, rows)
        return RedirectResponse(f"/registers/{register}/exports/{name}", status_code=303)
    path = visitor.services.exports.write(sheet, rows)
    return FileResponse(
        path, media_type=XLSX, filename=_name(visitor, spec.title), background=BackgroundTask(path.unlink, True)
    )


@router.get("/registers/{register}/exports/{name}", include_in_schema=False)
def progress(request: Request, register: str, name: str, visitor: Reads) -> Response:
    """How far an export is."""
    spec = visitor.services.registers.register(register)
    state = visitor.services.exports.state(visitor.person, name)
    headers = {"Refresh": "2"} if state.status == "running" else {}
    return show(
        request, visitor, "register_export.html", title=spec.title, register=register, state=state, headers=headers
    )


@router.get("/registers/{register}/exports/{name}/file", include_in_schema=False)
def file(register: str, name: str, visitor: Reads) -> Response:
    """The finished spreadsheet."""
    spec = visitor.services.registers.register(register)
    path = visitor.services.exports.file(visitor.person, name)
    return FileResponse(path, media_type=XLSX, filename=_name(visitor, spec.title))


def _name(visitor: Visitor, title: str) -> str:
    return f"{title}-{visitor.day:%Y%m%d}.xlsx"


def _sheet(visitor: Visitor, register: Register, address: RegisterAddress) -> Sheet:
    read = visitor.services.registers.page(visitor.person, register.id, address.ask(limit=1))
    words = words_for(visitor, register, read)
    counts = visitor.services.registers.counts(visitor.person, register.id, address.ask())
    told = conditions_of(choices.filters_of(register, counts, words, address), address)
    about = say(
        "register.export_about",
        at=tell_instant(visitor.now, words.calendar.zone),
        filters=told or say("register.export_no_filter"),
        person=visitor.name,
    )
    title = say("register.export_head", place=place_title(visitor), title=register.title)
    return Sheet(title=title, notes=(about,), header=[cells.title_of(column) for column in register.columns])


def _rows(visitor: Visitor, register: Register, address: RegisterAddress) -> Iterator[list[object]]:
    """One row a case; a page of the register is read when its turn comes."""
    words: cells.Words | None = None
    for read in visitor.services.registers.every_page(visitor.person, register.id, address.ask()):
        words = words_for(visitor, register, read)
        for line in read.lines:
            yield [_cell(column, line, words) for column in register.columns]


def _cell(column: Column, line: Line, words: cells.Words) -> object:
    """A day as a day and a number as a number, all else as text."""
    value = line.values.get(column.id) if not column.case else None
    if column.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if column.case in ("expiries", "reopened"):
        return int(getattr(line.head.register, column.case))
    told = cells.text_of(column, line, words)
    if column.kind in ("date", "instant") and told:
        try:
            return date.fromisoformat(told)
        except ValueError:
            return told
    return told or None
