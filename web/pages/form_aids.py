"""What a form asks the server while it is being filled in: who and what bears a name, and to keep a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from engine.errors import BadInput, Busy
from web.catalogues import say
from web.pages.form_files import KINDS, slot_of, take
from web.pages.form_reading import look
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import problem_of, status_of

router = APIRouter()


@router.get("/lookup/{table}", include_in_schema=False)
def look_up(
    visitor: Annotated[Visitor, page("directory.read")],
    http: Request,
    table: Annotated[str, Path(pattern="^(unit|place|person|case)$")],
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Units, places, persons or cases by what is typed, as choices."""
    found = [(one, title, about(visitor, table, one, region)) for one, title, region in look(visitor, table, q)]
    return show(http, visitor, "parts/lookup.html", found=found, q=q)


def about(visitor: Visitor, table: str, name: str, region: str) -> str:
    """What tells things of one name apart: where a unit or place lies, what office a person holds."""
    directory = visitor.services.reader.directory()
    if table == "case":
        return ""
    if table != "person":
        return directory.regions.get(region, "")
    held = directory.held_by(name, visitor.day)
    return say("values.joint").join(
        dict.fromkeys(directory.roles[one.role].title for one in held if one.role in directory.roles)
    )


@router.post("/uploads", include_in_schema=False)
async def upload(visitor: Annotated[Visitor, page("evidence.add")], http: Request) -> Response:
    """Store one file of a form that is still being filled in; the form carries what comes back."""
    form = await http.form()
    file, slot, kind = form.get("file"), str(form.get("slot", ""))[:100], str(form.get("kind", ""))[:20]
    if file is None or isinstance(file, str) or slot_of(slot, kind)[1] not in KINDS:
        raise BadInput("input_missing", field="file")
    try:
        kept = await run_in_threadpool(take, visitor, file.file, slot=slot, kind=kind, name=file.filename or "")
    except (BadInput, Busy) as refused:
        return PlainTextResponse(problem_of(refused)["detail"], status_code=status_of(refused))
    return show(http, visitor, "parts/kept.html", kept=kept)
