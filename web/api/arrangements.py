"""The directory besides roles: substitutions, powers, duty, recusals, successions; any day, as known at any time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from engine.core.administration import DIRECTORY
from engine.core.command import (
    RecordPowers,
    RecordRecusals,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
)
from engine.errors import BadInput, NotPermitted
from engine.runtime.organisation import KEEPS, RoleTime
from web.api import asked_directory as asked
from web.api import shown as receipts
from web.api.asked import Asked, Entered, RecordIn
from web.api.commands import Key, hand_over, request_of, told
from web.api.parameters import OnDay, Word
from web.api.shown import arranged as shown
from web.api.shown.base import Shown
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["directory"])
Reads = Annotated[Caller, policy("directory.read")]
Records = Annotated[Caller, policy("directory.record")]
Owns = Annotated[Caller, policy("directory.own")]
#: When it is to have been known; without it, now.
KnownAt = Annotated[AwareDatetime | None, Query()]
#: Days of a roster that one answer tells.
MOST_DAYS = 62
_Out = TypeVar("_Out", bound=Shown)


@router.get("/directory/substitutions", operation_id="list_substitutions")
def list_substitutions(caller: Reads, on: OnDay = "", known_at: KnownAt = None) -> shown.SubstitutionList:
    """Who stands in for whom on a day, where either is in sight of the caller."""
    rows = caller.services.organisations.substitutions(caller.person, day_of(caller, on), known_at)
    return shown.SubstitutionList(items=[_out(shown.SubstitutionOut, row) for row in rows])


@router.get("/directory/powers", operation_id="list_powers")
def list_powers(
    caller: Reads, on: OnDay = "", body: Word = "", matter: Word = "", known_at: KnownAt = None
) -> shown.PowerList:
    """What organs may do on a day."""
    rows = caller.services.organisations.powers(caller.person, day_of(caller, on), known_at, body=body, matter=matter)
    return shown.PowerList(items=[_out(shown.PowerOut, row) for row in rows])


@router.get("/directory/shifts", operation_id="list_shifts")
def list_shifts(
    caller: Reads, roster: Word = "", on: OnDay = "", until: OnDay = "", known_at: KnownAt = None
) -> shown.ShiftList:
    """Who is on duty from one day to another where the caller is."""
    first = day_of(caller, on)
    last = day_of(caller, until, "until") if until else first
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadInput("days_of_roster", field="until", most=MOST_DAYS)
    rows = caller.services.organisations.shifts(caller.person, roster, first, last, known_at)
    return shown.ShiftList(items=[_out(shown.ShiftOut, row) for row in rows])


@router.get("/directory/recusals", operation_id="list_recusals")
def list_recusals(caller: Reads, on: OnDay = "", known_at: KnownAt = None) -> shown.RecusalList:
    """To whom the caller, and whoever is where the caller keeps the directory, is related on a day."""
    rows = caller.services.organisations.recusals(caller.person, day_of(caller, on), known_at)
    return shown.RecusalList(items=[_out(shown.RecusalOut, row) for row in rows])


@router.get("/directory/successions", operation_id="list_successions")
def list_successions(caller: Reads, on: OnDay = "", known_at: KnownAt = None) -> shown.SuccessionList:
    """What units have become by a day."""
    rows = caller.services.organisations.successions(caller.person, day_of(caller, on), known_at)
    return shown.SuccessionList(items=[_out(shown.SuccessionOut, row) for row in rows])


@router.get("/directory/persons/{holder}/roles", operation_id="list_person_roles")
def list_person_roles(caller: Reads, holder: Annotated[str, Path(max_length=100)]) -> shown.RoleTimeList:
    """All roles of a person over time, ended ones too, and when each was believed."""
    times = caller.services.organisations.person_history(caller.person, holder)
    return shown.RoleTimeList(items=[_role_time(one) for one in times])


@router.post("/directory/substitutions", operation_id="record_substitutions", response_model=receipts.ReceiptOut)
async def record_substitutions(caller: Owns, body: asked.SubstitutionsIn, key: Key) -> Response:
    """Record who stands in for the caller; for others as who keeps the directory."""
    _check_scope(caller, body, [one.person for one in body.substitutions])
    return await _record(caller, key, body, RecordSubstitutions(substitutions=_rows(body.substitutions)))


@router.post("/directory/recusals", operation_id="record_recusals", response_model=receipts.ReceiptOut)
async def record_recusals(caller: Owns, body: asked.RecusalsIn, key: Key) -> Response:
    """Record to whom the caller is related; of others as who keeps the directory."""
    _check_scope(caller, body, [one.person for one in body.recusals])
    return await _record(caller, key, body, RecordRecusals(recusals=_rows(body.recusals)))


@router.post("/directory/powers", operation_id="record_powers", response_model=receipts.ReceiptOut)
async def record_powers(caller: Records, body: asked.PowersIn, key: Key) -> Response:
    """Record what organs may do."""
    return await _record(caller, key, body, RecordPowers(powers=_rows(body.powers)))


@router.post("/directory/shifts", operation_id="record_shifts", response_model=receipts.ReceiptOut)
async def record_shifts(caller: Records, body: asked.ShiftsIn, key: Key) -> Response:
    """Record who is on duty when."""
    return await _record(caller, key, body, RecordShifts(shifts=_rows(body.shifts)))


@router.post("/directory/successions", operation_id="record_successions", response_model=receipts.ReceiptOut)
async def record_successions(caller: Records, body: asked.SuccessionsIn, key: Key) -> Response:
    """Record what became of units."""
    return await _record(caller, key, body, RecordSuccessions(successions=_rows(body.successions)))


def day_of(caller: Caller, on: str, field: str = "on") -> date:
    """The day asked for, by default the local one."""
    try:
        return date.fromisoformat(on) if on else caller.day
    except ValueError as exc:
        raise BadInput("date_unreadable", field=field, got=on) from exc


def _check_scope(caller: Caller, body: RecordIn, persons: list[str]) -> None:
    """Refuse what is told of others with a token that is not for keeping the directory."""
    if any(person != (body.acted_by or caller.person) for person in persons) and KEEPS not in caller.scopes:
        raise NotPermitted("scope_missing", scope=KEEPS)


def _rows(given: tuple[Asked, ...]) -> tuple[dict[str, Any], ...]:
    """Rows as an act tells them: instants as texts."""
    return tuple(
        {key: value.isoformat() if isinstance(value, datetime) else value for key, value in one.model_dump().items()}
        for one in given
    )


async def _record(caller: Caller, key: str, body: RecordIn, act: Any) -> Response:
    entered = Entered(acted_by=body.acted_by)
    return told(await hand_over(caller, request_of(caller, key, DIRECTORY, act, entered)))


def _out(kind: type[_Out], row: msgspec.Struct) -> _Out:
    """A row as the response says it."""
    told_of = {name: getattr(row, name) for name in kind.model_fields}
    return kind(
        **{
            name: value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
            for name, value in told_of.items()
        }
    )


def _role_time(one: RoleTime) -> shown.RoleTimeOut:
    held = one.holding
    return shown.RoleTimeOut(
        id=held.id,
        role=held.role,
        region=held.region,
        industry=held.industry,
        unit=held.unit,
        body=held.body,
        valid_from=held.valid_from.isoformat(),
        valid_to=held.valid_to.isoformat(),
        recorded_from=one.recorded_from,
        recorded_to=one.recorded_to,
    )
