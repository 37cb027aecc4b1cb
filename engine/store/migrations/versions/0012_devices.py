"""PINs, and whom the browser of a shared device remembers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _octets(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "pin",
        _words("person"),
        _words("hash"),
        _number("set_at"),
        sa.PrimaryKeyConstraint("person", name="pk_pin"),
    )
    op.create_table(
        "remembered",
        _octets("device"),
        _words("person"),
        _octets("session"),
        _number("signed_in_at"),
        _number("expires_at"),
        _number("parked_at"),
        sa.Column("asks", sa.Boolean(), nullable=False),
        _number("failed"),
        _words("csrf"),
        _words("agent"),
        sa.PrimaryKeyConstraint("device", "person", name="pk_remembered"),
        sa.UniqueConstraint("session", name="uq_remembered_session"),
    )
    op.create_index("ix_remembered_person", "remembered", ["person"])
    op.create_index("ix_remembered_expires_at", "remembered", ["expires_at"])


def downgrade() -> None:
    """Drop both: PINs are chosen anew, devices forget everybody."""
    op.drop_table("remembered")
    op.drop_table("pin")
