"""Verifies the chains of a whole database, stream by stream, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.audit.chain import ChainReport, verify_chain
from engine.core.command import Stream
from engine.store.record import Record
from engine.store.records import EntryRow

_PAGE = 1000


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: no faults means that every chain holds from its first entry to its head."""

    streams: int
    entries: int
    #: reports of the streams that do not hold, in order
    faults: tuple[ChainReport, ...]


def verify_record(record: Record) -> Verified:
    """Verify every stream of the record against its head."""
    streams, entries, faults = 0, 0, []
    for stream, seq, head in _streams(record):
        report = verify_chain(str(stream), entries_of(record, stream), head=(seq, head))
        streams += 1
        entries += report.entries
        if not report.holds:
            faults.append(report)
    return Verified(streams=streams, entries=entries, faults=tuple(faults))


def _streams(record: Record) -> Iterator[tuple[Stream, int, bytes]]:
    after: Stream | None = None
    while page := record.streams(after=after, limit=_PAGE):
        yield from page
        after = page[-1][0]


def entries_of(record: Record, stream: Stream) -> Iterator[EntryRow]:
    """All entries of a stream in order."""
    after = 0
    while page := record.entries(stream, after=after, limit=_PAGE):
        yield from page
        after = page[-1].seq
