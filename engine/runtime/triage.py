"""The triage list: cases that were taken over and wait for somebody to say where their ladders start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from engine.core import command as cmd
from engine.core.acts_of_claims import TRIAGE, course
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.deadlines import derive
from engine.core.directory import Scope
from engine.core.ladders import EXPIRY, rung_of
from engine.core.machine import Machine
from engine.core.points import OnDate
from engine.errors import NotPermitted
from engine.runtime.looking import Looking
from engine.runtime.projection import micros
from engine.runtime.reading import PageAsk
from engine.store.queries import CaseFilter
from engine.store.reader import Reader
from engine.store.views import CaseView

#: Cases read at once.
_SLICE = 500


@dataclass(frozen=True, kw_only=True)
class TriageAsk:
    """Which of the cases that wait."""

    procedure: str = ""
    #: prefix of the region's path
    region: str = ""
    #: None = whether late or not
    overdue: bool | None = None
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A case that waits, as its record claims it."""

    view: CaseView
    case: Case
    machine: Machine
    #: title of its unit or place; "" = none
    whose: str = ""


@dataclass(frozen=True, kw_only=True)
class TriagePage:
    """A page of the list and how many there are, each number without the filter that it is a choice of."""

    items: tuple[Claimed, ...]
    #: mark of the next page; "" = these were the last
    after: str
    #: of all, without any filter
    waiting: int
    #: under all filters
    found: int
    #: whether late -> how many
    late: Mapping[bool, int]
    procedures: Mapping[str, int]
    regions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What saying where the ladders start would do at once."""

    cases: int
    #: those with a deadline that has passed
    late: int
    #: those without any deadline
    undated: int
    #: what fires within minutes: reminders, drafts (formal acts that wait for a person), starts (of other cases)
    fires: Mapping[str, int] = field(default_factory=dict)
    #: cases for which anything does
    fired_for: int = 0
    #: rungs whose moment has passed and that never fire
    skipped: int = 0


class Triage(Looking):
    """Reads what waits for triage: only cases that the person sees, and where they hold the permission."""

    def waiting(self, person: str) -> int:
        """How many wait for the person; 0 where they may not triage."""
        with self._store.read() as reader:
            scope = self._mine(reader, person)
            return 0 if scope is None else self._count(reader, scope, TriageAsk())

    def page(self, person: str, ask: TriageAsk, page: PageAsk) -> TriagePage:
        """A page of the list, those that are late longest first; NotPermitted."""
        with self._store.read() as reader:
            scope = self._allowed(reader, person)
            wanted = self._filter(ask)
            rows = reader.cases(scope, wanted, sort="due_at", down=False, limit=page.limit, after=page.after)
            either = replace(ask, overdue=None)
            late = self._count(reader, scope, replace(ask, overdue=True))
            return TriagePage(
                items=tuple(self._claimed(reader, scope, rows.items)),
                after=rows.after,
                waiting=self._count(reader, scope, TriageAsk()),
                found=self._count(reader, scope, ask),
                late={True: late, False: self._count(reader, scope, either) - late},
                procedures=reader.counts(scope, self._filter(replace(ask, procedure="")), by="procedure"),
                regions=reader.counts(scope, self._filter(replace(ask, region="")), by="region"),
            )

    def chosen(self, person: str, ask: TriageAsk) -> list[str]:
        """The ids of all that are asked for, those that are late longest first; NotPermitted."""
        found: list[str] = []
        with self._store.read() as reader:
            scope, wanted, after = self._allowed(reader, person), self._filter(ask), ""
            while True:
                rows = reader.cases(scope, wanted, sort="due_at", down=False, limit=_SLICE, after=after)
                found += [view.id for view in rows.items]
                after = rows.after
                if not after:
                    return found

    def waits(self, person: str, case: str) -> bool:
        """Whether that case waits for triage by the person."""
        with self._store.read() as reader:
            scope = self._mine(reader, person)
            view = reader.case(scope, case) if scope is not None else None
            return view is not None and view.register.claim == "claimed" and not view.register.closed

    def outlook(self, person: str, cases: Sequence[str], start: str, until: date | None = None) -> Outlook:
        """What that choice would do at once; cases that do not wait, or not for this person, do not count."""
        fires: Counter[str] = Counter()
        told = Counter[str]()
        with self._store.read() as reader:
            scope = self._allowed(reader, person)
            for case, machine in self._cases(reader, scope, cases):
                one = _outlook(case, machine, self._catalog.calendar(machine), self._clock.now(), start, until)
                fires.update(one.fires)
                told.update(
                    cases=1, late=one.late, undated=one.undated, fired_for=int(bool(one.fires)), skipped=one.skipped
                )
        return Outlook(
            cases=told["cases"],
            late=told["late"],
            undated=told["undated"],
            fires=dict(fires),
            fired_for=told["fired_for"],
            skipped=told["skipped"],
        )

    # which --------------------------------------------------------------------------------------------------------

    def _mine(self, reader: Reader, person: str) -> Scope | None:
        """What the person sees and may triage; None where that is nothing at all."""
        directory = self._present(reader)
        if not directory.may(person, TRIAGE, self.today()):
            return None
        return within(directory.scope(person, self.today()), directory.reach(person, TRIAGE, self.today()))

    def _allowed(self, reader: Reader, person: str) -> Scope:
        scope = self._mine(reader, person)
        if scope is None:
            raise NotPermitted("permission_missing", permission=TRIAGE)
        return scope

    def _filter(self, ask: TriageAsk) -> CaseFilter:
        late_until = micros(self._clock.now()) + 1
        return CaseFilter(
            claim="claimed",
            closed=False,
            procedure=ask.procedure,
            region=ask.region,
            number=ask.number,
            due_before=late_until if ask.overdue is True else None,
            due_from=late_until if ask.overdue is False else None,
        )

    def _count(self, reader: Reader, scope: Scope, ask: TriageAsk) -> int:
        return sum(reader.counts(scope, self._filter(ask), by="procedure").values())

    # as they are claimed --------------------------------------------------------------------------------------------

    def _claimed(self, reader: Reader, scope: Scope, views: Sequence[CaseView]) -> Iterator[Claimed]:
        told = {case.id: (case, machine) for case, machine in self._cases(reader, scope, [view.id for view in views])}
        titles = self._titles(reader, [case for case, _ in told.values()])
        for view in views:
            if view.id in told:
                case, machine = told[view.id]
                whose = titles.get(case.unit) or titles.get(case.place) or ""
                yield Claimed(view=view, case=case, machine=machine, whose=whose)

    def _titles(self, reader: Reader, cases: Iterable[Case]) -> dict[str, str]:
        found: dict[str, str] = {}
        wanted = {"place": {one.place for one in cases if one.place}, "unit": {one.unit for one in cases if one.unit}}
        for table, ids in wanted.items():
            rows = reader.directory.rows(table, sorted(ids), day=self.today()) if ids else []
            found.update((row.id, row.columns["title"]) for row in rows)
        return found

    def _cases(self, reader: Reader, scope: Scope, ids: Sequence[str]) -> Iterator[tuple[Case, Machine]]:
        for start in range(0, len(ids), _SLICE):
            snapshots = reader.worklists.snapshots(scope, ids[start : start + _SLICE])
            for name, snapshot in snapshots.items():
                case = self._state(reader, name, snapshot)
                if case.claim is not None and not case.claim.triaged:
                    yield case, self._catalog.machine(reader, case.version)


def requests_of(cases: Iterable[str], act: cmd.TriageCase, person: str) -> list[cmd.Request]:
    """The items of a bulk operation that says the same of all these cases."""
    return [
        cmd.Request(id="", stream=cmd.Stream(kind="case", id=case), act=act, acted_by=person, medium="bulk")
        for case in cases
    ]


def within(seen: Scope, reached: Scope) -> Scope:
    """Rows of which both scopes tell by region or unit; a scope of nobody, since a task gives no permission."""
    if seen.everything or reached.everything:
        other = reached if seen.everything else seen
        return Scope(person="", everything=other.everything, regions=other.regions, units=other.units)
    pairs = [(one, other) for one in seen.regions for other in reached.regions]
    regions = {max(pair, key=len) for pair in pairs if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])}
    return Scope(
        person="", regions=tuple(sorted(regions)), units=tuple(unit for unit in seen.units if unit in reached.units)
    )


def _outlook(
    case: Case, machine: Machine, calendar: Calendar, now: datetime, start: str, until: date | None
) -> Outlook:
    """What would happen in one case."""
    fires: Counter[str] = Counter()
    skipped = 0
    for task in case.tasks:
        kinds, passed_over = _fired(task, machine, calendar, now, start, until)
        fires.update(kinds)
        skipped += passed_over
    dated = [task.deadline for task in case.tasks if task.deadline is not None]
    late = any(deadline.due_at <= now for deadline in dated)
    return Outlook(cases=1, late=int(late), undated=int(not dated), fires=fires, skipped=skipped)


def _fired(
    task: Task, machine: Machine, calendar: Calendar, now: datetime, start: str, until: date | None
) -> tuple[Counter[str], int]:
    deadline = task.deadline if until is None else derive(OnDate(day=until), now, calendar)
    if deadline is None:
        return Counter(), 0
    ladder = machine.ladders[task.ladder] if task.ladder else None
    moments, skipped = course(ladder, task, start, deadline, now, calendar)
    due = [rung for at, rung in moments if at <= now and rung not in skipped and rung != EXPIRY]
    kinds: Counter[str] = Counter()
    for rung in (rung_of(ladder, name) for name in due):
        if rung is not None:
            kinds["drafts" if rung.draft else "starts" if rung.start else "reminders"] += 1
    return kinds, len(skipped)
