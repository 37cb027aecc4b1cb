"""Due timers: claimed by the transaction that fires and so removes or moves them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, select, update

from engine.core.command import Stream
from engine.store.parts import Run, slices
from engine.store.records import TimerRow
from engine.store.schema import stream, timer
from engine.store.schema.base import fixed

_DUE = (
    select(timer.c.kind, timer.c.id, timer.c.task, timer.c.fire_at, timer.c.rung, timer.c.epoch)
    .join(stream, and_(stream.c.kind == timer.c.kind, stream.c.id == timer.c.id))
    .order_by(timer.c.fire_at)
)


class Timers:
    """Claims of due timers; no lease is needed, since claim and firing are one transaction."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def claim(self, now: int, limit: int, *, duties: bool = False) -> list[TimerRow]:
        """Timers due by now, the longest due first, with their streams locked until the transaction ends.

        Those of duties concern thousands each: they are claimed apart, and then nothing else is.

        Locked are the streams and not the timers, as in every other transaction: who held a timer and then wanted its
        stream would meet who holds the stream and is about to arm that timer. On PostgreSQL streams that another open
        transaction holds are passed over; on SQLite nobody else writes. What was armed anew while the lock was taken
        is told as it was before: firing it changes nothing, since its epoch is over.
        """
        wanted = (timer.c.fire_at <= now, timer.c.kind == fixed("duty") if duties else timer.c.kind != fixed("duty"))
        statement = _DUE.where(*wanted).limit(limit).with_for_update(of=stream, skip_locked=True)
        return [
            TimerRow(stream=Stream(kind, stream_id), task=task, fire_at=fire_at, rung=rung, epoch=epoch)
            for kind, stream_id, task, fire_at, rung, epoch in self._run(statement)
        ]

    def waiting(self, by: int) -> bool:
        """Whether anything is due by an instant, whoever is about to fire it."""
        return self._run(select(timer.c.fire_at).where(timer.c.fire_at <= by).limit(1)).first() is not None

    def defer(self, row: TimerRow, fire_at: int) -> bool:
        """Try again later; False if the timer has been armed anew meanwhile."""
        return self._run(update(timer).where(_same(row)).values(fire_at=fire_at)).rowcount == 1

    def left(self, rows: Sequence[TimerRow], now: int) -> list[TimerRow]:
        """Those of the rows that are still due as they were."""
        armed: set[tuple[str, str, int, int]] = set()
        for kind in {row.stream.kind for row in rows}:
            for ids in slices(row.stream.id for row in rows if row.stream.kind == kind):
                # by key alone: asked for by moment, too, a database may read whatever else is due
                mine = (timer.c.kind == kind) & timer.c.id.in_(ids)
                found = self._run(select(timer.c.id, timer.c.task, timer.c.epoch, timer.c.fire_at).where(mine))
                armed |= {(kind, row_id, task, epoch) for row_id, task, epoch, fire_at in found if fire_at <= now}
        return [row for row in rows if (row.stream.kind, row.stream.id, row.task, row.epoch) in armed]

    def move(self, row: TimerRow, fire_at: int, rung: str, epoch: int) -> bool:
        """Arm it for another moment; False if it has been armed anew meanwhile."""
        moved = update(timer).where(_same(row)).values(fire_at=fire_at, rung=rung, epoch=epoch)
        return self._run(moved).rowcount == 1

    def drop(self, row: TimerRow) -> bool:
        """Forget a timer that no case knows; False if it has been armed anew meanwhile."""
        return self._run(delete(timer).where(_same(row))).rowcount == 1


def _same(row: TimerRow) -> ColumnElement[bool]:
    return (
        (timer.c.kind == row.stream.kind)
        & (timer.c.id == row.stream.id)
        & (timer.c.task == row.task)
        & (timer.c.epoch == row.epoch)
    )
