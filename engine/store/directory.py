"""The directory's bitemporal rows: recorded once, never changed, only no longer believed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table, and_, insert, or_, select, update

from engine.core.directory import BEGINNING, END, Certificate, Entity, Holding, Shift
from engine.core.directory_arranged import ArrangedRows
from engine.core.directory_told import arranged_told, certificate_told, holding_told, shift_told
from engine.errors import BadInput
from engine.store.parts import Run, slices
from engine.store.records import DirectoryRows
from engine.store.schema import DIRECTORY, FOREVER
from engine.store.views import DirectoryRow

_FRAME = ("row", "id", "valid_from", "valid_to", "recorded_from", "recorded_to", "attributes")


class DirectoryStore:
    """Reads and records rows of units, places, persons, regions, industries, holdings and what is arranged besides.

    `day` is a day on which rows must be valid; `known_at` an instant at which they must have been believed
    (microseconds; by default now).
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def record(self, given: DirectoryRows, at: int) -> None:
        """End what is believed of the rows' ids at that instant and believe the rows from then on.

        Rows of one id replace all former rows of that id: give its whole history of valid days.
        """
        table = _table(given.table)
        own = [column.name for column in table.c if column.name not in _FRAME]
        for ids in slices(row["id"] for row in given.rows):
            believed = and_(table.c.id.in_(ids), table.c.recorded_to == FOREVER)
            self._run(update(table).where(believed).values(recorded_to=at))
        if given.rows:
            self._run(insert(table), [_flat(row, own, at) for row in given.rows])

    def rows(
        self, table: str, ids: Iterable[str] | None = None, *, day: date | None = None, known_at: int | None = None
    ) -> list[DirectoryRow]:
        """Rows in order of id and valid days; all ids by default, every valid day by default."""
        rows = _table(table)
        wanted = [known_rows(rows, known_at), *valid_rows(rows, day)]
        if ids is None:
            return self._select(rows, wanted)
        return [row for some in slices(ids) for row in self._select(rows, [rows.c.id.in_(some), *wanted])]

    def entities(self, table: str, ids: Iterable[str], day: date, *, known_at: int | None = None) -> dict[str, Entity]:
        """Units or places as valid on a day, by id; unknown ones are left out."""
        return {row.id: _entity(row) for row in self.rows(table, ids, day=day, known_at=known_at)}

    def page(self, table: str, day: date, *, after: str, limit: int, known_at: int | None = None) -> tuple[Entity, ...]:
        """Units or places as valid on a day, in order of ids, after one of them."""
        rows = _table(table)
        wanted = (rows.c.id > after, known_rows(rows, known_at), *valid_rows(rows, day))
        found = self._run(select(rows).where(*wanted).order_by(rows.c.id).limit(limit))
        return tuple(_entity(directory_row(rows, row)) for row in found)

    def changed(self, table: str, *, since: int | None, after: date, day: date) -> set[str]:
        """Ids of which something was recorded from an instant on, or begins or ends after one day and up to `day`.

        Without an instant: nothing was recorded since.
        """
        rows = _table(table)
        bounds = [
            and_(column > after.isoformat(), column <= day.isoformat())
            for column in (rows.c.valid_from, rows.c.valid_to)
        ]
        wanted = and_(rows.c.recorded_to == FOREVER, or_(*bounds))
        if since is not None:
            wanted = or_(rows.c.recorded_from >= since, wanted)
        return set(self._run(select(rows.c.id).where(wanted).distinct()).scalars())

    def histories(self, table: str, ids: Iterable[str]) -> dict[str, tuple[tuple[date, date, Entity], ...]]:
        """Units or places on all their days, as believed now: (valid from, valid to, what it then was) by id."""
        found: dict[str, tuple[tuple[date, date, Entity], ...]] = {}
        for row in self.rows(table, ids):
            stay = (date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_to), _entity(row))
            found[row.id] = (*found.get(row.id, ()), stay)
        return found

    def matching(self, table: str, column: str, values: Iterable[str], day: date) -> dict[str, tuple[Entity, ...]]:
        """Units or places of that credit_code, title, unit or region as valid on a day, by the value that matched."""
        rows = _table(table)
        if column not in rows.c or column in _FRAME:
            raise BadInput("no_such_column", field=column, table=table)
        found: dict[str, tuple[Entity, ...]] = {}
        for some in slices(values):
            for row in self._select(rows, [rows.c[column].in_(some), known_rows(rows, None), *valid_rows(rows, day)]):
                found[row.columns[column]] = (*found.get(row.columns[column], ()), _entity(row))
        return found

    def holdings(self, *, known_at: int | None = None) -> list[Holding]:
        """All roles that are or were held, as believed now or then."""
        return [holding_told(told_columns(row)) for row in self.rows("holding", known_at=known_at)]

    def certificates(self, *, known_at: int | None = None) -> list[Certificate]:
        """All certificates that are or were valid, as believed now or then."""
        return [certificate_told(told_columns(row)) for row in self.rows("certificate", known_at=known_at)]

    def arranged(self, *, known_at: int | None = None) -> ArrangedRows:
        """Who stands in, what organs may, who is on duty, recused, what units became; as believed now or then."""
        return arranged_told(lambda table: [told_columns(row) for row in self.rows(table, known_at=known_at)])

    def shifts(self, first: datetime, last: datetime, *, known_at: int | None = None) -> list[Shift]:
        """Shifts that hold at some instant of [first, last), in order of their beginning."""
        table = DIRECTORY["shift"]
        told = (first.astimezone(UTC).isoformat(), last.astimezone(UTC).isoformat())
        found = self._select(table, [table.c.ends > told[0], table.c.begins < told[1], known_rows(table, known_at)])
        return sorted((shift_told(told_columns(row)) for row in found), key=lambda one: (one.begins, one.id))

    def titles(self, table: str, day: date, *, known_at: int | None = None) -> dict[str, str]:
        """Titles of regions or industries valid on a day, by id."""
        return {row.id: row.columns["title"] for row in self.rows(table, day=day, known_at=known_at)}

    def _select(self, table: Table, wanted: list[ColumnElement[bool]]) -> list[DirectoryRow]:
        statement = select(table).where(*wanted).order_by(table.c.id, table.c.valid_from, table.c.row)
        return [directory_row(table, row) for row in self._run(statement)]


def directory_row(table: Table, row: Any) -> DirectoryRow:
    """A row of one of the directory's tables."""
    told = row._mapping
    return DirectoryRow(
        table=table.name,
        id=told["id"],
        valid_from=told["valid_from"],
        valid_to=told["valid_to"],
        recorded_from=told["recorded_from"],
        recorded_to=told["recorded_to"],
        columns={column.name: told[column.name] for column in table.c if column.name not in _FRAME},
        attributes=orjson.loads(told["attributes"]),
    )


def told_columns(row: DirectoryRow) -> dict[str, Any]:
    """A row by the names under which it was told."""
    return {**row.attributes, **row.columns, "id": row.id, "valid_from": row.valid_from, "valid_to": row.valid_to}


def _table(name: str) -> Table:
    table = DIRECTORY.get(name)
    if table is None:
        raise BadInput("unknown_table", field="table", table=name)
    return table


def known_rows(table: Table, at: int | None) -> ColumnElement[bool]:
    """Rows believed at an instant, by default now."""
    if at is None:
        return table.c.recorded_to == FOREVER
    return and_(table.c.recorded_from <= at, table.c.recorded_to > at)


def valid_rows(table: Table, day: date | None) -> list[ColumnElement[bool]]:
    """Rows valid on a day, by default on any."""
    if day is None:
        return []
    return [table.c.valid_from <= day.isoformat(), table.c.valid_to > day.isoformat()]


def _flat(row: dict[str, Any], own: list[str], at: int) -> dict[str, Any]:
    """Columns by name; whatever the table has no column for is an attribute."""
    attributes = dict(row.get("attributes") or {})
    attributes.update((k, v) for k, v in row.items() if k not in own and k not in _FRAME)
    return {
        "id": row["id"],
        "valid_from": str(row.get("valid_from") or BEGINNING.isoformat()),
        "valid_to": str(row.get("valid_to") or END.isoformat()),
        "recorded_from": at,
        "recorded_to": FOREVER,
        "attributes": orjson.dumps(attributes, option=orjson.OPT_SORT_KEYS),
        **{name: row.get(name) or "" for name in own},
    }


def _entity(row: DirectoryRow) -> Entity:
    told = dict(row.columns)
    named = {name: told.pop(name, "") for name in ("title", "region", "industry", "unit")}
    return Entity(id=row.id, **named, attributes={**row.attributes, **told})
