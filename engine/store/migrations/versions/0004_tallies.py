"""Cases counted ahead, and lists that persons keep under a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("tally", "tallied", "uncounted", "tally_field", "saved_view")
_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Make the tables; every case there is waits to be counted."""
    op.create_table(
        "tally",
        sa.Column("id", _ROW, autoincrement=True, nullable=False),
        _words("key"),
        _words("procedure"),
        _words("region"),
        _number("count"),
        sa.PrimaryKeyConstraint("id", name="pk_tally"),
        sa.UniqueConstraint("key", name="uq_tally_key"),
    )
    op.create_index("ix_tally_region", "tally", ["procedure", "region"])
    op.create_table(
        "tallied",
        _words("case"),
        _number("tally"),
        sa.PrimaryKeyConstraint("case", name="pk_tallied"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "uncounted",
        sa.Column("n", _ROW, autoincrement=True, nullable=False),
        _words("case"),
        sa.PrimaryKeyConstraint("n", name="pk_uncounted"),
    )
    op.create_table(
        "tally_field",
        _words("procedure"),
        _words("field"),
        sa.PrimaryKeyConstraint("procedure", "field", name="pk_tally_field"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_view",
        _words("person"),
        _words("register"),
        _words("name"),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        _number("saved_at"),
        sa.PrimaryKeyConstraint("person", "register", "name", name="pk_saved_view"),
        sqlite_with_rowid=False,
    )
    op.execute("""INSERT INTO uncounted ("case") SELECT id FROM stream WHERE kind = 'case'""")


def downgrade() -> None:
    """Drop them."""
    for name in reversed(_TABLES):
        op.drop_table(name)
