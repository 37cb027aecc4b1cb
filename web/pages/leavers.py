"""Whoever leaves (离职转办): their tasks, each with a successor, given to them by one operation with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.errors import BadInput, Conflict, ZhibenError
from engine.runtime.leavers import LEAVER, Given, Leaving, requests_of
from web.catalogues import say, tell_error
from web.pages import leaver_views as views
from web.pages.rendering import show
from web.pages.triage_views import refused_of
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()

May = Annotated[Visitor, page("task.reassign")]
Person = Annotated[str, Path(min_length=1, max_length=100)]
Words = Annotated[str, Query(max_length=100)]
Bulk = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
#: People shown at once.
PEOPLE = 60
LONGEST_REASON = 500
#: Failures shown.
ROWS = 100
_KEY_BYTES = 12
_KEY = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What somebody chose: to whom each task is to be given, and why."""

    #: field of the form -> person, "" = to nobody
    to: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def given(self) -> list[Given]:
        """The tasks that are to be given to somebody."""
        told = (views.given_of(name, to) for name, to in self.to.items() if to)
        return [one for one in told if one is not None]


@router.get(views.PATH, include_in_schema=False)
def people(request: Request, visitor: May, q: Words = "") -> Response:
    """Who leaves? People near the visitor, those with the most tasks first."""
    reader = visitor.services.reader
    found = reader.find_persons(visitor.person, q.strip(), PEOPLE + 1)
    counts = visitor.services.leavers.people(visitor.person, [person for person, _ in found])
    shown = views.persons_of(found[:PEOPLE], counts, reader.directory(), visitor.day)
    return show(request, visitor, "leavers.html", people=shown, q=q.strip(), more=len(found) > PEOPLE)


@router.get(f"{views.PATH}/{{person}}", include_in_schema=False)
def tasks(request: Request, visitor: May, person: Person) -> Response:
    """Everything that lies with them."""
    return _tasks(request, visitor, visitor.services.leavers.held(visitor.person, person), Chosen())


@router.post(f"{views.PATH}/{{person}}/choose", include_in_schema=False)
async def choose(request: Request, visitor: May, person: Person) -> Response:
    """The same with one person chosen wherever they could take over; writes nothing."""
    form = await request.form()
    return await run_in_threadpool(_choose, request, visitor, person, _chosen(form), str(form.get("everyone", "")))


@router.post(f"{views.PATH}/{{person}}/preview", include_in_schema=False)
async def preview(request: Request, visitor: May, person: Person) -> Response:
    """What would happen to whom; writes nothing."""
    chosen = _chosen(await request.form())
    return await run_in_threadpool(_preview, request, visitor, person, chosen)


@router.post(f"{views.PATH}/{{person}}/begin", include_in_schema=False)
async def begin(request: Request, visitor: May, person: Person) -> Response:
    """Give them: one bulk operation, which goes on by itself."""
    form = await request.form()
    return await run_in_threadpool(_begin, request, visitor, person, _chosen(form), str(form.get("_key", "")))


@router.get(f"{views.PATH}/{{person}}/runs/{{bulk}}", include_in_schema=False)
def progress(request: Request, visitor: May, person: Person, bulk: Bulk) -> Response:
    """How far it is, what was refused, and what still lies with them."""
    services = visitor.services
    runs = services.bulk_runs
    row = runs.row(visitor.person, LEAVER, bulk)
    how = runs.status(row)
    failed = runs.failed(bulk) if row.failed else []
    names = services.reader.case_names(visitor.person, [one.stream.removeprefix("case/") for one in failed[:ROWS]])
    return show(
        request,
        visitor,
        "leaver_run.html",
        row=row,
        how=how,
        refused=refused_of(failed[:ROWS], names),
        more=max(0, len(failed) - ROWS),
        who=_name(visitor, person),
        left=services.leavers.people(visitor.person, [person]).get(person, 0),
        address=views.address_of(person),
        headers={"Refresh": "2"} if how == "running" else {},
    )


@router.post(f"{views.PATH}/{{person}}/runs/{{bulk}}/stop", include_in_schema=False)
def stop(visitor: May, person: Person, bulk: Bulk) -> Response:
    """End it between two batches."""
    runs = visitor.services.bulk_runs
    runs.stop(runs.row(visitor.person, LEAVER, bulk))
    return RedirectResponse(views.address_of(person, "runs", bulk), status_code=303)


@router.post(f"{views.PATH}/{{person}}/runs/{{bulk}}/go-on", include_in_schema=False)
def go_on(visitor: May, person: Person, bulk: Bulk) -> Response:
    """Go on with one that was stopped."""
    runs = visitor.services.bulk_runs
    runs.go_on(runs.row(visitor.person, LEAVER, bulk))
    return RedirectResponse(views.address_of(person, "runs", bulk), status_code=303)


# what they have ----------------------------------------------------------------------------------------------------


def _tasks(
    request: Request,
    visitor: Visitor,
    leaving: Leaving,
    chosen: Chosen,
    *,
    everyone: str = "",
    wrong: ZhibenError | None = None,
) -> Response:
    reader = visitor.services.reader
    calendar, directory = reader.calendar(), reader.directory()
    return show(
        request,
        visitor,
        "leaver.html",
        status=status_of(wrong) if wrong else 200,
        who=leaving.names.get(leaving.person, leaving.person),
        office=views.office_of(directory, leaving.person, visitor.day),
        groups=views.groups_of(leaving, chosen.to, directory, calendar, visitor.now, visitor.day),
        count=len(leaving.tasks),
        more=leaving.more,
        everyone=views.everyone_of(leaving, directory, visitor.day),
        everyone_chosen=everyone,
        reason=chosen.reason,
        address=views.address_of(leaving.person),
        wrong=tell_error(wrong) if wrong else "",
        wrong_field=wrong.field if isinstance(wrong, BadInput) else "",
    )


def _name(visitor: Visitor, person: str) -> str:
    return visitor.services.reader.names([person]).get(person, person)


# what was chosen ---------------------------------------------------------------------------------------------------


def _chosen(form: FormData) -> Chosen:
    told = {name: str(value)[:100] for name, value in form.multi_items() if name.startswith(views.TO)}
    return Chosen(to=told, reason=str(form.get("reason", "")).strip())


def _choose(request: Request, visitor: Visitor, person: str, chosen: Chosen, everyone: str) -> Response:
    leaving = visitor.services.leavers.held(visitor.person, person)
    fields = {views.field_of(one.case.id, one.task.n): one.candidates for one in leaving.tasks}
    to = {name: everyone if everyone in could else chosen.to.get(name, "") for name, could in fields.items()}
    return _tasks(request, visitor, leaving, Chosen(to=to, reason=chosen.reason), everyone=everyone)


def _checked(chosen: Chosen, given: list[Given]) -> None:
    if not given:
        raise BadInput("leavers_none_chosen", field="tasks")
    if not chosen.reason or len(chosen.reason) > LONGEST_REASON:
        raise BadInput("reason_missing", field="reason")


def _preview(
    request: Request, visitor: Visitor, person: str, chosen: Chosen, wrong: ZhibenError | None = None
) -> Response:
    leaving = visitor.services.leavers.held(visitor.person, person)
    here = {(one.case.id, one.task.n): one for one in leaving.tasks}
    given = [one for one in chosen.given() if (one.case, one.task) in here]
    try:
        _checked(chosen, given)
    except BadInput as error:
        return _tasks(request, visitor, leaving, chosen, wrong=error)
    shared = sum(1 for one in given if here[one.case, one.task].beside)
    directory = visitor.services.reader.directory()
    return show(
        request,
        visitor,
        "leaver_preview.html",
        status=status_of(wrong) if wrong else 200,
        who=leaving.names.get(person, person),
        successors=views.successors_of(leaving, given, directory, visitor.day),
        count=len(given),
        kept=len(leaving.tasks) - len(given),
        shared=shared,
        fields=[(views.field_of(one.case, one.task), one.to) for one in given],
        reason=chosen.reason,
        by=visitor.name or say("leavers.you"),
        address=views.address_of(person),
        wrong=tell_error(wrong) if wrong else "",
        key=visitor.services.dice.token(_KEY_BYTES).hex(),
    )


def _begin(request: Request, visitor: Visitor, person: str, chosen: Chosen, key: str) -> Response:
    if not _KEY.fullmatch(key):
        raise BadInput("input_missing", field="_key")
    runs = visitor.services.bulk_runs
    if not runs.known(key):
        given = chosen.given()
        leaving = visitor.services.leavers.held(visitor.person, person)
        here = {(one.case.id, one.task.n) for one in leaving.tasks}
        try:
            _checked(chosen, given)
        except BadInput as error:
            return _tasks(request, visitor, leaving, chosen, wrong=error)
        if any((one.case, one.task) not in here for one in given):
            return _preview(request, visitor, person, chosen, Conflict("leavers_changed"))
        requests = requests_of(given, chosen.reason, visitor.person)
        runs.begin(key, purpose=LEAVER, requests=requests, person=visitor.person, reason=chosen.reason)
    return RedirectResponse(views.address_of(person, "runs", key), status_code=303)
