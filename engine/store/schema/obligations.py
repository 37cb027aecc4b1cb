"""Obligations: one row for each duty, period and subject; cases only where somebody acts, or is late and it says so."""

from __future__ import annotations

from sqlalchemy import Index, Table, and_

from engine.store.schema.base import fixed, flag, metadata, number, words

obligation = Table(
    "obligation",
    metadata,
    words("duty", primary_key=True),
    # the key of the window: "2026-10", "2026-Q4"
    words("period", primary_key=True),
    # a unit, a region's path, a person, or "us"
    words("subject", primary_key=True),
    words("subject_kind"),
    # the unit the subject is, "" = it is none
    words("unit"),
    words("region"),
    words("industry"),
    number("opens_at"),
    number("due_at"),
    # when it is missed if nobody has acted
    number("missed_at"),
    # open, acted, done, late, missed, exempt, lapsed
    words("status"),
    # what happened once stays: it was not done when due, it was missed, it was done afterwards
    flag("late"),
    flag("missed"),
    flag("made_up"),
    words("case"),
    # who acted, "" = nobody
    words("person"),
    number("begun_at"),
    number("done_at"),
    # which rhythm of the duty
    number("rhythm"),
    # hash of the names with which it was opened
    words("population"),
    # exempt, lapsed: why
    words("reason"),
    # the latest of its subject where windows follow each other by what was done
    flag("latest"),
    sqlite_with_rowid=False,
)
Index("ix_obligation_subject", obligation.c.subject, obligation.c.due_at)
# it holds all that a month's calendar counts
Index("ix_obligation_due_at", obligation.c.due_at, obligation.c.duty, obligation.c.region, obligation.c.status,
      obligation.c.period)  # fmt: skip
#: Condition of an index: late, and nobody has a case of it.
UNTENDED = and_(obligation.c.status == fixed("late"), obligation.c.case == fixed(""))
Index("ix_obligation_untended", obligation.c.duty, obligation.c.due_at, sqlite_where=UNTENDED,
      postgresql_where=UNTENDED)  # fmt: skip
LATEST = obligation.c.latest
Index("ix_obligation_latest", obligation.c.duty, obligation.c.subject, sqlite_where=LATEST, postgresql_where=LATEST)
