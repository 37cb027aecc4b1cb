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

    def between(self, of: Stream, first: int, last: int, *, limit: int = 5000) -> list[bytes]:
        """The exact bytes of a stream's entries recorded from one instant up to another, in order."""
        mine = (entry.c.kind == of.kind, entry.c.id == of.id, entry.c.recorded_at >= first, entry.c.recorded_at <= last)
        found = self._run(select(entry.c.bytes).where(*mine).order_by(entry.c.seq).limit(limit))
        return [bytes(data) for data in found.scalars()]

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

    def recorded_at(self, of: Stream, seq: int) -> int | None:
        """When an entry of a stream was recorded, None = there is none."""
        mine = (entry.c.kind == of.kind, entry.c.id == of.id, entry.c.seq == seq)
        found = self._run(select(entry.c.recorded_at).where(*mine)).scalar_one_or_none()
        return int(found) if found is not None else None

    def snapshot_of(self, of: Stream) -> tuple[bytes, int] | None:
        """The encoded snapshot of a stream, which is not locked, and the version of the fold that made it."""
        mine = (stream.c.kind == of.kind, stream.c.id == of.id)
        row = self._run(select(stream.c.snapshot, stream.c.fold_version).where(*mine)).one_or_none()
        return (bytes(row[0]), int(row[1])) if row is not None else None

    def heads(self, kind: str) -> dict[str, bytes]:
        """The heads of all streams of a kind, by their ids, in order."""
        mine = select(stream.c.id, stream.c.head).where(stream.c.kind == kind).order_by(stream.c.id)
        return {str(name): bytes(head) for name, head in self._run(mine)}

    def count(self) -> int:
        """All entries of all streams."""
        return int(self._run(select(func.count()).select_from(entry)).scalar_one())
