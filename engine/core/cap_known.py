"""What is known of a cap when a start is decided, and what must be counted for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.core.command import AnyAct, StartCase
from engine.core.machine import Machine


class CapFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a unit stands to the watch of a cap, this start not counted."""

    title: str
    reached: bool
    #: titles of counts and limits with their numbers
    counts: Mapping[str, int] = {}
    limits: Mapping[str, int] = {}


def caps_needed(machine: Machine, act: AnyAct) -> tuple[tuple[str, str], ...]:
    """(watch, unit) that must be counted before the act is decided."""
    action = machine.starts.get(act.action) if type(act) is StartCase else None
    if action is None or action.cap is None or not isinstance(act, StartCase):
        return ()
    unit = act.data.get(machine.procedure.unit_field)
    return ((action.cap.watch, unit),) if isinstance(unit, str) and unit else ()
