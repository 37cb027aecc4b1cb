"""How a case meets an obligation of a duty: who may begin it, by when, and what is then met by what."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.deadlines import due_day, shift
from engine.core.definition_duties import DutySpec
from engine.core.duty_population import may_act
from engine.core.facts import parse_point
from engine.core.obligation_known import KnownObligation
from engine.core.obligation_known import Standing as Standing
from engine.core.permission import Standing as ActsAs
from engine.core.recurrence import parse_key
from engine.core.turn import Turn
from engine.errors import BadInput, Conflict, NotFound, NotPermitted


class ObligationKey(NamedTuple):
    """What an obligation is known by; written `duty/period/subject`, where the subject may hold slashes."""

    duty: str
    period: str
    subject: str

    def __str__(self) -> str:
        return f"{self.duty}/{self.period}/{self.subject}"


def read_key(text: str) -> ObligationKey:
    """The key of `duty/period/subject`; BadInput."""
    parts = text.split("/", 2)
    if len(parts) != 3 or not all(parts):
        raise BadInput("obligation_unknown", field="obligation", got=text)
    return ObligationKey(*parts)


def filled_in(spec: DutySpec, row: Standing, calendar: Calendar) -> dict[str, Any]:
    """What the form by which an obligation is met says of itself, by field: of whom, of which period, by when."""
    first, last = parse_key(row.period)
    words = {
        "subject": row.subject,
        "period": row.period,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "due": due_day(row.due_at, calendar).isoformat(),
    }
    return {field: words[word] for field, word in spec.values}


def made_up_until(spec: DutySpec, due_at: datetime, calendar: Calendar) -> datetime:
    """From which instant on an obligation that is due at one is made up no more."""
    return shift(due_at, parse_point(f"{spec.made_up_within} after"), calendar) if spec.made_up_within else due_at


def admitted_by_engine(turn: Turn, act: cmd.StartCase) -> ActsAs | None:
    """How the engine opens the case of whoever is late; None where a person acts."""
    if turn.command.acted_by != cmd.SYSTEM:
        return None
    known = turn.facts.obligation
    if not act.obligation or known is None or turn.command.medium != "timer" or not known.spec.late_action:
        raise NotPermitted("system_only", act="start_case")
    return ActsAs("")


def take(turn: Turn, act: cmd.StartCase) -> None:
    """Note that the case is how an obligation is met; refused to others, before its window, or a second time."""
    if not act.obligation:
        return
    key, known = read_key(act.obligation), turn.facts.obligation
    if known is None:
        raise NotFound("obligation_not_found", obligation=str(key))
    spec, row, by_engine = known.spec, known.row, turn.command.acted_by == cmd.SYSTEM
    _check_fitting(turn, act, known, by_engine=by_engine)
    _check_standing(turn, key, known)
    if not by_engine:
        _check_who(turn, known)
    late = turn.at >= row.due_at
    turn.emit(
        ev.ObligationTaken(
            duty=key.duty,
            subject=key.subject,
            period=key.period,
            due_at=row.due_at,
            done=spec.done,
            late=late,
            missed=late and row.missed,
            by_engine=by_engine,
        )
    )


def _check_fitting(turn: Turn, act: cmd.StartCase, known: KnownObligation, *, by_engine: bool) -> None:
    spec = known.spec
    action = spec.late_action if by_engine else spec.action
    if (turn.machine.procedure.id, act.action) != (spec.procedure, action):
        raise BadInput(
            "obligation_met_otherwise", field="obligation", procedure=spec.procedure, action=action, got=act.action
        )
    if spec.population.kind == "units" and turn.case.unit != known.row.subject:
        heir = turn.facts.directory.successor(known.row.subject, turn.day)
        if turn.case.unit != heir:
            raise BadInput("obligation_of_other_unit", field="obligation", unit=known.row.subject)


def _check_standing(turn: Turn, key: ObligationKey, known: KnownObligation) -> None:
    row = known.row
    if row.case:
        raise Conflict("obligation_taken", **key._asdict(), case=row.case)
    if row.status not in ("open", "late", "missed"):
        raise Conflict("obligation_over", **key._asdict(), status=row.status)
    if turn.at < row.opens_at:
        raise NotPermitted("obligation_not_begun", **key._asdict(), opens=row.opens_at.isoformat())
    if turn.at >= known.made_up_until:
        raise NotPermitted("too_late_to_make_up", **key._asdict(), until=known.made_up_until.isoformat())


def _check_who(turn: Turn, known: KnownObligation) -> None:
    row, person = known.row, turn.command.acted_by
    found = may_act(
        known.spec,
        turn.facts.directory,
        turn.day,
        person,
        subject=row.subject,
        region=row.region,
        industry=row.industry,
    )
    if found is None:
        raise NotPermitted("obligation_of_others", duty=known.spec.id, subject=row.subject, by=known.spec.by)
