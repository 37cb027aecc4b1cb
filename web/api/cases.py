"""Cases: the register, one case, its entries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from engine.errors import BadInput
from engine.runtime.projection import micros
from engine.store.queries import CaseFilter, Sort
from web.api import shown
from web.api.asked import Instant
from web.api.commands import etag
from web.api.parameters import After, CaseId, Limit, RegionPath, Word, page_of
from web.api.telling import before_opening_out, case_out, case_row
from web.api.timeline import entries_out
from web.bodies import StrictRoute
from web.catalogues import Titles
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["cases"])
Reads = Annotated[Caller, policy("case.read")]
#: Query parameters that begin so filter by a declared field.
FIELD = "field."
_MOST_FIELDS = 10
_SORTS: dict[str, Sort] = {
    "opened": "opened_at",
    "due": "due_at",
    "closed": "closed_at",
    "number": "number",
}
_ENDINGS: dict[str, bool | None] = {"": None, "open": False, "any": True}


@router.get("/cases", operation_id="list_cases")
def list_cases(
    caller: Reads,
    http: Request,
    procedure: Word = "",
    number: Word = "",
    state: Word = "",
    closed: Word = "",
    region: RegionPath = "",
    unit: Word = "",
    industry: Word = "",
    overdue: bool | None = None,
    due_before: Instant | None = None,
    q: Word = "",
    sort: Annotated[str, Query(pattern="^-?(opened|due|closed|number)$")] = "-opened",
    after: After = "",
    limit: Limit = 50,
) -> shown.CasePage:
    """A page of the register; every `field.ID=VALUE` filters by a declared field."""
    wanted = CaseFilter(
        procedure=procedure,
        number=number,
        state=state,
        closed=_ENDINGS.get(closed, closed),
        region=region,
        unit=unit,
        industry=industry,
        overdue=overdue,
        # A deadline is over at its own instant: what ends at 24:00 is due before the day that begins then.
        due_before=micros(due_before) + 1 if due_before else None,
        text=q,
        values=_declared(http),
    )
    reader = caller.services.reader
    page = reader.cases(
        caller.person,
        wanted,
        page_of(caller, after, limit),
        sort=_SORTS[sort.lstrip("-")],
        down=sort.startswith("-"),
    )
    calendar = reader.calendar()
    return shown.CasePage(items=[case_row(view, calendar, caller.now) for view in page.items], after=page.after)


def _declared(http: Request) -> dict[str, str]:
    found = {name[len(FIELD) :]: value for name, value in http.query_params.multi_items() if name.startswith(FIELD)}
    if len(found) > _MOST_FIELDS or any(not name or len(value) > 500 for name, value in found.items()):
        raise BadInput("too_many_items", field=FIELD, most=_MOST_FIELDS)
    return found


@router.get("/cases/{case}", operation_id="read_case")
def read_case(caller: Reads, http: Request, response: Response, case: CaseId) -> shown.CaseOut:
    """One case with its deadlines, tasks, holders and what the caller may do; its ETag is its last entry."""
    seen = caller.services.reader.case(caller.person, case)
    response.headers["ETag"] = etag(seen.case.seq)
    return case_out(seen, caller.now, http.app.state.base, caller.services.clauses)


@router.get("/cases/{case}/before-opening", operation_id="read_before_opening")
def read_before_opening(caller: Reads, case: CaseId) -> shown.BeforeOpeningOut:
    """Who knew of a case while it was hidden; nobody, where it never was."""
    reader = caller.services.reader
    before = reader.told_before_opening(caller.person, case)
    names = reader.names((*before.persons, *before.hidden_from))
    return before_opening_out(before, Titles(persons=names))


@router.get("/cases/{case}/entries", operation_id="list_entries")
def list_entries(caller: Reads, case: CaseId, after: After = "", limit: Limit = 50) -> shown.EntryPage:
    """What happened, entry by entry, with both times, the medium and the sentence of each event."""
    reader = caller.services.reader
    seen = reader.case(caller.person, case)
    page = reader.entries(caller.person, case, page_of(caller, after, limit))
    return entries_out(page, seen, reader.names)
