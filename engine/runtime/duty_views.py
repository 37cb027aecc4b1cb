"""Duties as tables: subjects down, windows across, totals beneath; how each stands now; who may do what about one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.core.calendar import Calendar
from engine.core.deadlines import add_months, due_day
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory
from engine.core.duty_state import DutyState, Exemption
from engine.core.obligation_rows import ObligationRow
from engine.core.obligations import read_key
from engine.core.recurrence import Rhythm, RhythmPeriod, Window, parse_key, windows_between
from engine.errors import BadInput, NotFound
from engine.runtime.duties import Duties, DutyWindow, ToDo
from engine.runtime.projection import from_micros, micros
from engine.store.duty_matrix import CellCount, CellsWanted, SubjectCells
from engine.store.reader import Reader
from engine.store.views import Page

#: From the finest to the coarsest.
_FINENESS: tuple[RhythmPeriod, ...] = ("day", "workday", "week", "month", "quarter", "half-year", "year")
#: Windows of one table.
MOST_COLUMNS = 62
#: Units that a word may mean.
_MOST_FOUND = 400
_ONE_DAY = timedelta(1)


@dataclass(frozen=True, kw_only=True)
class TableAsk:
    """What part of a duty's table is asked for; None = the span that people look at first."""

    duty: str
    first: date | None = None
    last: date | None = None
    region: str = ""
    industry: str = ""
    #: subjects of which something stands so; `made_up` = it was done afterwards
    status: str = ""
    #: words of a subject's name, or its id
    q: str = ""
    limit: int = 100
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class TableSeen:
    """A page of a duty's table.

    Columns are the windows of the duty's finest rhythm; what a coarser one asks stands in the column in which its
    window ends, and what rolls in the column in which it is due.
    """

    duty: DutyState
    first: date
    last: date
    period: RhythmPeriod
    columns: tuple[Window, ...]
    lines: tuple[SubjectCells, ...]
    #: mark of the next page, "" = this is the last
    after: str
    #: how many subjects fit, on all pages
    subjects: int
    totals: tuple[CellCount, ...]
    #: what subjects are called
    titles: Mapping[str, str]
    #: where those are who ever owed it
    regions: Sequence[str]
    industries: Sequence[str]

    def column_of(self, period: str, due_at: int, calendar: Calendar) -> int:
        """The column in which an obligation stands; -1 = in none."""
        day = due_day(from_micros(due_at), calendar) if period.startswith("since:") else parse_key(period)[1]
        n = bisect_left([one.last for one in self.columns], day)
        if n < len(self.columns):
            return n
        return len(self.columns) - 1 if self.columns else -1


@dataclass(frozen=True, kw_only=True)
class DutyLine:
    """How one duty stands now, as far as the reader sees."""

    duty: DutyState
    #: the windows that run today, one a rhythm
    windows: tuple[DutyWindow, ...]
    counts: tuple[CellCount, ...]
    #: obligations that are late, of whatever window
    late: int
    #: when something that runs is due next; None = nothing
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Powers:
    """What the reader may do about one obligation, today."""

    #: None = they may not act; else how
    to_do: ToDo | None
    exempt: bool
    #: the exemption that holds for it
    exemption: Exemption | None


class DutyViews(Duties):
    """Queries on behalf of a person; what they may not see is NotFound, and is in no list."""

    def any(self) -> bool:
        """Whether any duty was published here."""
        with self._store.read() as reader:
            return bool(reader.record.heads("duty"))

    def lines(self, person: str) -> list[DutyLine]:
        """Every duty with how its running windows stand; one that has ended as long as something of it is late."""
        today, now = self.today(), micros(self._clock.now())
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            late = reader.duty_matrices.late(scope)
            states = [one for one in self._all(reader) if not one.ended or late.get(one.id)]
            windows = {one.id: () if one.ended else tuple(self.windows(one.spec, today, today)) for one in states}
            wanted = [(name, one.window.key) for name, some in windows.items() for one in some]
            wanted += [(one.id, "") for one in states if any(not told.rhythm.period for told in one.spec.rhythms)]
            counts = reader.duty_matrices.standing(scope, wanted)
        return [
            _line(state, windows[state.id], [one for one in counts if one.duty == state.id], late.get(state.id, 0), now)
            for state in states
        ]

    def table(self, person: str, ask: TableAsk) -> TableSeen:
        """A page of a duty's table; NotFound, BadInput where so many windows fit in no table."""
        with self._store.read() as reader:
            state = self._one(reader, ask.duty)
            calendar = self.calendar_of(state.spec)
            period = finest(state.spec)
            first, last = self._span(ask, period)
            columns = tuple(windows_between(Rhythm(period=period), first, last, calendar))
            if len(columns) > MOST_COLUMNS:
                raise BadInput("too_many_windows", field="last", most=MOST_COLUMNS)
            scope, directory = self._scope(reader, person), self._present(reader)
            wanted = self._wanted(reader, person, state.spec, ask, columns, calendar)
            page = reader.duty_matrices.lines(scope, wanted, limit=ask.limit, after=ask.after)
            regions, industries = reader.duty_matrices.places(scope, ask.duty)
            return TableSeen(
                duty=state,
                first=first,
                last=last,
                period=period,
                columns=columns,
                lines=page.items,
                after=page.after,
                subjects=reader.duty_matrices.subjects(scope, wanted),
                totals=tuple(reader.duty_matrices.totals(scope, wanted)),
                titles=self._called(reader, directory, page),
                regions=_upwards(regions, directory),
                industries=industries,
            )

    def every_page(self, person: str, ask: TableAsk) -> Iterator[TableSeen]:
        """All pages of a table, one after the other."""
        mark = ""
        while True:
            seen = self.table(person, replace(ask, after=mark))
            yield seen
            if not seen.after:
                return
            mark = seen.after

    def powers(self, person: str, row: ObligationRow, state: DutyState) -> Powers:
        """What a person may do about an obligation that they see."""
        now = self._clock.now()
        with self._store.read() as reader:
            directory = self._present(reader)
            to_do = self._to_do(state.spec, row, directory, person, self._titles(reader, [row.subject]))
        begun = from_micros(row.opens_at) <= now
        if to_do is not None and (
            row.case or row.status not in ("open", "late", "missed") or not begun or now >= to_do.until
        ):
            to_do = None
        roles = state.spec.exempt.by if state.spec.exempt is not None else ()
        today = self.today()
        fits = any(directory.fits(person, role, row.region, row.industry, "", today) for role in roles)
        held = next((one for one in state.exemptions if _holds(one, row)), None)
        return Powers(to_do=to_do, exempt=fits, exemption=held)

    def check_reach(self, person: str, duty: str, subject: str) -> None:
        """Refuse what concerns a subject of whom the person sees nothing in a duty; NotFound."""
        with self._store.read() as reader:
            self._one(reader, duty)
            if not reader.duty_matrices.reaches(self._scope(reader, person), duty, subject):
                raise NotFound("obligation_not_found", obligation=f"{duty}//{subject}")

    def to_act(self, person: str, obligation: str) -> ToDo:
        """What somebody is about to meet, with what its form begins with; NotFound where it is not theirs to see."""
        key = read_key(obligation)
        with self._store.read() as reader:
            state = self._one(reader, key.duty)
            row = reader.obligations.seen(self._scope(reader, person), *key)
            if row is None:
                raise NotFound("obligation_not_found", obligation=obligation)
            found = self._to_do(state.spec, row, self._present(reader), person, self._titles(reader, [row.subject]))
        if found is None:
            raise NotFound("obligation_not_found", obligation=obligation)
        return found

    def called(self, subjects: Sequence[str], kind: str) -> Mapping[str, str]:
        """What subjects are called: units and persons by name, regions by title."""
        with self._store.read() as reader:
            return self._names_of(reader, self._present(reader), subjects, kind)

    def _called(self, reader: Reader, directory: Directory, page: Page[SubjectCells]) -> Mapping[str, str]:
        kind = page.items[0].subject_kind if page.items else ""
        return self._names_of(reader, directory, [line.subject for line in page.items], kind)

    def _names_of(self, reader: Reader, directory: Directory, subjects: Sequence[str], kind: str) -> Mapping[str, str]:
        match kind:
            case "units":
                return self._titles(reader, subjects)
            case "regions":
                return {one: directory.regions.get(one, one) for one in subjects}
            case "people":
                return self._names(reader, subjects)
        return {}

    def _span(self, ask: TableAsk, period: RhythmPeriod) -> tuple[date, date]:
        first, last = span_of(period, self.today())
        first, last = ask.first or (first if ask.last is None else ask.last), ask.last or last
        if last < first:
            raise BadInput("days_in_wrong_order", field="last")
        return first, last

    def _wanted(
        self,
        reader: Reader,
        person: str,
        spec: DutySpec,
        ask: TableAsk,
        columns: Sequence[Window],
        calendar: Calendar,
    ) -> CellsWanted:
        first, last = columns[0].first, columns[-1].last
        ends = (one for one in self.windows(spec, first, last) if first <= one.window.last <= last)
        rolls = any(not told.rhythm.period for told in spec.rhythms)
        bounds = (micros(calendar.instant(first)) + 1, micros(calendar.instant(last + _ONE_DAY)) + 1)
        return CellsWanted(
            duty=ask.duty,
            periods=tuple(dict.fromkeys(one.window.key for one in ends)),
            rolling=bounds if rolls else None,
            region=ask.region,
            industry=ask.industry,
            status=ask.status,
            subjects=self._meant(reader, person, spec.population.kind, ask.q) if ask.q else None,
        )

    def _meant(self, reader: Reader, person: str, kind: str, text: str) -> tuple[str, ...]:
        """The subjects that words may mean."""
        scope, today = self._scope(reader, person), self.today()
        match kind:
            case "units":
                rows = reader.entities(scope, "unit", today, text=text, limit=_MOST_FOUND).items
                return tuple(row.id for row in rows)
            case "regions":
                regions = self._present(reader).regions
                return tuple(path for path, title in regions.items() if text in title or text == path)
            case "people":
                near = [row.id for row in reader.persons(scope, today, limit=_MOST_FOUND).items]
                names = self._names(reader, near)
                return tuple(one for one in near if text in names.get(one, "") or text == one)
        return ()


def finest(spec: DutySpec) -> RhythmPeriod:
    """The shortest period of a duty's rhythms; months where all of them roll."""
    found = [told.rhythm.period or "month" for told in spec.rhythms]
    return min(found, key=_FINENESS.index)


def span_of(period: RhythmPeriod, today: date) -> tuple[date, date]:
    """The days that people look at first."""
    match period:
        case "day" | "workday":
            return today - timedelta(13), today
        case "week":
            monday = today - timedelta(today.weekday())
            return monday - timedelta(7 * 12), monday + timedelta(6)
        case "year":
            return date(today.year - 4, 1, 1), date(today.year, 12, 31)
        case "half-year" | "quarter":
            return date(today.year - 1, 1, 1), date(today.year, 12, 31)
    return date(today.year, 1, 1), date(today.year, 12, 31)


def shifted(first: date, last: date, period: RhythmPeriod, *, back: bool) -> tuple[date, date]:
    """The span of the same length before, or after, a span."""
    if period in ("day", "workday", "week"):
        days = (last - first).days + 1
        step = timedelta(-days if back else days)
        return first + step, last + step
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    begin = add_months(first.replace(day=1), -months if back else months)
    return begin, add_months(begin, months) - _ONE_DAY


def _line(
    state: DutyState, windows: tuple[DutyWindow, ...], counts: Sequence[CellCount], late: int, now: int
) -> DutyLine:
    dues = [one.due_at for one in counts if one.status in ("open", "acted") and one.due_at > now]
    dues = dues or [due for one in windows if (due := micros(one.window.deadline.due_at)) > now]
    return DutyLine(
        duty=state,
        windows=windows,
        counts=tuple(counts),
        late=late,
        due_at=from_micros(min(dues)) if dues else None,
    )


def _holds(exemption: Exemption, row: ObligationRow) -> bool:
    first = parse_key(row.period)[0]
    return exemption.subject == row.subject and exemption.covers(row.period, first)


def _upwards(paths: Sequence[str], directory: Directory) -> list[str]:
    """The regions of these paths and those they lie in, as far as they are known."""
    found = {
        "/".join(parts[:n]) + "/"
        for path in paths
        for parts in [path.split("/")[:-1]]
        for n in range(2, len(parts) + 1)
    }
    return sorted(path for path in found if path in directory.regions)
