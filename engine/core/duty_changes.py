"""What events of a duty, and entries of cases that meet its obligations, make of the rows; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from engine.core import event_duties as ev
from engine.core.case import Case
from engine.core.command import Command
from engine.core.directory import Entity
from engine.core.duties import exemption_of, slice_of
from engine.core.duty_facts import DutyFacts
from engine.core.duty_population import listed
from engine.core.duty_state import DutyState, OpenWindow
from engine.core.duty_steps import missed_at
from engine.core.fold import Head
from engine.core.obligation_rows import (
    Exempt,
    Follow,
    Lapse,
    MarkLate,
    MarkMissed,
    ObligationChange,
    ObligationRow,
    OpenRows,
    Redate,
    Settle,
    Take,
    micros,
)
from engine.core.recurrence import rolling_window


def duty_changes(state: DutyState, event: Any, facts: DutyFacts, now: datetime) -> Iterator[ObligationChange]:
    """What an event makes of rows; `state` is the duty before it."""
    match event:
        case ev.ObligationsOpened():
            window = state.window(event.rhythm, event.period)
            assert window is not None
            found, _, _ = slice_of(state, facts, window)
            yield OpenRows(tuple(window_row(state, window, one, event.names) for one in found))
        case ev.ObligationsJoined():
            yield from _joined(state, event, facts, now)
        case ev.ObligationsRolled():
            yield from rolled_rows(state, event, facts)
        case ev.ObligationsDue() | ev.ObligationsMissed() | ev.PeriodRedated():
            yield _of_window(state.id, event)
        case ev.ObligationsLapsed():
            for period, subject, why, heir in event.lapsed:
                reason = f"{why}:{heir}" if heir else why
                yield Lapse(duty=state.id, period=period, subject=subject, reason=reason)
        case ev.ObligationExempted():
            for period in event.periods:
                yield Exempt(duty=state.id, period=period, subject=event.subject, reason=event.reason)
        case ev.ExemptionEnded():
            for period in event.periods:
                yield Exempt(duty=state.id, period=period, subject=event.subject, on=False, at=micros(now))


def _of_window(
    duty: str, event: ev.ObligationsDue | ev.ObligationsMissed | ev.PeriodRedated
) -> MarkLate | MarkMissed | Redate:
    """What happens to all rows of a window at once."""
    period, rhythm = event.period, event.rhythm
    match event:
        case ev.ObligationsDue(after=after, through=through):
            at = micros(event.due_at)
            return MarkLate(duty=duty, period=period, rhythm=rhythm, due_at=at, part=(after, through))
        case ev.ObligationsMissed(after=after, through=through):
            at = micros(event.missed_at)
            return MarkMissed(duty=duty, period=period, rhythm=rhythm, missed_at=at, part=(after, through))
    return Redate(
        duty=duty,
        period=event.period,
        rhythm=event.rhythm,
        due_at=micros(event.deadline.due_at),
        missed_at=micros(event.missed_at),
    )


def _joined(
    state: DutyState, event: ev.ObligationsJoined, facts: DutyFacts, now: datetime
) -> Iterator[ObligationChange]:
    window = state.window(event.rhythm, event.period)
    assert window is not None
    entities = _entities(state, facts, event.day)
    fresh = [name for name in event.subjects if name not in event.again]
    yield OpenRows(tuple(window_row(state, window, entities[name], "") for name in fresh))
    for name in event.again:
        yield Lapse(duty=state.id, period=event.period, subject=name, on=False, at=micros(now))
        if (one := exemption_of(state, name, window)) is not None:
            yield Exempt(duty=state.id, period=event.period, subject=name, reason=one.reason)


def _entities(state: DutyState, facts: DutyFacts, day: date) -> dict[str, Entity]:
    if state.spec.population.kind != "units":
        return {one.id: one for one in listed(state.spec, facts.directory, day)}
    return {**{one.id: one for one in facts.page}, **facts.entities}


def window_row(state: DutyState, window: OpenWindow, entity: Entity, population: str) -> ObligationRow:
    """The obligation of one subject in a window of the calendar."""
    exempt = exemption_of(state, entity.id, window)
    kind = state.spec.population.kind
    return ObligationRow(
        duty=state.id,
        period=window.period,
        subject=entity.id,
        subject_kind=kind,
        unit=entity.id if kind == "units" else "",
        region=entity.region,
        industry=entity.industry,
        opens_at=micros(window.opens_at),
        due_at=micros(window.deadline.due_at),
        missed_at=micros(window.missed_at),
        status="exempt" if exempt else "open",
        rhythm=window.rhythm,
        population=population,
        reason=exempt.reason if exempt else "",
    )


def rolled_rows(state: DutyState, event: ev.ObligationsRolled, facts: DutyFacts) -> Iterator[ObligationChange]:
    """The obligations whose windows count from what was done; each follows the one before it."""
    rhythm = state.spec.rhythms[event.rhythm].rhythm
    entities, kind = _entities(state, facts, event.day), state.spec.population.kind
    rows = []
    for subject, since in event.since:
        window = rolling_window(rhythm, since, facts.calendar)
        entity, due_at = entities[subject], window.deadline.due_at
        exempt = next(
            (one for one in state.exemptions if one.subject == subject and one.covers(window.key, window.first)), None
        )
        rows.append(
            ObligationRow(
                duty=state.id,
                period=window.key,
                subject=subject,
                subject_kind=kind,
                unit=subject if kind == "units" else "",
                region=entity.region,
                industry=entity.industry,
                opens_at=micros(window.opens_at),
                due_at=micros(due_at),
                missed_at=micros(missed_at(state.spec, due_at, facts.calendar)),
                status="exempt" if exempt else "open",
                rhythm=event.rhythm,
                reason=exempt.reason if exempt else "",
                latest=True,
            )
        )
        yield Follow(duty=state.id, subject=subject)
    yield OpenRows(tuple(rows))


# cases ---------------------------------------------------------------------------------------------------------------


def obligation_changes(before: Case | None, after: Case, command: Command | Head) -> tuple[ObligationChange, ...]:
    """What an entry of a case makes of the obligation that the case meets."""
    mine = after.obligation
    if mine is None or (before is not None and before.closed == after.closed and before.obligation == mine):
        return ()
    at = micros(command.occurred_at)

    def settled(done_at: int | None, *, acted: bool = False) -> Settle:
        recorded_at = micros(command.recorded_at)
        return Settle(
            duty=mine.duty,
            period=mine.period,
            subject=mine.subject,
            case=after.id,
            done_at=done_at,
            acted=acted,
            at=recorded_at,
        )

    found: list[ObligationChange] = []
    if before is None or before.obligation is None:
        person = "" if mine.by_engine else command.acted_by
        found.append(
            Take(duty=mine.duty, period=mine.period, subject=mine.subject, case=after.id, person=person, at=at)
        )
        if not mine.done:
            found.append(settled(at))
    if not mine.done:
        return tuple(found)
    if after.closed and (before is None or not before.closed):
        done_at = micros(after.closed_at) if after.closed_at else at
        found.append(settled(done_at if after.closed in mine.done else None))
    elif before is not None and before.closed and not after.closed:
        found.append(settled(None, acted=True))
    return tuple(found)
