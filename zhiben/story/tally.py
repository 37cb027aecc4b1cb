"""What the record says of the year: counted from the entries themselves, not from what the player meant to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from engine.audit.entry import Entry, parse_entry
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.command import Stream
from engine.core.upcast import decode_events
from engine.store.record import Record
from engine.store.records import EntryRow

_PAGE = 1000


class Month(msgspec.Struct, kw_only=True):
    """One month's counts; closings by their kind."""

    month: str
    reported: int = 0
    closed: dict[str, int] = {}
    reopened: int = 0
    expired: int = 0
    rungs: int = 0
    issued: int = 0
    declined: int = 0
    extended: int = 0
    late_entries: int = 0


class Interest(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """How much a case has to tell."""

    score: int
    case: str


class Tally(msgspec.Struct, kw_only=True):
    """The whole year."""

    months: dict[str, Month] = {}
    claimed: int = 0
    entries: int = 0
    #: rungs by id, drafts issued and declined by kind
    rungs: dict[str, int] = {}
    best: Interest | None = None


def count(record: Record, calendar: Calendar, procedure: str) -> Tally:
    """Count all cases of a procedure by the local month in which things were recorded; entries: all there are."""
    tally = Tally()
    rungs: Counter[str] = Counter()
    for case, entries in cases_of(record):
        seen: Counter[str] = Counter()
        tally.entries += len(entries)
        if not _is_of(procedure, entries[0][1]):
            continue
        for entry, events in entries:
            month = _month(tally, calendar.local_day(datetime.fromisoformat(entry.recorded_at)).strftime("%Y-%m"))
            month.late_entries += entry.late
            seen["late"] += entry.late
            for event in events:
                seen[type(event).__name__] += 1
                _add(tally, month, event, rungs)
        interest = Interest(score=_score(seen, len(entries)), case=case)
        if tally.best is None or interest > tally.best:
            tally.best = interest
    tally.rungs = dict(sorted(rungs.items()))
    tally.months = dict(sorted(tally.months.items()))
    return tally


def _month(tally: Tally, name: str) -> Month:
    if name not in tally.months:
        tally.months[name] = Month(month=name, closed={})
    return tally.months[name]


def _add(tally: Tally, month: Month, event: ev.AnyEvent, rungs: Counter[str]) -> None:
    match event:
        case ev.CaseClaimed():
            tally.claimed += 1
            month.reported -= 1
        case ev.CaseOpened():
            month.reported += 1
        case ev.CaseClosed(how=how):
            month.closed[how] = month.closed.get(how, 0) + 1
        case ev.CaseReopened():
            month.reopened += 1
        case ev.DeadlineExpired():
            month.expired += 1
        case ev.RungFired(rung=rung):
            month.rungs += 1
            rungs[rung] += 1
        case ev.DraftIssued():
            month.issued += 1
        case ev.DraftDeclined():
            month.declined += 1
        case ev.DeadlineMoved(cause="extended"):
            month.extended += 1


def _is_of(procedure: str, events: Iterable[ev.AnyEvent]) -> bool:
    return any(isinstance(event, ev.CaseOpened) and event.procedure == procedure for event in events)


def _score(seen: Counter[str], entries: int) -> int:
    """A case worth telling: it ended, much happened, and it is not too long."""
    if seen["CaseClaimed"] or not seen["CaseClosed"] or entries > 40:
        return 0
    kinds = ("DraftIssued", "DraftDeclined", "ApprovalAnswered", "DeadlineExpired", "TaskRead", "late", "CaseReopened")
    return 10 * sum(1 for kind in kinds if seen[kind]) + 3 * min(seen["RungFired"], 5) - entries // 4


def cases_of(record: Record) -> Iterator[tuple[str, list[tuple[Entry, list[ev.AnyEvent]]]]]:
    """Every case with its entries and their events, in the order of ids."""
    after: Stream | None = None
    while page := record.streams(after=after, limit=_PAGE):
        for stream, _, _ in page:
            if stream.kind == "case":
                parsed = [parse_entry(row.bytes) for row in entries_of(record, stream)]
                yield stream.id, [(entry, list(decode_events(entry.events))) for entry in parsed]
        after = page[-1][0]


def entries_of(record: Record, stream: Stream) -> Iterator[EntryRow]:
    """All entries of a stream in order."""
    after = 0
    while page := record.entries(stream, after=after, limit=_PAGE):
        yield from page
        after = page[-1].seq
