"""Streams and their entries: the record itself and what registers read of a case."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from engine.store.schema.base import Micros, fixed, flag, metadata, number, octets, words

#: One row per stream: where its chain stands, its snapshot and, for cases, what registers and boards read.
stream = Table(
    "stream",
    metadata,
    words("kind", primary_key=True),
    words("id", primary_key=True),
    number("seq"),
    octets("head"),
    octets("snapshot"),
    number("fold_version"),
    words("number"),
    words("procedure"),
    words("version"),
    words("state"),
    words("region"),
    words("unit"),
    words("place"),
    words("industry"),
    words("title"),
    number("opened_at"),
    number("due_at"),
    words("closed"),
    number("closed_at"),
    flag("overdue"),
    number("expiries"),
    number("reopened"),
    words("claim"),
)
#: Conditions of indices, for queries that are to follow them.
CASES = stream.c.kind == fixed("case")
OPEN = stream.c.closed == fixed("")
CLOSED = stream.c.closed != fixed("")
CLAIMED = stream.c.claim == fixed("claimed")
Index("uq_stream_number", stream.c.procedure, stream.c.number, unique=True, sqlite_where=stream.c.number != fixed(""),
      postgresql_where=stream.c.number != fixed(""))  # fmt: skip
Index("ix_stream_region", stream.c.region, stream.c.opened_at, sqlite_where=CASES, postgresql_where=CASES)
Index("ix_stream_unit", stream.c.unit, stream.c.opened_at, sqlite_where=CASES, postgresql_where=CASES)
Index("ix_stream_opened_at", stream.c.opened_at, stream.c.id, sqlite_where=CASES, postgresql_where=CASES)
# Only these two move with a case; every further index that does costs each command some percent.
_due = CASES & OPEN
Index("ix_stream_due_at", stream.c.due_at, stream.c.id, stream.c.procedure, stream.c.region, stream.c.industry,
      sqlite_where=_due, postgresql_where=_due)  # fmt: skip
Index("ix_stream_closed_at", stream.c.closed_at, stream.c.id, sqlite_where=CLOSED, postgresql_where=CLOSED)
# For trends: they hold all that a count by month asks, and change only where a case opens, closes or opens again.
for _date, _rows in ((stream.c.opened_at, CASES), (stream.c.closed_at, CLOSED)):
    Index(f"ix_stream_months_{_date.name}", stream.c.procedure, stream.c.closed, _date, stream.c.region, stream.c.kind,
          sqlite_where=_rows, postgresql_where=_rows)  # fmt: skip
# Those taken over and not triaged: few, and soon none.
_claimed = CASES & OPEN & CLAIMED
Index("ix_stream_claimed", stream.c.due_at, stream.c.id, stream.c.procedure, stream.c.region, stream.c.unit,
      sqlite_where=_claimed, postgresql_where=_claimed)  # fmt: skip

#: The record: exact bytes, chained per stream; the command's id and the leaf of the log live in the same row.
entry = Table(
    "entry",
    metadata,
    words("kind", primary_key=True),
    words("id", primary_key=True),
    number("seq", primary_key=True),
    words("command_id", unique=True),
    octets("bytes"),
    octets("leaf"),
    octets("request"),
    number("recorded_at"),
    #: place in the global log; given by the sequencer alone, later
    Column("log_index", Micros, nullable=True),
)
_logged = entry.c.log_index.is_not(None)
Index("uq_entry_log_index", entry.c.log_index, unique=True, sqlite_where=_logged, postgresql_where=_logged)

#: Declared filters of a case, one row per field and value.
case_value = Table(
    "case_value",
    metadata,
    words("field", primary_key=True),
    words("value", primary_key=True),
    words("case", primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_case_value_case", case_value.c.case, case_value.c.field)

#: Number series; locked last, in the order of their names.
counter = Table("counter", metadata, words("series", primary_key=True), number("value"), sqlite_with_rowid=False)
