"""What follows from acts that keep the directory's units, places, persons, certificates and roles."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from engine.core import administration_rows as read
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.directory import END, Directory, Holding
from engine.core.identifiers import credit_code, is_id
from engine.errors import BadInput, NotFound

_JURISDICTION = ("title", "region", "industry", "unit")
#: Regions that stand in for one region.
_MOST_NEIGHBOURS = 20


def record_units(command: cmd.Command, act: cmd.RecordUnits, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """Units, each in a known region."""
    rows = tuple(_located(row, directory, ("credit_code",)) for row in read.bounded(act.units))
    for row in rows:
        if code := row.get("credit_code"):
            row["credit_code"] = credit_code(code)
    return (ev.RowsRecorded(table="unit", rows=rows),)


def record_places(command: cmd.Command, act: cmd.RecordPlaces, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """Places, each in a known region."""
    rows = tuple(_located(row, directory, ()) for row in read.bounded(act.places))
    return (ev.RowsRecorded(table="place", rows=rows),)


def record_regions(command: cmd.Command, act: cmd.RecordRegions, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """Regions and industries with their titles; a region of which only the title is told keeps its neighbours."""
    for path in act.regions:
        read.region_path(path, "regions")
    for name in act.industries:
        if not is_id(name):
            raise BadInput("not_an_id", field="industries")
    for titles, field in ((act.regions, "regions"), (act.industries, "industries")):
        read.words(titles, tuple(titles), field)
    titles = {**directory.regions, **act.regions}
    regions = [
        _region(path, titles, act.neighbours.get(path, directory.neighbours(path)))
        for path in dict.fromkeys((*act.regions, *act.neighbours))
    ]
    industries = [{"id": key, "title": title, **read.days({})} for key, title in act.industries.items()]
    tables = {"region": regions, "industry": industries}
    return tuple(ev.RowsRecorded(table=table, rows=tuple(rows)) for table, rows in tables.items() if rows)


def _region(path: str, titles: Mapping[str, str], neighbours: object) -> dict[str, Any]:
    if path not in titles:
        raise BadInput("region_unknown", field="neighbours", got=path)
    if not isinstance(neighbours, list | tuple):
        raise BadInput("not_a_list", field="neighbours")
    if len(neighbours) > _MOST_NEIGHBOURS:
        raise BadInput("too_many_rows", field="neighbours", got=len(neighbours), most=_MOST_NEIGHBOURS)
    for other in neighbours:
        if other not in titles:
            raise BadInput("region_unknown", field="neighbours", got=other)
        if other == path or neighbours.count(other) > 1:
            raise BadInput("told_twice", field="neighbours", got=other)
    row = {"id": path, "title": titles[path], **read.days({})}
    return {**row, "neighbours": list(neighbours)} if neighbours else row


def record_persons(command: cmd.Command, act: cmd.RecordPersons, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """Persons with names and contacts, which are sealed before they are recorded."""
    rows = []
    for row in read.bounded(act.persons):
        read.only(row, ("id", "name", "phone", "mail", "unit", "valid_from", "valid_to"))
        told = read.words(row, ("id", "name", "unit"))
        read.named(told, "id", "unit")
        contacts = {key: value for key, value in read.words(row, ("phone", "mail")).items() if value}
        rows.append({**told, **contacts, **read.days(row)})
    return (ev.RowsRecorded(table="person", rows=tuple(rows)),)


def record_certificates(
    command: cmd.Command, act: cmd.RecordCertificates, directory: Directory
) -> tuple[ev.AnyEvent, ...]:
    """Certificates, one row for each number of a person."""
    rows = []
    for row in read.bounded(act.certificates):
        read.only(row, ("person", "kind", "number", "valid_from", "valid_to"))
        told = read.words(row, ("person", "kind", "number"))
        read.needed(told, "person", "kind", "number")
        read.person(told, "person")
        name = read.row_id("certificate", told["person"], told["kind"], told["number"])
        kept = {"person": told["person"], "certifies": told["kind"], "number": told["number"]}
        rows.append({"id": name, **kept, **read.days(row)})
    return (ev.RowsRecorded(table="certificate", rows=tuple(rows)),)


def _located(row: Mapping[str, Any], directory: Directory, more: tuple[str, ...]) -> dict[str, Any]:
    read.only(row, ("id", *_JURISDICTION, *more, "attributes", "valid_from", "valid_to"))
    clean = {**read.words(row, ("id", *_JURISDICTION, *more)), **read.days(row)}
    read.needed(clean, "id", "title")
    read.named(clean, "id", "unit")
    if clean["region"] not in directory.regions:
        raise BadInput("region_unknown", field="region", got=clean["region"])
    if clean["industry"] and clean["industry"] not in directory.industries:
        raise BadInput("industry_unknown", field="industry", got=clean["industry"])
    attributes = row.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BadInput("not_an_object", field="attributes")
    return {**clean, "attributes": attributes}


def grant_role(command: cmd.Command, act: cmd.GrantRole, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """A role, held from a day on."""
    _check_grant(act, directory)
    days = read.days({"valid_from": act.valid_from, "valid_to": act.valid_to})
    return (
        ev.RoleGranted(
            # A child id derives from the command id: a repeat grants the same holding.
            holding=sha256(f"holding:{command.id}".encode()).hexdigest()[:24],
            person=act.person,
            role=act.role,
            region=act.region,
            industry=act.industry,
            unit=act.unit,
            body=act.body,
            valid_from=days["valid_from"],
            valid_to=days["valid_to"],
            reason=act.reason,
        ),
    )


def _check_grant(act: cmd.GrantRole, directory: Directory) -> None:
    if act.role not in directory.roles:
        raise BadInput("role_unknown", field="role", got=act.role)
    read.known_region(act.region, "region", directory)
    if act.industry and act.industry not in directory.industries:
        raise BadInput("industry_unknown", field="industry", got=act.industry)
    read.person({"person": act.person}, "person")
    read.named({"unit": act.unit, "body": act.body}, "unit", "body")
    if act.unit and act.body:
        raise BadInput("body_within_unit", field="body")


def end_role(command: cmd.Command, act: cmd.EndRole, directory: Directory) -> tuple[ev.AnyEvent, ...]:
    """The end of a role."""
    holding = directory.holding(act.holding)
    if holding is None:
        raise NotFound("holding_not_found", holding=act.holding)
    valid_to = read.day(act.valid_to, "valid_to", END)
    if valid_to <= holding.valid_from:
        raise BadInput("days_out_of_order", field="valid_to", got=act.valid_to)
    return (ev.RoleEnded(holding=act.holding, valid_to=valid_to.isoformat(), reason=act.reason),)


def held_until(holding: Holding, valid_to: str) -> dict[str, Any]:
    """The row of a holding that ends on another day."""
    return {
        "id": holding.id,
        "person": holding.person,
        "role": holding.role,
        "region": holding.region,
        "industry": holding.industry,
        "unit": holding.unit,
        "body": holding.body,
        "valid_from": holding.valid_from.isoformat(),
        "valid_to": valid_to,
    }
