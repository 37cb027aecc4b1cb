"""The table of a duty as a spreadsheet: every subject that fits, its windows, its sums, and the sums of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.obligation_rows import ObligationRow
from engine.runtime.duty_views import TableSeen
from engine.store.duty_matrix import SubjectCells
from web import duty_words as words
from web.catalogues import say, tell_instant
from web.pages import duty_tables
from web.pages.duties import DutyId, Reads, address_in, conditions_of
from web.pages.duty_tables import PATH, TableAddress
from web.pages.navigation import place_of
from web.pages.register_exports import AT_ONCE, XLSX
from web.pages.visitor import Visitor
from web.services import Sheet

router = APIRouter()
_PAGE = 500
_SUMS = ("owed", "done", "made_up", "late", "missed", "exempt")


@router.post(f"{PATH}/{{duty}}/export", include_in_schema=False)
def export(visitor: Reads, duty: DutyId, query: Annotated[str, Form()] = "") -> Response:
    """The spreadsheet of what is filtered; a large one is written in the background."""
    address = address_in(duty, query)
    services = visitor.services
    seen = services.duties.table(visitor.person, address.ask(1))
    directory, calendar = services.reader.directory(), services.duties.calendar_of(seen.duty.spec)
    sheet = _sheet(visitor, seen, address, directory)
    rows = _rows(visitor, address, directory, calendar)
    if seen.subjects > AT_ONCE:
        name = services.exports.start(visitor.person, sheet, rows)
        return RedirectResponse(f"{PATH}/{duty}/exports/{name}", status_code=303)
    path = services.exports.write(sheet, rows)
    name = f"{seen.duty.spec.title}-{visitor.day:%Y%m%d}.xlsx"
    return FileResponse(path, media_type=XLSX, filename=name, background=BackgroundTask(path.unlink, True))


@router.get(f"{PATH}/{{duty}}/exports/{{name}}", include_in_schema=False)
def file(visitor: Reads, duty: DutyId, name: str) -> Response:
    """The spreadsheet that was written in the background; as long as it is not, the browser asks again."""
    state = visitor.services.exports.state(visitor.person, name)
    if state.status == "running":
        return Response(status_code=202, headers={"Refresh": "2"})
    path = visitor.services.exports.file(visitor.person, name)
    return FileResponse(path, media_type=XLSX, filename=f"{state.title}-{visitor.day:%Y%m%d}.xlsx")


def _sheet(visitor: Visitor, seen: TableSeen, address: TableAddress, directory: Directory) -> Sheet:
    counts = duty_tables.summed(seen.totals)
    told = conditions_of(list(duty_tables.filters_of(seen, address, directory, counts)), address)
    zone = visitor.services.reader.calendar().zone
    about = say(
        "register.export_about",
        at=tell_instant(visitor.now, zone),
        filters=told or say("register.export_no_filter"),
        person=visitor.name,
    )
    title = say("duties.sheet_head", place=place_of(visitor), title=seen.duty.spec.title)
    span = say("duties.sheet_span", span=words.range_words(seen.first, seen.last), told=duty_tables.told_sum(counts))
    heads = [say(f"duties.column.{name}") for name in ("subject", "region", "industry")]
    heads += [words.period_words(window.key) for window in seen.columns]
    return Sheet(title=title, notes=(span, about), header=[*heads, *(say(f"duties.sheet.{name}") for name in _SUMS)])


def _rows(
    visitor: Visitor, address: TableAddress, directory: Directory, calendar: Calendar
) -> Iterator[Sequence[object]]:
    """One row a subject, then one that sums up all."""
    near = words.near_of(visitor.now, calendar)
    last: TableSeen | None = None
    for seen in visitor.services.duties.every_page(visitor.person, address.ask(_PAGE)):
        last = seen
        for line in seen.lines:
            yield _row(seen, line, calendar, near, directory)
    if last is not None:
        feet = [foot.done for foot in duty_tables.feet_of(last, calendar)]
        counts = duty_tables.summed(last.totals)
        owed = sum(counts[name] for name in ("open", "acted", "done", "late", "missed"))
        sums = [owed, *(counts[name] for name in _SUMS[1:])]
        yield [say("duties.sheet.all", count=last.subjects), None, None, *feet, *sums]


def _row(
    seen: TableSeen, line: SubjectCells, calendar: Calendar, near: words.Near, directory: Directory
) -> list[object]:
    cells: list[list[str]] = [[] for _ in seen.columns]
    for row in line.cells:
        if (n := seen.column_of(row.period, row.due_at, calendar)) >= 0:
            cells[n].append(say(f"duties.kind.{words.kind_of(row, near)}"))
    return [
        duty_tables.subject_title(line.subject, line.subject_kind, seen.titles),
        directory.regions.get(line.region, ""),
        directory.industries.get(line.industry, ""),
        *(say("values.joint").join(some) or None for some in cells),
        *_sums(line.cells),
    ]


def _sums(rows: Sequence[ObligationRow]) -> list[int]:
    owed = [row for row in rows if row.status not in ("exempt", "lapsed")]
    counted = [sum(row.status == name for row in rows) for name in ("done", "late", "missed", "exempt")]
    done, late, missed, exempt = counted
    return [len(owed), done, sum(row.made_up for row in rows), late, missed, exempt]
