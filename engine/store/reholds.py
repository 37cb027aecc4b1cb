"""Whose tasks a change of the directory or of the day may concern, and how far they have been looked at anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from engine.store import flat
from engine.store.parts import Insert, Run, slices
from engine.store.queries import under
from engine.store.records import Row, TaskRow
from engine.store.schema import CASES, DIRECTORY, FOREVER, LOOSE, case_value, rehold, stream, task
from engine.store.schema.base import fixed
from engine.store.statements import TASK

#: The one row.
_NAME = "holders"


class ReholdRow(Row, frozen=True, kw_only=True):
    """How far the engine is: done up to a version of the directory and an instant, and the round under way."""

    #: 0 = open tasks have never been looked at
    version: int
    at: int
    #: the same as those two: no round is under way
    to_version: int
    to_at: int
    #: the last case of the round that was looked at
    after: str
    found: int
    done: int

    @property
    def idle(self) -> bool:
        """Whether no round is under way."""
        return (self.version, self.at) == (self.to_version, self.to_at)


_BLANK = ReholdRow(version=0, at=0, to_version=0, to_at=0, after="", found=0, done=0)


class Reholds:
    """Claims of the round under way, and the questions it asks of open tasks."""

    def __init__(self, run: Run, insert_into: Insert) -> None:
        self._run = run
        self._insert = insert_into

    # how far --------------------------------------------------------------------------------------------------------

    def claim(self) -> ReholdRow | None:
        """The row, locked until the transaction ends; None where another worker has it (PostgreSQL)."""
        found = self._locked()
        if found is None:
            first = {"name": _NAME, **_told(_BLANK)}
            self._run(self._insert(rehold).values(first).on_conflict_do_nothing(index_elements=["name"]))
            found = self._locked()
        return found

    def _locked(self) -> ReholdRow | None:
        mine = select(rehold).where(rehold.c.name == _NAME).with_for_update(skip_locked=True)
        row = self._run(mine).one_or_none()
        return _row(row) if row else None

    def save(self, was: ReholdRow, row: ReholdRow) -> bool:
        """Say how far it is now; False if somebody else has said so meanwhile."""
        same = and_(rehold.c.name == _NAME, *(rehold.c[name] == value for name, value in _told(was).items()))
        return self._run(update(rehold).where(same).values(_told(row))).rowcount == 1

    # days -----------------------------------------------------------------------------------------------------------

    def turning(self, table: str, after: date, until: date) -> list[Mapping[str, Any]]:
        """Rows believed now that begin or end on a day after one and not after another."""
        rows, first, last = DIRECTORY[table], after.isoformat(), until.isoformat()
        begins = and_(rows.c.valid_from > first, rows.c.valid_from <= last)
        ends = and_(rows.c.valid_to > first, rows.c.valid_to <= last)
        found = self._run(select(rows).where(rows.c.recorded_to == FOREVER, or_(begins, ends)))
        return [dict(row._mapping) for row in found]

    # which cases ----------------------------------------------------------------------------------------------------

    def all_cases(self) -> list[str]:
        """Every case with an open task."""
        return sorted(self._cases(select(task.c.case).distinct()))

    def held_by(self, persons: Iterable[str]) -> set[str]:
        """Cases of which one of these persons holds a task; "" = of which nobody does."""
        return self._held(persons)

    def held_as(self, persons: Iterable[str], role: str, regions: Sequence[str]) -> set[str]:
        """The same, as far as the directory was asked for that role in these regions and below."""
        return self._held(persons, task.c.role == role, _within(regions))

    def held_in(self, persons: Iterable[str], units: Iterable[str]) -> set[str]:
        """The same, as far as the directory was asked for people of these units."""
        return {one for some in slices(units) for one in self._held(persons, task.c.asked_unit.in_(some))}

    def loose(self, regions: Sequence[str]) -> set[str]:
        """Cases with a task that lies with others than those first asked, or with a roster, in these regions."""
        where = or_(task.c.asked_region == fixed(""), _within(regions))
        return set(self._cases(select(task.c.case).distinct().where(LOOSE, where)))

    def about(self, units: Iterable[str] = (), places: Iterable[str] = ()) -> set[str]:
        """Cases with an open task that are about one of these units or places."""
        found: set[str] = set()
        for column, names in ((stream.c.unit, units), (stream.c.place, places)):
            for some in slices(names):
                joined = task.join(stream, CASES & (stream.c.id == task.c.case))
                found.update(self._cases(select(task.c.case).distinct().select_from(joined).where(column.in_(some))))
        return found

    def _held(self, persons: Iterable[str], *wanted: ColumnElement[bool]) -> set[str]:
        columns = select(task.c.case).distinct()
        return {one for some in slices(persons) for one in self._cases(columns.where(task.c.person.in_(some), *wanted))}

    def _cases(self, statement: Any) -> list[str]:
        return [str(row[0]) for row in self._run(statement)]

    # rows of old --------------------------------------------------------------------------------------------------

    def rewrite(self, case: str, rows: Iterable[TaskRow], field: str, values: Iterable[str]) -> None:
        """Write the rows of a case's open tasks and of one mark anew; its stream is locked."""
        self._run(delete(task).where(task.c.case == case))
        if told := [dict(zip(TASK, flat.task(row), strict=True)) for row in rows]:
            self._run(insert(task), told)
        self._run(delete(case_value).where(case_value.c.case == case, case_value.c.field == field))
        if marks := [{"field": field, "value": value, "case": case} for value in values]:
            self._run(insert(case_value), marks)


def rehold_state(run: Run) -> ReholdRow:
    """How far it is, for whoever only looks."""
    row = run(select(rehold).where(rehold.c.name == _NAME)).one_or_none()
    return _row(row) if row else _BLANK


def _within(regions: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(under(task.c.asked_region, region) for region in regions))


def _told(row: ReholdRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _row(row: Any) -> ReholdRow:
    return ReholdRow(**{name: getattr(row, name) for name in ReholdRow.__struct_fields__})
