"""Imports of spreadsheets: look first, then begin; stopped and taken up again by a click."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response

from engine.errors import BadInput, Busy, ZhibenError
from web.catalogues import say, tell_error, tell_row
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of
from web.services import ImportPreview, ImportState

router = APIRouter()

Imports = Annotated[Visitor, page("import.start")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Problems told on the page; all of them stand in the spreadsheet of wrong rows.
MOST_TOLD = 100


@router.get("/import", include_in_schema=False)
def begin(request: Request, visitor: Imports, kind: str = "") -> Response:
    """Choose a kind and a file."""
    return _form(request, visitor, kind)


@router.post("/import", include_in_schema=False)
async def upload(request: Request, visitor: Imports) -> Response:
    """Read a spreadsheet and lead to what was read; what cannot be read as a whole is told on the form."""
    form = await request.form()
    kind, file = str(form.get("kind", "")), form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        wrong: ZhibenError = BadInput("file_missing", field="file")
        return await run_in_threadpool(_form, request, visitor, kind, say("import_page.choose_file"), status_of(wrong))
    desk = visitor.services.import_desk
    try:
        read = await run_in_threadpool(desk.preview, visitor.person, kind, file.file, name=file.filename[:100])
    except (BadInput, Busy) as error:
        return await run_in_threadpool(_form, request, visitor, kind, tell_error(error), status_of(error))
    return RedirectResponse(f"/import/{read.token}", status_code=303)


@router.get("/import/{kind}/blank", include_in_schema=False)
def blank(kind: str, visitor: Imports) -> Response:
    """An empty spreadsheet of a kind, to be filled in."""
    path = visitor.services.import_desk.blank(kind)
    title = next(one.title for one in visitor.services.import_desk.kinds() if one.id == kind)
    return FileResponse(path, media_type=XLSX, filename=f"{title}.xlsx", background=BackgroundTask(path.unlink, True))


@router.get("/import/{token}", include_in_schema=False)
def preview(request: Request, token: str, visitor: Imports) -> Response:
    """What was read, and what importing it would do."""
    read = visitor.services.import_desk.previewed(visitor.person, token)
    return show(request, visitor, "import_preview.html", read=read, problems=_problems(read), more=_more(read))


@router.get("/import/{token}/wrong", include_in_schema=False)
def wrong_rows(token: str, visitor: Imports) -> Response:
    """The rows with something wrong, to be mended and uploaded again."""
    path = visitor.services.import_desk.wrong_rows(visitor.person, token)
    name = f"{say('import_page.wrong_file')}.xlsx"
    return FileResponse(path, media_type=XLSX, filename=name, background=BackgroundTask(path.unlink, True))


@router.post("/import/{token}/begin", include_in_schema=False)
def start(token: str, visitor: Imports) -> Response:
    """Import what was read."""
    state = visitor.services.import_desk.begin(visitor.person, token)
    return RedirectResponse(f"/import/{state.id}/progress", status_code=303)


@router.get("/import/{bulk}/progress", include_in_schema=False)
def progress(request: Request, bulk: str, visitor: Imports) -> Response:
    """How far an import is."""
    state = visitor.services.import_desk.progress(visitor.person, bulk)
    headers = {"Refresh": "2"} if state.status == "running" else {}
    waiting = visitor.services.triage.waiting(visitor.person)
    title = _title(visitor, state)
    return show(request, visitor, "import_progress.html", state=state, title=title, waiting=waiting, headers=headers)


@router.post("/import/{bulk}/stop", include_in_schema=False)
def stop(bulk: str, visitor: Imports) -> Response:
    """End an import between two batches."""
    visitor.services.import_desk.stop(visitor.person, bulk)
    return RedirectResponse(f"/import/{bulk}/progress", status_code=303)


@router.post("/import/{bulk}/go-on", include_in_schema=False)
def go_on(bulk: str, visitor: Imports) -> Response:
    """Go on with one that was stopped."""
    visitor.services.import_desk.go_on(visitor.person, bulk)
    return RedirectResponse(f"/import/{bulk}/progress", status_code=303)


def _form(request: Request, visitor: Visitor, kind: str, wrong: str = "", status: int = 200) -> Response:
    directory = visitor.services.reader.directory()
    kinds = [
        one
        for one in visitor.services.import_desk.kinds()
        if not one.needs or directory.may(visitor.person, one.needs, visitor.day)
    ]
    chosen = next((one for one in kinds if one.id == kind), kinds[0] if kinds else None)
    return show(request, visitor, "import.html", kinds=kinds, chosen=chosen, wrong=wrong, status=status)


def _title(visitor: Visitor, state: ImportState) -> str:
    return next((one.title for one in visitor.services.import_desk.kinds() if one.id == state.kind), state.kind)


def _problems(read: ImportPreview) -> list[str]:
    return [tell_row(problem) for problem in read.problems[:MOST_TOLD]]


def _more(read: ImportPreview) -> int:
    return max(0, len(read.problems) - MOST_TOLD)
