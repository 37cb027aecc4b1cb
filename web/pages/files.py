"""Files of a case, for whoever may see the case: as they were stored, or as a small picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from engine.core.command import EvidenceRef
from engine.errors import NotFound
from web.case_history import history_of
from web.pages.case_papers import is_withheld
from web.pages.pictures import MEDIA_TYPE, SHOWN, shrink
from web.pages.reading_entries import all_entries
from web.pages.visitor import Visitor, page

router = APIRouter()
_SMALL = 360
_PIECE = 1 << 16
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
#: Whatever a file holds, it does nothing: no script, no form, nothing loaded.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@router.get("/files/{sha256}", include_in_schema=False)
def read_file(
    visitor: Annotated[Visitor, page("case.read")],
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    case: Annotated[str, Query(max_length=100)] = "",
    size: Annotated[str, Query(pattern="^(small)?$")] = "",
) -> Response:
    """A file that came with an entry of a case; NotFound whether the file, the case or the right to it is missing."""
    ref = _exhibit(visitor, case, sha256)
    source = visitor.services.files.open(sha256)
    if size:
        with source:
            picture = shrink(source, _SMALL) if ref.media_type in SHOWN else None
        if picture is None:
            raise NotFound("file_absent")
        return Response(picture, media_type=MEDIA_TYPE, headers=_HEADERS)
    # What is no picture is handed over to be kept: a viewer within the browser would not run in the sandbox.
    way = "inline" if ref.media_type in SHOWN else "attachment"
    name = f"{sha256[:12]}{_ENDINGS.get(ref.media_type, '')}"
    headers = {
        **_HEADERS,
        "Content-Disposition": f'{way}; filename="{name}"',
        "Content-Length": str(ref.size),
    }
    return StreamingResponse(iter(lambda: source.read(_PIECE), b""), media_type=ref.media_type, headers=headers)


def _exhibit(visitor: Visitor, case: str, sha256: str) -> EvidenceRef:
    seen = visitor.services.reader.case(visitor.person, case)
    for one in history_of(all_entries(visitor, case)).exhibits:
        if one.ref.sha256 == sha256 and not is_withheld(seen.machine, one.ref.field, seen.opened):
            return one.ref
    raise NotFound("file_absent")
