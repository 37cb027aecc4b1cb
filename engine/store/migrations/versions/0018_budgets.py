"""Messages know whether they can wait and in which digest they are; what left for a person in a day is counted.

Messages that are there already belong to no digest.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_FOREVER = 2**63 - 1
_UNSENT = sa.text("status IN ('pending', 'sending')")
_HELD = sa.text("status IN ('pending', 'waiting')")
_UNREAD = sa.text("read_at IS NULL")
_BEFORE = (
    "key", "kind", "id", "seq", "person", "text", "references", "created_at", "status", "next_at", "attempts", "epoch",
    "channel", "receipt", "reason", "read_at",
)  # fmt: skip
#: column -> what it says of messages that are there already; None = a text, which says nothing
_ASKED = ("manner", "task", "due_at")
_MORE = {"manner": None, "task": 0, "due_at": _FOREVER, "digest": None, "why": None, "counted_on": None}


def upgrade() -> None:
    """Make the columns, the index and the tables."""
    _messages(_MORE)
    op.create_index("ix_message_held", "message", ["person", "digest"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_table(
        "message_day",
        *(sa.Column(name, _WORDS, nullable=False) for name in ("person", "day", "channel")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("sent", "urgent")),
        sa.PrimaryKeyConstraint("person", "day", "channel", name="pk_message_day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_wish",
        sa.Column("person", _WORDS, nullable=False),
        sa.Column("digest_only", sa.Boolean(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("quiet_from", "quiet_until")),
        sa.PrimaryKeyConstraint("person", name="pk_message_wish"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; what waits for a digest goes by itself."""
    op.drop_table("message_wish")
    op.drop_table("message_day")
    op.drop_index("ix_message_held", "message")
    op.execute("UPDATE message SET status = 'pending' WHERE status = 'waiting'")
    op.execute("DELETE FROM message WHERE kind = 'digest'")
    _messages({})


def _column(name: str, default: int | None) -> sa.Column[object]:
    return sa.Column(name, _WORDS if default is None else sa.BigInteger(), nullable=False)


def _messages(more: dict[str, int | None]) -> None:
    """Give messages these columns besides those they had; SQLite adds none where a new database has them."""
    if op.get_bind().dialect.name != "sqlite":
        for name, default in _MORE.items():
            if more:
                column = _column(name, default)
                column.server_default = sa.DefaultClause("" if default is None else str(default))
                op.add_column("message", column)
                op.alter_column("message", name, server_default=None)
            else:
                op.drop_column("message", name)
        return
    for index in ("ix_message_next_at", "ix_message_person", "ix_message_unread"):
        op.drop_index(index, "message")
    op.rename_table("message", "message_before")
    op.create_table(
        "message",
        *(sa.Column(name, _WORDS, nullable=False) for name in ("key", "kind", "id")),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("person", "text")),
        sa.Column("references", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *(_column(name, more[name]) for name in _ASKED if more),
        sa.Column("status", _WORDS, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("next_at", "attempts", "epoch")),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("channel", "receipt", "reason")),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        *(_column(name, default) for name, default in more.items() if name not in _ASKED),
        sa.PrimaryKeyConstraint("key", name="pk_message"),
    )
    known = ", ".join(f'"{name}"' for name in _BEFORE)
    into = ", ".join(f'"{name}"' for name in (*_BEFORE, *more))
    told = "".join(f", {default}" if default is not None else ", ''" for default in more.values())
    op.execute(f"INSERT INTO message ({into}) SELECT {known}{told} FROM message_before")  # noqa: S608 - names of columns
    op.drop_table("message_before")
    op.create_index("ix_message_next_at", "message", ["next_at"], sqlite_where=_UNSENT, postgresql_where=_UNSENT)
    op.create_index("ix_message_person", "message", ["person", "created_at", "key"])
    op.create_index("ix_message_unread", "message", ["person"], sqlite_where=_UNREAD, postgresql_where=_UNREAD)
