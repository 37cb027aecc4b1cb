"""Substitutions, powers, shifts, recusals and successions, as bitemporal rows; the organ as which a role is held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Own columns and those searched by, of each table.
_TABLES = {
    "substitution": (("person", "substitute", "role", "procedure", "reason"), ("person", "substitute")),
    "power": (("body", "matter", "region", "basis"), ("body",)),
    "shift": (("roster", "person", "region", "begins", "ends"), ("ends",)),
    "recusal": (("person", "kind", "unit", "other"), ("person",)),
    "succession": (("successor", "how"), ()),
}
_INTO_LONGER = """
    INSERT INTO holding (row, id, valid_from, valid_to, recorded_from, recorded_to, person, role, region, industry,
        unit, body, attributes)
    SELECT row, id, valid_from, valid_to, recorded_from, recorded_to, person, role, region, industry,
        unit, '', attributes
    FROM holding_before
"""
_INTO_SHORTER = """
    INSERT INTO holding (row, id, valid_from, valid_to, recorded_from, recorded_to, person, role, region, industry,
        unit, attributes)
    SELECT row, id, valid_from, valid_to, recorded_from, recorded_to, person, role, region, industry, unit, attributes
    FROM holding_before
"""


def upgrade() -> None:
    """Make the tables and the column."""
    for name, (columns, searched) in _TABLES.items():
        _bitemporal(name, columns, searched)
    _holdings("body")


def downgrade() -> None:
    """Drop them."""
    _holdings()
    for name in _TABLES:
        op.drop_table(name)


def _bitemporal(name: str, columns: tuple[str, ...], searched: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("row", _ROW, autoincrement=True, nullable=False),
        *(sa.Column(column, _WORDS, nullable=False) for column in ("id", "valid_from", "valid_to")),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in ("recorded_from", "recorded_to")),
        *(sa.Column(column, _WORDS, nullable=False) for column in columns),
        sa.Column("attributes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=f"pk_{name}"),
    )
    for column in ("id", *searched):
        op.create_index(f"ix_{name}_{column}", name, [column, "recorded_to"])


def _holdings(*more: str) -> None:
    """Give the roles that are held one more column, or take it away.

    SQLite adds a column behind all others, unlike the tables of a new database: there the rows move to a new table.
    """
    if op.get_bind().dialect.name != "sqlite":
        if more:
            op.add_column("holding", sa.Column("body", _WORDS, nullable=False, server_default=""))
            op.alter_column("holding", "body", server_default=None)
        else:
            op.drop_column("holding", "body")
        return
    for searched in ("id", "person"):
        op.drop_index(f"ix_holding_{searched}", "holding")
    op.rename_table("holding", "holding_before")
    _bitemporal("holding", ("person", "role", "region", "industry", "unit", *more), ("person",))
    op.execute(_INTO_LONGER if more else _INTO_SHORTER)
    op.drop_table("holding_before")
