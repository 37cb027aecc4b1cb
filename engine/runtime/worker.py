"""The worker: due timers and signals through the one door, messages through adapters.

Each kind of work is a pipeline of named steps: claim → resolve → call → classify → record. Timers and signals are
claimed, decided and recorded in one transaction; only messages call something outside, between two transactions.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never

import msgspec
import structlog

from engine.core.command import SYSTEM, FireTimer, ReceiveSignal, Request
from engine.core.ports import Addresses, Clock, Message, Messenger, Sent
from engine.errors import Busy, ZhibenError
from engine.runtime.backoff import retry_after
from engine.runtime.door import Door
from engine.runtime.projection import micros
from engine.runtime.service import Batch, Service
from engine.runtime.texts import Texts
from engine.store.records import SignalRow, TimerRow
from engine.store.session import Session
from engine.store.views import ClaimedMessage

log = structlog.get_logger()

#: Timers and signals taken in one transaction; beyond 500 only the wait of clicks grows (performance.md).
TIMERS_TOGETHER = 200
SIGNALS_TOGETHER = 100
MESSAGES_TOGETHER = 50
#: After this many attempts a message is dead, a signal given up; a person must look.
MOST_ATTEMPTS = 8
#: A timer that cannot be decided is tried again after this time, with an incident open meanwhile.
POISON_PAUSE = timedelta(hours=1)
#: A claimed message is nobody else's for this long.
CLAIM = timedelta(minutes=5)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did."""

    timers: int = 0
    signals: int = 0
    messages: int = 0

    def __bool__(self) -> bool:
        return bool(self.timers or self.signals or self.messages)


class Worker:
    """Does due work; any number may run against PostgreSQL, one beside the writer of SQLite."""

    def __init__(
        self, *, door: Door, clock: Clock, texts: Texts, messengers: Sequence[Messenger], addresses: Addresses
    ) -> None:
        self._door = door
        self._clock = clock
        self._texts = texts
        self._messengers: Mapping[str, Messenger] = {one.channel: one for one in messengers}
        self._addresses = addresses
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
            if not done:
                break
            total = Done(
                timers=total.timers + done.timers,
                signals=total.signals + done.signals,
                messages=total.messages + done.messages,
            )
        return total

    def round(self) -> Done:
        """One transaction of each kind of due work."""
        try:
            timers = self._door.run(fire_due)
            signals = self._door.run(deliver_due)
            return Done(timers=timers, signals=signals, messages=self.send_due())
        except Busy as busy:
            log.warning("worker_waits", reason=busy.code)
            return Done()

    # messages --------------------------------------------------------------------------------------------------

    def send_due(self) -> int:
        """Send messages whose time has come."""
        claimed = self._door.run(_claim_messages)
        for claim in claimed:
            if self._stopping.is_set():
                break
            channel, message = self._resolve(claim)
            sent = self._call(claim, channel, message)
            self._record(claim, channel, sent)
        return len(claimed)

    def _resolve(self, claim: ClaimedMessage) -> tuple[str, Message | None]:
        """The first channel on which the person can be reached, and the finished message."""
        reachable = self._addresses.of(claim.person)
        for channel, address in reachable.items():
            if channel in self._messengers:
                subject, body = self._door.run(lambda service: self._texts.render(service, claim))
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

    def _record(self, claim: ClaimedMessage, channel: str, sent: Sent) -> None:
        self._door.run(lambda service: _record_sent(service, claim, channel, sent))


def fire_due(service: Service) -> int:
    """Fire due timers of one transaction; those that cannot be decided are put off, with an incident."""
    now = service.clock.now()
    with service.store.session() as session:
        due = session.timers.claim(micros(now), TIMERS_TOGETHER)
        if not due:
            return 0
        requests = [_fire(timer) for timer in due]
        outcomes = Batch(service, session, ()).run(requests)
        for timer, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, ZhibenError):
                session.timers.defer(timer, micros(now + POISON_PAUSE))
            elif outcome.seq == 0:
                session.timers.drop(timer)
        return len(due)


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
        if not waiting:
            return 0
        outcomes = Batch(service, session, ()).run([_receive(signal) for signal in waiting])
        for signal, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, ZhibenError):
                _put_off(service, session, signal, outcome)
        return len(waiting)


def _receive(signal: SignalRow) -> Request:
    return Request(
        id=signal.id,
        stream=signal.target,
        act=ReceiveSignal(
            source=signal.source,
            source_seq=signal.seq,
            n=signal.n,
            name=signal.name,
            data=msgspec.json.decode(signal.data),
        ),
        acted_by=SYSTEM,
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


def _claim_messages(service: Service) -> list[ClaimedMessage]:
    now = service.clock.now()
    with service.store.session() as session:
        return session.outbox.claim(micros(now), MESSAGES_TOGETHER, micros(now + CLAIM))


def _record_sent(service: Service, claim: ClaimedMessage, channel: str, sent: Sent) -> None:
    now = service.clock.now()
    at = micros(now)
    with service.store.session() as session:
        match sent.outcome:
            case "sent" | "failed" | "unknown":
                session.outbox.finish(
                    claim, sent.outcome, channel=channel, at=at, receipt=sent.receipt, reason=sent.reason
                )
            case "retry" if claim.attempts >= MOST_ATTEMPTS:
                session.outbox.finish(claim, "dead", channel=channel, at=at, reason=sent.reason)
            case "retry":
                wait = retry_after(claim.attempts, service.dice)
                session.outbox.retry(claim, next_at=micros(now + wait), channel=channel, reason=sent.reason)
            case _:
                assert_never(sent.outcome)
        if sent.outcome in ("failed", "unknown") or (sent.outcome == "retry" and claim.attempts >= MOST_ATTEMPTS):
            session.incidents.record(
                f"message_{sent.outcome}", claim.stream, command=claim.key, data={"reason": sent.reason}, at=at
            )
