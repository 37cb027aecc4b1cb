"""Rows of the directory as somebody wrote them, read strictly: known keys, short printable texts, days in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from engine.core.command_parts import SYSTEM
from engine.core.directory import BEGINNING, END, Directory
from engine.core.identifiers import is_id
from engine.errors import BadInput

#: Rows of one command; more belongs into several.
MOST_ROWS = 50
#: Paths of regions: names between slashes, none of which stands for another.
_PATH = re.compile(r"/(?!\.{1,2}/)[^/\s]+(/(?!\.{1,2}/)[^/\s]+)*/|/")
_LONGEST_PATH = 200
_LONGEST_TEXT = 500


def bounded(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The rows, if they are neither none nor too many."""
    if not 1 <= len(rows) <= MOST_ROWS:
        raise BadInput("too_many_rows", field="rows", got=len(rows), most=MOST_ROWS)
    return rows


def only(row: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """Refuse keys that mean nothing here."""
    for key in row:
        if key not in allowed:
            raise BadInput("unknown_key", field=key)


def words(row: Mapping[str, Any], keys: tuple[str, ...], field: str = "") -> dict[str, str]:
    """The texts under these keys, "" where there is none."""
    return {key: word(row.get(key) or "", field or key) for key in keys}


def word(value: object, field: str) -> str:
    """One text, without what surrounds it."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise BadInput("not_a_text", field=field)
    if not value.isprintable():
        raise BadInput("control_character", field=field)
    return value.strip()


def needed(row: Mapping[str, str], *keys: str) -> None:
    """Refuse a row that leaves one of these empty."""
    for key in keys:
        if not row[key]:
            raise BadInput("missing", field=key)


def named(row: Mapping[str, str], *keys: str) -> None:
    """Refuse what is told but is no id."""
    for key in keys:
        if (value := row.get(key, "")) and not is_id(value):
            raise BadInput("not_an_id", field=key)


def person(row: Mapping[str, str], key: str) -> None:
    """Refuse what cannot be a person's id."""
    needed(row, key)
    if not is_id(row[key]) or row[key] == SYSTEM:
        raise BadInput("not_an_id", field=key)


def known_person(row: Mapping[str, str], key: str, directory: Directory) -> None:
    """Refuse who never held a role."""
    person(row, key)
    if not directory.known(row[key]):
        raise BadInput("person_unknown", field=key, got=row[key])


def known_region(path: str, field: str, directory: Directory) -> None:
    """Refuse a region that is told and was never recorded."""
    if path and path not in directory.regions:
        raise BadInput("region_unknown", field=field, got=path)


def region_path(path: str, field: str) -> None:
    """Refuse what is no path of regions."""
    if len(path) > _LONGEST_PATH or not path.isprintable() or not _PATH.fullmatch(path):
        raise BadInput("region_path", field=field, got=path[:80])


def days(row: Mapping[str, Any]) -> dict[str, str]:
    """The days [valid_from, valid_to) of a row, from ever and for ever where it tells none."""
    told = told_days(row)
    if told["valid_from"] >= told["valid_to"]:
        raise BadInput("days_out_of_order", field="valid_to", got=told["valid_to"])
    return told


def told_days(row: Mapping[str, Any]) -> dict[str, str]:
    """The days of a row, in whatever order."""
    return {
        "valid_from": day(row.get("valid_from") or "", "valid_from", BEGINNING).isoformat(),
        "valid_to": day(row.get("valid_to") or "", "valid_to", END).isoformat(),
    }


def day(text: object, field: str, default: date) -> date:
    """A day as written, or the default where nothing is."""
    if text in ("", None):
        return default
    try:
        return date.fromisoformat(str(text))
    except ValueError as exc:
        raise BadInput("not_a_date", field=field, got=str(text)) from exc


def row_id(kind: str, *natural: str) -> str:
    """The id of the row that says this: told again, it takes the place of what was told before."""
    key = "\n".join(natural)
    return sha256(f"{kind}\n{key}".encode()).hexdigest()[:24]
