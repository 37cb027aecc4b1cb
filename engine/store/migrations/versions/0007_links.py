"""Links between cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table; cases linked before are found again when their entries are folded anew."""
    op.create_table(
        "link",
        *(sa.Column(name, _WORDS, nullable=False) for name in ("case", "how", "other")),
        sa.PrimaryKeyConstraint("case", "how", "other", name="pk_link"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_other", "link", ["other", "case"])


def downgrade() -> None:
    """Drop it: the record still tells all links."""
    op.drop_table("link")
