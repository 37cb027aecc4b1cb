"""How far whoever keeps the directory reaches: nobody records, grants or ends anything beyond their own regions.

What an act touches is what it says and what is believed of it now: a unit cannot be drawn over from another region.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.core import command as cmd
from engine.core.administration_arranged import keeps_own
from engine.core.directory import Directory, Entity, Holding
from engine.errors import NotPermitted

#: Region and unit of something; ("", "") = what lies everywhere.
Area = tuple[str, str]
#: The root of all regions: what is told of no region is told of all.
EVERYWHERE = "/"


def named_units(act: cmd.AnyAct, directory: Directory, today: date) -> tuple[str, ...]:
    """Units whose regions must be known in order to say what an act touches."""
    match act:
        case cmd.RecordUnits(units=rows):
            return tuple(str(row.get("id")) for row in rows)
        case cmd.RecordPowers(powers=rows):
            return _told(row.get("body") for row in rows)
        case cmd.RecordSuccessions(successions=rows):
            return _told(row.get(key) for row in rows for key in ("id", "successor"))
        case cmd.GrantRole(unit=unit, body=body):
            return _told((unit, body))
        case cmd.EndRole(holding=name) if holding := directory.holding(name):
            return _told((holding.unit, holding.body))
    return _told(one.unit for person in _persons(act) for one in directory.ever_held(person) if one.valid_to > today)


def _told(names: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in names if name))


def _persons(act: cmd.AnyAct) -> tuple[str, ...]:
    """Of whom an act tells something."""
    match act:
        case cmd.RecordPersons(persons=rows):
            return tuple(str(row.get("id")) for row in rows)
        case (
            cmd.RecordCertificates(certificates=rows)
            | cmd.RecordSubstitutions(substitutions=rows)
            | cmd.RecordShifts(shifts=rows)
            | cmd.RecordRecusals(recusals=rows)
        ):
            return tuple(str(row.get("person")) for row in rows)
    return ()


def named_places(act: cmd.AnyAct) -> tuple[str, ...]:
    """Places whose regions must be known."""
    return tuple(str(row.get("id")) for row in act.places) if isinstance(act, cmd.RecordPlaces) else ()


def check_reach(
    command: cmd.Command,
    wanted: str,
    directory: Directory,
    today: date,
    units: Mapping[str, Entity],
    places: Mapping[str, Entity],
) -> None:
    """Refuse an act that touches what the permission of its signatory, or of who typed it, does not reach.

    `units` and `places` are those that `named_units` and `named_places` name, as believed now.
    """
    if keeps_own(command):
        return
    for person in {command.acted_by, command.entered_by} - {cmd.SYSTEM}:
        for areas in _touched(command.act, directory, today, units, places):
            if not any(directory.may(person, wanted, today, region, unit) for region, unit in areas):
                raise NotPermitted("beyond_your_region", region=areas[0][0], unit=areas[0][1])
        if _gives_all(command.act, directory, today) and not directory.scope(person, today).everything:
            raise NotPermitted("beyond_your_region", region="", unit="")


def _gives_all(act: cmd.AnyAct, directory: Directory, today: date) -> bool:
    """Whether somebody comes to see everything by it."""
    match act:
        case cmd.GrantRole(role=role):
            return _sees_all(role, directory)
        case cmd.RecordSubstitutions(substitutions=rows):
            return any(_sees_all(one.role, directory) for row in rows for one in _lent(row, directory, today))
    return False


def _sees_all(role: str, directory: Directory) -> bool:
    power = directory.roles.get(role)
    return power is not None and power.sees == "all"


def _touched(
    act: cmd.AnyAct,
    directory: Directory,
    today: date,
    units: Mapping[str, Entity],
    places: Mapping[str, Entity],
) -> Iterator[tuple[Area, ...]]:
    """What an act touches, each by the areas of which one must be reached."""
    match act:
        case cmd.RecordUnits(units=rows):
            yield from _located(rows, units, own=True)
        case cmd.RecordPlaces(places=rows):
            yield from _located(rows, places, own=False)
        case cmd.RecordRegions(regions=regions, neighbours=neighbours):
            yield from (((path, ""),) for path in (*regions, *neighbours))
        case cmd.RecordPersons() | cmd.RecordCertificates() | cmd.RecordRecusals():
            for person in _persons(act):
                if held := directory.held_by(person, today):
                    yield tuple(_of_holding(one.region, one.unit, units) for one in held)
        case cmd.GrantRole(region=region, unit=unit, body=body):
            yield (_of_holding(region, unit, units),)
            if body:
                yield (_of_holding("", body, units),)
        case cmd.EndRole(holding=name):
            if (holding := directory.holding(name)) is not None:
                yield (_of_holding(holding.region, holding.unit, units),)
        case _:
            yield from ((area,) for area in _arranged(act, directory, today, units))


def _arranged(act: cmd.AnyAct, directory: Directory, today: date, units: Mapping[str, Entity]) -> Iterator[Area]:
    match act:
        case cmd.RecordSubstitutions(substitutions=rows):
            # Who stands in may do whatever the person may: each of those roles must be reached, not one of them.
            for row in rows:
                yield from (_of_holding(one.region, one.unit, units) for one in _lent(row, directory, today))
        case cmd.RecordShifts(shifts=rows):
            yield from ((str(row.get("region") or "").strip() or EVERYWHERE, "") for row in rows)
        case cmd.RecordPowers(powers=rows):
            yield from (_of_holding("", str(row.get("body")), units) for row in rows)
            yield from ((str(row["region"]).strip(), "") for row in rows if row.get("region"))
        case cmd.RecordSuccessions():
            yield from (_of_holding("", unit, units) for unit in named_units(act, directory, today))


def _lent(row: Mapping[str, Any], directory: Directory, today: date) -> Iterator[Holding]:
    """The roles, held now or later, in which a substitution lets somebody stand in."""
    role = str(row.get("role") or "").strip()
    for one in directory.ever_held(str(row.get("person"))):
        if one.valid_to > today and role in ("", one.role):
            yield one


def _located(
    rows: tuple[dict[str, Any], ...], believed: Mapping[str, Entity], *, own: bool
) -> Iterator[tuple[Area, ...]]:
    for row in rows:
        name, region = str(row.get("id")), str(row.get("region") or "").strip()
        known = believed.get(name)
        unit = name if own else str(row.get("unit") or "")
        if known is not None:
            yield ((known.region, name if own else known.unit),)
        if known is None or known.region != region:
            yield ((region, "" if own else unit),)


def _of_holding(region: str, unit: str, units: Mapping[str, Entity]) -> Area:
    return (units[unit].region if unit in units else "", unit) if unit else (region, "")
