"""Verifying the chain of one stream: complete, in order, untouched; the first fault is named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from engine.audit.entry import NO_LEAF, Entry, leaf_hash, microseconds, parse_entry
from engine.errors import Broken

Why = Literal[
    "gap",  # the row's seq is not the next one
    "leaf_mismatch",  # the stored leaf is not the hash of the stored bytes
    "not_canonical",  # the bytes are not the one form of an entry
    "wrong_stream",  # the bytes tell another stream
    "wrong_seq",  # the bytes tell another seq than the row
    "prev_mismatch",  # the bytes do not name the entry before
    "row_mismatch",  # a column beside the bytes tells something else than they do
    "head_mismatch",  # the entries end before, after or elsewhere than the stream's head says
]


class StoredEntry(Protocol):
    """A row of the store, as far as it is verified; `bytes` and `leaf` are exact, `recorded_at` microseconds."""

    @property
    def seq(self) -> int:
        """Counts from 1."""

    @property
    def command_id(self) -> str:
        """The command it answers."""

    @property
    def recorded_at(self) -> int:
        """Microseconds since 1970."""

    @property
    def leaf(self) -> bytes:
        """RFC 6962 leaf hash, 32 bytes."""

    @property
    def bytes(self) -> bytes:
        """The exact bytes."""


class ChainFault(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that is wrong."""

    #: the seq that should have stood there
    seq: int
    why: Why
    expected: str = ""
    got: str = ""


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `fault` None means that the chain holds."""

    stream: str
    #: entries that are in order, from the first
    entries: int
    #: hex leaf hash of the last of them; 64 zeros if there is none
    head: str
    fault: ChainFault | None = None
    #: seqs recorded earlier than the one before: a clock was set back; the order itself is by seq and not in doubt
    went_back: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


def verify_chain(stream: str, entries: Iterable[StoredEntry], *, head: tuple[int, bytes] | None = None) -> ChainReport:
    """Verify all entries of a stream ("case/abc") in order of seq; `head` is the stream's own (seq, leaf), if known.

    Without a head a chain whose end was cut off looks whole: give it whenever there is one.
    """
    leaf, count, recorded_at = NO_LEAF, 0, ""
    went_back: list[int] = []
    for row in entries:
        entry, fault = _next(stream, row, count + 1, leaf)
        if entry is None or fault is not None:
            return ChainReport(stream=stream, entries=count, head=leaf.hex(), fault=fault, went_back=tuple(went_back))
        if entry.recorded_at < recorded_at:
            went_back.append(entry.seq)
        leaf, count, recorded_at = row.leaf, count + 1, entry.recorded_at
    fault = None
    if head is not None and (count, leaf) != (head[0], head[1] or NO_LEAF):
        told, found = f"{head[0]}:{head[1].hex()}", f"{count}:{leaf.hex()}"
        fault = ChainFault(seq=min(count, head[0]) + (count != head[0]), why="head_mismatch", expected=told, got=found)
    return ChainReport(stream=stream, entries=count, head=leaf.hex(), fault=fault, went_back=tuple(went_back))


def _next(stream: str, row: StoredEntry, seq: int, prev: bytes) -> tuple[Entry | None, ChainFault | None]:
    if row.seq != seq:
        return None, ChainFault(seq=seq, why="gap", expected=str(seq), got=str(row.seq))
    data = bytes(row.bytes)
    hashed = leaf_hash(data)
    if hashed != row.leaf:
        return None, ChainFault(seq=seq, why="leaf_mismatch", expected=hashed.hex(), got=bytes(row.leaf).hex())
    try:
        entry = parse_entry(data)
    except Broken as broken:
        return None, ChainFault(seq=seq, why="not_canonical", got=str(broken))
    told: tuple[tuple[Why, object, object], ...] = (
        ("wrong_stream", stream, entry.stream),
        ("wrong_seq", seq, entry.seq),
        ("prev_mismatch", prev.hex(), entry.prev),
        ("row_mismatch", entry.command.id, row.command_id),
        ("row_mismatch", microseconds(entry.recorded_at), row.recorded_at),
    )
    for why, expected, got in told:
        if expected != got:
            return entry, ChainFault(seq=seq, why=why, expected=str(expected), got=str(got))
    return entry, None
