"""Requests decided one after another within one transaction: the heart of the one door."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import structlog
from msgspec.structs import replace

from engine.audit.entry import Uses
from engine.core import event as ev
from engine.core.administration import PERMISSIONS, administer, check_stream
from engine.core.cap_known import CapFact
from engine.core.case import Case
from engine.core.command import SYSTEM, Answer, Command, EvidenceRef, RedateCase, RedateDuty, Request
from engine.core.decide import decide_and_fold
from engine.core.directory import Directory
from engine.core.duties import decide_duty
from engine.core.duty_changes import obligation_changes
from engine.core.facts import Facts, KnownCase, Needs, needs, number_format
from engine.core.fold import fold_entry
from engine.core.jurisdiction import check_reach, named_places, named_units
from engine.core.machine import Machine
from engine.core.obligation_known import KnownObligation
from engine.errors import BadInput, Broken, Conflict, ExpressionError, NotFound, ZhibenError
from engine.runtime import calendar_years, personal
from engine.runtime.batch_record import SALT, BatchRecord
from engine.runtime.batch_requests import answer_of_entry, command_of, head_of_command, unfit
from engine.runtime.caps import caps_of
from engine.runtime.concerned import concerned_change
from engine.runtime.duty_facts import calendar_for, duty_of, fetch, obligation_of
from engine.runtime.duty_rows import calendars_of_duty, duty_write
from engine.runtime.hidden import readers_of
from engine.runtime.numbers import series_of, written_number
from engine.runtime.projection import calendars_of, case_write, micros, plain_write, same_keys
from engine.runtime.signatories import Signed, signed_in
from engine.runtime.vault import Vault
from engine.runtime.watch_decisions import decided, watch_write
from engine.store.errors import DRIVER_ERRORS
from engine.store.records import LONGEST_FILTER, DefinitionRow, EntryRow, VaultRow

log = structlog.get_logger()

#: What became of one request of a batch: its answer, or why it was not carried out.
Outcome = Answer | ZhibenError


class Batch(BatchRecord):
    """Requests decided one after another within one transaction, written together."""

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        """The outcomes, in order; everything decided has been written when this returns."""
        refused = [unfit(request) for request in requests]
        redating = any(isinstance(request.act, RedateCase | RedateDuty) for request in requests)
        self._kit.catalog.follow(self._session, None if redating else self._kit.clock.now())
        self._load([request for request, wrong in zip(requests, refused, strict=True) if wrong is None])
        outcomes = [wrong or self._one(request) for request, wrong in zip(requests, refused, strict=True)]
        self._flush()
        return outcomes

    def _one(self, request: Request) -> Outcome:
        try:
            answer = self._repeated(request)
            return answer if answer is not None else self._carry_out(request)
        except Exception as exc:
            if self._unwritten or isinstance(exc, DRIVER_ERRORS):
                # The transaction may be lost, and with it what was decided before: whoever began it begins again.
                raise
            return self._refused(exc, request)

    def _refused(self, exc: Exception, request: Request) -> ZhibenError:
        """What the sender is told; what is nobody's fault leaves an incident."""
        if isinstance(exc, ZhibenError) and not isinstance(exc, ExpressionError | Broken):
            return exc
        if not isinstance(exc, ZhibenError):
            log.error("command_failed", command=request.id, stream=str(request.stream), exc_info=exc)
            exc = Broken("command_failed", kind=type(exc).__name__)
        self._incident(exc, request)
        return exc

    def _repeated(self, request: Request) -> Answer | None:
        row = self._answered.get(request.id)
        if row is None:
            return None
        salt = row.request[:SALT]
        if not hmac.compare_digest(row.request, salt + self._kit.digest(salt, request)):
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
        command = command_of(request, self._kit.clock)
        check_stream(command)
        self._check_evidence(command)
        directory = self._directories.at(self._session, self._version)
        if request.stream.kind == "case":
            return self._case(request, command, directory)
        if request.stream.kind == "duty":
            return self._duty(request, command, directory)
        if request.stream.kind == "watch":
            return self._watch(request, command, directory)
        return self._plain(request, command, directory)

    def _watch(self, request: Request, command: Command, directory: Directory) -> Answer:
        """A watch looks at what was written so far, or takes an answer."""
        self._flush()
        made = decided(self._kit, self._session, self._rows.get(command.stream), command, directory)
        if not made.events:
            return Answer(command=command.id, stream=command.stream, seq=0, leaf="")
        entry = self._entry(request, command, made.events, Uses(directory=directory.version))
        self._put(watch_write(command, made, entry), None)
        return answer_of_entry(command, entry)

    def _case(self, request: Request, command: Command, directory: Directory) -> Answer:
        row = self._rows.get(command.stream)
        case = self._kit.case_of(self._session, row) if row else None
        version = case.version if case else getattr(command.act, "version", "")
        if not version:
            raise NotFound("case_not_found", stream=str(command.stream))
        machine = self._kit.catalog.machine(self._session, version)
        facts = self._facts(machine, case, command, directory)
        made = self._made(request, command, machine, case, facts)
        if made is None:
            return Answer(command=command.id, stream=command.stream, seq=0, leaf="")
        if facts.number and (number := self._number(machine, case, command)) != facts.number:
            # Another process took the number that was to be expected.
            made = self._made(request, command, machine, case, replace(facts, number=number))
            if made is None:
                raise Broken("nothing_opened", command=command.id)
        told, sealed, entry, after = made
        if sealed:
            after = fold_entry(case, head_of_command(command, entry.seq), told)
        if after is None:
            raise Broken("nothing_opened", command=command.id)
        readers = readers_of(machine, after, facts, facts.calendar.local_day(command.recorded_at))
        concerned = concerned_change(machine, case, after, facts.directory)
        write = case_write(machine, case, after, command, told, entry, sealed, readers, concerned)
        if after.obligation is not None:
            write = replace(write, obligations=obligation_changes(case, after, command))
        self._put(write, after)
        if (same := machine.procedure.same) is not None and (case is None or case.fields is not after.fields):
            for one in (case, after):
                self._unseen.update(same_keys(one, same.fields) if one else ())
        return answer_of_entry(command, entry)

    def _made(
        self, request: Request, command: Command, machine: Machine, case: Case | None, facts: Facts
    ) -> tuple[Sequence[ev.AnyEvent], tuple[VaultRow, ...], EntryRow, Case | None] | None:
        """Events as they are told, what they seal, their entry and the case after them; None = nothing changes."""
        events, after = decide_and_fold(machine, case, command, facts)
        if not events:
            return None
        told, sealed = self._seal_case(machine, command, events)
        uses = Uses(procedure=machine.version, directory=facts.directory.version, calendar=calendars_of(told))
        return told, sealed, self._entry(request, command, told, uses), after

    def _facts(self, machine: Machine, case: Case | None, command: Command, directory: Directory) -> Facts:
        calendar = self._kit.catalog.calendar(machine)
        wanted = needs(machine, case, command, calendar)
        day = calendar.local_day(command.occurred_at)
        find = self._directories.entities
        return Facts(
            directory=directory,
            calendar=calendar,
            calendars=self._kit.catalog.calendars,
            at=command.occurred_at,
            units=find(self._session, self._version, "unit", wanted.units, day) if wanted.units else {},
            places=find(self._session, self._version, "place", wanted.places, day) if wanted.places else {},
            number=self._expected(machine, command, wanted.number) if wanted.number else "",
            former=self._former(wanted, command, calendar),
            cases=self._named(wanted),
            signed=self._signed(wanted),
            machines={name: self._latest(name, machine) for name in wanted.procedures},
            obligation=self._obligation(wanted),
            caps=self._caps(wanted, command, directory),
        )

    def _caps(self, wanted: Needs, command: Command, directory: Directory) -> dict[str, CapFact]:
        """How the unit of the command stands to caps, what was just decided included."""
        if not wanted.caps:
            return {}
        self._flush()
        return caps_of(self._kit, self._session, wanted.caps, command, directory)

    def _signed(self, wanted: Needs) -> Signed:
        """Who signed what in other cases, those just decided included."""
        if not wanted.signed:
            return {}
        self._flush()
        return signed_in(self._session, wanted.signed)

    def _named(self, wanted: Needs) -> dict[str, KnownCase]:
        """What is known of cases that the command names, those just decided included."""
        if not wanted.cases:
            return {}
        self._flush()
        return {
            name: KnownCase(
                procedure=one.procedure,
                number=one.number,
                region=one.region,
                unit=one.unit,
                holders=one.holders,
                sealed=not one.region,
            )
            for name, one in self._session.links.named(wanted.cases).items()
        }

    def _latest(self, procedure: str, machine: Machine) -> Machine:
        """The version of another procedure that was published last beside this one."""
        version = self._session.definitions.latest(procedure, machine.procedure.plan)
        if not version:
            raise Conflict("procedure_not_published", procedure=procedure)
        return self._kit.catalog.machine(self._session, version)

    def _former(self, wanted: Needs, command: Command, calendar: Any) -> tuple[str, ...]:
        same = wanted.same
        if same is None:
            return ()
        fields = {name: str(value)[:LONGEST_FILTER] for name, value in same.values.items()}
        if all((same.procedure, name, value) in self._unseen for name, value in fields.items()):
            self._flush()
        since = micros(calendar.instant(same.closed_since))
        return tuple(
            self._session.find_same(same.procedure, fields, closed_since=since, exclude=command.stream.id, most=1)
        )

    def _year(self, machine: Machine, command: Command) -> int:
        return self._kit.catalog.calendar(machine).local_day(command.recorded_at).year

    def _expected(self, machine: Machine, command: Command, pattern: str) -> str:
        """The number that a case or a formal act will probably get; nothing is taken."""
        year = self._year(machine, command)
        return written_number(pattern, year, self._kit.taken.get(series_of(pattern, year), 0) + 1)

    def _number(self, machine: Machine, case: Case | None, command: Command) -> str:
        """The next number, taken: only for what is certain to be opened or issued, so that a series has no holes."""
        pattern, year = number_format(machine, case, command), self._year(machine, command)
        series = series_of(pattern, year)
        taken = self._kit.taken[series] = self._session.next_number(series)
        return written_number(pattern, year, taken)

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

    def _duty(self, request: Request, command: Command, directory: Directory) -> Answer:
        """One step of a duty; rows that were decided before it are written first."""
        self._flush()
        state = duty_of(self._session, self._rows.get(command.stream))
        spec = state.spec if state is not None else getattr(command.act, "spec", None)
        if spec is None:
            raise NotFound("duty_not_found", duty=command.stream.id)
        calendar = calendar_for(self._kit.catalog.calendars, spec)
        facts = fetch(self._session, state, command, calendar, directory, self._kit.pace)
        decided = decide_duty(state, command, facts)
        if not decided.events or decided.state is None:
            return Answer(command=command.id, stream=command.stream, seq=0, leaf="")
        uses = Uses(directory=directory.version, calendar=calendars_of_duty(decided.events))
        entry = self._entry(request, command, decided.events, uses)
        self._put(duty_write(state, decided.state, command, decided.events, entry, facts), None)
        return answer_of_entry(command, entry)

    def _obligation(self, wanted: Needs) -> KnownObligation | None:
        """The obligation that a command names, what was just decided included."""
        if not wanted.obligation:
            return None
        self._flush()
        return obligation_of(self._session, wanted.obligation, self._kit.catalog.calendars)

    def _plain(self, request: Request, command: Command, directory: Directory) -> Answer:
        today = self._kit.catalog.calendar().local_day(command.recorded_at)
        events: Sequence[ev.AnyEvent] = administer(command, directory, today)
        self._check_reach(command, directory, today)
        rows: list[VaultRow] = []
        events = personal.seal_persons(events, self._sealer(rows))
        entry = self._entry(request, command, events, Uses(directory=directory.version))
        write = plain_write(command, events, entry, directory, self._session.directory.rows, tuple(rows))
        told = [
            one
            for event in events
            if type(event) is ev.NoticeClosed
            for one in calendar_years.messages_of(event, entry)
        ]
        write = replace(write, messages=(*write.messages, *told)) if told else write
        bodies = [self._body(event.version) for event in events if type(event) is ev.ProcedurePublished]
        self._put(write, None)
        self._session.definitions.put(bodies)
        for event in events:
            self._keep_calendar(event, command, entry)
        if command.stream.kind == "directory":
            self._flush()
            self._version = entry.seq
            # What is not committed may never be: nobody else must come to believe it.
            self._directories = self._directories.after(entry.seq, events)
        return answer_of_entry(command, entry)

    def _keep_calendar(self, event: ev.AnyEvent, command: Command, entry: EntryRow) -> None:
        """What an entry of the library says of years of calendars, as rows."""
        at, calendars = entry.recorded_at, self._session.calendars
        match event:
            case ev.CalendarPublished():
                row = calendar_years.published(event, person=command.acted_by, at=at, seq=entry.seq)
                calendars.propose(row)
                calendars.publish(row.id, person=row.person, at=at, seq=entry.seq)
            case ev.NoticeClosed():
                calendars.close(event.version, at)
            case _:
                pass

    def _body(self, version: str) -> DefinitionRow:
        """What is published: it came with the request, or is stored already."""
        row = self._definitions.get(version)
        if row is not None:
            return row
        stored = self._session.definitions.get(version)
        if stored is None:
            raise NotFound("version_not_found", version=version)
        return replace(stored, published_at=micros(self._kit.clock.now()))

    def _check_reach(self, command: Command, directory: Directory, today: date) -> None:
        wanted = PERMISSIONS[type(command.act)]
        if wanted != "directory" or command.acted_by == SYSTEM:
            return
        find, version = self._directories.entities, self._version
        units = find(self._session, version, "unit", named_units(command.act, directory, today), today)
        places = find(self._session, version, "place", named_places(command.act), today)
        check_reach(command, wanted, directory, today, units, places)

    def _check_evidence(self, command: Command) -> None:
        """Refuse files that were never stored, or that are not what the command says they are."""
        evidence: Iterable[EvidenceRef] = getattr(command.act, "evidence", ())
        for one in evidence:
            row = self._files.get(one.sha256)
            if row is None or (row.size, row.media_type) != (one.size, one.media_type):
                raise BadInput("evidence_unknown", field=one.field or "evidence", sha256=one.sha256)
