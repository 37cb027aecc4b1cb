"""What a batch reads at once when it begins, and writes at once: entries and all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.audit.entry import NO_LEAF, Uses, write_entry
from engine.core import event as ev
from engine.core.case import Case
from engine.core.command import Command, Request, Stream
from engine.core.permission import is_late_entry
from engine.core.upcast import encode_events
from engine.errors import Broken
from engine.runtime.batch_requests import files_named
from engine.runtime.kit import Kit
from engine.runtime.projection import micros
from engine.runtime.unfit import told_sender
from engine.store.records import DefinitionRow, EntryRow, StreamRow, Write
from engine.store.session import Session
from engine.store.views import AnswerRow, EvidenceRow

#: bytes of salt before the hash of a request
SALT = 16


class BatchRecord:
    """The rows of one transaction: as they stood, as they became, and what is decided but not yet written."""

    def __init__(self, kit: Kit, session: Session, definitions: Sequence[DefinitionRow]) -> None:
        self._kit = kit
        self._session = session
        self._definitions = {row.version: row for row in definitions}
        self._rows: dict[Stream, StreamRow] = {}
        self._answered: dict[str, AnswerRow] = {}
        self._files: Mapping[str, EvidenceRow] = {}
        self._pending: list[Write] = []
        #: by what cases may be found that are pending, as they were and as they are: queries do not see that yet
        self._unseen: set[tuple[str, str, str]] = set()
        self._unwritten = False
        self._version = 0
        self._directories = kit.directories

    def _load(self, requests: Sequence[Request]) -> None:
        if not requests:
            return
        if len(requests) == 1:
            taken = self._session.take(requests[0].id, requests[0].stream, files_named(requests))
            self._files = taken.files
            self._version = taken.directory_version
            if taken.answer is not None:
                self._answered[requests[0].id] = taken.answer
            if taken.row is not None:
                self._rows[requests[0].stream] = taken.row
            return
        self._answered = self._session.answered([request.id for request in requests])
        self._rows = self._session.load(list(dict.fromkeys(request.stream for request in requests)))
        self._version = self._session.directory_version()
        if names := files_named(requests):
            self._files = self._session.files(names)

    def _entry(self, request: Request, command: Command, events: Sequence[ev.AnyEvent], uses: Uses) -> EntryRow:
        row = self._rows.get(command.stream)
        seq = row.seq + 1 if row else 1
        salt = self._kit.dice.token(SALT)
        try:
            digest = self._kit.digest(salt, request)
            data, leaf = self._bytes(command, seq, row, events, uses)
        except Broken as unsayable:
            raise told_sender(unsayable, command) from unsayable
        return EntryRow(
            stream=command.stream,
            seq=seq,
            command_id=command.id,
            bytes=data,
            leaf=leaf,
            recorded_at=micros(command.recorded_at),
            request=salt + digest,
        )

    def _bytes(
        self, command: Command, seq: int, row: StreamRow | None, events: Sequence[ev.AnyEvent], uses: Uses
    ) -> tuple[bytes, bytes]:
        return write_entry(
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
            writes, self._pending, self._unwritten = self._pending, [], True
            self._session.write(writes)
            self._unwritten = False
            self._unseen.clear()
