"""What all tables share: one metadata with named constraints, texts compared by code point, instants as integers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    literal_column,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT

#: Instant that never comes: an open end of knowledge, a deadline or an end that there is not.
FOREVER = 2**63 - 1

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

#: Compared by code point in both databases, so that prefixes are ranges and pages continue where they ended.
Words = Text().with_variant(PG_TEXT(collation="C"), "postgresql")
Micros = BigInteger()
#: SQLite counts rows up only in a column that is called INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


def fixed(word: str) -> ColumnElement[str]:
    """A word that stands in the text of a statement: only such ones lead a planner to an index with a condition."""
    return literal_column(f"'{word}'", Text)


def words(name: str, **options: Any) -> Column[str]:
    """A text; "" where there is none."""
    return Column(name, Words, nullable=False, **options)


def number(name: str, **options: Any) -> Column[int]:
    """A count, or an instant in microseconds UTC since 1970."""
    return Column(name, Micros, nullable=False, **options)


def octets(name: str, **options: Any) -> Column[bytes]:
    """Bytes as they are."""
    return Column(name, LargeBinary, nullable=False, **options)


def flag(name: str, **options: Any) -> Column[bool]:
    """True or false."""
    return Column(name, Boolean, nullable=False, **options)
