"""What of the directory lies before one reader: roles, substitutions, recusals on a day, as believed at an instant.

`known_at` is in microseconds, by default now; the scope is the reader's of today, whatever day they look at.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from engine.core.directory import Holding, Recusal, Scope, Substitution
from engine.core.directory_told import holding_told, recusal_told, substitution_told
from engine.store.directory import directory_row, known_rows, told_columns, valid_rows
from engine.store.parts import Run
from engine.store.queries import visible_rows
from engine.store.schema import DIRECTORY
from engine.store.views import DirectoryRow

_HOLDINGS = DIRECTORY["holding"]


class OrganisationRows:
    """Rows that name people, as far as a scope reaches those people or is their own."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def holdings(self, scope: Scope, day: date, known_at: int | None = None) -> list[Holding]:
        """Roles held on a day, in order of their ids; of the many within units those of the reader's own units."""
        near = or_(_HOLDINGS.c.unit == "", _HOLDINGS.c.unit.in_(scope.units))
        mine = or_(and_(near, visible_rows(_HOLDINGS, scope, unit_column="unit")), _HOLDINGS.c.person == scope.person)
        return [holding_told(row) for row in self._rows("holding", _on(_HOLDINGS, day, known_at), mine)]

    def bodies(self, known_at: int | None = None) -> list[str]:
        """Units as which a role was ever held."""
        named = select(_HOLDINGS.c.body).where(_HOLDINGS.c.body != "", known_rows(_HOLDINGS, known_at)).distinct()
        return sorted(self._run(named).scalars())

    def substitutions(self, scope: Scope, day: date, known_at: int | None = None) -> list[Substitution]:
        """Who stands in for whom on a day, where either of them is in sight."""
        rows = DIRECTORY["substitution"]
        near = _near(scope, day, known_at)
        mine = [_sight(rows.c[side], scope, near) for side in ("person", "substitute")]
        return [substitution_told(row) for row in self._rows("substitution", _on(rows, day, known_at), or_(*mine))]

    def recusals(self, scope: Scope, day: date, known_at: int | None = None) -> list[Recusal]:
        """Who is recused on a day; give the scope in which the reader keeps the directory."""
        rows = DIRECTORY["recusal"]
        mine = _sight(rows.c.person, scope, _near(scope, day, known_at))
        return [recusal_told(row) for row in self._rows("recusal", _on(rows, day, known_at), mine)]

    def ever_told(self, person: str) -> list[DirectoryRow]:
        """Whatever was believed at any time of roles that a person holds or held, in order of days and recording."""
        order = (_HOLDINGS.c.valid_from, _HOLDINGS.c.id, _HOLDINGS.c.recorded_from)
        found = self._run(select(_HOLDINGS).where(_HOLDINGS.c.person == person).order_by(*order))
        return [directory_row(_HOLDINGS, row) for row in found]

    def _rows(self, table: str, wanted: list[ColumnElement[bool]], mine: ColumnElement[bool]) -> list[dict[str, Any]]:
        rows = DIRECTORY[table]
        found = self._run(select(rows).where(*wanted, mine).order_by(rows.c.id, rows.c.row))
        return [told_columns(directory_row(rows, row)) for row in found]


def _on(rows: Any, day: date, known_at: int | None) -> list[ColumnElement[bool]]:
    return [known_rows(rows, known_at), *valid_rows(rows, day)]


def _near(scope: Scope, day: date, known_at: int | None) -> Select[Any]:
    return select(_HOLDINGS.c.person).where(
        *_on(_HOLDINGS, day, known_at), visible_rows(_HOLDINGS, scope, unit_column="unit")
    )


def _sight(column: ColumnElement[str], scope: Scope, near: Select[Any]) -> ColumnElement[bool]:
    return true() if scope.everything else or_(column == scope.person, column.in_(near))
