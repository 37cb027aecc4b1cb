"""Sends what is told to people: claim → resolve → admit → call → classify → record, one message at a time.

A message calls something outside between two transactions; so it may be sent twice under one key, never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Literal

import structlog

from engine.core.ports import INBOX, Addresses, Message, Messenger, Sent
from engine.errors import ZhibenError
from engine.runtime.backoff import retry_after
from engine.runtime.budgeting import Admission, Budgeting
from engine.runtime.door import Door
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.texts import Texts
from engine.store.digests import DIGEST
from engine.store.session import Session
from engine.store.views import ClaimedMessage

log = structlog.get_logger()

#: Messages sent before other work is looked at again.
MESSAGES_TOGETHER = 50
#: After this many attempts a message is dead; a person must look.
MOST_ATTEMPTS = 8
#: A claimed message is nobody else's for this long.
CLAIM = timedelta(minutes=5)

#: How an attempt to send ended, for the outbox.
Ended = Literal["sent", "retry", "failed", "dead", "unknown"]


class Sending:
    """Hands due messages to their channels; `budgeting` says which of them leave the product now, None = all."""

    def __init__(
        self,
        *,
        door: Door,
        texts: Texts,
        messengers: Sequence[Messenger],
        addresses: Addresses,
        budgeting: Budgeting | None = None,
    ) -> None:
        self._door = door
        self._texts = texts
        self._messengers: Mapping[str, Messenger] = {one.channel: one for one in messengers}
        self._addresses = addresses
        self._budgeting = budgeting

    def send_due(self, stopping: Callable[[], bool]) -> int:
        """Deal with messages whose time has come; each is claimed alone: a crash leaves one in doubt at most."""
        dealt = 0
        claim = self._door.run(_claim_message)
        while claim is not None:
            ended = self._attempt(claim)
            dealt += 1
            more = dealt < MESSAGES_TOGETHER and not stopping()
            if ended is not None:
                channel, sent = ended
                claim = self._door.run(partial(_record_sent, claim=claim, channel=channel, sent=sent, more=more))
            else:
                claim = self._door.run(_claim_message) if more else None
        return dealt

    def _attempt(self, claim: ClaimedMessage) -> tuple[str, Sent] | None:
        """The channel that was tried, and how that ended; None where the message does not go now."""
        channel = ""
        try:
            reachable = {name: at for name, at in self._addresses.of(claim.person).items() if name in self._messengers}
            channel, last = next(iter(reachable), ""), False
            if not channel:
                return "", Sent(outcome="failed", reason="no_address")
            if self._doubtful(claim, channel):
                return channel, Sent(outcome="unknown", reason="claim_lapsed")
            if self._budgeting is not None and channel != INBOX:
                admitted = self._admitted(claim, reachable)
                channel, last = admitted.channel, admitted.last
                if not channel:
                    return None
            subject, body = self._texts.render(claim, last=last)
        except Exception as exc:
            log.exception("message_not_resolved", key=claim.key)
            reason = exc.code if isinstance(exc, ZhibenError) else type(exc).__name__
            return channel, Sent(outcome="retry", reason=reason)
        message = Message(key=claim.key, address=reachable[channel], subject=subject, body=body)
        return channel, self._call(message, channel)

    def _doubtful(self, claim: ClaimedMessage, channel: str) -> bool:
        """Whether it may have been sent before by a channel that would keep a double: not without being counted."""
        if not claim.doubtful or self._messengers[claim.channel or channel].idempotent:
            return False
        return self._budgeting is None or channel == INBOX or bool(claim.counted_on)

    def _admitted(self, claim: ClaimedMessage, reachable: Mapping[str, str]) -> Admission:
        assert self._budgeting is not None
        outside = tuple(name for name in reachable if name != INBOX)
        return self._door.run(partial(self._budgeting.admit, claim=claim, outside=outside))

    def _call(self, message: Message, channel: str) -> Sent:
        try:
            return self._messengers[channel].send(message)
        except Exception as exc:
            log.exception("messenger_failed", channel=channel, key=message.key)
            return Sent(outcome="unknown", reason=type(exc).__name__)


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
        # before the message's own row, as everybody does
        counted = sent.outcome in ("retry", "failed") and session.outbox.counted(claim)
        if counted:
            session.message_days.lock(claim.person, counted)
        if ended == "retry":
            wait = retry_after(claim.attempts, service.dice)
            held = session.outbox.retry(claim, next_at=micros(now + wait), **told)
        else:
            held = session.outbox.finish(claim, ended, at=micros(now), receipt=sent.receipt, **told)
            if held and claim.stream.kind == DIGEST:
                session.digests.settle(claim, ended, next_at=micros(now), **told)
        if not held:
            log.warning("claim_lapsed", key=claim.key, epoch=claim.epoch, ended=ended)
        elif ended in ("failed", "dead", "unknown"):
            session.incidents.record(f"message_{ended}", claim.stream, command=claim.key, data=told, at=micros(now))
        if held and counted:
            urgent = claim.manner == "urgent"
            session.message_days.give_back(claim.person, counted, channel, urgent=urgent)
        return _next_message(service, session) if more else None
