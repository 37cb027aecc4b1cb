"""SQLite: one writer connection, pinned with its cursor; a build without the WAL-reset race; every commit is synced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace
from pysqlite3 import dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from engine.core.command import Stream
from engine.errors import Broken
from engine.store import flat
from engine.store.errors import DRIVER_ERRORS, DuplicateCommand, StaleWrite, translate
from engine.store.lookups import Lookup
from engine.store.records import StreamRow, Write
from engine.store.session import Session
from engine.store.statements import SqliteTexts
from engine.store.views import AnswerRow, EvidenceRow, Taken

#: Pages of the file that one reading connection keeps.
_READ_KIBIBYTES = 32 * 1024


def has_wal_fix(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset race (3.7.0–3.51.2; fixed in 3.51.3, 3.50.7, 3.44.6)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def refuse_unfixed(version: tuple[int, int, int]) -> None:
    """Broken if committed writes could be lost with this build."""
    if not has_wal_fix(version):
        raise Broken("unsafe_sqlite", version=".".join(map(str, version)), needed="3.51.3")


def open_engine(path: Path, *, read_only: bool = False, busy_milliseconds: int = 10_000) -> Engine:
    """An engine on the file; SQLAlchemy neither begins nor ends transactions on it."""
    refuse_unfixed(driver.sqlite_version_info)
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, module=driver, isolation_level="AUTOCOMMIT", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_milliseconds}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={int(read_only)}",
            # registers hop between rows: with the usual two mebibytes every hop asks the system
            *((f"cache_size=-{_READ_KIBIBYTES}",) if read_only else ()),
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _listed(words: Sequence[str]) -> str:
    """The words as one parameter, for statements that take any number of them."""
    return orjson.dumps(words).decode()


class SqliteSession(Session):
    """A transaction of the one writer."""

    def __init__(self, connection: Connection, texts: SqliteTexts) -> None:
        super().__init__(connection)
        held: Any = connection.connection.driver_connection
        self._cursor = held.cursor()
        self._texts = texts
        self._directory_version = -1

    def begin(self, *, alone: bool = False) -> None:
        """Begin at once as a writer: a transaction that begins as a reader may not be allowed to write."""
        self._directory_version = -1
        self._savepoints = 0
        self._lost = False
        self._cursor.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make durable what was written."""
        if self._lost:
            raise Broken("transaction_lost")
        self._cursor.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what was written, if the database has not done so by itself."""
        if self._cursor.connection.in_transaction:
            self._cursor.execute("ROLLBACK")

    def _statement(self, text: str) -> None:
        self._cursor.execute(text)

    def answered(self, command_ids: Sequence[str]) -> dict[str, AnswerRow]:
        """What the commands among these that have been carried out were answered, by id."""
        rows = self._cursor.execute(self._texts.answered, (_listed(command_ids),)).fetchall()
        return {row[0]: flat.answer(row) for row in rows}

    def load(self, streams: Sequence[Stream]) -> dict[Stream, StreamRow]:
        """The heads of those streams that exist; nobody else writes until the transaction ends."""
        asked: dict[str, list[str]] = {}
        for stream in streams:
            asked.setdefault(stream.kind, []).append(stream.id)
        found = {}
        for kind, ids in asked.items():
            for row in self._cursor.execute(self._texts.load, (kind, _listed(ids))).fetchall():
                stream = Stream(kind, row[0])  # type: ignore[arg-type]
                found[stream] = flat.stream_row(stream, row[1:])
        return found

    def files(self, names: Sequence[str]) -> dict[str, EvidenceRow]:
        """Files by content hash; unknown ones are missing."""
        rows = self._cursor.execute(self._lookups.files.text, (_listed(names),)).fetchall()
        return {row[0]: EvidenceRow(sha256=row[0], size=row[1], media_type=row[2], stored_at=row[3]) for row in rows}

    def _look(self, lookup: Lookup, values: Mapping[str, Any], *, locks: bool = False) -> list[tuple[Any, ...]]:
        return self._cursor.execute(lookup.text, lookup.filled(values)).fetchall()  # type: ignore[no-any-return]

    def take(self, command_id: str, stream: Stream, files: Sequence[str] = ()) -> Taken:
        """`answered` and `load` for one command at once, with the files it names."""
        told = self._cursor.execute(self._texts.take, (stream.kind, stream.id, command_id)).fetchone()
        self._directory_version = told[10] or 0
        taken = flat.taken(stream, told)
        return replace(taken, files=self.files(files)) if files else taken

    def directory_version(self) -> int:
        """Seq of the directory's stream, 0 = there is none; read once in a transaction that does not write it."""
        if self._directory_version < 0:
            row = self._cursor.execute(self._texts.directory_version).fetchone()
            self._directory_version = row[0] or 0
        return self._directory_version

    def write(self, writes: Sequence[Write]) -> None:
        """Write them in order, all or none when the error reaches the end of the session or a savepoint."""
        self._lost = True
        try:
            for batch in flat.rounds(writes):
                self._streams(batch)
                self._entries(batch)
                self._work(batch)
                self._rest(batch)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        self._lost = False

    def _streams(self, batch: list[Write]) -> None:
        moved, cases, named, born = [], [], [], []
        for write in batch:
            key, register = (write.stream.kind, write.stream.id), write.register
            if write.base == 0:
                born.append((*key, *flat.chain(write), *(flat.whole(register) if register else flat.BLANK)))
            elif register is None:
                moved.append((*flat.chain(write), *key, write.base))
            else:
                cases.append((*flat.chain(write), *flat.moving(register), *key, write.base))
                if write.renamed:
                    names = flat.naming(register)
                    named.append((*names, *key, *names))
        for text, rows in ((self._texts.move, moved), (self._texts.move_case, cases)):
            if rows and self._many(text, rows) != len(rows):
                raise StaleWrite(self._stale(batch) or batch[0].stream)
        if born:
            try:
                self._many(self._texts.born, born)
            except driver.IntegrityError as error:
                # whichever rule SQLite happened to test first, a stream that is there already comes before its number
                if (stale := self._stale(batch)) is not None:
                    raise StaleWrite(stale) from error
                raise
        if named:
            self._many(self._texts.rename, named)

    def _entries(self, batch: list[Write]) -> None:
        try:
            self._many(self._texts.entry, [flat.entry(write) for write in batch])
        except driver.IntegrityError as error:
            if "entry.command_id" in str(error):
                raise DuplicateCommand(self._used(batch)) from error
            raise

    def _work(self, batch: list[Write]) -> None:
        texts, many = self._texts, self._many
        if gone := [key for write in batch if write.disarm and write.base for key in flat.disarmed(write)]:
            many(texts.disarm, gone)
        if armed := [flat.timer(row) for write in batch for row in write.arm]:
            many(texts.arm, armed)
        if ended := [key for w in batch if w.base and (w.open_tasks or w.end_tasks) for key in flat.ended(w)]:
            many(texts.end_task, ended)
        if opened := [flat.task(row) for write in batch for row in write.open_tasks]:
            many(texts.open_task, opened)
        if changed := [flat.held(row) for write in batch for row in write.held]:
            many(texts.held, changed)
        if sent := [flat.message(row) for write in batch for row in write.messages]:
            many(texts.message, sent)
        if counted := [(write.stream.id,) for write in batch if write.counted]:
            many(texts.uncounted, counted)
        if acted := [(write.stream.id,) for write in batch if write.deeds]:
            many(texts.undeeded, acted)

    def _rest(self, batch: list[Write]) -> None:
        texts = self._texts
        for write in batch:
            if write.values:
                gone, come = flat.values(write)
                if write.base:
                    self._many(texts.forget_value, gone)
                self._many(texts.value, come)
            if write.signals:
                self._many(texts.signal, [flat.signal(row, write.entry.recorded_at) for row in write.signals])
            if write.links:
                self.links.put(write.links)
            if write.settled:
                self._many(texts.settle, [(signal_id,) for signal_id in write.settled])
            if write.definitions:
                self.definitions.put(write.definitions)
            if write.vault:
                self.vault.put(write.vault)
            if write.obligations:
                self.obligations.apply(write.obligations)
            self.findings.apply(write.findings)
            for rows in write.directory:
                self.directory.record(rows, write.entry.recorded_at)
            if write.stream.kind == "directory":
                self._directory_version = -1

    def _many(self, text: str, rows: list[Any]) -> int:
        """Run for every row; how many rows of the table changed."""
        if len(rows) == 1:
            return int(self._cursor.execute(text, rows[0]).rowcount)
        if rows:
            return int(self._cursor.executemany(text, rows).rowcount)
        return 0

    def _stale(self, batch: list[Write]) -> Stream | None:
        """The first stream of the batch that is not where its write expects it, before or after that write."""
        heads = self.load([write.stream for write in batch])
        for write in batch:
            head = heads.get(write.stream)
            mine = head is not None and head.seq == write.base + 1 and head.head == write.entry.leaf
            if not mine and (head.seq if head else 0) != write.base:
                return write.stream
        return None

    def _used(self, batch: list[Write]) -> str:
        """The first command id of the batch that another entry, or another write of the batch, has."""
        answers = self.answered([write.entry.command_id for write in batch])
        seen: set[str] = set()
        for write in batch:
            command_id = write.entry.command_id
            answer = answers.get(command_id)
            if command_id in seen or (answer and (answer.stream, answer.seq) != (write.stream, write.entry.seq)):
                return command_id
            seen.add(command_id)
        return batch[0].entry.command_id
