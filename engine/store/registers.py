"""Registers as they are read: pages in any declared order, counts from what was counted ahead or from the cases."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select

from engine.core.conditions import Condition
from engine.core.directory import Scope
from engine.store.conditions import answered, column_of
from engine.store.parts import Run
from engine.store.queries import beyond, case_view, mark_of, under, visible
from engine.store.records import RegisterRow
from engine.store.schema import CASES, case_value, stream, tallied, tally, tally_field, uncounted
from engine.store.schema.base import fixed
from engine.store.tallies import Cell, cell_of
from engine.store.views import CaseView

_FIELD = "field:"
_HEAD = [stream.c.id, stream.c.seq, *(stream.c[name] for name in RegisterRow.__struct_fields__)]
#: Changed cases whose counts are corrected as they are read; where more wait, nothing was counted ahead yet.
MOST_WAITING = 1000
#: Ids in one question.
_PIECE = 5000


class Order(NamedTuple):
    """Sorted by that column of conditions; down = the largest first."""

    column: str
    down: bool = False


class Listed(NamedTuple):
    """A case of a page: its head, and its snapshot with the version of the fold that made it."""

    head: CaseView
    snapshot: bytes
    fold_version: int


class Slice(NamedTuple):
    """A page: its cases, and the marks behind its last and before its first; "" = there are no more that way."""

    items: tuple[Listed, ...]
    after: str
    before: str


class Way(NamedTuple):
    """Rows of one kind in the order of two keys, the case's id last."""

    what: str
    keys: tuple[ColumnElement[Any], ColumnElement[Any]]
    wanted: Select[Any]


class Registers:
    """Queries of registers; what an actor may not see is in no page and in no count."""

    def __init__(self, run: Run) -> None:
        self._run = run

    # pages ----------------------------------------------------------------------------------------------------
    def page(
        self, scope: Scope, wanted: Condition, order: Order, *, limit: int = 50, after: str = "", before: str = ""
    ) -> Slice:
        """Cases in order, each with its snapshot; `after` and `before` are marks of the page before or behind."""
        ways = _ways(order, (visible(scope), answered(wanted)))
        rows, more = self._walked(ways, limit, before or after, down=order.down != bool(before), back=bool(before))
        items = tuple(self._listed([row[2] for row in rows]))
        older = rows and (more or before)
        newer = rows and (more if before else after)
        return Slice(items=items, after=mark_of(*rows[-1]) if older else "", before=mark_of(*rows[0]) if newer else "")

    def _walked(
        self, ways: Sequence[Way], limit: int, mark: str, *, down: bool, back: bool
    ) -> tuple[list[tuple[str, Any, str]], bool]:
        """The rows behind the mark, one way after the other, in the order of the register; whether there are more."""
        rows: list[tuple[str, Any, str]] = []
        walk = list(reversed(ways)) if back else list(ways)
        begin = next((at for at, way in enumerate(walk) if mark and _is_mark_of(mark, way.what)), 0)
        for at, way in enumerate(walk[begin:]):
            wanted = way.wanted.where(*beyond(way.keys, mark if at == 0 else "", what=way.what, down=down))
            keys = [key.desc() if down else key.asc() for key in way.keys]
            found = self._run(wanted.order_by(*keys).limit(limit + 1 - len(rows))).all()
            rows += [(way.what, row[0], row[1]) for row in found]
            if len(rows) > limit:
                break
        more = len(rows) > limit
        rows = rows[:limit]
        return (rows[::-1] if back else rows), more

    def _listed(self, ids: Sequence[str]) -> Iterable[Listed]:
        """Read by key, so that no sorting ever carries a snapshot."""
        columns = (*_HEAD, stream.c.snapshot, stream.c.fold_version)
        rows = {row.id: row for row in self._run(select(*columns).where(CASES, stream.c.id.in_(ids))).all()}
        for name in ids:
            row = rows[name]
            yield Listed(head=case_view(row), snapshot=bytes(row.snapshot), fold_version=int(row.fold_version))

    # counts ---------------------------------------------------------------------------------------------------
    def count(self, scope: Scope, wanted: Condition, *, most: int) -> int:
        """How many cases there are, counted one by one up to `most`."""
        some = select(stream.c.id).where(visible(scope), answered(wanted)).limit(most).subquery()
        return int(self._run(select(func.count()).select_from(some)).scalar_one())

    def counted_fields(self, procedures: Collection[str]) -> frozenset[str]:
        """Declared filters that every one of these procedures that has been counted is counted by."""
        rows = self._run(select(tally_field).where(tally_field.c.procedure.in_(sorted(procedures)))).all()
        return frozenset(row.field for row in rows)

    def cells(self, scope: Scope, procedures: Collection[str], wanted: Condition) -> list[Cell] | None:
        """All cases of some procedures that the actor may see, as they were counted ahead and have changed since.

        Cases that an actor sees for another reason than their region are few, and read one by one; of these only
        those that match `wanted`. None where too much waits to be counted.
        """
        waiting = self._waiting()
        if len(waiting) >= MOST_WAITING:
            return None
        found: list[Cell] = []
        if scope.everything or scope.regions:
            found = self._counted(scope, tally.c.procedure.in_(sorted(procedures)))
            found += self._corrections(scope, waiting, procedures)
        # a hidden case lies in no region: it is seen by some for a reason of its own
        here = [stream.c.region == fixed("")] if scope.everything else []
        beside = here or [not_(under(stream.c.region, prefix)) for prefix in scope.regions]
        return found + self._single(and_(visible(scope), answered(wanted), *beside), None)

    def _counted(self, scope: Scope, wanted: ColumnElement[bool]) -> list[Cell]:
        regions = [under(tally.c.region, prefix) for prefix in scope.regions]
        whole = tally.c.region != "" if scope.everything else or_(*regions)
        rows = self._run(select(tally.c.key, tally.c.count).where(wanted, tally.c.count > 0, whole))
        return [cell_of(key, count) for key, count in rows]

    def _waiting(self) -> list[str]:
        """Notes of changed cases, at most so many."""
        return list(self._run(select(uncounted.c.case).limit(MOST_WAITING)).scalars())

    def _corrections(self, scope: Scope, cases: list[str], procedures: Collection[str]) -> list[Cell]:
        """What has changed since it was counted: once less where it was, once more where it is."""
        cases = list(dict.fromkeys(cases))
        if not cases:
            return []
        joined = tallied.join(tally, tally.c.id == tallied.c.tally)
        rows = self._run(select(tally.c.key).select_from(joined).where(tallied.c.case.in_(cases)))
        was = [cell_of(row[0], -1) for row in rows]
        now = self._single(and_(CASES, stream.c.id.in_(cases)), None)
        return [
            cell
            for cell in (*was, *now)
            if cell.procedure in procedures and cell.region and scope.covers(region=cell.region, unit="")
        ]

    def single_cells(self, scope: Scope, wanted: Condition, *, most: int) -> list[Cell]:
        """Matching cases, a cell for each, at most so many."""
        return self._single(and_(visible(scope), answered(wanted)), most)

    def _single(self, wanted: ColumnElement[bool], most: int | None) -> list[Cell]:
        names = ("id", "procedure", "state", "region", "industry", "closed")
        statement = select(*(stream.c[name] for name in names)).where(wanted)
        rows = self._run(statement if most is None else statement.limit(most)).all()
        values: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        ids = [row.id for row in rows]
        for at in range(0, len(ids), _PIECE):
            told = select(case_value.c.case, case_value.c.field, case_value.c.value)
            for case, field, value in self._run(told.where(case_value.c.case.in_(ids[at : at + _PIECE]))):
                values[case].setdefault(field, []).append(value)
        return [
            Cell(
                procedure=row.procedure,
                state=row.state,
                region=row.region,
                industry=row.industry,
                closed=row.closed,
                values=values[row.id],
            )
            for row in rows
        ]


def _ways(order: Order, seen: Sequence[ColumnElement[bool]]) -> list[Way]:
    """Along a column; or along the index of a field's values, then along the cases that have none."""
    what = f"register {order.column} {order.down:d}"
    if not order.column.startswith(_FIELD):
        keys = (column_of(order.column), stream.c.id)
        return [Way(what, keys, select(*keys).where(*seen))]
    mine = case_value.c.field == order.column.removeprefix(_FIELD)
    joined = case_value.join(stream, and_(CASES, stream.c.id == case_value.c.case))
    valued = (case_value.c.value, case_value.c.case)
    bare = (stream.c.opened_at, stream.c.id)
    has_one = exists().where(case_value.c.case == stream.c.id, mine).correlate(stream)
    return [
        Way(what, valued, select(*valued).select_from(joined).where(mine, *seen)),
        Way(f"{what} bare", bare, select(*bare).where(*seen, not_(has_one))),
    ]


def _is_mark_of(mark: str, what: str) -> bool:
    """Whether a mark was made for rows of that kind; what is no mark at all is refused where it is read."""
    try:
        told = orjson.loads(urlsafe_b64decode(mark.encode()))
    except ValueError:
        return False
    return isinstance(told, list) and told[:1] == [what]
