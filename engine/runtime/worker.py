"""The worker: due timers, signals and changes of holders through the one door, messages through adapters.

Timers and signals are claimed, decided and recorded in one transaction; only messages call something outside, between
two transactions (sending.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import msgspec
import structlog

from engine.core.budget import Rules
from engine.core.command import SYSTEM, FireTimer, Request
from engine.core.links import delivery
from engine.core.ports import Addresses, Messenger
from engine.errors import Busy, ZhibenError
from engine.runtime.budgeting import Budgeting
from engine.runtime.carrying import carry_out, leave_incident
from engine.runtime.deeds import fold_deeds
from engine.runtime.door import Door
from engine.runtime.duty_turning import LateCases, turn_due
from engine.runtime.projection import micros
from engine.runtime.rehold import Rehold
from engine.runtime.sending import MOST_ATTEMPTS, Sending
from engine.runtime.service import Service
from engine.runtime.tallying import count_changed
from engine.runtime.texts import Texts
from engine.runtime.watching import Watching
from engine.store.records import SignalRow, TimerRow
from engine.store.session import Session

log = structlog.get_logger()

#: Timers and signals taken in one transaction; beyond 500 only the wait of clicks grows (performance.md).
TIMERS_TOGETHER = 200
SIGNALS_TOGETHER = 100
#: What cannot be decided is tried again after this time, with an incident open meanwhile.
POISON_PAUSE = timedelta(hours=1)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did."""

    timers: int = 0
    signals: int = 0
    messages: int = 0
    #: cases whose holders were looked up anew
    holders: int = 0

    def __bool__(self) -> bool:
        return bool(self.timers or self.signals or self.messages or self.holders)


class Worker:
    """Does due work; any number may run against PostgreSQL, one beside the writer of SQLite.

    `rules` say how much leaves the product for one person in a day; None = whatever is told.
    """

    def __init__(
        self,
        *,
        door: Door,
        texts: Texts,
        messengers: Sequence[Messenger],
        addresses: Addresses,
        rules: Rules | None = None,
    ) -> None:
        self._door = door
        self._sending = Sending(
            door=door,
            texts=texts,
            messengers=messengers,
            addresses=addresses,
            budgeting=Budgeting(rules) if rules else None,
        )
        self._rehold = Rehold()
        self._watching = Watching()
        self._late_cases = LateCases()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the transaction under way and take no more work."""
        self._stopping.set()

    def drain(self, *, most_rounds: int = 1_000_000) -> Done:
        """Work until nothing is due, or until told to stop."""
        total = Done()
        for _ in range(most_rounds):
            if self._stopping.is_set():
                break
            done = self.round()
            if not done and not self._look():
                break
            total = Done(
                timers=total.timers + done.timers,
                signals=total.signals + done.signals,
                messages=total.messages + done.messages,
                holders=total.holders + done.holders,
            )
        self._count()
        return total

    def _look(self) -> int:
        """Once nothing else is due: fold what people did, then let watches look at what has ended."""
        while not self._stopping.is_set() and _counted(partial(self._door.run, fold_deeds)):
            pass
        return 0 if self._stopping.is_set() else _counted(partial(self._door.run, self._watching.step))

    def _count(self) -> None:
        """Count what has changed, after all that is due."""
        while not self._stopping.is_set() and _counted(partial(self._door.run, count_changed)):
            pass

    def round(self) -> Done:
        """One transaction of each kind of due work; where one kind fails, the others go on."""
        return Done(
            timers=_counted(partial(self._door.run, fire_due)) + self._turn(),
            signals=_counted(partial(self._door.run, deliver_due)),
            holders=_counted(partial(self._door.run, self._rehold.step)),
            messages=_counted(partial(self._sending.send_due, self._stopping.is_set)),
        )

    def _turn(self) -> int:
        """One step of a duty, then a few cases of whoever is late by one."""
        return _counted(partial(self._door.run, turn_due)) + _counted(partial(self._door.run, self._late_cases.step))


def _counted(work: Callable[[], int]) -> int:
    try:
        return work()
    except Busy as busy:
        log.warning("worker_waits", reason=busy.code)
    except ZhibenError as failed:
        log.exception("worker_failed", reason=failed.code)
    return 0


# timers and signals ---------------------------------------------------------------------------------------------


def fire_due(service: Service) -> int:
    """Fire due timers of one transaction; those that cannot be decided are put off, with an incident."""
    now = service.clock.now()
    with service.store.session() as session:
        due = session.timers.claim(micros(now), service.pace.of("timers", TIMERS_TOGETHER))
        requests = [_fire(timer) for timer in due]
        for timer, request, outcome in zip(due, requests, carry_out(service, session, requests), strict=True):
            if isinstance(outcome, ZhibenError):
                leave_incident(service, session, request, outcome)
                session.timers.defer(timer, micros(now + POISON_PAUSE))
        for timer in session.timers.left(due, micros(now)):
            _arm_as_told(service, session, timer)
        return len(due)


def _arm_as_told(service: Service, session: Session, timer: TimerRow) -> None:
    """Arm a timer that is as it was although it was fired as its case says, or forget it.

    Its case does not know it any more, or had noted it before, or a clock was set back and it is not due after all.
    """
    row = session.load([timer.stream]).get(timer.stream)
    case = service.case_of(session, row) if row else None
    task = case.task(timer.task) if case else None
    if task is None or task.alarm is None:
        session.timers.drop(timer)
    else:
        session.timers.move(timer, micros(task.alarm.at), task.alarm.rung, task.alarm.epoch)


def _fire(timer: TimerRow) -> Request:
    return Request(
        id=f"timer:{timer.stream.id}.{timer.task}:{timer.rung}:{timer.epoch}",
        stream=timer.stream,
        act=FireTimer(task=timer.task, rung=timer.rung, epoch=timer.epoch),
        acted_by=SYSTEM,
        medium="timer",
    )


def deliver_due(service: Service) -> int:
    """Deliver signals in order; one whose target refuses is tried later and at last given up, with an incident."""
    now = service.clock.now()
    with service.store.session() as session:
        waiting = session.signals.claim(micros(now), service.pace.of("signals", SIGNALS_TOGETHER))
        requests = [_receive(signal) for signal in waiting]
        delivered: list[str] = []
        for signal, request, outcome in zip(waiting, requests, carry_out(service, session, requests), strict=True):
            if isinstance(outcome, ZhibenError):
                leave_incident(service, session, request, outcome)
                _put_off(service, session, signal, outcome)
            else:
                delivered.append(signal.id)
        # Each goes with the entry that notes it; one that was noted before would stay for ever.
        session.signals.drop(delivered)
        return len(waiting)


def _receive(signal: SignalRow) -> Request:
    told = delivery(signal.source, signal.seq, signal.n, signal.name, msgspec.json.decode(signal.data))
    return Request(
        id=signal.id,
        stream=signal.target,
        act=told.act,
        acted_by=told.acted_by,
        entered_by=told.entered_by,
        occurred_at=told.occurred_at,
        medium="signal",
        caused_by=f"{signal.source}:{signal.seq}",
    )


def _put_off(service: Service, session: Session, signal: SignalRow, error: ZhibenError) -> None:
    now = service.clock.now()
    tried = session.signals.defer(signal.id, micros(now + POISON_PAUSE))
    if tried >= MOST_ATTEMPTS:
        session.incidents.record(
            "signal_given_up", signal.target, command=signal.id, data={"reason": error.code}, at=micros(now)
        )
        session.signals.drop([signal.id])
