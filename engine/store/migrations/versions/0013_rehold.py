"""What the directory was asked of each open task, and how far its holders have been looked up anew.

Rows of tasks that are open tell nothing of it until the worker has looked at them once: it begins with all of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ASKED = ("role", "asked_region", "asked_unit", "by_way_of")
_BEFORE = ("case", "task", "person", "kind", "state", "party", "queue", "opened_at", "due_at", "overdue")
_LOOSE = sa.text("by_way_of != '' OR queue != '' OR role = '' AND asked_region != ''")


def upgrade() -> None:
    """Make the columns, the index and the table."""
    _tasks(*_ASKED)
    op.create_index("ix_task_loose", "task", ["asked_region"], sqlite_where=_LOOSE, postgresql_where=_LOOSE)
    op.create_table(
        "rehold",
        sa.Column("name", _WORDS, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("version", "at", "to_version", "to_at")),
        sa.Column("after", _WORDS, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("found", "done")),
        sa.PrimaryKeyConstraint("name", name="pk_rehold"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("rehold")
    op.drop_index("ix_task_loose", "task")
    _tasks()


def _tasks(*more: str) -> None:
    """Give tasks these columns besides those they had; SQLite adds none where a new database has them."""
    if op.get_bind().dialect.name != "sqlite":
        for name in _ASKED:
            if more:
                op.add_column("task", sa.Column(name, _WORDS, nullable=False, server_default=""))
                op.alter_column("task", name, server_default=None)
            else:
                op.drop_column("task", name)
        return
    op.drop_index("ix_task_person", "task")
    op.rename_table("task", "task_before")
    op.create_table(
        "task",
        sa.Column("case", _WORDS, nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("person", "kind", "state", "party", "queue")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("opened_at", "due_at")),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in more),
        sa.PrimaryKeyConstraint("case", "task", "person", name="pk_task"),
        sqlite_with_rowid=False,
    )
    known = ", ".join(f'"{name}"' for name in _BEFORE)
    into = ", ".join(f'"{name}"' for name in (*_BEFORE, *more))
    blank = "".join(", ''" for _ in more)
    op.execute(f"INSERT INTO task ({into}) SELECT {known}{blank} FROM task_before")  # noqa: S608 - names of columns
    op.drop_table("task_before")
    op.create_index("ix_task_person", "task", ["person", "due_at", "case", "task"])
