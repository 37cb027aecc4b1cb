"""Who came to hold which task when, and when no longer: only ever added to, so that any past day can be asked for."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.schema.base import metadata, number, words

#: `change` is 1 or -1; a person holds a task at an instant where the changes up to it add up to 1
held = Table(
    "held",
    metadata,
    words("person", primary_key=True),
    words("case", primary_key=True),
    number("task", primary_key=True),
    # the entry of the case that says so
    number("seq", primary_key=True),
    number("change"),
    words("kind"),
    words("state"),
    # when it happened, when it was recorded
    number("at"),
    number("recorded_at"),
    sqlite_with_rowid=False,
)
Index("ix_held_case", held.c.case)
