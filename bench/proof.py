"""That everything was carried out exactly once: entries counted, chains verified, snapshots folded anew."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.audit.chain import verify_chain
from engine.core.command import Answer, Stream
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import bytes_of, fold_entries
from engine.runtime.service import Outcome
from engine.store.record import Record
from engine.store.records import EntryRow
from engine.store.store import Store

#: Every so many cases one is folded anew.
_FOLD_EVERY = 20


class NotWhole(Exception):
    """Something was refused, lost, doubled or changed."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the database."""

    entries: int
    chains: int
    folded: int


def answered(outcomes: Iterable[Outcome]) -> list[Answer]:
    """The answers, all of which wrote an entry; NotWhole names the first that did not."""
    answers = []
    for outcome in outcomes:
        if not isinstance(outcome, Answer):
            raise NotWhole(f"refused: {outcome!r}")
        if outcome.seq == 0:
            raise NotWhole(f"{outcome.command} changed nothing")
        answers.append(outcome)
    return answers


def prove(store: Store, expected: int, *, every: int = 1) -> Proof:
    """Count the entries of cases, verify every `every`-th chain, fold some; NotWhole says what is wrong."""
    entries = chains = folded = 0
    with store.read() as reader:
        for stream, seq, head in _cases(reader.record):
            entries += seq
            if chains % every == 0:
                report = verify_chain(str(stream), _rows(reader.record, stream), head=(seq, head))
                if not report.holds:
                    raise NotWhole(f"chain of {stream}: {report.fault}")
            chains += 1
    with store.session() as session, store.read() as reader:
        for n, (stream, *_) in enumerate(_cases(reader.record)):
            if n % (_FOLD_EVERY * every) == 0:
                row = session.load([stream])[stream]
                if read_snapshot(row.snapshot) != fold_entries(bytes_of(reader.record, stream)):
                    raise NotWhole(f"snapshot of {stream} is not what its entries make")
                folded += 1
    if entries != expected:
        raise NotWhole(f"carried out {expected} commands, found {entries} entries")
    return Proof(entries=entries, chains=chains, folded=folded)


def _cases(record: Record) -> Iterable[tuple[Stream, int, bytes]]:
    after: Stream | None = None
    while found := record.streams(after=after):
        yield from (one for one in found if one[0].kind == "case")
        after = found[-1][0]


def _rows(record: Record, stream: Stream) -> list[EntryRow]:
    found: list[EntryRow] = []
    while rows := record.entries(stream, after=len(found)):
        found += rows
    return found
