"""Registers as they are read: pages in any declared order, counts from what was counted ahead or from the cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from engine.core.command import SYSTEM
from engine.core.conditions import Condition
from engine.core.directory import Scope
from engine.store.conditions import answered
from engine.store.parts import Run, slices
from engine.store.queries import beyond, case_view, mark_of, under, visible
from engine.store.records import SEALED, RegisterRow
from engine.store.register_order import Order, Row, Way, begin, is_beyond, is_mark_of, placed, ways_of
from engine.store.schema import CASES, case_value, stream, tallied, tally, tally_field, task, uncounted
from engine.store.schema.base import fixed
from engine.store.tallies import Cell, cell_of
from engine.store.views import CaseView

_FIELD = "field:"
_HEAD = [stream.c.id, stream.c.seq, *(stream.c[name] for name in RegisterRow.__struct_fields__)]
#: Changed cases whose counts are corrected as they are read; where more wait, nothing was counted ahead yet.
MOST_WAITING = 1000
#: Ids in one question.
_PIECE = 5000


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


class Registers:
    """Queries of registers; what an actor may not see is in no page and in no count."""

    def __init__(self, run: Run) -> None:
        self._run = run

    # pages ----------------------------------------------------------------------------------------------------
    def page(
        self,
        scope: Scope,
        wanted: Condition,
        order: Order,
        *,
        limit: int = 50,
        after: str = "",
        before: str = "",
        few: Sequence[Any] | None = None,
    ) -> Slice:
        """Cases in order, each with its snapshot; `after` and `before` are marks of the page before or behind.

        Where all that match are known and `few` they are sorted; else an index in the order asked for is walked until
        the page is full.
        """
        seen = (visible(scope), answered(wanted))
        ways, down, back = ways_of(order, seen), order.down != bool(before), bool(before)
        if few is None:
            rows, more = self._walked(ways, limit, before or after, down=down, back=back)
        else:
            rows, more = self._sorted(ways, order, few, limit, before or after, down=down, back=back)
        items = tuple(self._listed([row[2] for row in rows]))
        older = rows and (more or before)
        newer = rows and (more if before else after)
        return Slice(items=items, after=mark_of(*rows[-1]) if older else "", before=mark_of(*rows[0]) if newer else "")

    def _walked(self, ways: Sequence[Way], limit: int, mark: str, *, down: bool, back: bool) -> tuple[list[Row], bool]:
        """The rows behind the mark, one way after the other, in the order of the register; whether there are more."""
        rows: list[Row] = []
        walk = list(reversed(ways)) if back else list(ways)
        start = next((at for at, way in enumerate(walk) if mark and is_mark_of(mark, way.what)), 0)
        for at, way in enumerate(walk[start:]):
            wanted = way.wanted.where(*beyond(way.keys, mark if at == 0 else "", what=way.what, down=down))
            keys = [key.desc() if down else key.asc() for key in way.keys]
            found = self._run(wanted.order_by(*keys).limit(limit + 1 - len(rows))).all()
            rows += [(way.what, row[0], row[1]) for row in found]
            if len(rows) > limit:
                break
        more = len(rows) > limit
        rows = rows[:limit]
        return (rows[::-1] if back else rows), more

    def few(self, scope: Scope, wanted: Condition, among: Collection[str]) -> list[Any]:
        """Those of some known cases that match: rows of what they may be sorted and counted by."""
        keys = [stream.c[name] for name in ("id", "opened_at", "due_at", "closed_at", "closed", "number")]
        statement = select(*keys).where(visible(scope), answered(wanted))
        return [row for some in slices(among) for row in self._run(statement.where(stream.c.id.in_(some))).all()]

    def _sorted(
        self,
        ways: Sequence[Way],
        order: Order,
        found: Sequence[Any],
        limit: int,
        mark: str,
        *,
        down: bool,
        back: bool,
    ) -> tuple[list[Row], bool]:
        """The same rows from a few known cases."""
        values = self._values_of([row.id for row in found], order.column)
        rows_placed = [placed(ways, order, row, values.get(row.id)) for row in found]
        order_of = {way.what: at for at, way in enumerate(ways)}
        rows = [
            row
            for way in (reversed(ways) if back else ways)
            for row in sorted((one for one in rows_placed if one[0] == way.what), key=itemgetter(1, 2), reverse=down)
        ]
        if mark:
            from_row = begin(ways, mark)
            rows = [row for row in rows if is_beyond(row, from_row, order_of, down=down, back=back)]
        more = len(rows) > limit
        rows = rows[:limit]
        return (rows[::-1] if back else rows), more

    def _values_of(self, ids: Sequence[str], column: str) -> dict[str, str]:
        if not column.startswith(_FIELD):
            return {}
        mine = case_value.c.field == column.removeprefix(_FIELD)
        told = select(case_value.c.case, case_value.c.value).where(mine)
        return {
            row[0]: row[1] for some in slices(ids) for row in self._run(told.where(case_value.c.case.in_(some))).all()
        }

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
        return found + self._beside(scope, wanted, procedures)

    def _beside(self, scope: Scope, wanted: Condition, procedures: Collection[str]) -> list[Cell]:
        """Cases that are seen for another reason than their region: held, entrusted, of one's own units."""
        # a hidden case lies in no region
        elsewhere = [stream.c.region == fixed("")] if scope.everything else []
        elsewhere = elsewhere or [not_(under(stream.c.region, prefix)) for prefix in scope.regions]
        mine = (CASES, stream.c.procedure.in_(sorted(procedures)), *elsewhere, answered(wanted))
        held = select(task.c.case).where(task.c.person == scope.person)
        entrusted = select(case_value.c.case).where(case_value.c.field == SEALED, case_value.c.value == scope.person)
        reasons = [stream.c.id.in_(held), stream.c.id.in_(entrusted)]
        if units := [unit for unit in scope.units if unit]:
            reasons.append(stream.c.unit.in_(units))
        found = [cell for reason in reasons for cell in self._single(and_(*mine, reason), None)]
        return list({cell.case: cell for cell in found}.values())

    def members(self, tallies: Collection[int], most: int) -> list[str]:
        """Cases that were counted under these tallies, and those that changed since; more than `most` are cut."""
        found = [
            case
            for some in slices(sorted(tallies))
            for case in self._run(select(tallied.c.case).where(tallied.c.tally.in_(some)).limit(most + 1)).scalars()
        ]
        return [*found, *self._waiting()]

    def _counted(self, scope: Scope, wanted: ColumnElement[bool]) -> list[Cell]:
        regions = [under(tally.c.region, prefix) for prefix in scope.regions]
        everybody = scope.person == SYSTEM
        whole = (tally.c.id > 0 if everybody else tally.c.region != "") if scope.everything else or_(*regions)
        rows = self._run(select(tally.c.key, tally.c.count, tally.c.id).where(wanted, tally.c.count > 0, whole)).all()
        return [cell_of(*row) for row in rows]

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

    def single_cells(
        self, scope: Scope, wanted: Condition, *, most: int, among: Collection[str] | None = None
    ) -> list[Cell]:
        """Matching cases, a cell for each, at most so many; `among` are few in which all that match are."""
        seen = and_(visible(scope), answered(wanted))
        if among is None:
            return self._single(seen, most)
        return [cell for some in slices(among) for cell in self._single(and_(seen, stream.c.id.in_(some)), None)]

    def _single(self, wanted: ColumnElement[bool], most: int | None) -> list[Cell]:
        names = ("id", "procedure", "state", "region", "industry", "closed")
        statement = select(*(stream.c[name] for name in names)).where(wanted)
        rows = self._run(statement if most is None else statement.limit(most)).all()
        values: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        ids = [row.id for row in rows]
        for at in range(0, len(ids), _PIECE):
            told = select(case_value.c.case, case_value.c.field, case_value.c.value)
            for case, field, value in self._run(told.where(case_value.c.case.in_(ids[at : at + _PIECE]))).all():
                values[case].setdefault(field, []).append(value)
        return [
            Cell(
                procedure=row.procedure,
                state=row.state,
                region=row.region,
                industry=row.industry,
                closed=row.closed,
                values=values[row.id],
                case=row.id,
            )
            for row in rows
        ]
