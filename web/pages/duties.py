"""Duties: the list, one duty as a table of subjects and windows, and the table as a spreadsheet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from engine.errors import BadInput
from web import duty_words as words
from web.catalogues import say, tell_instant
from web.pages import duty_lines, duty_tables
from web.pages.duty_tables import PATH, TableAddress
from web.pages.navigation import place_of
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()
Reads = Annotated[Visitor, page("duty.read")]
DutyId = Annotated[str, Path(min_length=1, max_length=100, pattern="^[^/]+$")]
_Day = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
_Word = Annotated[str, Query(max_length=200)]
ROWS = 100


def address_asked(
    duty: DutyId,
    first: _Day = "",
    last: _Day = "",
    region: _Word = "",
    industry: _Word = "",
    status: Annotated[str, Query(pattern=f"^({'|'.join(words.STATUSES)})?$")] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=500)] = "",
) -> TableAddress:
    """The address that a browser asks for."""
    return checked(
        TableAddress(
            duty=duty,
            first=first,
            last=last,
            region=region,
            industry=industry,
            status=status,
            q=q.strip(),
            after=after,
        )
    )


def checked(address: TableAddress) -> TableAddress:
    """The address, if its days are days; BadInput."""
    try:
        address.ask(1)
    except ValueError as error:
        raise BadInput("not_a_date", field="first") from error
    return address


Asked = Annotated[TableAddress, Depends(address_asked)]


@router.get(PATH, include_in_schema=False)
def duties(request: Request, visitor: Reads) -> Response:
    """Every duty with how its running windows stand."""
    services = visitor.services
    calendar, directory = services.reader.calendar(), services.reader.directory()
    lines = [duty_lines.line_of(one, directory, calendar, visitor.now) for one in services.duties.lines(visitor.person)]
    return show(request, visitor, "duties.html", lines=lines)


@router.get(f"{PATH}/{{duty}}", include_in_schema=False)
def duty_page(request: Request, visitor: Reads, address: Asked) -> Response:
    """One duty: its rule, and its table as its address says."""
    services = visitor.services
    seen = services.duties.table(visitor.person, address.ask(ROWS))
    calendar, directory = services.duties.calendar_of(seen.duty.spec), services.reader.directory()
    counts = duty_tables.summed(seen.totals)
    filters = list(duty_tables.filters_of(seen, address, directory, counts))
    before, later = duty_tables.spans_of(seen, address)
    return show(
        request,
        visitor,
        "duty.html",
        duty=duty_lines.rule_of(seen.duty, directory, services.clauses),
        path=address.path,
        query=address.query,
        told=duty_tables.told_sum(counts),
        heads=duty_tables.heads_of(seen),
        lines=duty_tables.lines_of(seen, calendar, words.near_of(visitor.now, calendar), directory),
        feet=duty_tables.feet_of(seen, calendar),
        legend=duty_tables.legend_of(),
        signs={kind: say(f"duties.sign.{kind}") for kind in words.KINDS},
        filters=filters,
        narrowed=any((address.region, address.industry, address.status, address.q)),
        q=address.q,
        carried=address.pairs("q", "after"),
        without_q=address.chosen(q=""),
        clear=TableAddress(duty=address.duty, first=address.first, last=address.last).chosen(),
        span=words.range_words(seen.first, seen.last),
        first=seen.first.isoformat(),
        last=seen.last.isoformat(),
        before=before,
        later=later,
        subjects=seen.subjects,
        count=say("duties.found", count=f"{seen.subjects:,}"),
        start=address.chosen() if address.after else "",
        older=address.at(seen.after) if seen.after else "",
        conditions=conditions_of(filters, address),
        printed=say(
            "duties.printed",
            place=place_of(visitor),
            at=tell_instant(visitor.now, calendar.zone),
            span=words.range_words(seen.first, seen.last),
        ),
    )


def conditions_of(filters: list[duty_tables.FilterView], address: TableAddress) -> str:
    """All that is filtered by, in one line; "" = nothing."""
    told = [say("register.condition", name=one.title, value=one.value) for one in filters if one.value]
    if address.q:
        told.append(say("register.condition", name=say("register.search_name"), value=address.q))
    return say("register.export_joint").join(told)


def address_in(duty: str, query: str) -> TableAddress:
    """The address that a form carried along; BadInput."""
    if len(query) > 2_000:
        raise BadInput("search_too_long", field="query", most=2_000)
    told = QueryParams(query)
    names = ("first", "last", "region", "industry", "status", "q")
    status = told.get("status", "")
    if status and status not in words.STATUSES:
        raise BadInput("input_missing", field="status")
    return checked(TableAddress(duty=duty, **{name: told.get(name, "")[:200] for name in names}))
