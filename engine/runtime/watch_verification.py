"""What a watch's entries say against what is kept of them: its state, and which findings wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.audit.entry import parse_entry
from engine.core.command import Stream
from engine.core.upcast import decode_events
from engine.core.watches import WatchState, fold_watch
from engine.runtime.findings import Finding
from engine.runtime.survey import WHOLE
from engine.store.reader import Reader
from engine.store.records import EntryRow


def watch_findings(reader: Reader, stream: Stream, rows: Sequence[EntryRow]) -> Iterator[Finding]:
    """Findings that the entries say are lit and the list does not show, or the other way round."""
    state = WatchState()
    for row in rows:
        state = fold_watch(state, row.seq, decode_events(parse_entry(row.bytes).events))
    told = {(one.period, one.subject) for one in state.open if not one.answered}
    shown = reader.findings.waiting(WHOLE, stream.id)
    for period, subject in sorted(told ^ shown):
        data = {"period": period, "subject": subject}
        yield Finding(code="finding_differs", stream=str(stream), seq=state.seq, data=data)
