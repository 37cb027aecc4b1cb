"""Requests decided one after another within one transaction: the heart of the one door."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import structlog
from msgspec.structs import replace

from engine.audit.entry import NO_LEAF, Uses, write_entry
from engine.core import event as ev
from engine.core.administration import administer
from engine.core.case import FOLD_VERSION, Case
from engine.core.command import Answer, Command, EvidenceRef, Request, Stream
from engine.core.decide import decide_and_fold
from engine.core.directory import Directory
from engine.core.facts import Facts, Needs, needs
from engine.core.fold import Head, fold_entry
from engine.core.machine import Machine
from engine.core.permission import is_late_entry
from engine.core.ports import Clock, Dice
from engine.core.upcast import encode_events
from engine.errors import BadInput, Broken, Conflict, ExpressionError, NotFound, ZhibenError
from engine.runtime import personal
from engine.runtime.catalog import Catalog, Directories
from engine.runtime.numbers import series_of, written_number
from engine.runtime.projection import case_write, micros, plain_write, read_snapshot
from engine.runtime.replay import replay
from engine.runtime.vault import Vault
from engine.store.records import DefinitionRow, EntryRow, StreamRow, VaultRow, Write
from engine.store.session import Session
from engine.store.views import AnswerRow

log = structlog.get_logger()

#: What became of one request of a batch: its answer, or why it was not carried out.
Outcome = Answer | ZhibenError

#: Cases whose decoded state is kept; a hit is used only if its head hash is still the stored one.
MOST_CASES = 4096
_SALT = 16


class Kit:
    """What decisions stand on besides the database, with the cases lately decided kept in memory."""

    def __init__(self, *, catalog: Catalog, directories: Directories, clock: Clock, dice: Dice, master: bytes) -> None:
        self.catalog = catalog
        self.directories = directories
        self.clock = clock
        self.dice = dice
        self.master = master
        #: series of numbers -> the last one taken here
        self.taken: dict[str, int] = {}
        self._personal: dict[str, frozenset[str]] = {}
        self._cases: OrderedDict[str, tuple[bytes, Case]] = OrderedDict()

    def case_of(self, session: Session, row: StreamRow) -> Case:
        """The state of a case from memory, its snapshot, or its entries."""
        name = row.stream.id
        kept = self._cases.get(name)
        if kept is not None and kept[0] == row.head:
            self._cases.move_to_end(name)
            return kept[1]
        if row.fold_version == FOLD_VERSION and row.snapshot:
            return read_snapshot(row.snapshot)
        return replay(session.record, row.stream)

    def personal_fields(self, machine: Machine) -> frozenset[str]:
        """Fields of a procedure whose values go to the vault."""
        fields = self._personal.get(machine.version)
        if fields is None:
            fields = self._personal[machine.version] = personal.personal_fields(machine)
        return fields

    def keep(self, head: bytes, case: Case) -> None:
        """Remember the state of a case at a head hash."""
        self._cases[case.id] = (head, case)
        self._cases.move_to_end(case.id)
        if len(self._cases) > MOST_CASES:
            self._cases.popitem(last=False)


class Batch:
    """Requests decided one after another within one transaction, written together."""

    def __init__(self, kit: Kit, session: Session, definitions: Sequence[DefinitionRow]) -> None:
        self._kit = kit
        self._session = session
        self._definitions = {row.version: row for row in definitions}
        self._rows: dict[Stream, StreamRow] = {}
        self._answered: dict[str, AnswerRow] = {}
        self._pending: list[Write] = []
        self._version = 0

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        """The outcomes, in order; everything decided has been written when this returns."""
        self._load(requests)
        outcomes = [self._one(request) for request in requests]
        self._flush()
        return outcomes

    def _load(self, requests: Sequence[Request]) -> None:
        if len(requests) == 1:
            taken = self._session.take(requests[0].id, requests[0].stream)
            self._version = taken.directory_version
            if taken.answer is not None:
                self._answered[requests[0].id] = taken.answer
            if taken.row is not None:
                self._rows[requests[0].stream] = taken.row
            return
        self._answered = self._session.answered([request.id for request in requests])
        self._rows = self._session.load(list(dict.fromkeys(request.stream for request in requests)))
        self._version = self._session.directory_version()

    def _one(self, request: Request) -> Outcome:
        try:
            answer = self._repeated(request)
            return answer if answer is not None else self._carry_out(request)
        except ExpressionError as failed:
            self._incident(failed, request)
            return failed
        except Broken as broken:
            self._incident(broken, request)
            return broken
        except ZhibenError as refused:
            return refused
        except Exception as exc:
            log.exception("command_failed", command=request.id, stream=str(request.stream))
            failure = Broken("command_failed", kind=type(exc).__name__)
            self._incident(failure, request)
            return failure

    def _repeated(self, request: Request) -> Answer | None:
        row = self._answered.get(request.id)
        if row is None:
            return None
        salt = row.request[:_SALT]
        if not hmac.compare_digest(row.request, salt + _digest(salt, request)):
            raise Conflict("command_id_reused", command=request.id)
        return Answer(command=row.command_id, stream=row.stream, seq=row.seq, leaf=row.leaf.hex())

    def _incident(self, error: ZhibenError, request: Request) -> None:
        self._session.incidents.record(
            error.code,
            request.stream,
            command=request.id,
            data={key: str(value)[:500] for key, value in error.data.items()},
            at=micros(self._kit.clock.now()),
        )

    # one command -----------------------------------------------------------------------------------------------

    def _carry_out(self, request: Request) -> Answer:
        command = _command(request, self._kit.clock)
        self._check_evidence(command)
        directory = self._kit.directories.at(self._session, self._version)
        if request.stream.kind == "case":
            return self._case(request, command, directory)
        return self._plain(request, command, directory)

    def _case(self, request: Request, command: Command, directory: Directory) -> Answer:
        row = self._rows.get(command.stream)
        case = self._kit.case_of(self._session, row) if row else None
        version = case.version if case else getattr(command.act, "version", "")
        if not version:
            raise NotFound("case_not_found", stream=str(command.stream))
        machine = self._kit.catalog.machine(self._session, version)
        facts = self._facts(machine, case, command, directory)
        events, after = decide_and_fold(machine, case, command, facts)
        if not events:
            return Answer(command=command.id, stream=command.stream, seq=0, leaf="")
        if facts.number and (number := self._number(machine, command)) != facts.number:
            # Another process took the number that was to be expected.
            facts = replace(facts, number=number)
            events, after = decide_and_fold(machine, case, command, facts)
        told, sealed = self._seal_case(machine, command, events)
        entry = self._entry(
            request,
            command,
            told,
            Uses(procedure=machine.version, directory=directory.version, calendar=_calendars(told)),
        )
        if sealed:
            after = fold_entry(case, _head(command, entry.seq), told)
        if after is None:
            raise Broken("nothing_opened", command=command.id)
        self._put(case_write(machine, case, after, command, told, entry, sealed), after)
        return _answer(command, entry)

    def _facts(self, machine: Machine, case: Case | None, command: Command, directory: Directory) -> Facts:
        calendar = self._kit.catalog.calendar(machine)
        wanted = needs(machine, case, command, calendar)
        day = calendar.local_day(command.occurred_at)
        find = self._kit.directories.entities
        return Facts(
            directory=directory,
            calendar=calendar,
            units=find(self._session, self._version, "unit", wanted.units, day) if wanted.units else {},
            places=find(self._session, self._version, "place", wanted.places, day) if wanted.places else {},
            number=self._expected(machine, command) if wanted.number else "",
            former=self._former(wanted, command, calendar),
        )

    def _former(self, wanted: Needs, command: Command, calendar: Any) -> tuple[str, ...]:
        same = wanted.same
        if same is None:
            return ()
        self._flush()
        since = micros(calendar.instant(same.closed_since))
        fields = {name: str(value) for name, value in same.values.items()}
        return tuple(
            self._session.find_same(same.procedure, fields, closed_since=since, exclude=command.stream.id, most=1)
        )

    def _series(self, machine: Machine, command: Command) -> tuple[str, int]:
        year = self._kit.catalog.calendar(machine).local_day(command.recorded_at).year
        return series_of(machine.procedure.number, year), year

    def _expected(self, machine: Machine, command: Command) -> str:
        """The number that a case will probably get; nothing is taken."""
        series, year = self._series(machine, command)
        return written_number(machine.procedure.number, year, self._kit.taken.get(series, 0) + 1)

    def _number(self, machine: Machine, command: Command) -> str:
        """The next number, taken: only for what is certain to be opened, so that a series has no holes."""
        series, year = self._series(machine, command)
        taken = self._kit.taken[series] = self._session.next_number(series)
        return written_number(machine.procedure.number, year, taken)

    def _seal_case(
        self, machine: Machine, command: Command, events: Sequence[ev.AnyEvent]
    ) -> tuple[Sequence[ev.AnyEvent], tuple[VaultRow, ...]]:
        fields = self._kit.personal_fields(machine)
        if not personal.concern(events, fields):
            return events, ()
        rows: list[VaultRow] = []
        return personal.seal_case(events, fields, str(command.stream), self._sealer(rows)), tuple(rows)

    def _sealer(self, rows: list[VaultRow]) -> personal.Seal:
        kit = self._kit
        vault, at = Vault(self._session.vault, kit.master), micros(kit.clock.now())

        def seal(subject: str, value: Any) -> dict[str, str]:
            row, reference = vault.seal(subject, value, kit.dice, at)
            rows.append(row)
            return {"vault": reference["vault"], "commitment": reference["commitment"]}

        return seal

    def _plain(self, request: Request, command: Command, directory: Directory) -> Answer:
        today = self._kit.catalog.calendar().local_day(command.recorded_at)
        events: Sequence[ev.AnyEvent] = administer(command, directory, today)
        rows: list[VaultRow] = []
        events = personal.seal_persons(events, self._sealer(rows))
        entry = self._entry(request, command, events, Uses(directory=directory.version))
        write = plain_write(command, events, entry, directory, self._session.directory.rows, tuple(rows))
        bodies = [
            self._definitions[event.version]
            for event in events
            if type(event) is ev.ProcedurePublished and event.version in self._definitions
        ]
        self._put(write, None)
        self._session.definitions.put(bodies)
        if command.stream.kind == "directory":
            self._flush()
            self._version = entry.seq
        return _answer(command, entry)

    def _check_evidence(self, command: Command) -> None:
        """Refuse files that were never stored, or that are not what the command says they are."""
        evidence: Iterable[EvidenceRef] = getattr(command.act, "evidence", ())
        if not evidence:
            return
        stored = self._session.files([one.sha256 for one in evidence])
        for one in evidence:
            row = stored.get(one.sha256)
            if row is None or (row.size, row.media_type) != (one.size, one.media_type):
                raise BadInput("evidence_unknown", field=one.field or "evidence", sha256=one.sha256)

    # writing ---------------------------------------------------------------------------------------------------

    def _entry(self, request: Request, command: Command, events: Sequence[ev.AnyEvent], uses: Uses) -> EntryRow:
        row = self._rows.get(command.stream)
        seq = row.seq + 1 if row else 1
        data, leaf = write_entry(
            stream=str(command.stream),
            seq=seq,
            prev=row.head if row else NO_LEAF,
            command_id=command.id,
            act=str(command.act.__struct_config__.tag),
            acted_by=command.acted_by,
            entered_by=command.entered_by,
            occurred_at=command.occurred_at,
            recorded_at=command.recorded_at,
            medium=command.medium,
            events=encode_events(events),
            uses=uses,
            device=command.device,
            caused_by=command.caused_by,
            late=is_late_entry(command),
        )
        salt = self._kit.dice.token(_SALT)
        return EntryRow(
            stream=command.stream,
            seq=seq,
            command_id=command.id,
            bytes=data,
            leaf=leaf,
            recorded_at=micros(command.recorded_at),
            request=salt + _digest(salt, request),
        )

    def _put(self, write: Write, case: Case | None) -> None:
        entry = write.entry
        self._pending.append(write)
        self._answered[entry.command_id] = AnswerRow(
            command_id=entry.command_id, stream=write.stream, seq=entry.seq, leaf=entry.leaf, request=entry.request
        )
        self._rows[write.stream] = StreamRow(
            stream=write.stream,
            seq=entry.seq,
            head=entry.leaf,
            snapshot=write.snapshot,
            fold_version=write.fold_version,
        )
        if case is not None:
            self._kit.keep(entry.leaf, case)

    def _flush(self) -> None:
        """Write what has been decided so far."""
        if self._pending:
            writes, self._pending = self._pending, []
            self._session.write(writes)


def _command(request: Request, clock: Clock) -> Command:
    now = clock.now()
    return Command(
        id=request.id,
        stream=request.stream,
        act=request.act,
        acted_by=request.acted_by,
        entered_by=request.entered_by or request.acted_by,
        occurred_at=request.occurred_at or now,
        recorded_at=now,
        medium=request.medium,
        device=request.device,
        caused_by=request.caused_by,
    )


def _digest(salt: bytes, request: Request) -> bytes:
    body = personal.request_body((request.stream, request.act, request.acted_by, request.entered_by))
    return sha256(salt + body).digest()


def _head(command: Command, seq: int) -> Head:
    return Head(
        id=command.stream.id,
        seq=seq,
        acted_by=command.acted_by,
        occurred_at=command.occurred_at,
        recorded_at=command.recorded_at,
    )


def _calendars(events: Sequence[ev.AnyEvent]) -> tuple[str, ...]:
    """Versions of the calendar years by which deadlines of these events were computed."""
    found: dict[str, None] = {}
    for event in events:
        deadline = event.deadline if isinstance(event, ev.TaskOpened | ev.DeadlineMoved) else None
        if deadline is not None:
            found.update(dict.fromkeys(deadline.derivation.calendar))
    return tuple(found)


def _answer(command: Command, entry: EntryRow) -> Answer:
    return Answer(command=command.id, stream=command.stream, seq=entry.seq, leaf=entry.leaf.hex())
