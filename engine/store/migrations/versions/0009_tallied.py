"""An index of the cases that are counted together."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_index("ix_tallied_tally", "tallied", ["tally", "case"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_tallied_tally", "tallied")
