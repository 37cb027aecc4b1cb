"""Certificates of persons, as bitemporal rows of the directory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "certificate",
        sa.Column("row", _ROW, autoincrement=True, nullable=False),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("id", "valid_from", "valid_to")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("recorded_from", "recorded_to")),
        *(sa.Column(name, _WORDS, nullable=False) for name in ("person", "certifies", "number")),
        sa.Column("attributes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_certificate"),
    )
    op.create_index("ix_certificate_id", "certificate", ["id", "recorded_to"])
    op.create_index("ix_certificate_person", "certificate", ["person", "recorded_to"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("certificate")
