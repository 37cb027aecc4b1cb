"""Links examined: rows against the record, and whether both ends know of each other."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.case import FOLD_VERSION, Case
from engine.core.command import SYSTEM, Stream
from engine.core.definition_links import RETURN_LATER
from engine.core.directory import Scope
from engine.runtime.findings import Finding
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.store.reader import Reader

_EVERYTHING = Scope(person=SYSTEM, everything=True)


def link_findings(reader: Reader, case: Case) -> Iterator[Finding]:
    """Links of one case that its rows, or the cases at their other ends, tell otherwise."""
    name = f"case/{case.id}"
    rows = reader.links.of(case.id)
    told = {(how, to) for how, to in case.links if how != RETURN_LATER}
    if {(row.how, row.other) for row in rows if row.case == case.id} != told:
        yield Finding(code="links_differ", stream=name, seq=case.seq)
    made = {(row.how, row.case) for row in rows if row.other == case.id}
    for by in case.linked_by:
        if (by.how, by.case) not in made:
            yield Finding(code="link_not_made", stream=name, seq=case.seq, data={"by": by.case})
    for one in case.linked:
        if not reader.links.is_told(case.id, one.case) and not _knows(reader, one.case, one.how, case.id):
            yield Finding(code="link_not_known", stream=name, seq=case.seq, data={"case": one.case})


def _knows(reader: Reader, case: str, how: str, by: str) -> bool:
    """Whether a case knows that another has linked it."""
    saved = reader.snapshot(_EVERYTHING, case)
    if saved is None:
        return False
    state = read_snapshot(saved[0]) if saved[1] == FOLD_VERSION else replay(reader.record, Stream("case", case))
    return any((one.how, one.case) == (how, by) for one in state.linked_by)
