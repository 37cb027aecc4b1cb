"""Years of working calendars that officers put in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "calendar_year",
        *(sa.Column(name, _WORDS, nullable=False) for name in ("id", "calendar")),
        sa.Column("year", sa.BigInteger(), nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("version", "status", "title", "source", "digest")),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("person", _WORDS, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("proposed_at", "published_at", "seq", "closed_at")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_year"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("calendar_year")
