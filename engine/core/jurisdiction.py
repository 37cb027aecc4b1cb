"""How far whoever keeps the directory reaches: nobody records, grants or ends anything beyond their own regions.

What an act touches is what it says and what is believed of it now: a unit cannot be drawn over from another region.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.core import command as cmd
from engine.core.directory import Directory, Entity
from engine.errors import NotPermitted

#: Region and unit of something; ("", "") = what lies everywhere.
Area = tuple[str, str]


def named_units(act: cmd.AnyAct, directory: Directory, today: date) -> tuple[str, ...]:
    """Units whose regions must be known in order to say what an act touches."""
    match act:
        case cmd.RecordUnits(units=rows):
            return tuple(str(row.get("id")) for row in rows)
        case cmd.RecordPersons() | cmd.RecordCertificates():
            held = (one.unit for person in _persons(act) for one in directory.held_by(person, today))
            return tuple(dict.fromkeys(unit for unit in held if unit))
        case cmd.GrantRole(unit=unit) if unit:
            return (unit,)
        case cmd.EndRole(holding=name) if (holding := directory.holding(name)) and holding.unit:
            return (holding.unit,)
    return ()


def _persons(act: cmd.RecordPersons | cmd.RecordCertificates) -> tuple[str, ...]:
    if isinstance(act, cmd.RecordPersons):
        return tuple(str(row.get("id")) for row in act.persons)
    return tuple(str(row.get("person")) for row in act.certificates)


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
    for person in {command.acted_by, command.entered_by} - {cmd.SYSTEM}:
        for areas in _touched(command.act, directory, today, units, places):
            if not any(directory.may(person, wanted, today, region, unit) for region, unit in areas):
                raise NotPermitted("beyond_your_region", region=areas[0][0], unit=areas[0][1])
        grants_all = isinstance(command.act, cmd.GrantRole) and _sees_all(command.act.role, directory)
        if grants_all and not directory.scope(person, today).everything:
            raise NotPermitted("beyond_your_region", region="", unit="")


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
        case cmd.RecordRegions(regions=regions):
            yield from (((path, ""),) for path in regions)
        case cmd.RecordPersons() | cmd.RecordCertificates():
            for person in _persons(act):
                if held := directory.held_by(person, today):
                    yield tuple(_of_holding(one.region, one.unit, units) for one in held)
        case cmd.GrantRole(region=region, unit=unit):
            yield (_of_holding(region, unit, units),)
        case cmd.EndRole(holding=name):
            if (holding := directory.holding(name)) is not None:
                yield (_of_holding(holding.region, holding.unit, units),)


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
