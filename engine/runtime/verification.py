"""The record examined as a whole: chains, states that entries make, work that nobody holds, files that are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from engine.audit.chain import verify_chain
from engine.audit.entry import parse_entry
from engine.core.case import FOLD_VERSION, Case
from engine.core.command import SYSTEM, Stream
from engine.core.directory import Directory, Scope
from engine.core.machine import Machine
from engine.core.ports import EvidenceFiles
from engine.errors import Broken, ZhibenError
from engine.runtime.catalog import Catalog
from engine.runtime.directory_verification import directory_findings
from engine.runtime.duty_verification import Met, met_by, obligation_findings
from engine.runtime.findings import Finding as Finding
from engine.runtime.link_verification import link_findings
from engine.runtime.projection import read_snapshot, register_of
from engine.runtime.replay import fold_entries
from engine.runtime.watch_verification import watch_findings
from engine.store.reader import Reader
from engine.store.record import Record
from engine.store.records import EntryRow
from engine.store.store import Store

EVERYTHING = Scope(person=SYSTEM, everything=True)
#: Streams examined between two calls of `progress`.
SLICE = 500


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was examined, and what was found."""

    streams: int
    entries: int
    cases: int
    open_cases: int
    #: files referred to by entries
    files: int
    #: entries whose instant lies before that of the entry before: a clock was set back
    went_back: int
    findings: tuple[Finding, ...]


def verify_all(
    store: Store,
    catalog: Catalog,
    files: EvidenceFiles,
    directory: Directory,
    today: date,
    *,
    progress: Callable[[int, int], None] = lambda streams, entries: None,
    most: int = 1000,
) -> Verification:
    """Examine every stream of a database; at most so many findings are told, the counts are always whole."""
    streams = entries = cases = open_cases = went_back = 0
    seen: set[str] = set()
    found: list[Finding] = []
    #: what cases say of obligations; streams of cases come before those of duties
    met: list[Met] = []
    with store.read() as reader:
        for stream, seq, head in _streams(reader.record):
            rows = _entries(reader.record, stream)
            report = verify_chain(str(stream), rows, head=(seq, head))
            streams, entries, went_back = streams + 1, entries + len(rows), went_back + len(report.went_back)
            if report.fault is not None:
                fault = report.fault
                found.append(Finding(code="chain_broken", stream=str(stream), seq=fault.seq, data={"why": fault.why}))
            elif stream.kind == "case":
                case, wrong = _case(reader, catalog, stream, rows, directory, today)
                found.extend(wrong)
                cases += 1
                open_cases += case is not None and not case.closed
                met.extend(met_by(stream, rows))
            elif stream.kind == "duty":
                found.extend(obligation_findings(reader, stream, rows, met, catalog.calendars))
            elif stream.kind == "directory":
                found.extend(directory_findings(reader, stream, rows))
            if stream.kind == "watch" and report.fault is None:
                found.extend(watch_findings(reader, stream, rows))
            found.extend(_files(stream, rows, files, seen))
            if streams % SLICE == 0:
                progress(streams, entries)
        if (stored := reader.record.count()) != entries:
            # Entries of a stream whose head is gone are read by no stream's chain.
            found.append(Finding(code="entries_without_stream", stream="", data={"entries": str(stored - entries)}))
    return Verification(
        streams=streams,
        entries=entries,
        cases=cases,
        open_cases=open_cases,
        files=len(seen),
        went_back=went_back,
        findings=tuple(found[:most]),
    )


def _streams(record: Record) -> Iterator[tuple[Stream, int, bytes]]:
    after: Stream | None = None
    while some := record.streams(after=after):
        yield from some
        after = some[-1][0]


def _entries(record: Record, stream: Stream) -> list[EntryRow]:
    rows: list[EntryRow] = []
    while some := record.entries(stream, after=rows[-1].seq if rows else 0):
        rows.extend(some)
    return rows


def _case(
    reader: Reader, catalog: Catalog, stream: Stream, rows: list[EntryRow], directory: Directory, today: date
) -> tuple[Case | None, list[Finding]]:
    """The state that the entries make against the one saved, the register's columns, and the live invariants."""
    name = str(stream)
    try:
        case = fold_entries(row.bytes for row in rows)
        if case is None:
            raise Broken("stream_makes_no_case", stream=name)
        saved, shown = reader.snapshot(EVERYTHING, stream.id), reader.case(EVERYTHING, stream.id)
        wrong = []
        if saved is not None and saved[1] == FOLD_VERSION and read_snapshot(saved[0]) != case:
            wrong.append(Finding(code="snapshot_differs", stream=name, seq=case.seq))
        if shown is None or shown.register != register_of(case):
            wrong.append(Finding(code="register_differs", stream=name, seq=case.seq))
        armed, seen = reader.work(stream.id)
        if armed != [(one.n, one.alarm.rung, one.alarm.epoch) for one in case.tasks if one.alarm]:
            wrong.append(Finding(code="timers_differ", stream=name, seq=case.seq))
        if seen != [(one.n, person) for one in case.tasks for person in sorted(one.holder.persons or ("",))]:
            wrong.append(Finding(code="tasks_differ", stream=name, seq=case.seq))
        machine = catalog.machine(reader, case.version)
        wrong += link_findings(reader, case)
    except ZhibenError as broken:
        return None, [Finding(code=broken.code, stream=name, data={k: str(v) for k, v in broken.data.items()})]
    return case, [*wrong, *live_invariants(machine, case, directory, today)]


def live_invariants(machine: Machine, case: Case, directory: Directory, today: date) -> Iterator[Finding]:
    """What must hold of every open case: a task, somebody who holds it, an armed deadline or a stated reason."""
    if case.closed:
        return
    name = f"case/{case.id}"
    waits = [machine.states[leaf].wait for leaf in case.leaves() if leaf in machine.states]
    pending = [wait for wait in waits if wait is not None]
    if not case.tasks and not pending:
        yield Finding(code="case_without_task", stream=name)
    for wait in pending:
        # What is over would have been left; nothing that is still open may be waited for in vain.
        if not case.tasks and all(one.closed for one in case.linked if one.how == wait.link):
            yield Finding(code="wait_without_end", stream=name, data={"link": wait.link})
    waiting = case.claim is not None and not case.claim.triaged
    for task in case.tasks:
        told = {"task": str(task.n), "state": task.state}
        if not any(person == SYSTEM or directory.held_by(person, today) for person in task.holder.persons):
            yield Finding(code="task_without_holder", stream=name, data=told)
        if task.deadline is None and not task.undated and task.kind in ("own", "extra"):
            yield Finding(code="task_without_deadline", stream=name, data=told)
        unarmed = task.deadline is not None and task.alarm is None and task.expired_at is None
        if unarmed and not waiting:
            yield Finding(code="deadline_without_alarm", stream=name, data=told)
    for leaf in case.leaves():
        if leaf not in machine.states:
            yield Finding(code="state_unknown_to_version", stream=name, data={"state": leaf})


def _files(stream: Stream, rows: list[EntryRow], files: EvidenceFiles, seen: set[str]) -> Iterator[Finding]:
    for row in rows:
        if b'"sha256"' not in row.bytes:
            continue
        for event in parse_entry(row.bytes).events:
            for one in event.get("evidence", ()):
                digest = one["sha256"]
                if digest not in seen and digest not in files:
                    yield Finding(code="file_missing", stream=str(stream), seq=row.seq, data={"sha256": digest})
                seen.add(digest)
