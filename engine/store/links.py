"""Links between cases: written with the entry that made them, read from both ends."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select

from engine.store.parts import Insert, Run, slices
from engine.store.records import LinkRow
from engine.store.schema import link, signal, stream, task
from engine.store.views import NamedCase


class Links:
    """Which cases have to do with which; for the engine itself: it knows no scope."""

    def __init__(self, run: Run, insert: Insert) -> None:
        self._run = run
        self._insert = insert

    def put(self, rows: Iterable[LinkRow]) -> None:
        """Keep links; one that is kept stays as it is."""
        told = [{"case": row.case, "how": row.how, "other": row.other} for row in rows]
        if told:
            self._run(self._insert(link).on_conflict_do_nothing(index_elements=["case", "how", "other"]), told)

    def of(self, case: str) -> list[LinkRow]:
        """The links that a case has made, then those that others have made to it, in order."""
        mine = or_(link.c.case == case, link.c.other == case)
        rows = [LinkRow(case=row.case, how=row.how, other=row.other) for row in self._run(select(link).where(mine))]
        return sorted(rows, key=lambda row: (row.case != case, row.how, row.other, row.case))

    def is_told(self, source: str, target: str) -> bool:
        """Whether a signal from one case to the other is still to be delivered."""
        between = (signal.c.source_kind == "case", signal.c.source_id == source)
        wanted = (*between, signal.c.target_kind == "case", signal.c.target_id == target)
        return self._run(select(signal.c.id).where(*wanted).limit(1)).first() is not None

    def snapshots(self, ids: Iterable[str]) -> dict[str, tuple[bytes, int]]:
        """Snapshots of cases, each with the version of the fold that made it; nothing is locked."""
        columns = (stream.c.id, stream.c.snapshot, stream.c.fold_version)
        return {
            row.id: (bytes(row.snapshot), int(row.fold_version))
            for some in slices(ids)
            for row in self._run(select(*columns).where(stream.c.kind == "case", stream.c.id.in_(some)))
        }

    def named(self, ids: Iterable[str]) -> dict[str, NamedCase]:
        """What must be known of cases that a command names; those that are not there are missing."""
        found: dict[str, NamedCase] = {}
        columns = (stream.c.id, stream.c.procedure, stream.c.number, stream.c.region, stream.c.unit)
        for some in slices(ids):
            holders: dict[str, list[str]] = {}
            for case, person in self._run(select(task.c.case, task.c.person).where(task.c.case.in_(some))):
                holders.setdefault(case, []).append(person)
            for row in self._run(select(*columns).where(stream.c.kind == "case", stream.c.id.in_(some))):
                found[row.id] = NamedCase(
                    procedure=row.procedure,
                    number=row.number,
                    region=row.region,
                    unit=row.unit,
                    holders=tuple(sorted(set(holders.get(row.id, ())))),
                )
        return found
