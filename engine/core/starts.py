"""Which cases a person may begin, as far as that is known before it is said what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core.definition import ActionSpec
from engine.core.directory import Directory
from engine.core.machine import Machine


def startable(
    machine: Machine, directory: Directory, person: str, day: date, at: datetime | None = None
) -> tuple[ActionSpec, ...]:
    """Starts that the person may take about something; about what is known only once the form is filled in.

    `at`: the instant for which rosters are asked; without it nobody is on duty.
    """
    return tuple(
        action
        for action in machine.procedure.starts
        if (not action.certificate or directory.certified(person, action.certificate, day))
        and _empowered(directory, action, person, day)
        and any(_is_of(machine, directory, action, one, day, at) for one in _places(machine, directory, person, day))
    )


def _places(machine: Machine, directory: Directory, person: str, day: date) -> Iterator[tuple[str, str]]:
    """In whose place the person may act, and in which role; "" = every role they hold."""
    yield person, ""
    for row in directory.stands_in(person, day):
        if row.procedure in ("", machine.procedure.id):
            yield row.person, row.role


def _is_of(
    machine: Machine, directory: Directory, action: ActionSpec, place: tuple[str, str], day: date, at: datetime | None
) -> bool:
    person, only = place
    held = [one for one in directory.held_by(person, day) if only in ("", one.role)]
    within = {one.role for one in held if one.unit}
    everywhere = {one.role for one in held if not one.unit}
    for reference in action.by:
        party_id, _, role = reference.partition(".")
        party = machine.parties[party_id]
        match party.kind:
            case "unit":
                found = role in within if role else bool(within) and not only
            case "role" | "queue":
                found = party.role in everywhere
            case "roster":
                regions = ("", *directory.regions)
                found = at is not None and any(person in directory.on_duty(party.roster, one, at) for one in regions)
            case _:
                found = False
        if found:
            return _empowered(directory, action, person, day)
    return False


def _empowered(directory: Directory, action: ActionSpec, person: str, day: date) -> bool:
    """Whether the person's body has the power that an action needs, wherever."""
    power = action.power
    return power is None or directory.power_of(person, power.matter, day, document=power.document) is not None
