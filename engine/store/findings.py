"""What watches found, as their readers list it: each within the regions and units where they may answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true, update

from engine.core.directory import Scope
from engine.store.parts import Run
from engine.store.queries import under
from engine.store.records import EndedFinding, FindingRow
from engine.store.schema import LIT, finding

#: Findings of one watch shown at once.
MOST = 200


class Findings:
    """Findings of all watches; queries show what lies in a scope, "" lies nowhere and is for who sees everything."""

    def __init__(self, run: Run, insert: Callable[[Any], Any]) -> None:
        self._run = run
        self._insert = insert

    def apply(self, changes: Iterable[FindingRow | EndedFinding]) -> None:
        """Keep what was found, and whose light went out."""
        for change in changes:
            if isinstance(change, FindingRow):
                told = {name: getattr(change, name) for name in change.__struct_fields__}
                self._run(self._insert(finding).values(told))
            else:
                self._end(change)

    def _end(self, one: EndedFinding) -> None:
        same = [finding.c.watch == one.watch, finding.c.period == one.period, finding.c.subject == one.subject]
        same += [LIT] if one.status == "cleared" else []
        told = {name: getattr(one, name) for name in ("status", "ended_at", "answered_by", "reason")}
        self._run(update(finding).where(*same).values(told))

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

    def waiting(self, scope: Scope, watch: str) -> set[tuple[str, str]]:
        """(period, subject) of everything that is lit."""
        rows = self._run(
            select(finding.c.period, finding.c.subject).where(LIT, finding.c.watch == watch, within(scope))
        )
        return {(str(period), str(subject)) for period, subject in rows.all()}

    def per_period(self, scope: Scope, watch: str) -> dict[str, int]:
        """Period -> how many findings it brought."""
        mine = (finding.c.watch == watch, within(scope))
        rows = self._run(select(finding.c.period, func.count()).where(*mine).group_by(finding.c.period))
        return {str(period): int(count) for period, count in rows.all()}

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
