"""Caps: whether a start is still within what a watch counts, asked of a counter that is locked until it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core import event as ev
from engine.core.definition import ActionSpec
from engine.core.turn import Turn
from engine.errors import BadInput, NotPermitted


def check_cap(turn: Turn, action: ActionSpec, values: Mapping[str, Any]) -> None:
    """Refuse a start beyond its cap, or ask why; what is allowed in spite of it is marked."""
    cap = action.cap
    fact = turn.facts.caps.get(cap.watch) if cap else None
    if cap is None or fact is None or not fact.reached:
        return
    told = {"title": fact.title, "count": sum(fact.counts.values()), "most": max(fact.limits.values(), default=0)}
    if not cap.form:
        raise NotPermitted("cap_reached", **told)
    for field in cap.form:
        if values.get(field) in (None, "", ()):
            raise BadInput("cap_reached", field=field, **told)
    if cap.mark:
        turn.emit(ev.FieldsSet(values={cap.mark: True}))
