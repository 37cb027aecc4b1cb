"""Counts of boards: cases by area, and by the months of one of their dates; what an actor may not see is in none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import func, select

from engine.core.conditions import Condition
from engine.core.directory import Scope
from engine.store.conditions import answered, column_of
from engine.store.parts import Run
from engine.store.queries import visible
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
        rows = self._run(select(*by, func.count()).where(visible(scope), answered(wanted)).group_by(*by))
        return {(region, industry): int(count) for region, industry, count in rows}

    def months(self, scope: Scope, wanted: Condition, column: str, bounds: Sequence[int]) -> list[int]:
        """How many cases have that date (opened, closed, due) in each interval [bound, next bound).

        One count a month, so that each follows a range of an index.
        """
        date = column_of(column)
        ended = [CLOSED] if column == "closed" else []
        seen = (visible(scope), answered(wanted), *ended)
        counts = [
            select(func.count()).where(*seen, date >= least, date < before).scalar_subquery()
            for least, before in pairwise(bounds)
        ]
        return [int(count) for count in self._run(select(*counts)).one()] if counts else []
