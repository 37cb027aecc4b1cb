"""The bare drivers: one transition a transaction, the same rows at the same size, and nothing of an engine.

A transition reads the case, decides (JSON and SHA-256), updates the case with a check of its version, inserts a
chained entry, replaces the timer (delete, insert), inserts a message and commits with a sync. The baseline is itself
checked: every row is counted and every link of every chain computed again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import orjson
import psycopg
from pysqlite3 import dbapi2 as sqlite

_START = bytes(32)
_FIELDS = 16

_SCHEMA = """
CREATE TABLE bare_case (id TEXT PRIMARY KEY, version BIGINT NOT NULL, head {bytes} NOT NULL, snapshot {bytes} NOT NULL);
CREATE TABLE bare_entry (case_id TEXT NOT NULL, seq BIGINT NOT NULL, leaf {bytes} NOT NULL, body {bytes} NOT NULL,
  PRIMARY KEY (case_id, seq));
CREATE TABLE bare_timer (case_id TEXT NOT NULL, task BIGINT NOT NULL, fire_at BIGINT NOT NULL,
  PRIMARY KEY (case_id, task));
CREATE INDEX bare_timer_fire_at ON bare_timer (fire_at);
CREATE TABLE bare_outbox (key TEXT PRIMARY KEY, person TEXT NOT NULL, template TEXT NOT NULL, body {bytes} NOT NULL,
  created_at BIGINT NOT NULL);
"""
TABLES = tuple(_SCHEMA.strip().split(";\n"))
NEW_CASE = "INSERT INTO bare_case (id, version, head, snapshot) VALUES (?, 0, ?, ?)"
READ = "SELECT version, head, snapshot FROM bare_case WHERE id = ?"
MOVE = "UPDATE bare_case SET version = ?, head = ?, snapshot = ? WHERE id = ? AND version = ?"
ENTER = "INSERT INTO bare_entry (case_id, seq, leaf, body) VALUES (?, ?, ?, ?)"
DISARM = "DELETE FROM bare_timer WHERE case_id = ? AND task = ?"
ARM = "INSERT INTO bare_timer (case_id, task, fire_at) VALUES (?, ?, ?)"
SEND = "INSERT INTO bare_outbox (key, person, template, body, created_at) VALUES (?, ?, ?, ?, ?)"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of what a transition writes, measured on the engine's own rows."""

    snapshot: int
    entry: int
    message: int
    cases: int = 500


class Wrong(Exception):
    """The baseline lost or doubled something."""


class Bare(ABC):
    """A bare driver that makes transitions and can prove that it made them."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._made = 0
        self._snapshot = _snapshot(shape.snapshot)
        self._body = "x" * max(0, shape.entry - 140)
        self._message = b"m" * shape.message

    def prepare(self) -> None:
        """Make the tables and the cases."""
        self._create([(_name(n), _START, self._snapshot) for n in range(self.shape.cases)])

    def run(self, count: int) -> float:
        """Make transitions, one at a time; seconds."""
        names = [_name((self._made + n) % self.shape.cases) for n in range(count)]
        begun = perf_counter()
        for name in names:
            self._transition(name)
        took = perf_counter() - begun
        self._made += count
        return took

    def _decide(self, case_id: str, version: int, head: bytes, snapshot: bytes) -> tuple[int, bytes, bytes, bytes]:
        """The next version, its snapshot, its entry and that entry's hash."""
        case = orjson.loads(snapshot)
        case["seq"] = seq = version + 1
        body = orjson.dumps({"case": case_id, "events": self._body, "prev": head.hex(), "seq": seq})
        return seq, orjson.dumps(case), body, sha256(b"\x00" + body).digest()

    def check(self) -> dict[str, int]:
        """Count every row and follow every link; Wrong if one is missing, doubled or broken."""
        heads = {_name(n): _START for n in range(self.shape.cases)}
        counted = dict.fromkeys(heads, 0)
        for case_id, seq, leaf, body in self._all(
            "SELECT case_id, seq, leaf, body FROM bare_entry ORDER BY case_id, seq"
        ):
            counted[case_id] += 1
            told, body = orjson.loads(body), bytes(body)
            linked = (told["seq"], told["prev"]) == (counted[case_id], heads[case_id].hex()) and seq == counted[case_id]
            if not linked or sha256(b"\x00" + body).digest() != bytes(leaf):
                raise Wrong(f"link {seq} of {case_id} is broken")
            heads[case_id] = bytes(leaf)
        for case_id, version, head in self._all("SELECT id, version, head FROM bare_case"):
            if (counted[case_id], heads[case_id]) != (version, bytes(head)):
                raise Wrong(f"{case_id} is not where its entries end")
        ((sent,),) = self._all("SELECT count(*) FROM bare_outbox")
        ((armed,),) = self._all("SELECT count(*) FROM bare_timer")
        entries = sum(counted.values())
        if (entries, sent, armed) != (self._made, self._made, sum(map(bool, counted.values()))):
            raise Wrong(f"made {self._made}, found {entries} entries, {sent} messages, {armed} timers")
        return {"entries": entries, "chains": len(heads)}

    @abstractmethod
    def _create(self, cases: list[tuple[str, bytes, bytes]]) -> None: ...

    @abstractmethod
    def _transition(self, case_id: str) -> None: ...

    @abstractmethod
    def _all(self, query: str) -> Iterable[tuple[Any, ...]]: ...

    @abstractmethod
    def close(self) -> None:
        """Give the connection up."""


class BareSqlite(Bare):
    """pysqlite3: WAL, synchronous=FULL, BEGIN IMMEDIATE, one connection."""

    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(shape)
        self._connection = sqlite.connect(str(path), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._cursor = self._connection.cursor()

    def _create(self, cases: list[tuple[str, bytes, bytes]]) -> None:
        for table in TABLES:
            self._cursor.execute(table.format(bytes="BLOB"))
        self._cursor.execute("BEGIN IMMEDIATE")
        self._cursor.executemany(NEW_CASE, cases)
        self._cursor.execute("COMMIT")

    def _transition(self, case_id: str) -> None:
        execute = self._cursor.execute
        execute("BEGIN IMMEDIATE")
        version, head, snapshot = execute(READ, (case_id,)).fetchone()
        seq, snapshot, body, leaf = self._decide(case_id, version, head, snapshot)
        if execute(MOVE, (seq, leaf, snapshot, case_id, version)).rowcount != 1:
            raise Wrong(f"{case_id} moved meanwhile")
        execute(ENTER, (case_id, seq, leaf, body))
        execute(DISARM, (case_id, 1))
        execute(ARM, (case_id, 1, seq))
        execute(SEND, (f"{case_id}:{seq}", "person", "text", self._message, seq))
        execute("COMMIT")

    def _all(self, query: str) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(query)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()


def _dollars(text: str) -> str:
    """The statement with PostgreSQL's own names of parameters."""
    for n in range(text.count("?")):
        text = text.replace("?", f"${n + 1}", 1)
    return text


class BarePostgres(Bare):
    """psycopg: eight prepared statements a transition, one connection."""

    def __init__(self, url: str, shape: Shape) -> None:
        super().__init__(shape)
        self._connection = psycopg.connect(url, autocommit=True)
        self._cursor = psycopg.RawCursor(self._connection)
        self._texts = {text: _dollars(text).encode() for text in (READ, MOVE, ENTER, DISARM, ARM, SEND)}

    def _create(self, cases: list[tuple[str, bytes, bytes]]) -> None:
        self._cursor.execute(b"CREATE SCHEMA bare")
        self._cursor.execute(b"SET search_path TO bare")
        for table in TABLES:
            self._cursor.execute(table.format(bytes="BYTEA").encode())
        with self._connection.transaction():
            self._cursor.executemany(_dollars(NEW_CASE).encode(), cases)

    def _execute(self, text: str, values: tuple[Any, ...]) -> psycopg.RawCursor[Any]:
        return self._cursor.execute(self._texts[text], values, prepare=True)

    def _transition(self, case_id: str) -> None:
        execute = self._execute
        self._cursor.execute(b"BEGIN", prepare=True)
        row = execute(READ, (case_id,)).fetchone()
        version, head, snapshot = row or (0, b"", b"")
        seq, snapshot, body, leaf = self._decide(case_id, version, head, snapshot)
        if execute(MOVE, (seq, leaf, snapshot, case_id, version)).rowcount != 1:
            raise Wrong(f"{case_id} moved meanwhile")
        execute(ENTER, (case_id, seq, leaf, body))
        execute(DISARM, (case_id, 1))
        execute(ARM, (case_id, 1, seq))
        execute(SEND, (f"{case_id}:{seq}", "person", "text", self._message, seq))
        self._cursor.execute(b"COMMIT", prepare=True)

    def _all(self, query: str) -> Iterable[tuple[Any, ...]]:
        return self._cursor.execute(query.encode()).fetchall()

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()


def _name(n: int) -> str:
    return f"case-{n:026d}"


def _snapshot(size: int) -> bytes:
    """A case as JSON of that many bytes: a few numbers and some texts."""
    empty = {"fields": {f"field{n:02d}": "" for n in range(_FIELDS)}, "seq": 0, "state": "open"}
    each = max(0, size - len(orjson.dumps(empty))) // _FIELDS
    return orjson.dumps({**empty, "fields": {f"field{n:02d}": "v" * each for n in range(_FIELDS)}})
