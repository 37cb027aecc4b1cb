"""Rows of the directory, as entries tell them and as tables keep them, read as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from engine.core.directory_arranged import ArrangedRows
from engine.core.directory_rows import Certificate, Holding, Power, Recusal, Shift, Substitution, Succession

#: Tables of which a row that is told again replaces the whole row; of others it replaces the days it names.
REPLACED = ("certificate", "substitution", "power", "shift", "recusal", "succession")


def holding_told(row: Mapping[str, Any]) -> Holding:
    """A role that is held."""
    return Holding(**_named(row, "id", "person", "role", "region", "industry", "unit", "body"), **_days(row))


def certificate_told(row: Mapping[str, Any]) -> Certificate:
    """A certificate."""
    return Certificate(kind=row["certifies"], **_named(row, "id", "person", "number"), **_days(row))


def substitution_told(row: Mapping[str, Any]) -> Substitution:
    """A substitution."""
    return Substitution(**_named(row, "id", "person", "substitute", "role", "procedure", "reason"), **_days(row))


def power_told(row: Mapping[str, Any]) -> Power:
    """A power."""
    documents = tuple(row.get("documents") or ())
    return Power(documents=documents, **_named(row, "id", "body", "matter", "region", "basis"), **_days(row))


def shift_told(row: Mapping[str, Any]) -> Shift:
    """A shift."""
    begins, ends = (datetime.fromisoformat(row[key]) for key in ("begins", "ends"))
    return Shift(begins=begins, ends=ends, **_named(row, "id", "roster", "person", "region"))


def recusal_told(row: Mapping[str, Any]) -> Recusal:
    """A recusal."""
    return Recusal(kind=row["kind"], **_named(row, "id", "person", "unit", "other"), **_days(row))


def succession_told(row: Mapping[str, Any]) -> Succession:
    """A succession."""
    return Succession(how=row["how"], **_named(row, "id", "successor"), **_days(row))


def neighbours_told(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Neighbours of regions by path, none where a region is told without any."""
    return {row["id"]: tuple(row.get("neighbours") or ()) for row in rows}


def arranged_told(rows: Callable[[str], Iterable[Mapping[str, Any]]]) -> ArrangedRows:
    """All rows besides holdings and certificates, from those of each table."""
    return {
        "substitutions": [substitution_told(row) for row in rows("substitution")],
        "powers": [power_told(row) for row in rows("power")],
        "shifts": [shift_told(row) for row in rows("shift")],
        "recusals": [recusal_told(row) for row in rows("recusal")],
        "successions": [succession_told(row) for row in rows("succession")],
        "neighbours": neighbours_told(rows("region")),
    }


def _named(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: row.get(key) or "" for key in keys}


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: date.fromisoformat(row[key]) for key in ("valid_from", "valid_to")}
