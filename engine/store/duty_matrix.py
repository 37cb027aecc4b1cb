"""Obligations as a table is drawn of them: subjects down, windows across, totals beneath, as its reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.core.directory import Scope
from engine.core.obligation_rows import ObligationRow, Status
from engine.store.obligations import reached
from engine.store.parts import Run, slices
from engine.store.queries import beyond, mark_of, plain, under
from engine.store.records import Row
from engine.store.schema import FOREVER
from engine.store.schema.obligations import LATEST, obligation
from engine.store.views import Page

_C = obligation.c
_FIELDS = ObligationRow.__struct_fields__
_COLUMNS = [_C[name] for name in _FIELDS]
_SUBJECT = _FIELDS.index("subject")


class CellsWanted(Row, frozen=True, kw_only=True):
    """Which obligations of a duty a table holds."""

    duty: str
    #: keys of windows
    periods: tuple[str, ...] = ()
    #: of windows that count from what was done: those due from one instant up to before another (microseconds)
    rolling: tuple[int, int] | None = None
    #: path, with everything below it
    region: str = ""
    industry: str = ""
    #: subjects of which something stands so; `made_up` = it was done afterwards
    status: str = ""
    #: None = all
    subjects: tuple[str, ...] | None = None


class SubjectCells(Row, frozen=True, kw_only=True):
    """One subject and what it owes, in order of the moments due."""

    subject: str
    subject_kind: str
    region: str
    industry: str
    cells: tuple[ObligationRow, ...]


class CellCount(Row, frozen=True, kw_only=True):
    """How many obligations of one window, due at one moment, stand so."""

    duty: str = ""
    period: str
    due_at: int
    status: Status
    late: bool
    made_up: bool
    count: int


class DutyMatrices:
    """Reads tables of obligations."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def lines(self, scope: Scope, wanted: CellsWanted, *, limit: int, after: str = "") -> Page[SubjectCells]:
        """Subjects in order of their ids that owe something in these windows and fit the filter."""
        what, mine = f"cells {wanted.duty}", _cells(scope, wanted)
        beyond_mark = beyond((_C.subject,), after, what=what, down=False)
        named = select(_C.subject).where(*mine, *_chosen(wanted), *beyond_mark).distinct()
        names = list(self._run(named.order_by(_C.subject).limit(limit + 1)).scalars())
        found: dict[str, list[ObligationRow]] = {name: [] for name in names[:limit]}
        for some in slices(found):
            rows = self._run(select(*_COLUMNS).where(*mine, _C.subject.in_(some)).order_by(_C.due_at, _C.period))
            for row in rows:
                found[row[_SUBJECT]].append(_row(row))
        more = mark_of(what, names[limit - 1]) if len(names) > limit else ""
        return Page(items=tuple(_line(name, cells) for name, cells in found.items()), after=more)

    def totals(self, scope: Scope, wanted: CellsWanted) -> list[CellCount]:
        """How many stand how in each of these windows, of all subjects that fit the filter."""
        wanted_rows = [*_cells(scope, wanted)]
        if wanted.status:
            named = select(_C.subject).where(*wanted_rows, *_chosen(wanted))
            wanted_rows.append(_C.subject.in_(named))
        key = (_C.period, _C.due_at, _C.status, _C.late, _C.made_up)
        rows = self._run(select(*key, func.count()).where(*wanted_rows).group_by(*key).order_by(_C.due_at))
        return [_count("", *row) for row in rows]

    def subjects(self, scope: Scope, wanted: CellsWanted) -> int:
        """How many subjects fit the filter."""
        named = select(func.count(_C.subject.distinct())).where(*_cells(scope, wanted), *_chosen(wanted))
        return int(self._run(named).scalar_one())

    def reaches(self, scope: Scope, duty: str, subject: str) -> bool:
        """Whether the reader sees anything that the subject owes."""
        mine = select(_C.period).where(_C.duty == duty, _C.subject == subject, reached(scope)).limit(1)
        return self._run(mine).first() is not None

    def standing(self, scope: Scope, windows: Iterable[tuple[str, str]]) -> list[CellCount]:
        """How many stand how in windows of several duties, given as (duty, period); period "" = the latest rolling."""
        parts = [
            and_(_C.duty == duty, _C.period == period) if period else and_(_C.duty == duty, LATEST)
            for duty, period in dict.fromkeys(windows)
        ]
        if not parts:
            return []
        key = (_C.duty, _C.period, _C.due_at, _C.status, _C.late, _C.made_up)
        rows = self._run(select(*key, func.count()).where(or_(*parts), reached(scope)).group_by(*key))
        return [_count(*row) for row in rows]

    def late(self, scope: Scope) -> dict[str, int]:
        """How many obligations of each duty are late, of whatever window."""
        rows = self._run(select(_C.duty, func.count()).where(_C.status == "late", reached(scope)).group_by(_C.duty))
        return {str(duty): int(count) for duty, count in rows}

    def places(self, scope: Scope, duty: str) -> tuple[list[str], list[str]]:
        """The regions and industries of those who ever owed it, in order."""
        mine = (_C.duty == duty, reached(scope))
        regions, industries = (
            sorted(str(one) for one in self._run(select(column).where(*mine).distinct()).scalars() if one)
            for column in (_C.region, _C.industry)
        )
        return regions, industries


def _cells(scope: Scope, wanted: CellsWanted) -> list[ColumnElement[bool]]:
    """Obligations in these windows of subjects that lie where the filter says, whatever stands."""
    windows: list[ColumnElement[bool]] = [_C.period.in_(wanted.periods)] if wanted.periods else []
    if wanted.rolling is not None:
        first, before = wanted.rolling
        windows.append(and_(under(_C.period, "since:"), _C.due_at >= first, _C.due_at < before))
    mine = [_C.duty == wanted.duty, or_(*windows) if windows else _C.duty == "", reached(scope)]
    mine += [under(_C.region, plain(wanted.region, "region"))] if wanted.region else []
    mine += [_C.industry == plain(wanted.industry, "industry")] if wanted.industry else []
    return mine + ([_C.subject.in_(wanted.subjects)] if wanted.subjects is not None else [])


def _chosen(wanted: CellsWanted) -> list[ColumnElement[bool]]:
    match wanted.status:
        case "":
            return []
        case "made_up":
            return [_C.made_up]
        case status:
            return [_C.status == status]


def _row(row: Any) -> ObligationRow:
    told = dict(zip(_FIELDS, row, strict=True))
    for name in ("begun_at", "done_at"):
        if told[name] == FOREVER:
            told[name] = None
    return ObligationRow(**told)


def _line(name: str, cells: Sequence[ObligationRow]) -> SubjectCells:
    last = cells[-1]
    return SubjectCells(
        subject=name, subject_kind=last.subject_kind, region=last.region, industry=last.industry, cells=tuple(cells)
    )


def _count(duty: str, *row: Any) -> CellCount:
    period, due_at, status, late, made_up, count = row
    return CellCount(
        duty=duty,
        period=period,
        due_at=int(due_at),
        status=status,
        late=bool(late),
        made_up=bool(made_up),
        count=int(count),
    )


def summed(counts: Iterable[CellCount]) -> Mapping[str, int]:
    """How many stand how, whatever the window."""
    found: dict[str, int] = {}
    for one in counts:
        found[one.status] = found.get(one.status, 0) + one.count
    return found
