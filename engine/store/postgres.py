"""PostgreSQL: pinned connections at READ COMMITTED; row locks for batches, compare and swap for a command alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    create_engine,
    insert,
)  # fmt: skip
from sqlalchemy.engine import make_url

from engine.core.command import Stream
from engine.errors import Broken
from engine.store import arrays, flat
from engine.store.arrays import Texts
from engine.store.errors import DRIVER_ERRORS, CommitUnknown, StaleWrite, translate
from engine.store.lookups import Lookup
from engine.store.postgres_write import statement
from engine.store.records import StreamRow, Write
from engine.store.schema import signal
from engine.store.session import Session
from engine.store.statements import SIGNAL, PostgresTexts
from engine.store.views import AnswerRow, EvidenceRow, Taken

_COMMON = "-c jit=off -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s -c synchronous_commit=on"
#: Hot statements look rows up by key. A plan made while a table was small would scan it and be kept for too long.
_WRITER = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan"
_PREPARED_MOST = 400


def refuse_unsafe(settings: Mapping[str, str]) -> None:
    """Broken if the server may lose committed writes; settings by name, as SHOW tells them."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if settings.get(name, "on") == "off":
            raise Broken("unsafe_postgres", setting=name, value="off")


def open_engine(url: str, *, writer: bool, size: int) -> Engine:
    """An engine; SQLAlchemy neither begins nor ends transactions on its connections."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        connect_args={"options": f"{_COMMON} {_WRITER}" if writer else _COMMON},
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=not writer,
    )


class PostgresSession(Session):
    """A transaction on a connection of its own.

    Alone, it begins only when something but a plain read and one write is asked of it: reads take no lock then, and
    the write is a single statement, a transaction by itself, guarded by compare and swap.
    """

    def __init__(self, connection: Connection, texts: PostgresTexts) -> None:
        super().__init__(connection)
        held: Any = connection.connection.driver_connection
        self._held: psycopg.Connection[Any] = held
        self._held.prepared_max = _PREPARED_MOST
        arrays.register(self._held)
        self._cursor = psycopg.RawCursor(self._held)
        self._texts = texts
        self._alone = self._begun = self._spent = False
        self._directory_version = -1

    @property
    def usable(self) -> bool:
        """Whether the connection may serve another transaction."""
        return not self._held.closed and self._held.pgconn.transaction_status == TransactionStatus.IDLE

    def begin(self, *, alone: bool = False) -> None:
        """Begin, or alone wait until that is needed."""
        self._directory_version = -1
        self._savepoints = 0
        self._lost = self._begun = self._spent = False
        self._alone = alone
        if not alone:
            self._ensure()

    def commit(self) -> None:
        """Make durable what was written; CommitUnknown if the answer did not arrive."""
        if self._lost:
            raise Broken("transaction_lost")
        if not self._begun:
            return
        try:
            self._cursor.execute(b"COMMIT")
        except psycopg.Error as error:
            if self._held.closed or self._held.broken:
                raise CommitUnknown("commit_unknown", reason=str(error)) from error
            raise
        if self._cursor.statusmessage != "COMMIT":
            raise Broken("transaction_lost")

    def rollback(self) -> None:
        """Undo what was written; a broken connection has done so by breaking."""
        if not self._held.closed and self._held.pgconn.transaction_status != TransactionStatus.IDLE:
            try:
                self._cursor.execute(b"ROLLBACK")
            except psycopg.Error:
                self._held.close()

    def close(self) -> None:
        """Give the connection up."""
        self._connection.invalidate()
        self._connection.close()

    def run(self, statement: Executable, rows: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement of SQLAlchemy in this transaction."""
        self._ensure()
        return super().run(statement, rows)

    def _statement(self, text: str) -> None:
        self._ensure()
        self._cursor.execute(text.encode())

    def _ensure(self) -> None:
        if self._begun:
            return
        if self._spent:
            raise Broken("session_spent")
        self._cursor.execute(b"BEGIN ISOLATION LEVEL READ COMMITTED")
        self._begun = True

    def _fetch(self, text: bytes, parameters: Sequence[Any]) -> list[Any]:
        return self._cursor.execute(text, parameters, prepare=True, binary=True).fetchall()

    def answered(self, command_ids: Sequence[str]) -> dict[str, AnswerRow]:
        """What the commands among these that have been carried out were answered, by id."""
        rows = self._fetch(self._texts.answered, (Texts(command_ids),))
        return {row[0]: flat.answer(row) for row in rows}

    def load(self, streams: Sequence[Stream]) -> dict[Stream, StreamRow]:
        """The heads of those streams that exist, locked in one order; not locked if alone."""
        keys = (Texts([stream.kind for stream in streams]), Texts([stream.id for stream in streams]))
        rows = self._fetch(self._texts.lock if self._begun else self._texts.load, keys)
        if rows:
            self._directory_version = rows[0][6] or 0
        heads = [flat.stream_row(Stream(row[0], row[1]), row[2:6]) for row in rows]
        return {head.stream: head for head in heads}

    def files(self, names: Sequence[str]) -> dict[str, EvidenceRow]:
        """Files by content hash; unknown ones are missing."""
        rows = self._look(self._lookups.files, {"names": Texts(names)})
        return {row[0]: EvidenceRow(sha256=row[0], size=row[1], media_type=row[2], stored_at=row[3]) for row in rows}

    def _look(self, lookup: Lookup, values: Mapping[str, Any], *, locks: bool = False) -> list[tuple[Any, ...]]:
        if locks:
            self._ensure()
        return self._fetch(lookup.text.encode(), lookup.filled(values))

    def take(self, command_id: str, stream: Stream, files: Sequence[str] = ()) -> Taken:
        """`answered` and `load` for one command at once, with the files it names."""
        if self._begun:
            # first the lock: whoever held it may just have carried the same command out
            row = self.load((stream,)).get(stream)
            return Taken(
                answer=self.answered((command_id,)).get(command_id),
                row=row,
                directory_version=self.directory_version(),
                files=self.files(files) if files else {},
            )
        if files:
            given = (Texts(files), stream.kind, stream.id, command_id)
            (told,) = self._fetch(self._texts.take_with_files, given)
        else:
            (told,) = self._fetch(self._texts.take, (stream.kind, stream.id, command_id))
        self._directory_version = told[10] or 0
        return flat.taken(stream, told)

    def directory_version(self) -> int:
        """Seq of the directory's stream, 0 = there is none."""
        if self._directory_version < 0:
            self._directory_version = self._fetch(self._texts.directory_version, ())[0][0] or 0
        return self._directory_version

    def write(self, writes: Sequence[Write]) -> None:
        """Write them in order, all or none; alone, a single write commits by itself."""
        self._lost = True
        try:
            if self._alone and not self._begun and len(writes) == 1 and not _has_more(writes[0]):
                if self._spent:
                    raise Broken("session_spent")
                self._hot(writes)
                self._spent = True
            else:
                self._ensure()
                for batch in flat.rounds(writes):
                    for some in ([w for w in batch if w.register], [w for w in batch if not w.register]):
                        if some:
                            self._hot(some)
                    self._rest(batch)
        except DRIVER_ERRORS as error:
            if self._alone and not self._begun and (self._held.closed or self._held.broken):
                raise CommitUnknown("commit_unknown", reason=str(error)) from error
            raise translate(error) from error
        self._lost = False

    def _hot(self, batch: Sequence[Write]) -> None:
        text, parameters = statement(batch)
        passed = self._fetch(text, parameters)[0][0]
        if passed != len(batch):
            raise StaleWrite(self._stale(batch))

    def _rest(self, batch: Sequence[Write]) -> None:
        """What single commands seldom write, in statements of its own."""
        signals = [flat.signal(row, w.entry.recorded_at) for w in batch for row in w.signals]
        if signals:
            self.run(insert(signal), [dict(zip(SIGNAL, row, strict=True)) for row in signals])
        self.links.put([row for w in batch for row in w.links])
        settled = [signal_id for w in batch for signal_id in w.settled]
        if settled:
            self.signals.drop(settled)
        self.definitions.put([row for w in batch for row in w.definitions])
        self.vault.put([row for w in batch for row in w.vault])
        for write in batch:
            self.obligations.apply(write.obligations)
            self.findings.apply(write.findings)
            for rows in write.directory:
                self.directory.record(rows, write.entry.recorded_at)
            if write.stream.kind == "directory":
                self._directory_version = -1

    def _stale(self, batch: Sequence[Write]) -> Stream:
        """The first stream of the batch that is not where its write expects it, before or after that write."""
        keys = (Texts([w.stream.kind for w in batch]), Texts([w.stream.id for w in batch]))
        heads = {(row[0], row[1]): (row[2], bytes(row[3])) for row in self._fetch(self._texts.load, keys)}
        for write in batch:
            seq, head = heads.get((write.stream.kind, write.stream.id), (0, b""))
            if seq != write.base and (seq, head) != (write.base + 1, write.entry.leaf):
                return write.stream
        return batch[0].stream


def _has_more(write: Write) -> bool:
    beside = (write.signals, write.links, write.settled, write.definitions, write.vault, write.directory)
    return any(beside) or bool(write.obligations) or bool(write.findings)
