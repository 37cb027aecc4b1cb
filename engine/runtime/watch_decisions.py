"""What is asked of a watch, decided within a batch: counts are measured, then a pure function says what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
import orjson

from engine.audit.entry import parse_entry
from engine.core import event as ev
from engine.core.command import Command, Stream, TurnWatch
from engine.core.definition_watches import Watch
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.upcast import decode_events
from engine.core.watch_windows import of_key
from engine.core.watches import Measured, Span, WatchFacts, WatchState, decide_watch, fold_watch
from engine.errors import Conflict, NotFound
from engine.runtime.kit import Kit
from engine.runtime.projection import mail_of, micros
from engine.runtime.replay import bytes_of
from engine.runtime.survey import Survey
from engine.store.record import Record
from engine.store.records import EndedFinding, EntryRow, FindingRow, StreamRow, Write
from engine.store.session import Session

#: Version of `fold_watch`; raised when it changes.
WATCH_FOLD = 1
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(WatchState)


def stream_of(watch: str) -> Stream:
    """The stream of a watch."""
    return Stream(kind="watch", id=watch)


def state_of(record: Record, row: StreamRow) -> WatchState:
    """The state of a watch from its snapshot, or from its entries."""
    if row.fold_version == WATCH_FOLD and row.snapshot:
        return _decoder.decode(row.snapshot)
    state = WatchState()
    for data in bytes_of(record, row.stream):
        entry = parse_entry(data)
        state = fold_watch(state, entry.seq, decode_events(entry.events))
    return state


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What a command on a watch comes to."""

    state: WatchState
    events: tuple[ev.AnyEvent, ...]
    facts: WatchFacts


def decided(kit: Kit, session: Session, row: StreamRow | None, command: Command, directory: Directory) -> Decided:
    """Measure what the command asks for and decide; NotFound for a watch that does not run here."""
    watch = kit.watches.get(command.stream.id)
    if watch is None:
        raise NotFound("watch_not_found", watch=command.stream.id)
    state = state_of(session.record, row) if row else WatchState()
    facts = _facts(kit, session, watch, command, directory)
    return Decided(state=state, events=decide_watch(watch, state, command, facts), facts=facts)


def _facts(kit: Kit, session: Session, watch: Watch, command: Command, directory: Directory) -> WatchFacts:
    calendar = kit.catalog.calendar()
    today = calendar.local_day(command.recorded_at)
    if not isinstance(command.act, TurnWatch):
        return WatchFacts(directory=directory, today=today)
    span = of_key(watch, command.act.period, calendar)
    measured = Survey(session, directory, calendar).measured(watch, span)
    return WatchFacts(
        directory=directory,
        today=today,
        span=span,
        measured=measured,
        units=_units_of(session, measured) if watch.draw else {},
        machines=_machines(kit, session, watch),
    )


def _units_of(session: Session, measured: Iterable[Measured]) -> dict[str, str]:
    """Case -> its unit, of the cases from which some may be drawn."""
    cases = dict.fromkeys(case for one in measured for case in one.cases)
    return {name: one.unit for name, one in session.links.named(tuple(cases)).items()}


def _machines(kit: Kit, session: Session, watch: Watch) -> Mapping[str, Machine]:
    found = {}
    for start in (watch.start, watch.draw.start if watch.draw else None):
        if start is not None:
            version = session.definitions.latest(start.procedure, watch.plan)
            if not version:
                raise Conflict("procedure_not_published", procedure=start.procedure)
            found[start.procedure] = kit.catalog.machine(session, version)
    return found


def watch_write(command: Command, made: Decided, entry: EntryRow) -> Write:
    """Everything that the stream of a watch and its signals are afterwards."""
    after = fold_watch(made.state, entry.seq, made.events)
    messages, signals = mail_of(made.events, command.stream, entry.seq, micros(command.recorded_at))
    return Write(
        stream=command.stream,
        base=entry.seq - 1,
        entry=entry,
        snapshot=_encoder.encode(after),
        fold_version=WATCH_FOLD,
        messages=messages,
        signals=signals,
        findings=tuple(_findings(command, made)),
    )


def _findings(command: Command, made: Decided) -> Iterator[FindingRow | EndedFinding]:
    """Findings as their readers list them."""
    watch, at = command.stream.id, micros(command.recorded_at)
    titles = {one.subject: one.title for one in made.facts.measured}
    for event in made.events:
        match event:
            case ev.WatchFound():
                assert made.facts.span is not None
                yield _row(watch, event, titles.get(event.subject, ""), made.facts.span, at)
            case ev.WatchCleared():
                yield EndedFinding(
                    watch=watch, period=event.since, subject=event.subject, status="cleared", ended_at=at
                )
            case ev.FindingAnswered():
                yield EndedFinding(
                    watch=watch,
                    period=event.period,
                    subject=event.subject,
                    status=event.how,
                    ended_at=at,
                    answered_by=command.acted_by,
                    reason=event.reason,
                )
            case _:
                pass


def _row(watch: str, event: ev.WatchFound, title: str, span: Span, at: int) -> FindingRow:
    cases = {"behind": event.cases, "started": event.started, "drawn": event.drawn}
    return FindingRow(
        watch=watch,
        period=event.period,
        subject=event.subject,
        title=title,
        light=event.light,
        region=event.region,
        unit=event.unit,
        status="open",
        found_at=at,
        ended_at=0,
        answered_by="",
        reason="",
        counts=orjson.dumps(event.counts),
        cases=orjson.dumps(cases),
        behind=event.behind,
        first=micros(span.first),
        before=micros(span.before),
    )
