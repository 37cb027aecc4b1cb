"""The triage list: where the ladders of cases that were taken over start is chosen, foreseen, and then said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.core.acts_of_claims import TRIAGE
from engine.core.command import TriageCase
from engine.errors import BadInput, Conflict, ZhibenError
from engine.runtime.reading import PageAsk
from engine.runtime.triage import Outlook, requests_of
from web.api.parameters import After
from web.catalogues import tell_error
from web.catalogues.told_time import tell_day
from web.pages import triage_views as views
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()

May = Annotated[Visitor, page("case.triage")]
Late = Annotated[str, Query(pattern="^(yes|no)?$")]
Words = Annotated[str, Query(max_length=200)]
Bulk = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
ROWS = 50
#: Cases of one operation: what a click may freeze.
MOST = 5_000
LONGEST_REASON = 500
_KEY_BYTES = 12
_KEY = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What somebody chose: which cases, where their ladders start, and why."""

    asked: views.Asked
    #: all that are asked for, not only those marked
    everything: bool = False
    cases: tuple[str, ...] = ()
    start: str = ""
    until: str = ""
    reason: str = ""


@router.get(views.PATH, include_in_schema=False)
def triage_list(
    request: Request,
    visitor: May,
    overdue: Late = "",
    region: Words = "",
    procedure: Words = "",
    number: Words = "",
    after: After = "",
) -> Response:
    """The cases that wait, those that are late longest first."""
    asked = views.Asked(overdue=overdue, region=region, procedure=procedure, number=number)
    return _list(request, visitor, Chosen(asked=asked), after=after)


@router.post(f"{views.PATH}/preview", include_in_schema=False)
async def preview(request: Request, visitor: May) -> Response:
    """What would happen at once; writes nothing."""
    chosen = _chosen(await request.form())
    return await run_in_threadpool(_preview, request, visitor, chosen)


@router.post(f"{views.PATH}/begin", include_in_schema=False)
async def begin(request: Request, visitor: May) -> Response:
    """Say it: one bulk operation, which goes on by itself."""
    form = await request.form()
    return await run_in_threadpool(_begin, request, visitor, _chosen(form), form)


@router.get(f"{views.PATH}/runs/{{bulk}}", include_in_schema=False)
def progress(request: Request, visitor: May, bulk: Bulk) -> Response:
    """How far it is, and what was refused."""
    runs = visitor.services.bulk_runs
    row = runs.row(visitor.person, TRIAGE, bulk)
    status = runs.status(row)
    failed = runs.failed(bulk) if row.failed else []
    names = visitor.services.reader.case_names(
        visitor.person, [one.stream.removeprefix("case/") for one in failed[:ROWS]]
    )
    return show(
        request,
        visitor,
        "triage_run.html",
        row=row,
        how=status,
        refused=views.refused_of(failed[:ROWS], names),
        more=max(0, len(failed) - ROWS),
        left=visitor.services.triage.waiting(visitor.person),
        headers={"Refresh": "2"} if status == "running" else {},
    )


@router.post(f"{views.PATH}/runs/{{bulk}}/stop", include_in_schema=False)
def stop(visitor: May, bulk: Bulk) -> Response:
    """End it between two batches."""
    runs = visitor.services.bulk_runs
    runs.stop(runs.row(visitor.person, TRIAGE, bulk))
    return RedirectResponse(f"{views.PATH}/runs/{bulk}", status_code=303)


@router.post(f"{views.PATH}/runs/{{bulk}}/go-on", include_in_schema=False)
def go_on(visitor: May, bulk: Bulk) -> Response:
    """Go on with one that was stopped."""
    runs = visitor.services.bulk_runs
    runs.go_on(runs.row(visitor.person, TRIAGE, bulk))
    return RedirectResponse(f"{views.PATH}/runs/{bulk}", status_code=303)


# the list ------------------------------------------------------------------------------------------------------


def _list(
    request: Request, visitor: Visitor, chosen: Chosen, *, after: str = "", wrong: ZhibenError | None = None
) -> Response:
    asked, services = chosen.asked, visitor.services
    found = services.triage.page(visitor.person, asked.ask(), PageAsk(limit=ROWS, after=after))
    calendar, directory = services.reader.calendar(), services.reader.directory()
    procedures = {row.procedure: row.title for row in reversed(services.reader.procedures())}
    return show(
        request,
        visitor,
        "triage.html",
        status=status_of(wrong) if wrong else 200,
        rows=[views.row_of(one, directory.regions, calendar, visitor.now) for one in found.items],
        found=found,
        late=views.lateness_of(asked, found),
        filters=[
            (name, choices, asked.without(name).address())
            for name, choices in (
                ("procedure", views.choices_of(asked, "procedure", found.procedures, procedures)),
                ("region", views.choices_of(asked, "region", found.regions, directory.regions)),
            )
            if choices
        ],
        asked=asked,
        chosen=chosen,
        starts=views.STARTS,
        tomorrow=visitor.day,
        wrong=tell_error(wrong) if wrong else "",
        wrong_field=wrong.field if isinstance(wrong, BadInput) else "",
        first=asked.address() if after else "",
        older=asked.address(after=found.after) if found.after else "",
    )


# what was chosen -------------------------------------------------------------------------------------------------


def _chosen(form: FormData) -> Chosen:
    told = {name: str(form.get(name, ""))[:200] for name in ("overdue", "region", "procedure", "number")}
    if told["overdue"] not in ("", "yes", "no"):
        raise BadInput("triage_which", field="cases")
    return Chosen(
        asked=views.Asked(**told),
        everything=form.get("which") == "all",
        cases=tuple(dict.fromkeys(str(one) for one in form.getlist("case")))[:MOST],
        start=str(form.get("start", "")),
        until=str(form.get("until", "")).strip(),
        reason=str(form.get("reason", "")).strip(),
    )


def _cases(visitor: Visitor, chosen: Chosen) -> list[str]:
    """The cases that are meant; those of the filter are looked up anew each time."""
    if not chosen.everything:
        return list(chosen.cases)
    return visitor.services.triage.chosen(visitor.person, chosen.asked.ask())[:MOST]


def _checked(visitor: Visitor, chosen: Chosen, cases: list[str]) -> date | None:
    """The new date, if there is to be one; BadInput for what cannot be said."""
    if not cases:
        raise BadInput("triage_none_chosen", field="cases")
    if chosen.start not in views.STARTS:
        raise BadInput("triage_start_missing", field="start")
    until = None
    if chosen.start == "until":
        if not chosen.until:
            raise BadInput("date_missing", field="until")
        try:
            until = date.fromisoformat(chosen.until)
        except ValueError:
            raise BadInput("not_a_date", field="until", got=chosen.until) from None
        if until < visitor.day:
            raise BadInput("deadline_not_later", field="until", got=chosen.until)
    if not chosen.reason or len(chosen.reason) > LONGEST_REASON:
        raise BadInput("reason_missing", field="reason")
    return until


def _preview(request: Request, visitor: Visitor, chosen: Chosen, wrong: ZhibenError | None = None) -> Response:
    cases = _cases(visitor, chosen)
    try:
        until = _checked(visitor, chosen, cases)
    except BadInput as error:
        return _list(request, visitor, chosen, wrong=error)
    outlooks = {start: _outlook(visitor, cases, start, until) for start in views.STARTS if start != "until" or until}
    outlook = outlooks[chosen.start]
    if not outlook.cases:
        return _list(request, visitor, chosen, wrong=BadInput("triage_none_chosen", field="cases"))
    return show(
        request,
        visitor,
        "triage_preview.html",
        status=status_of(wrong) if wrong else 200,
        chosen=chosen,
        cases=() if chosen.everything else cases,
        outlook=outlook,
        told=views.outlook_of(chosen.start, outlook),
        others=[(one, views.outlook_of(one, found)) for one, found in outlooks.items() if one != chosen.start],
        until=tell_day(until, visitor.day) if until else "",
        wrong=tell_error(wrong) if wrong else "",
        back=chosen.asked.address(),
        key=visitor.services.dice.token(_KEY_BYTES).hex(),
    )


def _outlook(visitor: Visitor, cases: list[str], start: str, until: date | None) -> Outlook:
    day = until if start == "until" else None
    return visitor.services.triage.outlook(visitor.person, cases, start, day)


def _begin(request: Request, visitor: Visitor, chosen: Chosen, form: FormData) -> Response:
    key = str(form.get("_key", ""))
    if not _KEY.fullmatch(key):
        raise BadInput("input_missing", field="_key")
    cases, runs = _cases(visitor, chosen), visitor.services.bulk_runs
    try:
        until = _checked(visitor, chosen, cases)
    except BadInput as error:
        if not cases and runs.known(key):  # a second click: by now none of them waits
            return RedirectResponse(f"{views.PATH}/runs/{key}", status_code=303)
        return _list(request, visitor, chosen, wrong=error)
    if not runs.known(key):
        waiting = _outlook(visitor, cases, chosen.start, until).cases
        if str(waiting) != form.get("_count"):
            return _preview(request, visitor, chosen, Conflict("triage_changed", count=waiting))
    act = TriageCase(start=chosen.start, until=until.isoformat() if until else "", reason=chosen.reason)  # type: ignore[arg-type]
    requests = requests_of(cases, act, visitor.person)
    runs.begin(key, purpose=TRIAGE, requests=requests, person=visitor.person, reason=chosen.reason)
    return RedirectResponse(f"{views.PATH}/runs/{key}", status_code=303)
