"""The directory: who and what there is on a day, and recording it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from starlette.responses import Response

from engine.core.administration import DIRECTORY
from engine.core.command import (
    EndRole,
    GrantRole,
    RecordCertificates,
    RecordPersons,
    RecordPlaces,
    RecordRegions,
    RecordUnits,
)
from engine.core.directory import Holding
from engine.errors import BadInput
from engine.store.views import DirectoryRow
from web.api import asked, shown
from web.api.commands import Key, hand_over, request_of, told
from web.api.parameters import After, Limit, OnDay, Word, page_of
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["directory"])
Reads = Annotated[Caller, policy("directory.read")]
Records = Annotated[Caller, policy("directory.record")]
_JURISDICTION = ("title", "region", "industry", "unit")
_TABLES = {"units": "unit", "places": "place", "persons": "person"}


def _day(caller: Caller, on: str) -> date:
    try:
        return date.fromisoformat(on) if on else caller.day
    except ValueError as exc:
        raise BadInput("date_unreadable", field="on", got=on) from exc


@router.get("/directory/roles", operation_id="list_roles")
def list_roles(caller: Reads) -> shown.DirectoryPage:
    """The roles that the definitions declare."""
    roles = caller.services.reader.directory().roles
    return _titled({role.id: role.title for role in roles.values()})


@router.get("/directory/regions", operation_id="list_regions")
def list_regions(caller: Reads) -> shown.DirectoryPage:
    """Regions by path, each with its neighbours."""
    directory = caller.services.reader.directory()
    rows = [
        _blank(
            id=path, title=title, attributes={"neighbours": list(near)} if (near := directory.neighbours(path)) else {}
        )
        for path, title in sorted(directory.regions.items())
    ]
    return shown.DirectoryPage(items=rows, after="")


@router.get("/directory/industries", operation_id="list_industries")
def list_industries(caller: Reads) -> shown.DirectoryPage:
    """Industries."""
    return _titled(caller.services.reader.directory().industries)


@router.get("/directory/holdings", operation_id="list_holdings")
def list_holdings(caller: Reads, person: Word = "", on: OnDay = "") -> shown.DirectoryPage:
    """The roles a person, by default the caller, holds on a day; of others those in sight of the caller."""
    day, directory = _day(caller, on), caller.services.reader.directory()
    whose = person or caller.person
    scope = directory.scope(caller.person, caller.day)
    held = [
        holding
        for holding in directory.held_by(whose, day)
        if whose == caller.person or scope.covers(region=holding.region, unit=holding.unit)
    ]
    return shown.DirectoryPage(items=[_holding(holding) for holding in held], after="")


@router.get("/directory/certificates", operation_id="list_certificates")
def list_certificates(caller: Reads, on: OnDay = "", after: After = "", limit: Limit = 50) -> shown.DirectoryPage:
    """Certificates, valid on a day, of the caller and of persons in their sight."""
    page = caller.services.reader.rows(caller.person, "certificate", _day(caller, on), page_of(caller, after, limit))
    return shown.DirectoryPage(items=[_certificate(row) for row in page.items], after=page.after)


@router.get("/directory/{table}", operation_id="list_directory")
def list_directory(
    caller: Reads,
    table: Annotated[Literal["units", "places", "persons"], Path()],
    on: OnDay = "",
    after: After = "",
    limit: Limit = 50,
) -> shown.DirectoryPage:
    """Units, places or persons in sight of the caller, as valid on a day."""
    page = caller.services.reader.rows(caller.person, _TABLES[table], _day(caller, on), page_of(caller, after, limit))
    names = caller.services.reader.names(row.id for row in page.items) if table == "persons" else {}
    return shown.DirectoryPage(items=[_row(row, names) for row in page.items], after=page.after)


@router.post("/directory/units", operation_id="record_units", response_model=shown.ReceiptOut)
async def record_units(caller: Records, body: asked.UnitsIn, key: Key) -> Response:
    """Record units, each valid from a day."""
    return await _record(caller, key, body, RecordUnits(units=tuple(one.model_dump() for one in body.units)))


@router.post("/directory/places", operation_id="record_places", response_model=shown.ReceiptOut)
async def record_places(caller: Records, body: asked.PlacesIn, key: Key) -> Response:
    """Record places."""
    return await _record(caller, key, body, RecordPlaces(places=tuple(one.model_dump() for one in body.places)))


@router.post("/directory/persons", operation_id="record_persons", response_model=shown.ReceiptOut)
async def record_persons(caller: Records, body: asked.PersonsIn, key: Key) -> Response:
    """Record persons; names and contacts are sealed in the vault."""
    return await _record(caller, key, body, RecordPersons(persons=tuple(one.model_dump() for one in body.persons)))


@router.post("/directory/certificates", operation_id="record_certificates", response_model=shown.ReceiptOut)
async def record_certificates(caller: Records, body: asked.CertificatesIn, key: Key) -> Response:
    """Record certificates; an act that asks for one is refused to who holds none that day."""
    rows = tuple(one.model_dump() for one in body.certificates)
    return await _record(caller, key, body, RecordCertificates(certificates=rows))


@router.post("/directory/regions", operation_id="record_regions", response_model=shown.ReceiptOut)
async def record_regions(caller: Records, body: asked.RegionsIn, key: Key) -> Response:
    """Record regions and industries."""
    if not body.regions and not body.industries and not body.neighbours:
        raise BadInput("record_empty", field="regions")
    act = RecordRegions(regions=body.regions, industries=body.industries, neighbours=body.neighbours)
    return await _record(caller, key, body, act)


@router.post("/directory/holdings", operation_id="grant_role", response_model=shown.ReceiptOut)
async def grant_role(caller: Records, body: asked.GrantIn, key: Key) -> Response:
    """A person holds a role from a day on."""
    return await _record(caller, key, body, GrantRole(**body.model_dump(exclude={"acted_by"})))


@router.post("/directory/holdings/{holding}/end", operation_id="end_role", response_model=shown.ReceiptOut)
async def end_role(
    caller: Records, holding: Annotated[str, Path(max_length=100)], body: asked.EndIn, key: Key
) -> Response:
    """A person stops holding a role."""
    return await _record(caller, key, body, EndRole(holding=holding, valid_to=body.valid_to, reason=body.reason))


async def _record(caller: Caller, key: str, body: asked.RecordIn, act: Any) -> Response:
    entered = asked.Entered(acted_by=body.acted_by)
    return told(await hand_over(caller, request_of(caller, key, DIRECTORY, act, entered)))


def _titled(titles: dict[str, str]) -> shown.DirectoryPage:
    return shown.DirectoryPage(items=[_blank(id=key, title=title) for key, title in sorted(titles.items())], after="")


def _blank(**known: Any) -> shown.DirectoryRowOut:
    blank = dict.fromkeys((*_JURISDICTION, "body", "person", "role", "credit_code", "number"), "")
    return shown.DirectoryRowOut(**{**blank, "attributes": {}, "valid_from": "", "valid_to": "", **known})


def _holding(holding: Holding) -> shown.DirectoryRowOut:
    return _blank(
        id=holding.id,
        person=holding.person,
        role=holding.role,
        region=holding.region,
        industry=holding.industry,
        unit=holding.unit,
        body=holding.body,
        valid_from=holding.valid_from.isoformat(),
        valid_to=holding.valid_to.isoformat(),
    )


def _certificate(row: DirectoryRow) -> shown.DirectoryRowOut:
    """A certificate: its kind is its title."""
    told = row.columns
    return _blank(
        id=row.id,
        person=told["person"],
        title=told["certifies"],
        number=told["number"],
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _row(row: DirectoryRow, names: Mapping[str, str]) -> shown.DirectoryRowOut:
    """A row; a person is told by the name alone, contacts stay in the vault."""
    columns = {name: value for name, value in row.columns.items() if name != "name"}
    if row.table == "person":
        columns["title"] = names.get(row.id, "")
    attributes = {} if row.table == "person" else row.attributes
    return _blank(id=row.id, valid_from=row.valid_from, valid_to=row.valid_to, attributes=attributes, **columns)
