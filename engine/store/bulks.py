"""Bulk operations: frozen items, claimed in order, each with its result; resumable after any stop."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Select, func, insert, select, update

from engine.store.parts import Run
from engine.store.records import BulkItemRow
from engine.store.schema import PENDING, bulk, bulk_item
from engine.store.views import BulkRow

_PIECE = 1000


class Bulks:
    """Opens, works off, stops and closes bulk operations."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def open(self, row: BulkRow, items: Iterable[BulkItemRow]) -> None:
        """Freeze an operation and its items; from then on they never change, only get results."""
        named = ("id", "purpose", "person", "digest", "items", "opened_at", "status")
        self._run(insert(bulk).values({name: getattr(row, name) for name in named}))
        waiting = iter(items)
        while piece := list(islice(waiting, _PIECE)):
            told = [{name: getattr(item, name) for name in item.__struct_fields__} for item in piece]
            self._run(insert(bulk_item), told)

    def claim(self, bulk_id: str, limit: int) -> list[BulkItemRow]:
        """The next pending items of an open operation.

        Not locked: two runs of one operation may hold the same item, whose command is carried out once and answers
        both. A run that skipped what another had locked would see none left, and end with items undone.
        """
        statement = (
            select(bulk_item)
            .join(bulk, bulk.c.id == bulk_item.c.bulk)
            .where(bulk_item.c.bulk == bulk_id, PENDING, bulk.c.status == "open")
            .order_by(bulk_item.c.n)
            .limit(limit)
        )
        return [BulkItemRow(**row._mapping) for row in self._run(statement)]

    def record(self, bulk_id: str, n: int, status: str, result: bytes) -> bool:
        """Record an item's result: done, failed or skipped; False if it had one."""
        pending = (bulk_item.c.bulk == bulk_id) & (bulk_item.c.n == n) & (bulk_item.c.status == "pending")
        return self._run(update(bulk_item).where(pending).values(status=status, result=result)).rowcount == 1

    def set_status(self, bulk_id: str, status: str) -> bool:
        """Stop (stopped), continue (open) or close (closed) an operation; a closed one stays so."""
        live = (bulk.c.id == bulk_id) & (bulk.c.status != "closed")
        return self._run(update(bulk).where(live).values(status=status)).rowcount == 1

    def get(self, bulk_id: str) -> BulkRow | None:
        """An operation and how far it is."""
        row = self._run(progress().where(bulk.c.id == bulk_id)).one_or_none()
        return BulkRow(**row._mapping) if row else None

    def unfinished(self) -> list[str]:
        """Ids of open operations, the oldest first."""
        statement = select(bulk.c.id).where(bulk.c.status == "open").order_by(bulk.c.opened_at, bulk.c.id)
        return [row.id for row in self._run(statement)]

    def items(self, bulk_id: str, *, after: int = -1, limit: int = 500, status: str = "") -> list[BulkItemRow]:
        """Items with their results, in order, after number `after`."""
        statement = select(bulk_item).where(bulk_item.c.bulk == bulk_id, bulk_item.c.n > after)
        if status:
            statement = statement.where(bulk_item.c.status == status)
        return [BulkItemRow(**row._mapping) for row in self._run(statement.order_by(bulk_item.c.n).limit(limit))]


def progress() -> Select[tuple[object, ...]]:
    """Operations with their counts of results."""

    def count(status: str) -> object:
        ended = (bulk_item.c.bulk == bulk.c.id) & (bulk_item.c.status == status)
        return select(func.count()).select_from(bulk_item).where(ended).scalar_subquery().label(status)

    return select(bulk, count("done"), count("failed"), count("skipped"))  # type: ignore[call-overload,no-any-return]
