"""Tables and checklists in forms: what their inputs are called, and what they say; pure.

A cell is `f.table.row.column`, an answer `f.list.item`, its note `n.list.item`; files belong to `table.row.column` and
`list.item`. Rows that are left empty are not there: those after them move up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from engine.core.command import EvidenceRef
from engine.core.definition import FieldSpec
from web.pages.form_files import KeptFile, slot_of

#: Names of the inputs: what is meant, what was typed to find it, what is remarked.
VALUE = "f."
TYPED = "t."
NOTE = "n."
#: The inputs of several signatures, see form_signing.
SLOT = "_signature"
Texts = Mapping[str, tuple[str, ...]]
_LONGEST_ROW = 4


def cell_spec(table: FieldSpec, row: int, column: FieldSpec) -> FieldSpec:
    """A column as the field of one cell."""
    return replace(column, id=f"{table.id}.{row}.{column.id}")


def kind_of(slot: str, fields: Mapping[str, FieldSpec]) -> str:
    """What kind of file an input takes; "" where it takes none."""
    top, *rest = slot.split(".")
    spec = fields.get(top)
    if spec is None:
        return slot_of(slot, "")[1]
    if spec.kind == "checklist":
        return "photo" if len(rest) == 1 else ""
    if spec.kind == "table":
        return next((column.kind for column in spec.columns if rest[1:] == [column.id]), "")
    return "" if rest else spec.kind


def rows_in(table: str, texts: Texts, files: Iterable[KeptFile]) -> list[int]:
    """The rows of a table in which something stands, as they are numbered in the form."""
    named = [name[2:] for name, some in texts.items() if name.startswith((VALUE, TYPED)) and any(some)]
    found = {row for name in (*named, *(kept.field for kept in files)) if (row := _row_of(name, table)) is not None}
    return sorted(found)


def _row_of(name: str, table: str) -> int | None:
    parts = name.split(".")
    if len(parts) != 3 or parts[0] != table or not parts[1].isdecimal() or len(parts[1]) > _LONGEST_ROW:
        return None
    return int(parts[1])


def closed_up(
    texts: Texts, files: Sequence[KeptFile], fields: Mapping[str, FieldSpec]
) -> tuple[dict[str, tuple[str, ...]], list[KeptFile]]:
    """The same form with the rows of its tables numbered from 0, empty ones left out."""
    told, kept = dict(texts), list(files)
    for spec in fields.values():
        if spec.kind != "table":
            continue
        numbers = {old: new for new, old in enumerate(rows_in(spec.id, told, kept))}
        told = {
            moved: some
            for name, some in told.items()
            if (moved := _moved(name, spec.id, numbers, prefix=2)) is not None
        }
        kept = [dataclasses.replace(one, field=_moved(one.field, spec.id, numbers, prefix=0) or "") for one in kept]
    return told, kept


def _moved(name: str, table: str, numbers: Mapping[int, int], *, prefix: int) -> str | None:
    """The name with its row's new number; None where the row is gone."""
    if prefix and not name.startswith((VALUE, TYPED)):
        return name
    row = _row_of(name[prefix:], table)
    if row is None:
        return name
    if row not in numbers:
        return None
    column = name.rpartition(".")[2]
    return f"{name[:prefix]}{table}.{numbers[row]}.{column}"


def answers_in(spec: FieldSpec, texts: Texts, files: Iterable[KeptFile]) -> dict[str, Any]:
    """The answers of a checklist by item, with what was remarked and photographed."""
    found: dict[str, Any] = {}
    for item in spec.checklist.items if spec.checklist else ():
        at = f"{spec.id}.{item.id}"
        told = {
            "answer": next(iter(texts.get(f"{VALUE}{at}", ())), ""),
            "note": next(iter(texts.get(f"{NOTE}{at}", ())), ""),
            "photos": [kept.sha256 for kept in files if kept.field == at],
        }
        if told["answer"] or told["note"] or told["photos"]:
            found[item.id] = {name: value for name, value in told.items() if value}
    return found


def standing_in(
    spec: FieldSpec, rows: Any, exhibits: Mapping[str, EvidenceRef]
) -> tuple[dict[str, tuple[str, ...]], list[KeptFile]]:
    """The rows of a table as the case has them, as inputs of a form; files as far as they came with an entry."""
    texts: dict[str, tuple[str, ...]] = {}
    files: list[KeptFile] = []
    for n, row in enumerate(rows if isinstance(rows, list | tuple) else ()):
        for column in spec.columns:
            value, at = row.get(column.id), f"{spec.id}.{n}.{column.id}"
            if value is None:
                continue
            if column.kind in ("file", "photo", "signature"):
                refs = [ref for digest in value if (ref := exhibits.get(digest))]
                files += [_carried(ref, at) for ref in refs]
            else:
                texts[f"{VALUE}{at}"] = tuple(_text(one) for one in (value if isinstance(value, list) else [value]))
    return texts, files


def _carried(ref: EvidenceRef, field: str) -> KeptFile:
    return KeptFile(field=field, kind=ref.kind, sha256=ref.sha256, size=ref.size, media_type=ref.media_type)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
