"""Counts of boards: cases by area, and by the months of one of their dates; what an actor may not see is in none."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import func, select

from engine.core.conditions import Condition, holds
from engine.core.directory import Scope
from engine.store.conditions import answered, column_of
from engine.store.parts import Run
from engine.store.queries import visible_apart
from engine.store.schema import CLOSED, stream

#: Region and industry -> cases.
Areas = dict[tuple[str, str], int]


class BoardCounts:
    """Queries of boards."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def areas(self, scope: Scope, wanted: Condition) -> Areas:
        """How many cases there are by region and industry."""
        by = (stream.c.region, stream.c.industry)
        found: Counter[tuple[str, str]] = Counter()
        for seen in visible_apart(scope):
            rows = self._run(select(*by, func.count()).where(seen, answered(wanted)).group_by(*by))
            found.update({(region, industry): int(count) for region, industry, count in rows})
        return dict(found)

    def months(
        self, scope: Scope, wanted: Condition, column: str, bounds: Sequence[int], kinds: Sequence[str] = ()
    ) -> list[int]:
        """How many cases have that date (opened, closed, due) in each interval [bound, next bound).

        One count a month and kind of closing ("" = open), so that each follows a range of an index; no kinds = not told
        apart. What is seen for another reason than its region is little, and read date by date.
        """
        pairs = list(pairwise(bounds))
        if not pairs:
            return []
        date = column_of(column)
        near, beside = visible_apart(scope)
        asked = (answered(wanted), *([CLOSED] if column == "closed" else []))
        possible = [kind for kind in kinds if _may_hold(wanted, kind, column)]
        told = [(stream.c.closed == kind,) for kind in possible] if kinds else [()]
        counts = [
            select(func.count()).where(near, *kind, *asked, date >= least, date < before).scalar_subquery()
            for kind in told
            for least, before in pairs
        ]
        row = self._run(select(*counts)).one() if counts else ()
        found = [sum(int(count) for count in row[at :: len(pairs)]) for at in range(len(pairs))]
        for at in self._run(select(date).where(beside, *asked, date >= bounds[0], date < bounds[-1])).scalars():
            found[bisect_right(bounds, at) - 1] += 1
        return found


def _may_hold(wanted: Condition, kind: str, column: str) -> bool:
    """Whether cases that ended so, or are open, may match."""
    if not kind and column == "closed":
        return False
    return holds(wanted, {"ended": kind, "open": "false" if kind else "true"}) is not False
