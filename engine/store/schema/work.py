"""What is still to be done: timers, open tasks, messages to send, signals to deliver, items of bulk operations."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, and_, or_

from engine.store.schema.base import Micros, RowId, Words, fixed, flag, metadata, number, octets, words

#: The one armed timer of a task.
timer = Table(
    "timer",
    metadata,
    words("kind", primary_key=True),
    words("id", primary_key=True),
    number("task", primary_key=True),
    number("fire_at"),
    words("rung"),
    number("epoch"),
    sqlite_with_rowid=False,
)
Index("ix_timer_fire_at", timer.c.fire_at)

#: Open tasks as their holders see them, one row per person; person "" where nobody holds it.
task = Table(
    "task",
    metadata,
    words("case", primary_key=True),
    number("task", primary_key=True),
    words("person", primary_key=True),
    words("kind"),
    words("state"),
    words("party"),
    words("queue"),
    number("opened_at"),
    number("due_at"),
    flag("overdue"),
    # what the directory was asked, so that whoever is concerned by a change of it is found
    words("role"),
    words("asked_region"),
    words("asked_unit"),
    words("by_way_of"),
    sqlite_with_rowid=False,
)
Index("ix_task_person", task.c.person, task.c.due_at, task.c.case, task.c.task)
#: Condition of an index: tasks that lie with others than those first asked, or with who is on duty by a roster. Their
#: holders may change though nobody of those who hold them is concerned.
LOOSE = or_(
    task.c.by_way_of != fixed(""),
    task.c.queue != fixed(""),
    and_(task.c.role == fixed(""), task.c.asked_region != fixed("")),
)
Index("ix_task_loose", task.c.asked_region, sqlite_where=LOOSE, postgresql_where=LOOSE)

#: How far holders have been looked up anew after changes of the directory and of the day; one row.
rehold = Table(
    "rehold",
    metadata,
    words("name", primary_key=True),
    # everything up to this version of the directory and this instant is done
    number("version"),
    number("at"),
    # the round under way leads up to these; the same = there is none
    number("to_version"),
    number("to_at"),
    # the last case that was looked at in it
    words("after"),
    number("found"),
    number("done"),
    sqlite_with_rowid=False,
)

#: The outbox: pending → sending(epoch) → sent | failed | dead | unknown. What waits for its person's digest is waiting,
#: and ends as the digest does; what had become moot by then is overtaken. A digest is a message of its own.
message = Table(
    "message",
    metadata,
    words("key", primary_key=True),
    words("kind"),
    words("id"),
    number("seq"),
    words("person"),
    words("text"),
    octets("references"),
    number("created_at"),
    #: "", digest, urgent
    words("manner"),
    #: of what asks for something: the task, and when it was due as it was asked; 0 = nothing is asked for
    number("task"),
    number("due_at"),
    words("status"),
    #: when it may be tried (again); while sending, when the claim lapses
    number("next_at"),
    number("attempts"),
    #: rises with every claim: the result of a lapsed claim is refused
    number("epoch"),
    words("channel"),
    words("receipt"),
    words("reason"),
    Column("read_at", Micros, nullable=True),
    #: key of the digest that it is or was in
    words("digest"),
    #: why it has not gone as it came: quiet, digest, budget
    words("why"),
    #: the local day among whose messages it is counted (ISO); "" = it is not, or not yet
    words("counted_on"),
)
#: Condition of an index, for queries that are to follow it.
UNSENT = message.c.status.in_((fixed("pending"), fixed("sending")))
Index("ix_message_next_at", message.c.next_at, sqlite_where=UNSENT, postgresql_where=UNSENT)
Index("ix_message_person", message.c.person, message.c.created_at, message.c.key)
#: What waits, by itself or in a digest, by person: nobody's own history is read for it.
HELD_BACK = message.c.status.in_((fixed("pending"), fixed("waiting")))
Index("ix_message_held", message.c.person, message.c.digest, sqlite_where=HELD_BACK, postgresql_where=HELD_BACK)
#: How much is unread is asked for with every page; what has been read leaves the index.
UNREAD = message.c.read_at.is_(None)
Index("ix_message_unread", message.c.person, sqlite_where=UNREAD, postgresql_where=UNREAD)

#: Commands that streams owe each other; gone once settled, for the entries of both sides tell of them.
signal = Table(
    "signal",
    metadata,
    words("id", primary_key=True),
    words("source_kind"),
    words("source_id"),
    number("seq"),
    number("n"),
    words("target_kind"),
    words("target_id"),
    words("name"),
    octets("data"),
    number("attempts"),
    number("next_at"),
)
Index("ix_signal_order", signal.c.source_kind, signal.c.source_id, signal.c.target_kind, signal.c.target_id,
      signal.c.seq, signal.c.n)  # fmt: skip
Index("ix_signal_next_at", signal.c.next_at)

#: Bulk operations: frozen items, done one by one, resumable.
bulk = Table(
    "bulk",
    metadata,
    words("id", primary_key=True),
    words("purpose"),
    words("person"),
    words("digest"),
    number("items"),
    number("opened_at"),
    #: open, stopped, closed
    words("status"),
)
bulk_item = Table(
    "bulk_item",
    metadata,
    Column("bulk", Words, ForeignKey("bulk.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    number("n", primary_key=True),
    octets("payload"),
    #: pending, done, failed, skipped
    words("status"),
    octets("result"),
)
#: Condition of an index, for queries that are to follow it.
PENDING = bulk_item.c.status == fixed("pending")
Index("ix_bulk_item_pending", bulk_item.c.bulk, bulk_item.c.n, sqlite_where=PENDING, postgresql_where=PENDING)

#: What went wrong and waits for a person.
incident = Table(
    "incident",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True, nullable=False),
    words("code"),
    words("kind"),
    words("stream"),
    words("command"),
    octets("data"),
    number("at"),
    number("closed_at"),
    words("closed_by"),
)
Index("ix_incident_open", incident.c.closed_at, incident.c.id)
