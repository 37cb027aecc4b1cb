"""An index of the cases that wait for triage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CLAIMED = sa.text("kind = 'case' AND closed = '' AND claim = 'claimed'")


def upgrade() -> None:
    """Make it."""
    op.create_index(
        "ix_stream_claimed",
        "stream",
        ["due_at", "id", "procedure", "region", "unit"],
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_stream_claimed", table_name="stream")
