"""What scenarios say of duties: whose obligation is met or excused, and how one must stand in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.core.command_duties import ExemptObligation
from engine.core.deadlines import due_day
from engine.core.definition_duties import DutySpec
from engine.core.language.scenario import ObligationThen, Step
from engine.core.obligation_rows import instant
from engine.core.obligations import ObligationKey, filled_in
from engine.core.recurrence import parse_key, window_at
from engine.errors import NotFound
from engine.proof.play import World


def met_by(world: World, step: Step) -> tuple[DutySpec, str, dict[str, Any]]:
    """The duty that a step acts on, the obligation's key, and what its form says of itself."""
    spec = _spec(world, step.meets or "")
    key = ObligationKey(spec.id, step.period or "", subject_of(world, spec, step.subject or ""))
    known = world.duties.known(str(key))
    data = filled_in(spec, known.row, world.duties.calendar_of(spec)) if known else {}
    return spec, str(key), data


def excuse(world: World, step: Step) -> None:
    """Excuse a subject from a duty, as the step says."""
    spec = _spec(world, step.exempts or "")
    act = ExemptObligation(
        subject=subject_of(world, spec, step.subject or ""),
        period=step.period or "",
        until=date.fromisoformat(step.until_day or ""),
        reason=step.reason or "",
    )
    world.duties.do(spec.id, act, world.person(step.by or ""), world.now, world.directory, world.units)


def subject_of(world: World, spec: DutySpec, name: str) -> str:
    """The subject that a scenario calls so: a region by its title, all others by their names."""
    if spec.population.kind != "regions":
        return name
    return next((path for path, title in world.directory.regions.items() if title == name), name)


def unlike_obligation(world: World, then: ObligationThen) -> Iterator[tuple[str, Any, Any]]:
    """Everything in which an obligation is not as a scenario says: key, what it says, what is."""
    spec = _spec(world, then.duty)
    subject = subject_of(world, spec, then.subject)
    row = world.duties.rows.get((spec.id, then.period, subject))
    calendar = world.duties.calendar_of(spec)
    got: dict[str, Any] = {"status": row.status if row else "none"}
    if row is not None:
        got |= {"late": row.late, "made_up": row.made_up}
        got["due"] = due_day(instant(row.due_at), calendar).isoformat()
        rhythm = spec.rhythms[row.rhythm].rhythm
        window = window_at(rhythm, parse_key(row.period)[0], calendar) if rhythm.period else None
        got["about"] = [day.isoformat() for day in window.about] if window else None
    for key in sorted(then.model_fields_set & {"status", "due", "late", "made_up", "about"}):
        said = getattr(then, key)
        if said != got.get(key):
            yield key, said, got.get(key)


def _spec(world: World, duty: str) -> DutySpec:
    state = world.duties.states.get(duty)
    if state is None:
        raise NotFound("duty_not_found", duty=duty)
    return state.spec
