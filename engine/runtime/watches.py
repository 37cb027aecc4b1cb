"""Watches as one person reads them: what lies within their reach, down to the cases behind each number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core import event as ev
from engine.core.definition_watches import Watch
from engine.core.directory import Directory, Scope
from engine.core.upcast import decode_events
from engine.core.watch_windows import last_ended, of_key, previous
from engine.core.watches import WATCH, Measured, Span, holds
from engine.errors import NotFound, NotPermitted
from engine.runtime.looking import Looking
from engine.runtime.survey import Survey
from engine.runtime.watch_decisions import stream_of
from engine.store.reader import Reader
from engine.store.records import FindingRow
from engine.store.views import CaseView

#: Subjects, findings and cases shown at once.
MOST_SUBJECTS = 100
MOST_LISTED = 60
#: Windows of a trend.
WINDOWS = 6


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """When a watch last looked, at what, and how many subjects there were."""

    period: str
    at: int
    subjects: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class WatchLine:
    """One watch of the list."""

    watch: Watch
    last: LastRun | None
    #: light -> findings that wait for an answer
    lit: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A finding with what it says, decoded."""

    row: FindingRow
    counts: Mapping[str, int]
    #: ids of cases
    behind: tuple[str, ...]
    started: tuple[str, ...]
    drawn: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WatchSeen:
    """A watch with its subjects in the last window that ended, and its findings."""

    watch: Watch
    span: Span
    last: LastRun | None
    #: those for whom it holds first, then by their numbers
    subjects: tuple[Measured, ...]
    #: how many subjects there are besides
    more: int
    findings: tuple[Answer, ...]
    #: the last windows, oldest first: key and how many findings they brought
    trend: tuple[tuple[str, int], ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SubjectSeen:
    """One subject in one window: its counts now, over the windows before, and the cases behind one of them."""

    watch: Watch
    span: Span
    measured: Measured
    #: oldest first, this window last
    windows: tuple[tuple[Span, Mapping[str, int]], ...]
    #: which count the cases are behind; "" = all
    count: str
    cases: tuple[CaseView, ...]
    #: how many cases are behind it, seen or not
    behind: int
    finding: Answer | None
    #: cases that it started, and those that were drawn
    started: tuple[CaseView, ...] = ()
    drawn: tuple[CaseView, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


class Watches(Looking):
    """Reads watches where the reader may answer what they find."""

    def __init__(self, *, watches: Mapping[str, Watch], **read_from: object) -> None:
        super().__init__(**read_from)  # type: ignore[arg-type]
        self.watches = dict(watches)

    def may(self, person: str) -> bool:
        """Whether the person may read any finding at all."""
        return self.directory().may(person, WATCH, self.today())

    def lit(self, person: str) -> int:
        """How many findings wait for an answer within the person's reach."""
        with self._store.read() as reader:
            scope = self._reach(self._present(reader), person)
            found = reader.findings.lit(scope)
            return sum(sum(some.values()) for name, some in found.items() if name in self.watches)

    def lines(self, person: str) -> list[WatchLine]:
        """Every watch of the place."""
        with self._store.read() as reader:
            lit = reader.findings.lit(self._reach(self._present(reader), person))
            return [
                WatchLine(watch=one, last=self._last(reader, one), lit=dict(lit.get(name, Counter())))
                for name, one in self.watches.items()
            ]

    def seen(self, person: str, name: str) -> WatchSeen:
        """One watch; NotFound, NotPermitted."""
        watch = self._watch(name)
        with self._store.read() as reader:
            directory = self._present(reader)
            scope = self._reach(directory, person)
            span = last_ended(watch, self.today(), self.calendar())
            measured = Survey(reader, directory, self.calendar()).measured(watch, span)
            mine = sorted((one for one in measured if lies_in(scope, one)), key=lambda one: _rank(watch, one))
            shown = tuple(mine[:MOST_SUBJECTS])
            findings = tuple(answer_of(row) for row in reader.findings.of(scope, name, most=MOST_LISTED))
            persons = [one.row.answered_by for one in findings]
            if watch.per == "person":
                persons += [one.subject for one in shown] + [one.row.subject for one in findings]
            return WatchSeen(
                watch=watch,
                span=span,
                last=self._last(reader, watch),
                subjects=shown,
                more=len(mine) - len(shown),
                findings=findings,
                trend=self._trend(reader, watch, span, scope),
                names=self._names(reader, persons),
            )

    def subject(self, person: str, name: str, period: str, subject: str, count: str = "") -> SubjectSeen:
        """One subject in one window, with the cases behind a count as far as the reader sees them; NotFound."""
        watch = self._watch(name)
        if count and count not in {one.id for one in watch.counts}:
            raise NotFound("count_not_found", count=count)
        span = of_key(watch, period, self.calendar())
        with self._store.read() as reader:
            directory = self._present(reader)
            scope = self._reach(directory, person)
            survey = Survey(reader, directory, self.calendar())
            (measured,) = survey.measured(watch, span, (subject,))
            row = reader.findings.one(scope, name, period, subject)
            if row is None and not lies_in(scope, measured):
                raise NotFound("finding_not_found", period=period, subject=subject)
            finding = answer_of(row) if row else None
            ids, behind = survey.cases(watch, span, subject, count)
            sees = self._scope(reader, person)
            persons = [subject] if watch.per == "person" else []
            return SubjectSeen(
                watch=watch,
                span=span,
                measured=measured,
                windows=tuple(self._windows(survey, watch, span, subject)),
                count=count,
                cases=self._cases(reader, sees, ids[:MOST_LISTED]),
                behind=behind,
                finding=finding,
                started=self._cases(reader, sees, finding.started) if finding else (),
                drawn=self._cases(reader, sees, finding.drawn) if finding else (),
                names=self._names(reader, [*persons, *([row.answered_by] if row else [])]),
            )

    # parts -----------------------------------------------------------------------------------------------------

    def _watch(self, name: str) -> Watch:
        watch = self.watches.get(name)
        if watch is None:
            raise NotFound("watch_not_found", watch=name)
        return watch

    def _reach(self, directory: Directory, person: str) -> Scope:
        """Where the person may answer findings; whoever may in the whole place sees what lies nowhere, too."""
        scope = directory.reach(person, WATCH, self.today())
        if not (scope.everything or scope.regions or scope.units):
            raise NotPermitted("permission_missing", permission=WATCH)
        whole = min(directory.regions, key=len, default="")
        return replace(scope, everything=True) if whole and whole in scope.regions else scope

    def _last(self, reader: Reader, watch: Watch) -> LastRun | None:
        stream = stream_of(watch.id)
        seq = reader.record.seq_of(stream)
        for entry in reversed(reader.record.entries(stream, after=max(0, seq - 50))):
            for event in decode_events(parse_entry(entry.bytes).events):
                if isinstance(event, ev.WatchRan):
                    return LastRun(
                        period=event.period, at=entry.recorded_at, subjects=event.subjects, digest=event.digest
                    )
        return None

    def _trend(self, reader: Reader, watch: Watch, span: Span, scope: Scope) -> tuple[tuple[str, int], ...]:
        """Findings of the last periods; of a rolling watch of the last months."""
        rows = reader.findings.per_period(scope, watch.id)
        if watch.every is None:
            months: Counter[str] = Counter()
            for period, count in rows.items():
                months[period[:7]] += count
            return tuple(sorted(months.items())[-WINDOWS:])
        spans = [span]
        while len(spans) < WINDOWS:
            spans.insert(0, previous(watch, spans[0], self.calendar()))
        return tuple((one.period, rows.get(one.period, 0)) for one in spans)

    def _windows(
        self, survey: Survey, watch: Watch, span: Span, subject: str
    ) -> Sequence[tuple[Span, Mapping[str, int]]]:
        spans = [span]
        while len(spans) < WINDOWS:
            spans.insert(0, previous(watch, spans[0], self.calendar()))
        found = []
        for one in spans:
            counts = {
                measure.id: survey.counts(watch, measure, one, (subject,)).get(subject, 0) for measure in watch.counts
            }
            found.append((one, counts))
        return found

    def _cases(self, reader: Reader, scope: Scope, ids: Sequence[str]) -> tuple[CaseView, ...]:
        found = (reader.case(scope, name) for name in ids)
        return tuple(one for one in found if one is not None)


def lies_in(scope: Scope, one: Measured) -> bool:
    """Whether a subject lies in the scope; what lies nowhere is for who sees everything."""
    if scope.everything:
        return True
    near = bool(one.region) and any(one.region.startswith(prefix) for prefix in scope.regions)
    return near or (bool(one.unit) and one.unit in scope.units)


def _rank(watch: Watch, one: Measured) -> tuple[object, ...]:
    return (not holds(watch, one.counts), *(-one.counts[measure.id] for measure in watch.counts), one.subject)


def answer_of(row: FindingRow) -> Answer:
    """A finding, decoded."""
    cases = orjson.loads(row.cases)
    told = {key: tuple(cases.get(key, ())) for key in ("behind", "started", "drawn")}
    return Answer(row=row, counts=orjson.loads(row.counts), **told)
