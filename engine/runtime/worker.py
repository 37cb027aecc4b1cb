"""The worker: due timers, signals and changes of holders through the one door, messages through adapters.

Each kind of work is a pipeline of named steps: claim → resolve → call → classify → record. Timers and signals are
claimed, decided and recorded in one transaction; only messages call something outside, between two transactions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

import msgspec
import structlog

from engine.core.command import SYSTEM, FireTimer, Request
from engine.core.links import delivery
from engine.core.ports import Addresses, Message, Messenger, Sent
from engine.errors import Busy, ZhibenError
from engine.runtime.backoff import retry_after
from engine.runtime.carrying import carry_out, leave_incident
from engine.runtime.deeds import fold_deeds
from engine.runtime.door import Door
from engine.runtime.projection import micros
from engine.runtime.rehold import Rehold
from engine.runtime.service import Service
from engine.runtime.tallying import count_changed
from engine.runtime.texts import Texts
from engine.runtime.watching import Watching
from engine.store.records import SignalRow, TimerRow
from engine.store.session import Session
from engine.store.views import ClaimedMessage

log = structlog.get_logger()

#: Timers and signals taken in one transaction; beyond 500 only the wait of clicks grows (performance.md).
TIMERS_TOGETHER = 200
SIGNALS_TOGETHER = 100
#: Messages sent before timers are looked at again.
MESSAGES_TOGETHER = 50
#: After this many attempts a message is dead, a signal given up; a person must look.
MOST_ATTEMPTS = 8
#: What cannot be decided is tried again after this time, with an incident open meanwhile.
POISON_PAUSE = timedelta(hours=1)
#: A claimed message is nobody else's for this long.
CLAIM = timedelta(minutes=5)

#: How an attempt to send ended, for the outbox.
Ended = Literal["sent", "retry", "failed", "dead", "unknown"]


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
    """Does due work; any number may run against PostgreSQL, one beside the writer of SQLite."""

    def __init__(self, *, door: Door, texts: Texts, messengers: Sequence[Messenger], addresses: Addresses) -> None:
        self._door = door
        self._texts = texts
        self._messengers: Mapping[str, Messenger] = {one.channel: one for one in messengers}
        self._addresses = addresses
        self._rehold = Rehold()
        self._watching = Watching()
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
            timers=_counted(partial(self._door.run, fire_due)),
            signals=_counted(partial(self._door.run, deliver_due)),
            holders=_counted(partial(self._door.run, self._rehold.step)),
            messages=_counted(self.send_due),
        )

    # messages --------------------------------------------------------------------------------------------------

    def send_due(self) -> int:
        """Send messages whose time has come; each is claimed alone, so that a crash leaves one in doubt at most."""
        sent = 0
        claim = self._door.run(_claim_message)
        while claim is not None:
            channel, result = self._attempt(claim)
            sent += 1
            more = sent < MESSAGES_TOGETHER and not self._stopping.is_set()
            claim = self._door.run(partial(_record_sent, claim=claim, channel=channel, sent=result, more=more))
        return sent

    def _attempt(self, claim: ClaimedMessage) -> tuple[str, Sent]:
        try:
            channel, message = self._resolve(claim)
        except Exception as exc:
            log.exception("message_not_resolved", key=claim.key)
            return "", Sent(outcome="retry", reason=exc.code if isinstance(exc, ZhibenError) else type(exc).__name__)
        return channel, self._call(claim, channel, message)

    def _resolve(self, claim: ClaimedMessage) -> tuple[str, Message | None]:
        """The first channel on which the person can be reached, and the finished message."""
        reachable = self._addresses.of(claim.person)
        for channel, address in reachable.items():
            if channel in self._messengers:
                subject, body = self._texts.render(claim)
                return channel, Message(key=claim.key, address=address, subject=subject, body=body)
        return "", None

    def _call(self, claim: ClaimedMessage, channel: str, message: Message | None) -> Sent:
        if message is None:
            return Sent(outcome="failed", reason="no_address")
        messenger = self._messengers[channel]
        if claim.doubtful and not messenger.idempotent:
            return Sent(outcome="unknown", reason="claim_lapsed")
        try:
            return messenger.send(message)
        except Exception as exc:
            log.exception("messenger_failed", channel=channel, key=claim.key)
            return Sent(outcome="unknown", reason=type(exc).__name__)


def _counted(work: Callable[[], int]) -> int:
    try:
        return work()
    except Busy as busy:
        log.warning("worker_waits", reason=busy.code)
    except ZhibenError as failed:
        log.exception("worker_failed", reason=failed.code)
    return 0


def _claim_message(service: Service) -> ClaimedMessage | None:
    with service.store.session() as session:
        return _next_message(service, session)


def _next_message(service: Service, session: Session) -> ClaimedMessage | None:
    now = service.clock.now()
    claimed = session.outbox.claim(micros(now), 1, micros(now + CLAIM))
    return claimed[0] if claimed else None


def classify(sent: Sent, attempts: int) -> Ended:
    """What an attempt means for the message: after so many, what failed for now has failed for good."""
    return "dead" if sent.outcome == "retry" and attempts >= MOST_ATTEMPTS else sent.outcome


def _record_sent(
    service: Service, *, claim: ClaimedMessage, channel: str, sent: Sent, more: bool
) -> ClaimedMessage | None:
    """Record how a message ended and, if more are to be sent, claim the next one."""
    ended, now = classify(sent, claim.attempts), service.clock.now()
    told = {"channel": channel, "reason": sent.reason}
    with service.store.session() as session:
        if ended == "retry":
            wait = retry_after(claim.attempts, service.dice)
            held = session.outbox.retry(claim, next_at=micros(now + wait), **told)
        else:
            held = session.outbox.finish(claim, ended, at=micros(now), receipt=sent.receipt, **told)
        if not held:
            log.warning("claim_lapsed", key=claim.key, epoch=claim.epoch, ended=ended)
        elif ended in ("failed", "dead", "unknown"):
            session.incidents.record(f"message_{ended}", claim.stream, command=claim.key, data=told, at=micros(now))
        return _next_message(service, session) if more else None


# timers and signals ---------------------------------------------------------------------------------------------


def fire_due(service: Service) -> int:
    """Fire due timers of one transaction; those that cannot be decided are put off, with an incident."""
    now = service.clock.now()
    with service.store.session() as session:
        due = session.timers.claim(micros(now), TIMERS_TOGETHER)
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
        waiting = session.signals.claim(micros(now), SIGNALS_TOGETHER)
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
