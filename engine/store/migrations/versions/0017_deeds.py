"""What people did and which pictures they showed, folded in the background; what watches found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIT = sa.text("status = 'open'")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _WORDS, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables; every case there is waits to be folded."""
    op.create_table(
        "deed",
        *_words("case"),
        *_numbers("seq", "n"),
        *_words("procedure", "action", "state", "person", "body"),
        *_numbers("at", "recorded_at"),
        *_flags("late", "on_site"),
        *_words("medium"),
        *_numbers("took"),
        sa.PrimaryKeyConstraint("case", "seq", "n", name="pk_deed"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deed_action", "deed", ["action", "at"])
    op.create_index("ix_deed_person", "deed", ["person", "at"])
    op.create_table(
        "deed_photo",
        *_words("sha256", "case"),
        *_numbers("seq"),
        *_words("person"),
        *_numbers("at"),
        sa.PrimaryKeyConstraint("sha256", "case", "seq", name="pk_deed_photo"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deed_photo_at", "deed_photo", ["at"])
    op.create_table(
        "undeeded",
        sa.Column("n", _ROW, autoincrement=True, nullable=False),
        *_words("case"),
        sa.PrimaryKeyConstraint("n", name="pk_undeeded"),
    )
    op.create_table(
        "finding",
        *_words("watch", "period", "subject", "title", "light", "region", "unit", "status"),
        *_numbers("found_at", "ended_at"),
        *_words("answered_by", "reason"),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("counts", "cases")),
        *_numbers("behind", "first", "before"),
        sa.PrimaryKeyConstraint("watch", "period", "subject", name="pk_finding"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_finding_lit", "finding", ["watch", "region"], sqlite_where=_LIT, postgresql_where=_LIT)
    op.create_index("ix_finding_found_at", "finding", ["watch", "found_at"])
    op.execute("""INSERT INTO undeeded ("case") SELECT id FROM stream WHERE kind = 'case'""")


def downgrade() -> None:
    """Drop them."""
    for table in ("deed", "deed_photo", "undeeded", "finding"):
        op.drop_table(table)
