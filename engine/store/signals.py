"""Signals between streams: delivered in order for each source and target, gone when the target's entry stands."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, delete, exists, or_, select, update

from engine.core.command import Stream
from engine.store.parts import Run, slices
from engine.store.records import SignalRow
from engine.store.schema import signal


class Signals:
    """Claims of signals that may be delivered now."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def claim(self, now: int, limit: int) -> list[SignalRow]:
        """The first undelivered signal of each source and target, locked until the transaction ends."""
        earlier = signal.alias("earlier")
        first = ~exists().where(
            earlier.c.source_kind == signal.c.source_kind,
            earlier.c.source_id == signal.c.source_id,
            earlier.c.target_kind == signal.c.target_kind,
            earlier.c.target_id == signal.c.target_id,
            or_(earlier.c.seq < signal.c.seq, and_(earlier.c.seq == signal.c.seq, earlier.c.n < signal.c.n)),
        )
        statement = (
            select(signal)
            .where(signal.c.next_at <= now, first)
            .order_by(signal.c.next_at, signal.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=signal)
        )
        return [
            SignalRow(
                id=row.id,
                source=Stream(row.source_kind, row.source_id),
                seq=row.seq,
                n=row.n,
                target=Stream(row.target_kind, row.target_id),
                name=row.name,
                data=bytes(row.data),
            )
            for row in self._run(statement)
        ]

    def defer(self, signal_id: str, next_at: int) -> int:
        """Try again later, and those behind it after it; how often it has been tried."""
        later = update(signal).where(signal.c.id == signal_id).values(next_at=next_at, attempts=signal.c.attempts + 1)
        row = self._run(later.returning(signal.c.attempts)).one_or_none()
        return int(row[0]) if row else 0

    def drop(self, ids: Iterable[str]) -> int:
        """Forget signals that are delivered, or that their target refuses for good; how many went."""
        return sum(self._run(delete(signal).where(signal.c.id.in_(some))).rowcount for some in slices(ids))
