"""How a case begins: its number, and where and whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core import event as ev
from engine.core.turn import Turn
from engine.errors import BadInput


def open_case(turn: Turn, values: Mapping[str, Any]) -> None:
    """Open the case that the values describe; BadInput where its unit or place is unknown or it lies nowhere."""
    procedure = turn.machine.procedure
    unit_id, place_id = _id(values, procedure.unit_field), _id(values, procedure.place_field)
    unit, place = turn.facts.units.get(unit_id), turn.facts.places.get(place_id)
    if unit_id and unit is None:
        raise BadInput("unit_unknown", field=procedure.unit_field, got=unit_id)
    if place_id and place is None:
        raise BadInput("place_unknown", field=procedure.place_field, got=place_id)
    region = (place.region if place else "") or (unit.region if unit else "")
    if not region:
        raise BadInput("nowhere", field=procedure.place_field or procedure.unit_field)
    turn.emit(
        ev.CaseOpened(
            procedure=procedure.id,
            version=turn.machine.version,
            number=turn.facts.number,
            region=region,
            unit=unit_id,
            place=place_id,
            industry=unit.industry if unit else "",
            title=_title(values, procedure.title_field),
        )
    )


def _id(values: Mapping[str, Any], field: str) -> str:
    value = values.get(field) if field else None
    return value if isinstance(value, str) else ""


def _title(values: Mapping[str, Any], field: str) -> str:
    value = values.get(field) if field else None
    return value[:80] if isinstance(value, str) else ""
