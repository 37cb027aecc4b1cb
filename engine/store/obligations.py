"""Obligations: what the one door asks and changes, and what pages read of them as far as a scope reaches.

Instants are microseconds UTC since 1970. `period` is the key of a window, "2026-10".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, true, update

from engine.core.directory import Scope
from engine.core.obligation_rows import (
    RUNNING,
    Exempt,
    Follow,
    Lapse,
    MarkLate,
    MarkMissed,
    ObligationChange,
    ObligationRow,
    OpenRows,
    Redate,
    Settle,
    Status,
    Take,
)
from engine.errors import Conflict
from engine.store.parts import Run, slices
from engine.store.queries import beyond, mark_of, plain, under
from engine.store.records import Row
from engine.store.schema import FOREVER
from engine.store.schema.base import fixed
from engine.store.schema.obligations import LATEST, UNTENDED, obligation
from engine.store.views import Page

_C = obligation.c
_MAYBE = ("begun_at", "done_at")
_NAMES = tuple(column.name for column in obligation.c)
#: What still waits for somebody to act.
WAITING: tuple[Status, ...] = ("open", "late")
#: What may still be acted on, if the duty lets it be made up.
TO_DO: tuple[Status, ...] = ("open", "acted", "late", "missed")


class MatrixLine(Row, frozen=True, kw_only=True):
    """One subject, with its obligations by period."""

    subject: str
    subject_kind: str
    region: str
    cells: Mapping[str, ObligationRow]


class DueCount(Row, frozen=True, kw_only=True):
    """How many obligations of one window stand so."""

    duty: str
    period: str
    due_at: int
    status: Status
    count: int


class Obligations:
    """Reads and changes obligations in the transaction of its session; readers only read."""

    def __init__(self, run: Run) -> None:
        self._run = run

    # the one door ----------------------------------------------------------------------------------------------

    def apply(self, changes: Iterable[ObligationChange]) -> None:
        """Make the changes in order; Conflict `obligation_taken` where a case was begun for it meanwhile."""
        for change in changes:
            match change:
                case OpenRows(rows=rows):
                    if rows:
                        self._run(insert(obligation), [_told(row) for row in rows])
                case MarkLate():
                    self._mark_late(change)
                case MarkMissed():
                    self._mark_missed(change)
                case Redate():
                    mine = (_C.duty == change.duty, _C.period == change.period, _C.rhythm == change.rhythm)
                    running = (*mine, _C.status.in_(RUNNING), ~_C.late)
                    self._change(running, due_at=change.due_at, missed_at=change.missed_at)
                case Lapse():
                    self._lapse(change)
                case Follow():
                    self._change((_C.duty == change.duty, _C.subject == change.subject, LATEST), latest=False)
                case Exempt():
                    self._exempt(change)
                case Take():
                    self._take(change)
                case Settle():
                    self._settle(change)

    def _mark_late(self, change: MarkLate) -> None:
        wanted = (*_window(change), _C.status.in_(("open", "acted")), ~_C.late)
        self._change(wanted, late=True, status=case((_C.status == fixed("open"), fixed("late")), else_=_C.status))

    def _mark_missed(self, change: MarkMissed) -> None:
        wanted = (*_window(change), _C.status.in_(WAITING))
        self._change(wanted, late=True, missed=True, status="missed")

    def _lapse(self, change: Lapse) -> None:
        if change.on:
            gone = (_one(change), _C.status.in_(("open", "late", "exempt")))
            self._change(gone, status="lapsed", reason=change.reason, latest=False)
        else:
            self._change((_one(change), _C.status == "lapsed"), **_as_if_untouched(change.at), reason="")

    def _exempt(self, change: Exempt) -> None:
        if change.on:
            self._change((_one(change), _C.status.in_(WAITING)), status="exempt", reason=change.reason)
        else:
            self._change((_one(change), _C.status == "exempt"), **_as_if_untouched(change.at), reason="")

    def _take(self, change: Take) -> None:
        acted = {"status": "acted", "person": change.person, "made_up": _C.due_at <= change.at} if change.person else {}
        free = (_one(change), _C.case == "", _C.status.in_(("open", "late", "missed")))
        if self._change(free, case=change.case, begun_at=change.at, **acted) != 1:
            raise Conflict("obligation_taken", duty=change.duty, subject=change.subject, period=change.period)

    def _settle(self, change: Settle) -> None:
        mine = (_one(change), _C.case == change.case)
        if change.done_at is not None:
            after = _C.due_at <= change.done_at
            # Where the engine opened the case of whoever was late, it is made up when that is done.
            made_up = or_(_C.made_up, and_(_C.person == "", after))
            self._change(mine, status="done", done_at=change.done_at, late=or_(_C.late, after), made_up=made_up)
        elif change.acted:
            self._change(mine, status="acted", done_at=FOREVER)
        else:
            none = {"case": "", "person": "", "begun_at": FOREVER, "done_at": FOREVER, "made_up": False}
            self._change(mine, **_as_if_untouched(change.at), **none)

    def _change(self, wanted: Iterable[ColumnElement[bool]], **values: Any) -> int:
        return int(self._run(update(obligation).where(*wanted).values(**values)).rowcount)

    def one(self, duty: str, period: str, subject: str, *, lock: bool = False) -> ObligationRow | None:
        """The obligation of that key; for the engine itself, which knows no scope."""
        wanted = select(obligation).where(_C.duty == duty, _C.period == period, _C.subject == subject)
        row = self._run(wanted.with_for_update() if lock else wanted).one_or_none()
        return _row(row) if row is not None else None

    def standing(
        self,
        duty: str,
        statuses: Sequence[Status],
        *,
        period: str = "",
        rhythm: int = -1,
        after: str = "",
        limit: int | None = None,
    ) -> list[ObligationRow]:
        """Rows of a window, or of a whole duty, that stand so, in order of subjects; for the engine itself."""
        wanted = [_C.duty == duty, _C.status.in_(statuses)]
        wanted += [_C.period == period] if period else []
        wanted += [_C.rhythm == rhythm] if rhythm >= 0 else []
        wanted += [_C.subject > after] if after else []
        found = select(obligation).where(*wanted).order_by(_C.subject, _C.period).limit(limit)
        return [_row(row) for row in self._run(found)]

    def names(
        self,
        duty: str,
        statuses: Sequence[Status],
        *,
        rhythm: int,
        period: str = "",
        due_by: int | None = None,
        missed_by: int | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> list[str]:
        """The subjects of a window that stand so, in order, and locked until the end; for the engine itself.

        Without a period those of the latest rows of a rhythm whose windows count from what was done.
        """
        wanted = [_C.duty == duty, _C.rhythm == rhythm, _C.status.in_(statuses)]
        wanted.append(_C.period == period if period else LATEST)
        wanted += [_C.due_at <= due_by, ~_C.late] if due_by is not None else []
        wanted += [_C.missed_at <= missed_by] if missed_by is not None else []
        wanted += [_C.subject > after] if after else []
        found = select(_C.subject).where(*wanted).order_by(_C.subject).limit(limit).with_for_update()
        return list(self._run(found).scalars())

    def between(self, duty: str, after: str, through: str, since: int) -> list[ObligationRow]:
        """What runs or waits of subjects with names after one and (not "") up to another; for the engine itself."""
        wanted = [_C.duty == duty, _C.subject > after, or_(_C.due_at > since, _C.status.in_(WAITING), LATEST)]
        wanted += [_C.subject <= through] if through else []
        return [_row(row) for row in self._run(select(obligation).where(*wanted).order_by(_C.subject, _C.due_at))]

    def of_subjects(self, duty: str, subjects: Iterable[str], since: int) -> list[ObligationRow]:
        """Rows of these subjects due after an instant, or the latest of their kind; for the engine itself."""
        found: list[ObligationRow] = []
        for some in slices(subjects):
            running = or_(_C.due_at > since, _C.status.in_(WAITING), LATEST)
            wanted = select(obligation).where(_C.subject.in_(some), _C.duty == duty, running)
            found += [_row(row) for row in self._run(wanted.order_by(_C.subject, _C.due_at))]
        return found

    def latest(self, duty: str) -> list[ObligationRow]:
        """The latest row of each subject whose windows follow what was done; for the engine itself."""
        wanted = select(obligation).where(_C.duty == duty, LATEST).order_by(_C.subject)
        return [_row(row) for row in self._run(wanted)]

    def all_of(self, duty: str) -> list[ObligationRow]:
        """All rows of a duty, in order of periods and subjects; to compare them with what the entries say."""
        return [_row(row) for row in self._run(every_row(duty))]

    def untended(self, duties: Sequence[str], *, limit: int) -> list[ObligationRow]:
        """Rows of these duties that are late and have no case, the longest due first."""
        wanted = select(obligation).where(UNTENDED, _C.duty.in_(duties)).order_by(_C.due_at, _C.duty, _C.subject)
        return [_row(row) for row in self._run(wanted.limit(limit))]

    # what people read ------------------------------------------------------------------------------------------

    def seen(self, scope: Scope, duty: str, period: str, subject: str) -> ObligationRow | None:
        """One obligation, None where the reader sees none."""
        row = self._run(
            select(obligation).where(_C.duty == duty, _C.period == period, _C.subject == subject, reached(scope))
        ).one_or_none()
        return _row(row) if row is not None else None

    def matrix(
        self, scope: Scope, duty: str, periods: Sequence[str], *, region: str = "", limit: int = 50, after: str = ""
    ) -> Page[MatrixLine]:
        """Subjects in order, each with what it owes in these periods; subjects that owe nothing then are left out."""
        what = f"matrix {duty}"
        mine = [_C.duty == duty, _C.period.in_(periods), reached(scope)]
        mine += [under(_C.region, plain(region, "region"))] if region else []
        named = select(_C.subject).where(*mine, *beyond((_C.subject,), after, what=what, down=False)).distinct()
        names = list(self._run(named.order_by(_C.subject).limit(limit + 1)).scalars())
        more = mark_of(what, names[limit - 1]) if len(names) > limit else ""
        lines: dict[str, dict[str, ObligationRow]] = {name: {} for name in names[:limit]}
        for some in slices(lines):
            for row in self._run(select(obligation).where(*mine, _C.subject.in_(some)).order_by(_C.due_at)):
                lines[row.subject][row.period] = _row(row)
        return Page(items=tuple(_line(name, cells) for name, cells in lines.items()), after=more)

    def of_subject(
        self, scope: Scope, subject: str, *, first: int, before: int, limit: int = 200
    ) -> list[ObligationRow]:
        """What one subject owes that is due in an interval, the latest due first."""
        wanted = select(obligation).where(_C.subject == subject, _C.due_at >= first, _C.due_at < before, reached(scope))
        return [_row(row) for row in self._run(wanted.order_by(_C.due_at.desc(), _C.duty).limit(limit))]

    def counts(self, scope: Scope, duty: str, period: str, *, region: str = "") -> dict[tuple[str, Status], int]:
        """How many obligations of a window stand how, by region and status."""
        wanted = [_C.duty == duty, _C.period == period, reached(scope)]
        wanted += [under(_C.region, plain(region, "region"))] if region else []
        rows = self._run(select(_C.region, _C.status, func.count()).where(*wanted).group_by(_C.region, _C.status))
        return {(str(place), status): int(count) for place, status, count in rows}

    def calendar(self, scope: Scope, first: int, before: int, *, duty: str = "") -> list[DueCount]:
        """Windows due in an interval with how many of them stand how, in order of the moments due."""
        key = (_C.due_at, _C.duty, _C.period, _C.status)
        wanted = [_C.due_at >= first, _C.due_at < before, reached(scope), *([_C.duty == duty] if duty else [])]
        rows = self._run(select(*key, func.count()).where(*wanted).group_by(*key).order_by(*key))
        return [
            DueCount(duty=name, period=period, due_at=int(due), status=status, count=int(count))
            for due, name, period, status, count in rows
        ]

    def to_do(
        self,
        *,
        units: Mapping[str, Sequence[str]],
        regions: Mapping[str, Sequence[str]],
        persons: Mapping[str, Sequence[str]],
        opened_by: int,
        limit: int = 200,
    ) -> list[ObligationRow]:
        """What may be acted on, the earliest due first: of these units, in these regions, of these persons, by duty.

        Who must is not asked here: give what somebody answers for.
        """
        parts = [and_(_C.duty == duty, _C.subject.in_(list(some))) for duty, some in units.items() if some]
        parts += [and_(_C.duty == duty, _C.subject.in_(list(some))) for duty, some in persons.items() if some]
        for duty, places in regions.items():
            parts += [and_(_C.duty == duty, under(_C.region, place) if place else true()) for place in places]
        if not parts:
            return []
        wanted = (_C.status.in_(TO_DO), _C.opens_at <= opened_by, or_(*parts))
        rows = self._run(select(obligation).where(*wanted).order_by(_C.due_at, _C.duty, _C.subject).limit(limit))
        return [_row(row) for row in rows]


def reached(scope: Scope) -> ColumnElement[bool]:
    """Obligations in the reader's regions, of their units, and their own."""
    if scope.everything:
        return true()
    allowed = [under(_C.region, prefix) for prefix in scope.regions if prefix]
    if units := [unit for unit in scope.units if unit]:
        allowed.append(_C.subject.in_(units))
    if scope.person:
        allowed.append(_C.subject == scope.person)
    return or_(*allowed) if allowed else _C.duty == fixed("")


def every_row(duty: str) -> Select[Any]:
    """All rows of a duty in order; to compare them with what its entries say."""
    return select(obligation).where(_C.duty == duty).order_by(_C.period, _C.subject)


def obligation_row(row: Any) -> ObligationRow:
    """A row of the table."""
    return _row(row)


def _window(change: MarkLate | MarkMissed) -> tuple[ColumnElement[bool], ...]:
    passed = _C.due_at <= change.due_at if isinstance(change, MarkLate) else _C.missed_at <= change.missed_at
    of_period = [_C.period == change.period] if change.period else []
    after, through = change.part
    of_part = [_C.subject > after] if after else []
    of_part += [_C.subject <= through] if through else []
    return (_C.duty == change.duty, *of_period, _C.rhythm == change.rhythm, passed, *of_part)


def _one(change: Lapse | Exempt | Take | Settle) -> ColumnElement[bool]:
    return and_(_C.duty == change.duty, _C.period == change.period, _C.subject == change.subject)


def _as_if_untouched(at: int) -> dict[str, ColumnElement[Any]]:
    """How it would stand at an instant if nobody had acted."""
    missed, late = or_(_C.missed, _C.missed_at <= at), or_(_C.late, _C.due_at <= at)
    return {
        "status": case((missed, fixed("missed")), (late, fixed("late")), else_=fixed("open")),
        "late": late,
        "missed": missed,
    }


def _line(name: str, cells: Mapping[str, ObligationRow]) -> MatrixLine:
    any_one = next(iter(cells.values()))
    return MatrixLine(subject=name, subject_kind=any_one.subject_kind, region=any_one.region, cells=cells)


def _told(row: ObligationRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in _NAMES}
    return {**told, **{name: FOREVER if told[name] is None else told[name] for name in _MAYBE}}


def _row(row: Any) -> ObligationRow:
    told = dict(row._mapping)
    return ObligationRow(**{**told, **{name: None if told[name] == FOREVER else told[name] for name in _MAYBE}})
