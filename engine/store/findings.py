"""What watches found, as their readers list it: each within the regions and units where they may answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true, update

from engine.core.directory import Scope
from engine.store.parts import Run
from engine.store.queries import under
from engine.store.records import FindingRow
from engine.store.schema import LIT, finding

#: Findings of one watch shown at once.
MOST = 200


class Findings:
    """Findings of all watches; queries show what lies in a scope, "" lies nowhere and is for who sees everything."""

    def __init__(self, run: Run, insert: Callable[[Any], Any]) -> None:
        self._run = run
        self._insert = insert

    def put(self, row: FindingRow) -> None:
        """Keep what was found."""
        told = {name: getattr(row, name) for name in row.__struct_fields__}
        self._run(self._insert(finding).values(told))

    def end(self, watch: str, period: str, subject: str, **told: Any) -> None:
        """Say that its light is out, and why."""
        same = (finding.c.watch == watch, finding.c.period == period, finding.c.subject == subject)
        self._run(update(finding).where(*same).values(told))

    def clear(self, watch: str, period: str, subject: str, at: int) -> None:
        """New counts put its light out; one that was answered stays as it was answered."""
        same = (finding.c.watch == watch, finding.c.period == period, finding.c.subject == subject, LIT)
        self._run(update(finding).where(*same).values(status="cleared", ended_at=at))

    def lit(self, scope: Scope) -> Mapping[str, Counter[str]]:
        """Watch -> light -> how many findings wait for an answer."""
        rows = self._run(
            select(finding.c.watch, finding.c.light, func.count())
            .where(LIT, within(scope))
            .group_by(finding.c.watch, finding.c.light)
        )
        found: dict[str, Counter[str]] = {}
        for watch, light, count in rows.all():
            found.setdefault(str(watch), Counter())[str(light)] = int(count)
        return found

    def of(self, scope: Scope, watch: str, *, most: int = MOST) -> list[FindingRow]:
        """Findings of a watch, those that wait first, then the latest."""
        waiting = case((LIT, 0), else_=1)
        rows = self._run(
            select(finding)
            .where(finding.c.watch == watch, within(scope))
            .order_by(waiting, finding.c.found_at.desc(), finding.c.subject)
            .limit(most)
        )
        return [_row(row) for row in rows]

    def one(self, scope: Scope, watch: str, period: str, subject: str) -> FindingRow | None:
        """One finding, None if there is none that may be seen."""
        same = (finding.c.watch == watch, finding.c.period == period, finding.c.subject == subject)
        row = self._run(select(finding).where(*same, within(scope))).one_or_none()
        return _row(row) if row else None


def within(scope: Scope) -> ColumnElement[bool]:
    """Findings about what lies in the scope."""
    if scope.everything:
        return true()
    allowed: list[ColumnElement[bool]] = [
        and_(finding.c.region != "", under(finding.c.region, prefix)) for prefix in scope.regions
    ]
    if units := [unit for unit in scope.units if unit]:
        allowed.append(finding.c.unit.in_(units))
    return or_(*allowed) if allowed else ~true()


def _row(row: Any) -> FindingRow:
    told = dict(row._mapping)
    return FindingRow(**{**told, "counts": bytes(told["counts"]), "cases": bytes(told["cases"])})
