"""A case from its entries: what its snapshot must equal, and what replaces one of an older fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from engine.audit.entry import Entry, parse_entry
from engine.core.case import Case
from engine.core.command import Stream
from engine.core.fold import Head, fold_entry
from engine.core.upcast import decode_events
from engine.errors import Broken
from engine.store.record import Record


def head_of(entry: Entry) -> Head:
    """What `fold` needs of an entry besides its events."""
    return Head(
        id=entry.stream.partition("/")[2],
        seq=entry.seq,
        acted_by=entry.acted_by,
        occurred_at=datetime.fromisoformat(entry.occurred_at),
        recorded_at=datetime.fromisoformat(entry.recorded_at),
    )


def fold_entries(entries: Iterable[bytes]) -> Case | None:
    """The case that stored entries of one stream make, in order."""
    case: Case | None = None
    for data in entries:
        entry = parse_entry(data)
        case = fold_entry(case, head_of(entry), decode_events(entry.events))
    return case


def bytes_of(record: Record, stream: Stream) -> Iterator[bytes]:
    """The exact bytes of a stream's entries, in order, read in pages."""
    after = 0
    while rows := record.entries(stream, after=after):
        yield from (row.bytes for row in rows)
        after = rows[-1].seq


def replay(record: Record, stream: Stream) -> Case:
    """The case of a stream from all its entries; Broken if they make none."""
    case = fold_entries(bytes_of(record, stream))
    if case is None:
        raise Broken("stream_makes_no_case", stream=str(stream))
    return case
