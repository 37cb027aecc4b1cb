"""To begin a case: what the visitor may begin, the form for it, and the case that comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.core.command import StartCase
from engine.core.definition import ActionSpec
from engine.core.machine import Machine
from engine.core.starts import startable
from engine.errors import Broken, NotFound, ZhibenError
from web.api.commands import case_stream, command_id, hand_over
from web.catalogues import tell_rule, titles_of
from web.pages.case_timeline import moment
from web.pages.duty_meeting import ObligationMet, obligation_in
from web.pages.flash import flash, sent
from web.pages.form_asking import asked_to_start, own_unit
from web.pages.form_commands import evidence_of, request_of
from web.pages.form_drawing import draw, told_of, with_people
from web.pages.form_fields import Told
from web.pages.form_parts import VALUE
from web.pages.form_reading import NOTHING_POSTED, Posted, read_posted
from web.pages.form_views import Asked, FormView
from web.pages.forms import ALLOWED
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Acts = Annotated[Visitor, page("case.act")]
Id = Annotated[str, Path(min_length=1, max_length=100)]
_CASE_ID = 24
#: Digits of an entry's hash that serve as a receipt.
_RECEIPT = 12
ADDRESS = "/report/{procedure}/{start}"


@dataclass(frozen=True, kw_only=True)
class StartView:
    """One thing the visitor may begin."""

    address: str
    title: str
    procedure: str
    #: how late it may be entered, in words
    late: str


@router.get("/report", include_in_schema=False)
def choose(visitor: Acts, http: Request) -> Response:
    """What the visitor may begin; the form itself where there is one thing only."""
    views = [_view(machine, action) for machine, action in _all(visitor)]
    if len(views) == 1:
        return RedirectResponse(views[0].address, status_code=303)
    return show(http, visitor, "report.html", starts=views)


def _all(visitor: Visitor) -> Iterator[tuple[Machine, ActionSpec]]:
    """Starts of the latest version of every procedure that the visitor may take."""
    reader, known = visitor.services.reader, set[str]()
    directory = reader.directory()
    for row in reader.procedures():
        if row.procedure not in known:
            known.add(row.procedure)
            machine = reader.machine(row.version)
            for action in startable(machine, directory, visitor.person, visitor.day, visitor.now):
                yield machine, action


def _view(machine: Machine, action: ActionSpec) -> StartView:
    return StartView(
        address=f"/report/{quote(machine.procedure.id, safe='')}/{quote(action.id, safe='')}",
        title=action.title,
        procedure=machine.procedure.title,
        late=tell_rule(action.late_entry) if action.late_entry else "",
    )


def _find(visitor: Visitor, procedure: str, start: str) -> tuple[Machine, ActionSpec]:
    for machine, action in _all(visitor):
        if (machine.procedure.id, action.id) == (procedure, start):
            return machine, action
    raise NotFound("action_not_found", action=start)


@router.get(ADDRESS, include_in_schema=False)
def ask(visitor: Acts, http: Request, procedure: Id, start: Id) -> Response:
    """The form; what the address names beforehand stands in it already."""
    machine, action = _find(visitor, procedure, start)
    named = {name: http.query_params.get(f"{VALUE}{name}", "")[:200] for name in machine.fields}
    met = obligation_in(http, visitor)
    asked = _asked(visitor, machine, action, {name: value for name, value in named.items() if value}, met)
    return _show(http, visitor, machine, action, _draw(visitor, machine, action, asked, met=met), met=met)


@router.post(ADDRESS, include_in_schema=False)
async def begin(visitor: Acts, http: Request, procedure: Id, start: Id) -> Response:
    """Begin the case and lead to it; or show the form again."""
    machine, action = await run_in_threadpool(_find, visitor, procedure, start)
    met = await run_in_threadpool(obligation_in, http, visitor)
    posted = await read_posted(http, visitor, machine.fields)
    case = sha256(f"case\n{command_id(visitor.person, posted.key)}".encode()).hexdigest()[:_CASE_ID]
    if posted.wrong:
        return await run_in_threadpool(_again, http, visitor, machine, action, posted, None, met)
    try:
        act = StartCase(
            version=machine.version,
            action=action.id,
            data=dict(posted.values),
            evidence=evidence_of(posted),
            obligation=met.key if met else "",
        )
        answer = await hand_over(visitor, request_of(visitor, case_stream(case), act, posted))
    except Broken:
        raise
    except ZhibenError as refused:
        return await run_in_threadpool(_again, http, visitor, machine, action, posted, refused, met)
    answered = await run_in_threadpool(_done, visitor, http.url.path, answer.stream.id, answer.seq, answer.leaf)
    sent(answered, _kept_as(visitor, machine, action, met), secure=visitor.services.settings.secure_cookies)
    return answered


def _done(visitor: Visitor, address: str, case: str, seq: int, leaf: str) -> Response:
    """Lead to the new case; who may begin cases but not see them is given a receipt."""
    settings = visitor.services.settings
    try:
        visitor.services.reader.case(visitor.person, case)
    except NotFound:
        answer = RedirectResponse(address, status_code=303)
        flash(
            answer,
            "report_page.received",
            secure=settings.secure_cookies,
            at=_present(visitor),
            receipt=leaf[:_RECEIPT],
        )
        return answer
    return RedirectResponse(f"/cases/{quote(case, safe='')}?done={seq}", status_code=303)


def _present(visitor: Visitor) -> str:
    return moment(visitor.now, visitor.services.reader.calendar(), visitor.now).told


def _again(
    http: Request,
    visitor: Visitor,
    machine: Machine,
    action: ActionSpec,
    posted: Posted,
    refused: ZhibenError | None,
    met: ObligationMet | None,
) -> Response:
    told = told_of(posted, refused, with_people(visitor, titles_of(machine), posted))
    asked = _asked(visitor, machine, action, {}, met)
    view = _draw(visitor, machine, action, asked, posted=posted, told=told, met=met)
    return _show(http, visitor, machine, action, view, status=status_of(refused) if refused else 422, met=met)


def _asked(
    visitor: Visitor, machine: Machine, action: ActionSpec, named: dict[str, str], met: ObligationMet | None
) -> Asked:
    unit_field = machine.procedure.unit_field
    own = own_unit(visitor.services.reader.directory(), visitor.person, visitor.day) if unit_field else ""
    filled = met.filled if met else {}
    asked = asked_to_start(machine, action, {**({unit_field: own} if own else {}), **named, **filled})
    return replace(asked, address=met.posted_to(asked.address), back=met.back) if met else asked


def _draw(
    visitor: Visitor,
    machine: Machine,
    action: ActionSpec,
    asked: Asked,
    *,
    posted: Posted = NOTHING_POSTED,
    told: Sequence[Told] = (),
    met: ObligationMet | None = None,
) -> FormView:
    return draw(visitor, asked, posted=posted, told=told, kept_as=_kept_as(visitor, machine, action, met))


def _kept_as(visitor: Visitor, machine: Machine, action: ActionSpec, met: ObligationMet | None) -> str:
    """The name under which a browser keeps what was typed; what is typed for one obligation fits no other."""
    own = f".{sha256(met.key.encode()).hexdigest()[:_RECEIPT]}" if met else ""
    return f"{machine.procedure.id}.{action.id}.{visitor.person}{own}"


def _show(
    http: Request,
    visitor: Visitor,
    machine: Machine,
    action: ActionSpec,
    view: FormView,
    *,
    status: int = 200,
    met: ObligationMet | None = None,
) -> Response:
    return show(
        http,
        visitor,
        "start.html",
        status=status,
        headers=ALLOWED,
        form=view,
        procedure=machine.procedure,
        action=action,
        several=len(list(_all(visitor))) > 1,
        met=met,
    )
