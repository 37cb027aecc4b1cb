"""Many cases from a few real ones: their rows with other ids of the same length, chained anew.

What the service would write, hundred thousands of times faster; `proof.prove` folds and verifies a sample of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table, select, update

from engine.audit.entry import leaf_hash
from engine.core.case import Case
from engine.core.command import Stream
from engine.store.schema import case_value, counter, entry, message, stream, task, timer
from engine.store.session import Session
from engine.store.store import Store

#: Numbers of cases are as long as each other from here on.
FIRST_NUMBER = 100_000
_ROWS_TOGETHER = 500
_OWNED: tuple[tuple[Table, str], ...] = ((task, "case"), (timer, "id"), (message, "id"), (case_value, "case"))
Rows = dict[str, list[dict[str, Any]]]


def number_from(store: Store, first: int) -> None:
    """Let all series go on after that number."""
    with store.session() as session:
        session.run(update(counter).values(value=first))


def clone(store: Store, models: Sequence[Case], count: int) -> list[str]:
    """Write so many more cases like the models in turn; ids count on after the last model's. Their ids."""
    with store.session() as session:
        rows = [_rows_of(session, case.id) for case in models]
    prefix, _, digits = models[-1].id.rpartition("-")
    stem, _, last = models[-1].number.rpartition("-")
    made: list[str] = []
    while len(made) < count:
        batch: Rows = {}
        for _ in range(min(_ROWS_TOGETHER, count - len(made))):
            n = len(made)
            model = models[n % len(models)]
            case_id = f"{prefix}-{int(digits) + n + 1:0{len(digits)}d}"
            number = f"{stem}-{int(last) + n + 1:0{len(last)}d}"
            for name, copies in _copied(rows[n % len(models)], (model.id, case_id), (model.number, number)):
                batch.setdefault(name, []).extend(copies)
            made.append(case_id)
        with store.session() as session:
            for table in (stream, entry, *(table for table, _ in _OWNED)):
                if batch.get(table.name):
                    session.run(table.insert(), batch[table.name])
    return made


def _rows_of(session: Session, case_id: str) -> Rows:
    found: Rows = {}
    for table in (stream, entry):
        mine = (table.c.kind == "case") & (table.c.id == case_id)
        found[table.name] = [dict(row._mapping) for row in session.run(select(table).where(mine))]
    found[entry.name].sort(key=lambda row: int(row["seq"]))
    for table, column in _OWNED:
        found[table.name] = [dict(row._mapping) for row in session.run(select(table).where(table.c[column] == case_id))]
    return found


def _copied(rows: Rows, *changes: tuple[str, str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    copies = {name: [_changed(row, changes) for row in some] for name, some in rows.items()}
    before = leaf = ""
    for row, model in zip(copies[entry.name], rows[entry.name], strict=True):
        if before:
            row["bytes"] = row["bytes"].replace(before.encode(), leaf.encode())
        row["leaf"] = leaf_hash(row["bytes"])
        before, leaf = bytes(model["leaf"]).hex(), row["leaf"].hex()
    copies[stream.name][0]["head"] = copies[entry.name][-1]["leaf"]
    yield from copies.items()


def _changed(row: dict[str, Any], changes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    told = dict(row)
    for name, value in row.items():
        for old, new in changes:
            if isinstance(value, str):
                value = value.replace(old, new)
            elif isinstance(value, bytes | memoryview):
                value = bytes(value).replace(old.encode(), new.encode())
        told[name] = value
    return told


def stream_of(case_id: str) -> Stream:
    """The stream of a case."""
    return Stream("case", case_id)
