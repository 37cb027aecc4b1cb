"""Cases counted ahead, by what registers and boards ask most; and the lists that persons keep under a name."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from engine.store.schema.base import RowId, metadata, number, octets, words

#: Cases that agree in everything that is counted, and how many they are.
tally = Table(
    "tally",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True, nullable=False),
    #: JSON of all that they agree in
    words("key", unique=True),
    words("procedure"),
    words("region"),
    number("count"),
)
Index("ix_tally_region", tally.c.procedure, tally.c.region)

#: Under which of them a case is counted at present.
tallied = Table("tallied", metadata, words("case", primary_key=True), number("tally"), sqlite_with_rowid=False)
#: The cases of some tallies: how few that match many filters are found among many.
Index("ix_tallied_tally", tallied.c.tally, tallied.c.case)

#: Cases that changed since: noted by each write, counted anew by the worker.
uncounted = Table(
    "uncounted",
    metadata,
    Column("n", RowId, primary_key=True, autoincrement=True, nullable=False),
    words("case"),
)

#: Which fields of a procedure are counted; where definitions say otherwise its cases are counted anew.
tally_field = Table(
    "tally_field",
    metadata,
    words("procedure", primary_key=True),
    words("field", primary_key=True),
    sqlite_with_rowid=False,
)

#: Filters that a person keeps under a name: what follows ? in the address of a register.
saved_view = Table(
    "saved_view",
    metadata,
    words("person", primary_key=True),
    words("register", primary_key=True),
    words("name", primary_key=True),
    octets("query"),
    number("saved_at"),
    sqlite_with_rowid=False,
)
