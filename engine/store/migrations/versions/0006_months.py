"""Cases by the months in which they were opened and closed, for the trends of boards: two indices that answer alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES, _CLOSED = sa.text("kind = 'case'"), sa.text("closed != ''")


_OPEN = sa.text("kind = 'case' AND closed = ''")


def _due(*more: str) -> None:
    op.drop_index("ix_stream_due_at", table_name="stream")
    op.create_index("ix_stream_due_at", "stream", ["due_at", "id", *more], sqlite_where=_OPEN, postgresql_where=_OPEN)


def upgrade() -> None:
    """Make the indices, and let that of open deadlines tell where its cases lie."""
    _due("procedure", "region", "industry")
    for date, rows in (("opened_at", _CASES), ("closed_at", _CLOSED)):
        op.create_index(
            f"ix_stream_months_{date}",
            "stream",
            ["procedure", "closed", date, "region", "kind"],
            sqlite_where=rows,
            postgresql_where=rows,
        )


def downgrade() -> None:
    """Undo that."""
    _due()
    for date in ("opened_at", "closed_at"):
        op.drop_index(f"ix_stream_months_{date}", table_name="stream")
