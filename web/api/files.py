"""Files: evidence before the act that refers to it, and spreadsheets to import."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile

from engine.errors import BadInput
from web.api import shown
from web.api.commands import Key, command_id
from web.bodies import StrictRoute
from web.catalogues import tell_row
from web.policy import Caller, policy
from web.services import ImportState

router = APIRouter(route_class=StrictRoute, tags=["files"])
Upload = Annotated[UploadFile, File()]
_MOST_PROBLEMS = 1000


@router.post("/evidence", operation_id="add_evidence", status_code=201)
def add_evidence(caller: Annotated[Caller, policy("evidence.add")], file: Upload) -> shown.FileOut:
    """Store a file; the same content is the same file, so a repeat stores nothing new."""
    stored = caller.services.uploads.take(file.file, limit=caller.services.settings.file_bytes)
    return shown.FileOut(sha256=stored.sha256, size=stored.size, media_type=stored.media_type)


@router.post("/imports/{kind}", operation_id="start_import", status_code=202)
def start_import(
    caller: Annotated[Caller, policy("import.start")],
    kind: Annotated[str, Path(max_length=40, pattern="^[a-z_]+$")],
    file: Upload,
    key: Key,
    dry_run: Annotated[bool, Form()] = False,
) -> shown.ImportOut:
    """Read a spreadsheet and, unless it is a dry run or wrong, begin to import it."""
    name = (file.filename or "")[:200]
    if not name.isprintable():
        raise BadInput("text_forbidden", field="file")
    command = command_id(caller.person, key)
    return _state(
        caller.services.imports.start(caller.person, kind, file.file, name=name, dry_run=dry_run, command=command)
    )


@router.get("/imports/{id}", operation_id="read_import")
def read_import(
    caller: Annotated[Caller, policy("import.read")], bulk: Annotated[str, Path(alias="id", max_length=100)]
) -> shown.ImportOut:
    """How far an import is."""
    return _state(caller.services.imports.progress(caller.person, bulk))


def _state(state: ImportState) -> shown.ImportOut:
    problems = [
        shown.RowProblemOut(row=one.row, column=one.column, header=one.header, code=one.code, told=tell_row(one))
        for one in state.problems[:_MOST_PROBLEMS]
    ]
    return shown.ImportOut(
        id=state.id,
        kind=state.kind,
        status=state.status,
        rows=state.rows,
        good=state.good,
        bad=state.rows - state.good,
        done=state.done,
        failed=state.failed,
        problems=problems,
    )
