"""The outbox: pending → sending(epoch) → sent | failed | dead | unknown; results are fenced by the claim's epoch."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select, update

from engine.core.command import Stream
from engine.store.digests import DIGEST
from engine.store.parts import Run
from engine.store.schema import UNSENT, message
from engine.store.views import ClaimedMessage

#: sent: the channel took it. failed: never will. dead: too many attempts, somebody must look. unknown: perhaps sent.
Result = Literal["sent", "failed", "dead", "unknown"]


class Outbox:
    """Claims messages to send and records how that went."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def claim(self, now: int, limit: int, until: int) -> list[ClaimedMessage]:
        """Messages due by now, those that wait longest first; the claim lapses at `until` and may then be repeated."""
        due = (
            select(message)
            .where(UNSENT, message.c.next_at <= now)
            .order_by(message.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self._run(due).all()
        if rows:
            claimed = update(message).where(message.c.key.in_([row.key for row in rows]))
            self._run(
                claimed.values(
                    status="sending", next_at=until, attempts=message.c.attempts + 1, epoch=message.c.epoch + 1
                )
            )
        return [_claimed(row, now) for row in rows]

    def finish(
        self, claim: ClaimedMessage, result: Result, *, channel: str, at: int, receipt: str = "", reason: str = ""
    ) -> bool:
        """Record the end of a claim; False if it had lapsed and another worker took the message."""
        return self._result(claim, status=result, next_at=at, channel=channel, receipt=receipt, reason=reason)

    def retry(self, claim: ClaimedMessage, *, next_at: int, channel: str, reason: str) -> bool:
        """Try again later; False if the claim had lapsed and another worker took the message."""
        return self._result(claim, status="pending", next_at=next_at, channel=channel, reason=reason, counted_on="")

    def count(self, claim: ClaimedMessage, day: str, channel: str) -> bool:
        """Note that a claimed message is among those of a local day; False if the claim had lapsed."""
        return self._result(claim, counted_on=day, channel=channel)

    def counted(self, claim: ClaimedMessage) -> str:
        """The local day among whose messages a claimed one is; "" = none, or the claim had lapsed."""
        held = (message.c.key == claim.key) & (message.c.status == "sending") & (message.c.epoch == claim.epoch)
        return self._run(select(message.c.counted_on).where(held)).scalar_one_or_none() or ""

    def overtake(self, claim: ClaimedMessage, reason: str, at: int) -> bool:
        """A claimed message asks for something in vain by now; False if the claim had lapsed."""
        return self._result(claim, status="overtaken", reason=reason, next_at=at)

    def revive(self, key: str, at: int) -> bool:
        """Let a message that is dead, failed or unknown be tried again under the same key."""
        over = message.c.status.in_(("dead", "failed", "unknown"))
        told = {"status": "pending", "next_at": at, "attempts": 0, "digest": "", "counted_on": ""}
        revived = self._run(update(message).where(message.c.key == key, over).values(**told)).rowcount == 1
        if revived and key.startswith(f"{DIGEST}/"):  # what is in a digest is told by it again
            self._run(update(message).where(message.c.digest == key, over).values(status="waiting", next_at=at))
        return revived

    def mark_read(self, person: str, key: str, at: int) -> bool:
        """Note the first reading; False if it is not this person's or was read before."""
        unread = (message.c.key == key) & (message.c.person == person) & message.c.read_at.is_(None)
        return self._run(update(message).where(unread).values(read_at=at)).rowcount == 1

    def read_up_to(self, person: str, created_at: int, at: int) -> int:
        """Note the first reading of all messages to a person up to those of an instant; how many that were."""
        unread = (message.c.person == person) & message.c.read_at.is_(None) & (message.c.created_at <= created_at)
        return self._run(update(message).where(unread).values(read_at=at)).rowcount

    def _result(self, claim: ClaimedMessage, **values: Any) -> bool:
        held = (message.c.key == claim.key) & (message.c.status == "sending") & (message.c.epoch == claim.epoch)
        return self._run(update(message).where(held).values(**values)).rowcount == 1


def _claimed(row: Any, now: int) -> ClaimedMessage:
    return ClaimedMessage(
        key=row.key,
        stream=Stream(row.kind, row.id),
        seq=row.seq,
        person=row.person,
        text=row.text,
        references=bytes(row.references),
        created_at=row.created_at,
        attempts=row.attempts + 1,
        epoch=row.epoch + 1,
        doubtful=row.status == "sending",
        claimed_at=now,
        manner=row.manner,
        why=row.why,
        counted_on=row.counted_on,
        channel=row.channel,
    )
