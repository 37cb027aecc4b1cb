"""Cases by the months in which they were opened and closed, for the trends of boards: two indices that answer alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES, _CLOSED = sa.text("kind = 'case'"), sa.text("closed != ''")


def upgrade() -> None:
    """Make the indices."""
    for date, rows in (("opened_at", _CASES), ("closed_at", _CLOSED)):
        op.create_index(
            f"ix_stream_months_{date}",
            "stream",
            ["procedure", date, "region", "closed", "kind"],
            sqlite_where=rows,
            postgresql_where=rows,
        )


def downgrade() -> None:
    """Drop them."""
    for date in ("opened_at", "closed_at"):
        op.drop_index(f"ix_stream_months_{date}", table_name="stream")
