"""Accounts of persons and the sessions of their browsers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, _WORDS, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "account",
        _words("person"),
        _words("login"),
        _words("hash"),
        _words("state"),
        _number("failed"),
        _number("locked_until"),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        _number("changed_at"),
        _number("signed_in_at"),
        sa.PrimaryKeyConstraint("person", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _words("person"),
        _number("created_at"),
        _number("seen_at"),
        _number("expires_at"),
        _number("idle"),
        _words("agent"),
        _words("csrf"),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_person", "session", ["person", "created_at"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])


def downgrade() -> None:
    """Drop both: everybody is signed out, and accounts are opened anew."""
    op.drop_table("session")
    op.drop_table("account")
