"""Who came to hold which task when, and when no longer.

Of what was held before, the table tells what still is; the rest stands in the entries alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "held",
        sa.Column("person", _WORDS, nullable=False),
        sa.Column("case", _WORDS, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("task", "seq", "change")),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("kind", "state")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "recorded_at")),
        sa.PrimaryKeyConstraint("person", "case", "task", "seq", name="pk_held"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_held_case", "held", ["case"])
    op.execute(
        """INSERT INTO held (person, "case", task, seq, change, kind, state, at, recorded_at)
        SELECT person, "case", task, 0, 1, kind, state, opened_at, opened_at FROM task WHERE person <> ''"""
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("held")
