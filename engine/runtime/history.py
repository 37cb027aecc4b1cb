"""Valid days of directory rows: what is newly told of some days leaves what was told of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.store.views import DirectoryRow


def told_row(row: DirectoryRow) -> dict[str, Any]:
    """A stored row as it was told."""
    return {
        "id": row.id,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        **row.columns,
        "attributes": row.attributes,
    }


def whole_history(believed: Iterable[DirectoryRow], told: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """All rows to be believed of the ids told: the new ones, and of the old ones the days the new do not cover.

    The store replaces everything it believes of an id; days are ISO texts, which sort as days do.
    """
    rows = [told_row(row) for row in believed]
    for new in told:
        rows = [*_around(rows, new), dict(new)]
    return tuple(sorted(rows, key=lambda row: (row["id"], row["valid_from"])))


def _around(rows: list[dict[str, Any]], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for row in rows:
        if row["id"] != new["id"] or row["valid_to"] <= new["valid_from"] or row["valid_from"] >= new["valid_to"]:
            kept.append(row)
            continue
        if row["valid_from"] < new["valid_from"]:
            kept.append({**row, "valid_to": new["valid_from"]})
        if row["valid_to"] > new["valid_to"]:
            kept.append({**row, "valid_from": new["valid_to"]})
    return kept
