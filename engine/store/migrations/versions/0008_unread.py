"""An index of what people have not read yet: how much that is stands on every page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_message_unread", "message", ["person"], sqlite_where=_UNREAD, postgresql_where=_UNREAD)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_message_unread", "message")
