"""The clock of duties: one step of one duty in a transaction; and cases for who is late, where a duty says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.core.command import SYSTEM, Request, StartCase, Stream, TurnDuty
from engine.core.definition_duties import DutySpec
from engine.core.links import child_id
from engine.core.obligation_rows import ObligationRow, standing
from engine.core.obligations import ObligationKey, filled_in
from engine.errors import ZhibenError
from engine.runtime.carrying import carry_out, leave_incident
from engine.runtime.duty_facts import calendar_for, duty_of, stored_duty
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.records import TimerRow
from engine.store.session import Session

#: Cases begun in one transaction for those who are late.
CASES_TOGETHER = 50
#: What cannot be decided is tried again after this time, with an incident open meanwhile.
_PAUSE = timedelta(hours=1)


def turn_due(service: Service) -> int:
    """Do the next step of the duty whose moment came first; clicks go before the next."""
    now = service.clock.now()
    with service.store.session() as session:
        due = session.timers.claim(micros(now), 1, duties=True)
        requests = [_turn(timer) for timer in due]
        for timer, request, outcome in zip(due, requests, carry_out(service, session, requests), strict=True):
            if isinstance(outcome, ZhibenError):
                leave_incident(service, session, request, outcome)
                session.timers.defer(timer, micros(now + _PAUSE))
        for timer in session.timers.left(due, micros(now)):
            _arm_as_told(session, timer)
        return len(due)


def _turn(timer: TimerRow) -> Request:
    return Request(
        id=f"timer:{timer.stream}.{timer.task}:{timer.rung}:{timer.epoch}",
        stream=timer.stream,
        act=TurnDuty(rung=timer.rung, epoch=timer.epoch),
        acted_by=SYSTEM,
        medium="timer",
    )


def _arm_as_told(session: Session, timer: TimerRow) -> None:
    """Arm a timer that is as it was although it was fired as its duty says, or forget it."""
    state = duty_of(session, session.load([timer.stream]).get(timer.stream))
    if state is None or state.alarm is None:
        session.timers.drop(timer)
    else:
        session.timers.move(timer, micros(state.alarm.at), state.alarm.rung, state.alarm.epoch)


class LateCases:
    """Begins the cases of whoever is late, a few at a time; what was refused is left alone for a while."""

    def __init__(self) -> None:
        self._specs: dict[str, tuple[bytes, DutySpec | None]] = {}
        self._refused: dict[str, datetime] = {}

    def step(self, service: Service) -> int:
        """One transaction; how many cases were begun."""
        now = service.clock.now()
        self._refused = {key: until for key, until in self._refused.items() if until > now}
        with service.store.session() as session:
            specs = self._starting(session)
            rows = session.obligations.untended(list(specs), limit=CASES_TOGETHER + len(self._refused)) if specs else []
            told = [(_key(row), row) for row in rows]
            due = [(key, row) for key, row in told if key not in self._refused][:CASES_TOGETHER]
            requests = [_begin(service, session, specs[row.duty], key, row) for key, row in due]
            outcomes = carry_out(service, session, requests)
            for (key, _), request, outcome in zip(due, requests, outcomes, strict=True):
                if isinstance(outcome, ZhibenError):
                    leave_incident(service, session, request, outcome)
                    self._refused[key] = now + _PAUSE
            return sum(1 for one in outcomes if not isinstance(one, ZhibenError))

    def _starting(self, session: Session) -> dict[str, DutySpec]:
        """The duties that begin a case for who is late; each is read again only when it has changed."""
        found: dict[str, DutySpec] = {}
        for duty, head in session.record.heads("duty").items():
            kept = self._specs.get(duty)
            if kept is None or kept[0] != head:
                state = stored_duty(session.record, duty)
                spec = state.spec if state is not None and state.spec.late_action else None
                kept = self._specs[duty] = (head, spec)
            if kept[1] is not None:
                found[duty] = kept[1]
        return found


def _key(row: ObligationRow) -> str:
    return str(ObligationKey(row.duty, row.period, row.subject))


def _begin(service: Service, session: Session, spec: DutySpec, key: str, row: ObligationRow) -> Request:
    version = session.definitions.latest(spec.procedure, spec.plan)
    calendar = calendar_for(service.catalog.calendars, spec)
    name = f"late:{key}"
    return Request(
        id=name,
        stream=Stream(kind="case", id=child_id(name)),
        act=StartCase(
            version=version,
            action=spec.late_action,
            data=filled_in(spec, standing(row), calendar),
            obligation=key,
        ),
        acted_by=SYSTEM,
        medium="timer",
    )
