"""The table of a duty as a page draws it: its address, its heads, squares, sums; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.obligation_rows import ObligationRow
from engine.runtime.duty_views import TableAsk, TableSeen, shifted
from engine.store.duty_matrix import CellCount, SubjectCells
from web.catalogues import say
from web.duty_words import KINDS, LIGHTS, STATUSES, Near, due_day_of, kind_of, period_short, period_words

PATH = "/duties"
#: What counts as owed: what was excused or lapsed is not.
_NOT_OWED = ("exempt", "lapsed")
_INDENT = "\u2003"
_FILTERS = ("first", "last", "region", "industry", "status", "q")


@dataclass(frozen=True, kw_only=True)
class TableAddress:
    """One duty with everything that is chosen of its table, so that it can be kept and passed on."""

    duty: str
    first: str = ""
    last: str = ""
    region: str = ""
    industry: str = ""
    status: str = ""
    q: str = ""
    after: str = ""

    @property
    def path(self) -> str:
        """The address without what is chosen."""
        return address_of(self.duty)

    @property
    def query(self) -> str:
        """What follows ?, "" where nothing is chosen."""
        return urlencode(self.pairs())

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """What is chosen, by name, but for some."""
        told = [(name, getattr(self, name)) for name in (*_FILTERS, "after")]
        return [(name, value) for name, value in told if value and name not in without]

    def chosen(self, **changed: str) -> str:
        """The address of the first page with something chosen otherwise."""
        return str(replace(self, after="", **changed))

    def at(self, after: str) -> str:
        """The address of another page."""
        return str(replace(self, after=after))

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def ask(self, limit: int) -> TableAsk:
        """What the reader is asked."""
        return TableAsk(
            duty=self.duty,
            first=date.fromisoformat(self.first) if self.first else None,
            last=date.fromisoformat(self.last) if self.last else None,
            region=self.region,
            industry=self.industry,
            status=self.status,
            q=self.q,
            limit=limit,
            after=self.after,
        )


def address_of(duty: str) -> str:
    """The page of a duty."""
    return f"{PATH}/{duty}"


def obligation_address(duty: str, period: str, subject: str) -> str:
    """The page of one obligation."""
    return f"{address_of(duty)}/obligation?{urlencode({'period': period, 'subject': subject})}"


@dataclass(frozen=True, kw_only=True)
class HeadView:
    """The head of a column; `year` where another year begins."""

    short: str
    title: str
    year: str = ""


@dataclass(frozen=True, kw_only=True)
class Square:
    """One obligation: a sign, its look, what it says when pointed at."""

    kind: str
    address: str
    title: str


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One subject with its squares by column and how many of them are done."""

    title: str
    place: str
    cells: Sequence[Sequence[Square]]
    #: names of the columns, for phones
    done: str
    short: bool


@dataclass(frozen=True, kw_only=True)
class FootView:
    """What a column sums up to."""

    done: str
    #: late and missed, "" = none
    wrong: str


@dataclass(frozen=True, kw_only=True)
class ChoiceView:
    """One value of a filter."""

    title: str
    address: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class FilterView:
    """A filter: what is chosen of it, and what may be."""

    title: str
    value: str
    without: str
    options: Sequence[ChoiceView] = field(default_factory=tuple)


def heads_of(seen: TableSeen) -> list[HeadView]:
    """The heads of the columns, in order."""
    found, last = [], 0
    for window in seen.columns:
        year = window.last.year if seen.period != "year" else 0
        found.append(
            HeadView(
                short=period_short(window.key),
                title=period_words(window.key),
                year=say("time.year", year=year) if year and year != last else "",
            )
        )
        last = year
    return found


def lines_of(seen: TableSeen, calendar: Calendar, near: Near, directory: Directory) -> list[LineView]:
    """The lines, in order."""
    draw = _Squares(seen, calendar, near)
    return [_line(seen, line, draw, directory) for line in seen.lines]


class _Squares:
    """Draws squares; what all of one window share is worked out once."""

    def __init__(self, seen: TableSeen, calendar: Calendar, near: Near) -> None:
        self._seen, self._calendar, self._near = seen, calendar, near
        self._titles: dict[tuple[str, int, str], str] = {}
        self._columns: dict[tuple[str, int], int] = {}

    def column(self, row: ObligationRow) -> int:
        """The column in which it stands; -1 = in none."""
        key = (row.period, row.due_at)
        if key not in self._columns:
            self._columns[key] = self._seen.column_of(row.period, row.due_at, self._calendar)
        return self._columns[key]

    def square(self, row: ObligationRow) -> Square:
        """Its square."""
        kind = kind_of(row, self._near)
        key = (row.period, row.due_at, kind)
        if key not in self._titles:
            self._titles[key] = title_of(row, kind, self._calendar)
        return Square(kind=kind, address=obligation_address(row.duty, row.period, row.subject), title=self._titles[key])


def _line(seen: TableSeen, line: SubjectCells, draw: _Squares, directory: Directory) -> LineView:
    cells: list[list[Square]] = [[] for _ in seen.columns]
    for row in line.cells:
        if (n := draw.column(row)) >= 0:
            cells[n].append(draw.square(row))
    owed = [row for row in line.cells if row.status not in _NOT_OWED]
    done = sum(row.status == "done" for row in owed)
    return LineView(
        title=subject_title(line.subject, line.subject_kind, seen.titles),
        place=directory.regions.get(line.region, "") if line.subject_kind in ("units", "people") else "",
        cells=cells,
        done=f"{done}/{len(owed)}",
        short=any(row.status in ("late", "missed") for row in owed),
    )


def title_of(row: ObligationRow, kind: str, calendar: Calendar) -> str:
    """What a square says when pointed at."""
    return say(
        "duties.square",
        period=period_words(row.period),
        status=say(f"duties.kind.{kind}"),
        due=due_day_of(row, calendar).isoformat(),
    )


def subject_title(subject: str, kind: str, titles: Mapping[str, str]) -> str:
    """What a subject is called."""
    if kind == "us":
        return say("duties.us")
    return titles.get(subject) or (say("duties.somebody") if kind == "people" else subject)


def feet_of(seen: TableSeen, calendar: Calendar) -> list[FootView]:
    """The sums beneath the columns, of all subjects on all pages."""
    columns: list[list[CellCount]] = [[] for _ in seen.columns]
    for one in seen.totals:
        if (n := seen.column_of(one.period, one.due_at, calendar)) >= 0:
            columns[n].append(one)
    return [_foot(some) for some in columns]


def _foot(counts: Sequence[CellCount]) -> FootView:
    owed = sum(one.count for one in counts if one.status not in _NOT_OWED)
    sums = {name: sum(one.count for one in counts if one.status == name) for name in ("done", "late", "missed")}
    parts = [say(f"duties.foot.{name}", count=sums[name]) for name in ("late", "missed") if sums[name]]
    return FootView(done=f"{sums['done']}/{owed}" if owed else "", wrong=say("duties.foot.joint").join(parts))


def summed(counts: Iterable[CellCount]) -> dict[str, int]:
    """How many stand how; what was done afterwards is in `done` and in `made_up`."""
    found = dict.fromkeys(STATUSES, 0)
    for one in counts:
        found[one.status] += one.count
        found["made_up"] += one.count if one.made_up else 0
    return found


def told_sum(counts: Mapping[str, int]) -> str:
    """A whole table in one sentence."""
    owed = sum(counts[name] for name in STATUSES if name not in (*_NOT_OWED, "made_up"))
    if not owed:
        return say("duties.sum_none")
    parts = [say("duties.sum", done=counts["done"], owed=owed)]
    parts += [say(f"duties.sum_{name}", count=counts[name]) for name in _TOLD if counts[name]]
    return say("duties.joint").join(parts)


_TOLD = ("made_up", "late", "missed", "acted", "open", "exempt", "lapsed")


def legend_of() -> list[tuple[str, str]]:
    """Each kind of square with what it means."""
    return [(kind, say(f"duties.kind.{kind}")) for kind in KINDS]


def filters_of(
    seen: TableSeen, address: TableAddress, directory: Directory, counts: Mapping[str, int]
) -> Iterator[FilterView]:
    """What may be chosen of region, industry and how something stands."""
    regions = {path: directory.regions.get(path, path) for path in seen.regions}
    industries = {one: directory.industries.get(one, one) for one in seen.industries}
    statuses = {one: say(f"duties.status.{one}") for one in STATUSES}
    for name, known in (("region", regions), ("industry", industries), ("status", statuses)):
        value = getattr(address, name)
        if len(known) < 2 and not value:
            continue
        yield FilterView(
            title=say(f"duties.filter.{name}"),
            value=known.get(value, value),
            without=address.chosen(**{name: ""}),
            options=[
                ChoiceView(
                    title=_indented(key, title, name), address=address.chosen(**{name: key}), chosen=key == value
                )
                for key, title in known.items()
                if name != "status" or counts[key] or key == value
            ],
        )


def _indented(key: str, title: str, name: str) -> str:
    return f"{_INDENT * max(0, key.count('/') - 2)}{title}" if name == "region" else title


def spans_of(seen: TableSeen, address: TableAddress) -> tuple[str, str]:
    """The addresses of the span before and the span after."""
    found = [shifted(seen.first, seen.last, seen.period, back=back) for back in (True, False)]
    before, after = (address.chosen(first=first.isoformat(), last=last.isoformat()) for first, last in found)
    return before, after


def light_of(kind: str) -> str:
    """The light of a kind of square."""
    return LIGHTS[kind]
