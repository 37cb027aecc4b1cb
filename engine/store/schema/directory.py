"""The directory as bitemporal rows: when something was so, in days, and when it was known, in instants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Table

from engine.store.schema.base import RowId, metadata, number, octets, words

_JURISDICTION = ("title", "region", "industry", "unit")


def _bitemporal(name: str, *columns: str, searched: tuple[str, ...] = ()) -> Table:
    """Rows of one key follow each other in valid days; a row is known from one instant to another."""
    own: list[Column[Any]] = [words(column) for column in columns]
    table = Table(
        name,
        metadata,
        Column("row", RowId, primary_key=True, autoincrement=True, nullable=False),
        words("id"),
        words("valid_from"),
        words("valid_to"),
        number("recorded_from"),
        number("recorded_to"),
        *own,
        #: JSON object of whatever else is known
        octets("attributes"),
    )
    Index(f"ix_{name}_id", table.c.id, table.c.recorded_to)
    for column in searched:
        Index(f"ix_{name}_{column}", table.c[column], table.c.recorded_to)
    return table


unit = _bitemporal("unit", *_JURISDICTION, "credit_code", searched=("credit_code", "title", "region"))
place = _bitemporal("place", *_JURISDICTION, searched=("unit", "region"))
#: `name` is a reference to the vault, never a name
person = _bitemporal("person", "name", "unit")
region = _bitemporal("region", "title")
industry = _bitemporal("industry", "title")
holding = _bitemporal("holding", "person", "role", "region", "industry", "unit", "body", searched=("person",))

#: `certifies`: the kind, in the words of whoever keeps the directory
certificate = _bitemporal("certificate", "person", "certifies", "number", searched=("person",))

substitution = _bitemporal(
    "substitution", "person", "substitute", "role", "procedure", "reason", searched=("person", "substitute")
)
#: documents are among the attributes
power = _bitemporal("power", "body", "matter", "region", "basis", searched=("body",))
#: valid on all days: `begins` and `ends` are ISO instants in UTC
shift = _bitemporal("shift", "roster", "person", "region", "begins", "ends", searched=("ends",))
recusal = _bitemporal("recusal", "person", "kind", "unit", "other", searched=("person",))
#: the id is the former unit's
succession = _bitemporal("succession", "successor", "how")

TABLES = {
    table.name: table
    for table in (
        unit, place, person, region, industry, holding, certificate,
        substitution, power, shift, recusal, succession,
    )
}  # fmt: skip
