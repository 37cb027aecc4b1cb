"""Which cases have to do with which, as the case that linked the other says."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.schema.base import metadata, words

link = Table(
    "link",
    metadata,
    #: the case that linked the other
    words("case", primary_key=True),
    #: the kind of link, an id of its procedure
    words("how", primary_key=True),
    words("other", primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_link_other", link.c.other, link.c.case)
