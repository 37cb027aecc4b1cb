"""Obligations of duties: one row for each duty, period and subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    words = ("duty", "period", "subject", "subject_kind", "unit", "region", "industry")
    op.create_table(
        "obligation",
        *(sa.Column(name, _WORDS, nullable=False) for name in words),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("opens_at", "due_at", "missed_at")),
        sa.Column("status", _WORDS, nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("late", "missed", "made_up")),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("case", "person")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("begun_at", "done_at", "rhythm")),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("population", "reason")),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("duty", "period", "subject", name="pk_obligation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_obligation_subject", "obligation", ["subject", "due_at"])
    op.create_index("ix_obligation_due_at", "obligation", ["due_at", "duty", "region", "status", "period"])
    untended = sa.text("status = 'late' AND \"case\" = ''")
    op.create_index(
        "ix_obligation_untended", "obligation", ["duty", "due_at"], sqlite_where=untended, postgresql_where=untended
    )
    latest = sa.text("latest")
    op.create_index(
        "ix_obligation_latest", "obligation", ["duty", "subject"], sqlite_where=latest, postgresql_where=latest
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("obligation")
