"""What people did, folded from entries in the background; and what watches found in it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from engine.store.schema.base import RowId, fixed, flag, metadata, number, octets, words

#: One row an act: what the entry knows and no column of the case does.
deed = Table(
    "deed",
    metadata,
    words("case", primary_key=True),
    number("seq", primary_key=True),
    number("n", primary_key=True),
    words("procedure"),
    words("action"),
    words("state"),
    #: who decided on it: for what a second person consented to, who asked
    words("person"),
    #: the organ as which they act, "" = none
    words("body"),
    #: when it happened, and when it was recorded
    number("at"),
    number("recorded_at"),
    #: entered afterwards
    flag("late"),
    flag("on_site"),
    words("medium"),
    #: seconds since the state was entered; -1 = not known
    number("took"),
    sqlite_with_rowid=False,
)
Index("ix_deed_action", deed.c.action, deed.c.at)
Index("ix_deed_person", deed.c.person, deed.c.at)

#: Pictures shown as evidence, by their content, in the order of acts.
deed_photo = Table(
    "deed_photo",
    metadata,
    words("sha256", primary_key=True),
    words("case", primary_key=True),
    number("seq", primary_key=True),
    words("person"),
    number("at"),
    sqlite_with_rowid=False,
)
Index("ix_deed_photo_at", deed_photo.c.at)

#: Cases with acts that are not folded yet: noted by each write, folded by the worker.
undeeded = Table(
    "undeeded",
    metadata,
    Column("n", RowId, primary_key=True, autoincrement=True, nullable=False),
    words("case"),
)

#: What watches found, as its readers list it; the record is the stream of the watch.
finding = Table(
    "finding",
    metadata,
    words("watch", primary_key=True),
    words("period", primary_key=True),
    words("subject", primary_key=True),
    words("title"),
    words("light"),
    #: where the subject lies, and the unit it is or belongs to
    words("region"),
    words("unit"),
    #: open, cleared, justified, examined, unfounded
    words("status"),
    number("found_at"),
    number("ended_at"),
    words("answered_by"),
    words("reason"),
    #: JSON: counts by name; ids of cases behind them, of cases started, of cases drawn
    octets("counts"),
    octets("cases"),
    number("behind"),
    #: [first, before) of what was counted
    number("first"),
    number("before"),
    sqlite_with_rowid=False,
)
LIT = finding.c.status == fixed("open")
Index("ix_finding_lit", finding.c.watch, finding.c.region, sqlite_where=LIT, postgresql_where=LIT)
Index("ix_finding_found_at", finding.c.watch, finding.c.found_at)
