"""My work: what waits for the visitor, due first; done from the row, and never moving under their eyes."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from engine.runtime.desk import WorkPage
from engine.runtime.projection import from_micros, micros
from engine.runtime.reading import PageAsk
from web.api.parameters import After
from web.catalogues import say, tell_instant
from web.pages.duty_mine import MOST_AT_WORK, to_do
from web.pages.forms import ALLOWED
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.pages.work_filters import (
    KINDS,
    PARTS,
    SPANS,
    Asked,
    filter_of,
    instants_of,
    kinds_of,
    others_of,
    procedures_of,
    regions_of,
    spans_of,
)
from web.pages.work_views import row_of

router = APIRouter()
Reads = Annotated[Visitor, page("task.read")]
PATH = "/work"
ROWS = 50
_KEY_BYTES = 16


@router.get(PATH, include_in_schema=False)
def work(
    visitor: Reads,
    http: Request,
    due: Annotated[str, Query(pattern="^(late|today|week|later)?$")] = "",
    kind: Annotated[str, Query(pattern=f"^({'|'.join(KINDS)})?$")] = "",
    procedure: Annotated[str, Query(max_length=100)] = "",
    region: Annotated[str, Query(max_length=200)] = "",
    whose: Annotated[str, Query(pattern="^(others)?$")] = "",
    after: After = "",
) -> Response:
    """A page of the visitor's open tasks."""
    asked = Asked(due=due, kind=kind, procedure=procedure, region=region, whose=whose)
    services = visitor.services
    calendar = services.reader.calendar()
    instants = instants_of(calendar, visitor.now)
    wanted = filter_of(asked, [micros(at) for at in instants])
    found = services.desk.work(visitor.person, wanted, PageAsk(limit=ROWS, after=after), instants=instants, marks=True)
    directory = services.reader.directory()
    owed = to_do(visitor) if not after else []
    procedures = {row.procedure: row.title for row in reversed(services.reader.procedures())}
    return show(
        http,
        visitor,
        "work.html",
        headers=ALLOWED,
        rows=[row_of(one, found.names, visitor.person, visitor.now, visitor.services.clauses) for one in found.items],
        spans=spans_of(asked, found.counts, PATH),
        kinds=(*others_of(asked, found.counts, PATH), *kinds_of(asked, found.counts, PATH)),
        procedures=procedures_of(asked, found.counts, procedures, PATH),
        regions=regions_of(asked, found.counts, directory.regions, PATH),
        asked=asked,
        without={name: asked.without(name).address(PATH) for name in PARTS},
        total=sum(one.count for one in found.counts),
        calm=_calm(visitor, found),
        duties=owed[:MOST_AT_WORK],
        owed=len(owed),
        here=asked.address(PATH, after=after),
        first=asked.address(PATH) if after else "",
        older=asked.address(PATH, after=found.after) if found.after else "",
        marks=" ".join(found.marks),
        key=services.dice.token(_KEY_BYTES).hex(),
    )


def _calm(visitor: Visitor, found: WorkPage) -> str:
    """On a day on which nothing is due: when the next is; "" on any other."""
    if found.next_due is None or any(one.span < SPANS.index("week") for one in found.counts):
        return ""
    zone = visitor.services.reader.calendar().zone
    return say("work.calm", at=tell_instant(from_micros(found.next_due), zone, visitor.now, ends_day=True))


@router.get("/marks", include_in_schema=False)
def marks(visitor: Annotated[Visitor, page("task.read", quiet=True)], http: Request) -> Response:
    """How much waits and a mark for each task, for a page that asks every so often; 304 while nothing has changed."""
    waiting, found = visitor.services.desk.marks(visitor.person)
    body = orjson.dumps(
        {
            "tasks": waiting.tasks,
            "drafts": waiting.drafts,
            "unread": waiting.unread + waiting.copies,
            "marks": list(found),
        }
    )
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    if http.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type="application/json", headers={"ETag": tag})
