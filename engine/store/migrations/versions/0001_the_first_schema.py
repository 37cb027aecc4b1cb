"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "api_token",
    "bulk",
    "case_value",
    "counter",
    "definition",
    "entry",
    "evidence",
    "holding",
    "incident",
    "industry",
    "message",
    "person",
    "place",
    "region",
    "signal",
    "stream",
    "task",
    "timer",
    "unit",
    "vault",
    "vault_key",
    "bulk_item",
)
_WORDS = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, _WORDS, nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _octets(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.LargeBinary(), nullable=False) for name in names]


def _flag(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _row(name: str) -> sa.Column[Any]:
    return sa.Column(name, _ROW, autoincrement=True, nullable=False)


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    told: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **told)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "api_token",
        *_octets("digest"),
        *_words("person", "title", "scopes"),
        *_number("created_at", "expires_at", "revoked_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_api_token"),
    )
    _index("ix_api_token_person", "api_token", "person")
    op.create_table(
        "bulk",
        *_words("id", "purpose", "person", "digest"),
        *_number("items", "opened_at"),
        *_words("status"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk"),
    )
    op.create_table(
        "case_value",
        *_words("field", "value", "case"),
        sa.PrimaryKeyConstraint("field", "value", "case", name="pk_case_value"),
        sqlite_with_rowid=False,
    )
    _index("ix_case_value_case", "case_value", "case", "field")
    op.create_table(
        "counter",
        *_words("series"),
        *_number("value"),
        sa.PrimaryKeyConstraint("series", name="pk_counter"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "definition",
        *_words("version", "procedure", "plan", "title"),
        *_octets("body"),
        *_number("published_at"),
        sa.PrimaryKeyConstraint("version", name="pk_definition"),
    )
    _index("ix_definition_procedure", "definition", "procedure", "published_at")
    op.create_table(
        "entry",
        *_words("kind", "id"),
        *_number("seq"),
        *_words("command_id"),
        *_octets("bytes", "leaf", "request"),
        *_number("recorded_at"),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", "seq", name="pk_entry"),
        sa.UniqueConstraint("command_id", name="uq_entry_command_id"),
    )
    _index("uq_entry_log_index", "entry", "log_index", unique=True, where="log_index IS NOT NULL")
    op.create_table(
        "evidence",
        *_words("sha256"),
        *_number("size"),
        *_words("media_type"),
        *_number("stored_at"),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence"),
    )
    op.create_table(
        "holding",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("person", "role", "region", "industry", "unit"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_holding"),
    )
    _index("ix_holding_id", "holding", "id", "recorded_to")
    _index("ix_holding_person", "holding", "person", "recorded_to")
    op.create_table(
        "incident",
        _row("id"),
        *_words("code", "kind", "stream", "command"),
        *_octets("data"),
        *_number("at", "closed_at"),
        *_words("closed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    _index("ix_incident_open", "incident", "closed_at", "id")
    op.create_table(
        "industry",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("title"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_industry"),
    )
    _index("ix_industry_id", "industry", "id", "recorded_to")
    op.create_table(
        "message",
        *_words("key", "kind", "id"),
        *_number("seq"),
        *_words("person", "text"),
        *_octets("references"),
        *_number("created_at"),
        *_words("status"),
        *_number("next_at", "attempts", "epoch"),
        *_words("channel", "receipt", "reason"),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_message"),
    )
    _index("ix_message_next_at", "message", "next_at", where="status IN ('pending', 'sending')")
    _index("ix_message_person", "message", "person", "created_at", "key")
    op.create_table(
        "person",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("name", "unit"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_person"),
    )
    _index("ix_person_id", "person", "id", "recorded_to")
    op.create_table(
        "place",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("title", "region", "industry", "unit"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_place"),
    )
    _index("ix_place_id", "place", "id", "recorded_to")
    _index("ix_place_region", "place", "region", "recorded_to")
    _index("ix_place_unit", "place", "unit", "recorded_to")
    op.create_table(
        "region",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("title"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_region"),
    )
    _index("ix_region_id", "region", "id", "recorded_to")
    op.create_table(
        "signal",
        *_words("id", "source_kind", "source_id"),
        *_number("seq", "n"),
        *_words("target_kind", "target_id", "name"),
        *_octets("data"),
        *_number("attempts", "next_at"),
        sa.PrimaryKeyConstraint("id", name="pk_signal"),
    )
    _index("ix_signal_next_at", "signal", "next_at")
    _index("ix_signal_order", "signal", "source_kind", "source_id", "target_kind", "target_id", "seq", "n")
    op.create_table(
        "stream",
        *_words("kind", "id"),
        *_number("seq"),
        *_octets("head", "snapshot"),
        *_number("fold_version"),
        *_words("number", "procedure", "version", "state", "region", "unit", "place", "industry", "title"),
        *_number("opened_at", "due_at"),
        *_words("closed"),
        *_number("closed_at"),
        *_flag("overdue"),
        *_number("expiries", "reopened"),
        *_words("claim"),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_stream"),
    )
    _index("ix_stream_closed_at", "stream", "closed_at", "id", where="closed != ''")
    _index("ix_stream_due_at", "stream", "due_at", "id", where="kind = 'case' AND closed = ''")
    _index("ix_stream_opened_at", "stream", "opened_at", "id", where="kind = 'case'")
    _index("ix_stream_region", "stream", "region", "opened_at", where="kind = 'case'")
    _index("ix_stream_unit", "stream", "unit", "opened_at", where="kind = 'case'")
    _index("uq_stream_number", "stream", "procedure", "number", unique=True, where="number != ''")
    op.create_table(
        "task",
        *_words("case"),
        *_number("task"),
        *_words("person", "kind", "state", "party", "queue"),
        *_number("opened_at", "due_at"),
        *_flag("overdue"),
        sa.PrimaryKeyConstraint("case", "task", "person", name="pk_task"),
        sqlite_with_rowid=False,
    )
    _index("ix_task_person", "task", "person", "due_at", "case", "task")
    op.create_table(
        "timer",
        *_words("kind", "id"),
        *_number("task", "fire_at"),
        *_words("rung"),
        *_number("epoch"),
        sa.PrimaryKeyConstraint("kind", "id", "task", name="pk_timer"),
        sqlite_with_rowid=False,
    )
    _index("ix_timer_fire_at", "timer", "fire_at")
    op.create_table(
        "unit",
        _row("row"),
        *_words("id", "valid_from", "valid_to"),
        *_number("recorded_from", "recorded_to"),
        *_words("title", "region", "industry", "unit", "credit_code"),
        *_octets("attributes"),
        sa.PrimaryKeyConstraint("row", name="pk_unit"),
    )
    _index("ix_unit_credit_code", "unit", "credit_code", "recorded_to")
    _index("ix_unit_id", "unit", "id", "recorded_to")
    _index("ix_unit_region", "unit", "region", "recorded_to")
    _index("ix_unit_title", "unit", "title", "recorded_to")
    op.create_table(
        "vault",
        *_words("ref", "subject"),
        *_octets("salt", "sealed"),
        sa.PrimaryKeyConstraint("ref", name="pk_vault"),
    )
    _index("ix_vault_subject", "vault", "subject")
    op.create_table(
        "vault_key",
        *_words("subject"),
        *_octets("sealed"),
        *_number("created_at"),
        sa.PrimaryKeyConstraint("subject", name="pk_vault_key"),
    )
    op.create_table(
        "bulk_item",
        *_words("bulk"),
        *_number("n"),
        *_octets("payload"),
        *_words("status"),
        *_octets("result"),
        sa.ForeignKeyConstraint(["bulk"], ["bulk.id"], name="fk_bulk_item_bulk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bulk", "n", name="pk_bulk_item"),
    )
    _index("ix_bulk_item_pending", "bulk_item", "bulk", "n", where="status = 'pending'")


def downgrade() -> None:
    """Drop all tables."""
    for table in reversed(_TABLES):
        op.drop_table(table)
