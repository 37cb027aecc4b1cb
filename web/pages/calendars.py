"""The working calendar: its years, putting one in, what it would move, publishing it, and how far that is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response

from engine.errors import BadInput, Conflict, DefinitionError, ZhibenError
from engine.runtime.bulk import results
from engine.runtime.calendar_notice import Preview, by_holder
from engine.runtime.calendar_runs import CALENDAR
from engine.runtime.calendar_years import MOST_BYTES
from engine.runtime.projection import from_micros
from engine.store.calendars import CalendarRow
from engine.store.views import BulkRow
from web.catalogues import say, tell_error, tell_instant
from web.pages import calendar_views as views
from web.pages.calendar_form import YearForm, file_of, form_of, read_form
from web.pages.rendering import show
from web.pages.triage_views import refused_of
from web.pages.visitor import Visitor, page
from web.problems import status_of
from web.services import Sheet

router = APIRouter()

May = Annotated[Visitor, page("calendar.publish")]
Id = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Word = Annotated[str, Query(max_length=200)]
ROWS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = ("case", "procedure", "task", "holder", "was", "now", "note", "remark", "was_how", "now_how")


@router.get(views.PATH, include_in_schema=False)
def years(request: Request, visitor: May) -> Response:
    """All years and their versions."""
    return _years(request, visitor)


@router.post(views.PATH, include_in_schema=False)
async def put_in(request: Request, visitor: May) -> Response:
    """Take a yearly file and lead to what it would move."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await run_in_threadpool(_years, request, visitor, BadInput("file_missing", field="file"))
    body = await file.read(MOST_BYTES + 1)
    try:
        row = await run_in_threadpool(_propose, visitor, body, file.filename[:100])
    except (BadInput, Conflict, DefinitionError) as error:
        return await run_in_threadpool(_years, request, visitor, error)
    return RedirectResponse(f"{views.PATH}/{row.id}", status_code=303)


@router.get(f"{views.PATH}/new", include_in_schema=False)
def form(request: Request, visitor: May, year: Annotated[int, Query(ge=1950, le=2148)] = 0) -> Response:
    """The form of a year; the next one, unless another is asked for."""
    calendar, _ = visitor.services.notices.years(visitor.person)
    return _form(request, visitor, form_of(calendar, year or visitor.day.year + 1))


@router.post(f"{views.PATH}/new", include_in_schema=False)
async def fill_in(request: Request, visitor: May) -> Response:
    """Make the yearly file of what was typed, and lead to what it would move."""
    return await run_in_threadpool(_fill_in, request, visitor, await request.form())


@router.get(f"{views.PATH}/{{row}}", include_in_schema=False)
def notice(
    request: Request,
    visitor: May,
    row: Id,
    procedure: Word = "",
    how: Word = "",
    person: Word = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """What a version of a year would move, or has still to move."""
    asked = views.Asked(procedure=procedure, how=how, person=person)
    return _notice(request, visitor, row, asked, page)


@router.get(f"{views.PATH}/{{row}}/file", include_in_schema=False)
def file(visitor: May, row: Id) -> Response:
    """The yearly file as it was put in."""
    found = visitor.services.notices.row(visitor.person, row)
    headers = {"Content-Disposition": f'attachment; filename="{found.calendar}-{found.year}.yaml"'}
    return Response(found.body, media_type="application/yaml", headers=headers)


@router.post(f"{views.PATH}/{{row}}/export", include_in_schema=False)
async def export(request: Request, visitor: May, row: Id) -> Response:
    """The list as a spreadsheet, as it is filtered."""
    form = await request.form()
    asked = views.Asked(**{name: str(form.get(name, ""))[:200] for name in ("procedure", "how", "person")})
    return await run_in_threadpool(_export, visitor, row, asked)


@router.post(f"{views.PATH}/{{row}}/publish", include_in_schema=False)
def publish(request: Request, visitor: May, row: Id) -> Response:
    """Put it in force, and redate what it moves in the background."""
    services = visitor.services
    found = services.notices.row(visitor.person, row)
    try:
        services.notice_runs.begin(visitor.person, found)
    except (BadInput, Conflict) as error:
        return _notice(request, visitor, row, views.Asked(), 1, error)
    return RedirectResponse(f"{views.PATH}/{row}/run", status_code=303)


@router.get(f"{views.PATH}/{{row}}/run", include_in_schema=False)
def progress(request: Request, visitor: May, row: Id) -> Response:
    """How far the redating is, and what was refused."""
    services = visitor.services
    found = services.notices.row(visitor.person, row)
    bulk = services.notice_runs.progress(found)
    if bulk is None:
        return RedirectResponse(f"{views.PATH}/{row}", status_code=303)
    how = services.bulk_runs.status(bulk)
    if how == "done" and not found.closed_at:
        how = "settling"  # type: ignore[assignment]
    failed = list(results(services.door, row, status="failed"))[:ROWS] if bulk.failed else []
    names = services.reader.case_names(visitor.person, [one.stream.removeprefix("case/") for one in failed])
    return show(
        request,
        visitor,
        "calendar_run.html",
        row=found,
        bulk=bulk,
        how=how,
        refused=refused_of(failed, names),
        headers={"Refresh": "2"} if how in ("running", "settling") else {},
    )


@router.post(f"{views.PATH}/{{row}}/stop", include_in_schema=False)
def stop(visitor: May, row: Id) -> Response:
    """End the redating between two batches."""
    return _steer(visitor, row, "stop")


@router.post(f"{views.PATH}/{{row}}/go-on", include_in_schema=False)
def go_on(visitor: May, row: Id) -> Response:
    """Go on with one that was stopped."""
    return _steer(visitor, row, "go_on")


def _steer(visitor: Visitor, row: str, what: str) -> Response:
    services = visitor.services
    bulk = services.notice_runs.progress(services.notices.row(visitor.person, row))
    if isinstance(bulk, BulkRow) and bulk.purpose == CALENDAR:
        getattr(services.bulk_runs, what)(bulk)
    return RedirectResponse(f"{views.PATH}/{row}/run", status_code=303)


# ------------------------------------------------------------------------------------------------------------------


def _propose(visitor: Visitor, body: bytes, name: str) -> CalendarRow:
    row = visitor.services.notices.proposal(visitor.person, body, name=name)
    return visitor.services.notice_runs.propose(row)


def _years(request: Request, visitor: Visitor, wrong: ZhibenError | None = None) -> Response:
    services = visitor.services
    calendar, rows = services.notices.years(visitor.person)
    names = services.reader.names(sorted({row.person for row in rows}))
    lines = views.years_of(calendar, rows, names, visitor.day)
    return show(
        request,
        visitor,
        "calendars.html",
        status=status_of(wrong) if wrong else 200,
        lines=lines,
        wrong=tell_error(wrong) if wrong else "",
        next=visitor.day.year + 1,
    )


def _form(request: Request, visitor: Visitor, typed: YearForm, wrong: ZhibenError | None = None) -> Response:
    return show(
        request,
        visitor,
        "calendar_new.html",
        status=status_of(wrong) if wrong else 200,
        typed=typed,
        wrong=tell_error(wrong) if wrong else "",
        wrong_field=wrong.field if isinstance(wrong, BadInput) else "",
    )


def _fill_in(request: Request, visitor: Visitor, form: FormData) -> Response:
    calendar, _ = visitor.services.notices.years(visitor.person)
    typed = read_form(form, calendar)
    try:
        row = _propose(visitor, file_of(typed), f"{typed.year}.yaml")
    except (BadInput, Conflict, DefinitionError) as error:
        return _form(request, visitor, typed, error)
    return RedirectResponse(f"{views.PATH}/{row.id}", status_code=303)


def _notice(
    request: Request, visitor: Visitor, row: str, asked: views.Asked, page: int, wrong: ZhibenError | None = None
) -> Response:
    services = visitor.services
    found = services.notices.preview_kept(visitor.person, services.notices.row(visitor.person, row))
    listed = asked.of(found.moves)
    pages = max(1, -(-len(listed) // ROWS))
    page = min(page, pages)
    people, more = views.people_of(found, asked, by_holder(asked.without("person").of(found.moved())))
    published = from_micros(found.row.published_at) if found.row.seq else None
    return show(
        request,
        visitor,
        "calendar_notice.html",
        status=status_of(wrong) if wrong else 200,
        row=found.row,
        as_of=tell_instant(found.at, now=visitor.now),
        published=tell_instant(published, now=visitor.now) if published else "",
        days=views.days_of(found.year),
        present=views.days_of(found.present),
        told=views.told_of(found),
        late=views.late_of(found),
        stays=views.stays_of(found),
        windows=views.windows_of(found),
        total=found.open,
        filters=views.filters_of(found, asked, _procedures(visitor)),
        people=people,
        people_more=more,
        person=views.person_of(found, asked),
        asked=asked,
        count=len(listed),
        rows=_rows(visitor, found, asked, (page - 1) * ROWS, ROWS),
        page=page,
        pages=pages,
        newer=asked.address(row, page=page - 1) if page > 1 else "",
        older=asked.address(row, page=page + 1) if page < pages else "",
        wrong=tell_error(wrong) if wrong else "",
    )


def _procedures(visitor: Visitor) -> dict[str, str]:
    return {row.procedure: row.title for row in reversed(visitor.services.reader.procedures())}


def _rows(visitor: Visitor, found: Preview, asked: views.Asked, first: int, count: int) -> list[views.Row]:
    reader, calendar = visitor.services.reader, visitor.services.reader.calendar()
    moves = asked.of(found.moves)[first : first + count]
    return [views.row_of(one, found, reader.machine(one.version), calendar) for one in moves]


def _export(visitor: Visitor, row: str, asked: views.Asked) -> Response:
    services = visitor.services
    found = services.notices.preview_kept(visitor.person, services.notices.row(visitor.person, row))
    title = say("calendar.preview.export_title", year=found.row.year)
    notes = [say("calendar.preview.as_of", at=tell_instant(found.at)), *views.told_of(found)]
    header = [say(f"calendar.preview.column.{name}") for name in _COLUMNS]
    rows: Any = (views.cells_of(one) for one in _rows(visitor, found, asked, 0, len(found.moves)))
    path = services.exports.write(Sheet(title=title, notes=notes, header=header), rows)
    return FileResponse(path, media_type=XLSX, filename=f"{title}.xlsx", background=BackgroundTask(path.unlink, True))
