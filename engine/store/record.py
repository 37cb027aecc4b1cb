"""The record read whole: for folding anew, for verification and export; it knows no scope and is not for pages."""

from __future__ import annotations

from sqlalchemy import func, select, tuple_

from engine.core.command import Stream
from engine.store.parts import Run
from engine.store.records import EntryRow
from engine.store.schema import entry, stream


class Record:
    """Streams and their entries in order."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def entries(self, of: Stream, *, after: int = 0, limit: int = 1000) -> list[EntryRow]:
        """Entries of a stream with a seq above `after`, in order."""
        mine = (entry.c.kind == of.kind) & (entry.c.id == of.id) & (entry.c.seq > after)
        return [
            EntryRow(
                stream=of,
                seq=row.seq,
                command_id=row.command_id,
                leaf=bytes(row.leaf),
                recorded_at=row.recorded_at,
                request=bytes(row.request),
                bytes=bytes(row.bytes),
            )
            for row in self._run(select(entry).where(mine).order_by(entry.c.seq).limit(limit))
        ]

    def streams(self, *, after: Stream | None = None, limit: int = 1000) -> list[tuple[Stream, int, bytes]]:
        """Streams in order of kind and id, each with its seq and head."""
        statement = select(stream.c.kind, stream.c.id, stream.c.seq, stream.c.head)
        if after is not None:
            statement = statement.where(tuple_(stream.c.kind, stream.c.id) > (after.kind, after.id))
        rows = self._run(statement.order_by(stream.c.kind, stream.c.id).limit(limit))
        return [(Stream(row.kind, row.id), row.seq, bytes(row.head)) for row in rows]

    def seq_of(self, of: Stream) -> int:
        """The last entry of a stream, 0 = there is none."""
        found = self._run(select(stream.c.seq).where(stream.c.kind == of.kind, stream.c.id == of.id))
        return int(found.scalar_one_or_none() or 0)

    def count(self) -> int:
        """All entries of all streams."""
        return int(self._run(select(func.count()).select_from(entry)).scalar_one())
