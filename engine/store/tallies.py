"""Counting ahead: each case is counted under what it agrees in with others, and anew whenever that changes.

A write only notes the case in `uncounted`. Whoever folds takes notes in order, reads what these cases are now and moves
each from the tally it was counted under to the one it belongs to. A note that is not visible yet is folded later, after
its case is; so whatever is committed when a fold ends is counted once, and a fold that is undone has counted nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import delete, select, text, update

from engine.store.parts import Run
from engine.store.records import ESCALATED, Row
from engine.store.schema import CASES, case_value, stream, tallied, tally, tally_field, uncounted

#: Notes folded in one transaction.
TOGETHER = 1000
#: A number that no other lock of ours has.
_LOCK = 0x7A_61_6C_6C_79


class Cell(Row, frozen=True, gc=False, kw_only=True):
    """So many cases that agree in all these."""

    procedure: str
    state: str
    region: str
    industry: str
    #: kind of closing, "" = open
    closed: str
    #: declared filters, and the mark ESCALATED
    values: dict[str, list[str]]
    count: int = 1
    #: its row; 0 = one case looked at by itself
    tally: int = 0
    #: that case, "" = several
    case: str = ""


def cell_of(key: str | bytes, count: int, number: int = 0) -> Cell:
    """The cell that a key tells of."""
    procedure, state, region, industry, closed, values = orjson.loads(key)
    return Cell(
        procedure=procedure,
        state=state,
        region=region,
        industry=industry,
        closed=closed,
        values=values,
        count=count,
        tally=number,
    )


def key_of(cell: Cell) -> str:
    """All that the cases of a cell agree in, as one text."""
    told = [cell.procedure, cell.state, cell.region, cell.industry, cell.closed, cell.values]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


class Tallies:
    """Folds what changed, in the transaction of a session."""

    def __init__(self, run: Run, insert: Callable[[Any], Any], *, locks: bool) -> None:
        self._run = run
        self._insert = insert
        #: whether others may write at the same time
        self._locks = locks

    def fold(self, fields: Mapping[str, Collection[str]], most: int = TOGETHER) -> int:
        """Count some changed cases anew; how many notes are gone. `fields`: procedure → fields that are counted.

        Only one folds at a time: on PostgreSQL the others find nothing to do.
        """
        if not self._alone():
            return 0
        self._note_redefined(fields)
        notes = self._run(select(uncounted.c.n, uncounted.c.case).order_by(uncounted.c.n).limit(most)).all()
        if not notes:
            return 0
        cases = sorted({note.case for note in notes})
        self._move({name: key_of(cell) for name, cell in self._cells(cases, fields).items()}, cases)
        self._run(delete(uncounted).where(uncounted.c.n.in_([note.n for note in notes])))
        return len(notes)

    def waiting(self) -> bool:
        """Whether a case has changed since it was counted."""
        return self._run(select(uncounted.c.n).limit(1)).first() is not None

    def _alone(self) -> bool:
        return not self._locks or bool(
            self._run(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one()
        )

    def _note_redefined(self, fields: Mapping[str, Collection[str]]) -> None:
        """Cases of a procedure whose counted fields are not those of before."""
        known: defaultdict[str, set[str]] = defaultdict(set)
        for procedure, field in self._run(select(tally_field.c.procedure, tally_field.c.field)).all():
            known[procedure].add(field)
        for procedure, wanted in fields.items():
            if known[procedure] == set(wanted):
                continue
            self._run(delete(tally_field).where(tally_field.c.procedure == procedure))
            for field in sorted(wanted):
                self._run(self._insert(tally_field).values(procedure=procedure, field=field))
            mine = select(stream.c.id).where(CASES, stream.c.procedure == procedure)
            self._run(self._insert(uncounted).from_select(["case"], mine))

    def _cells(self, cases: list[str], fields: Mapping[str, Collection[str]]) -> dict[str, Cell]:
        names = sorted({ESCALATED, *(name for some in fields.values() for name in some)})
        listed = (case_value.c.case.in_(cases), case_value.c.field.in_(names))
        values: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, field, value in self._run(
            select(case_value.c.case, case_value.c.field, case_value.c.value).where(*listed)
        ).all():
            values[name][field].append(value)
        columns = [stream.c[name] for name in ("id", "procedure", "state", "region", "industry", "closed")]
        found: dict[str, Cell] = {}
        for row in self._run(select(*columns).where(CASES, stream.c.id.in_(cases))).all():
            counted = {ESCALATED, *fields.get(row.procedure, ())}
            found[row.id] = Cell(
                procedure=row.procedure,
                state=row.state,
                region=row.region,
                industry=row.industry,
                closed=row.closed,
                values={field: sorted(told) for field, told in values[row.id].items() if field in counted},
            )
        return found

    def _move(self, keys: Mapping[str, str], cases: list[str]) -> None:
        was = {
            row[0]: row[1]
            for row in self._run(select(tallied.c.case, tallied.c.tally).where(tallied.c.case.in_(cases))).all()
        }
        ids = self._ids(sorted(set(keys.values())))
        change: Counter[int] = Counter()
        moved: list[dict[str, Any]] = []
        for name, key in keys.items():
            if was.get(name) == ids[key]:
                continue
            change[ids[key]] += 1
            if name in was:
                change[was[name]] -= 1
            moved.append({"case": name, "tally": ids[key]})
        if not moved:
            return
        rows = self._insert(tallied)
        self._run(
            rows.on_conflict_do_update(index_elements=[tallied.c.case], set_={"tally": rows.excluded.tally}), moved
        )
        for number, by in sorted(change.items()):
            if by:
                self._run(update(tally).where(tally.c.id == number).values(count=tally.c.count + by))

    def _ids(self, keys: list[str]) -> dict[str, int]:
        """Ids of tallies by their keys; new ones are made with nothing in them."""
        for key in keys:
            cell = cell_of(key, 0)
            row = {"key": key, "procedure": cell.procedure, "region": cell.region, "count": 0}
            self._run(self._insert(tally).values(row).on_conflict_do_nothing(index_elements=[tally.c.key]))
        rows = self._run(select(tally.c.key, tally.c.id).where(tally.c.key.in_(keys))).all()
        return {row[0]: row[1] for row in rows}
