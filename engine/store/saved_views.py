"""Filters that persons keep under a name; their own convenience, no part of the record."""

from __future__ import annotations

from sqlalchemy import delete, select

from engine.store.parts import Insert, Run
from engine.store.records import Row
from engine.store.schema import saved_view


class SavedView(Row, frozen=True, kw_only=True):
    """One view: what follows ? in the address of its register."""

    name: str
    query: str


class SavedViews:
    """Reads and keeps the views of a person."""

    def __init__(self, run: Run, insert: Insert) -> None:
        self._run = run
        self._insert = insert

    def of(self, person: str, register: str) -> list[SavedView]:
        """The views of a person in one register, by name."""
        mine = (saved_view.c.person == person, saved_view.c.register == register)
        rows = self._run(select(saved_view).where(*mine).order_by(saved_view.c.name))
        return [SavedView(name=row.name, query=bytes(row.query).decode()) for row in rows]

    def put(self, person: str, register: str, view: SavedView, at: int) -> None:
        """Keep a view; one of the same name is replaced."""
        row = {"person": person, "register": register, "name": view.name, "query": view.query.encode(), "saved_at": at}
        kept = self._insert(saved_view).values(row)
        key = [saved_view.c.person, saved_view.c.register, saved_view.c.name]
        told = {"query": kept.excluded.query, "saved_at": kept.excluded.saved_at}
        self._run(kept.on_conflict_do_update(index_elements=key, set_=told))

    def drop(self, person: str, register: str, name: str) -> None:
        """Keep it no longer."""
        mine = (saved_view.c.person == person, saved_view.c.register == register, saved_view.c.name == name)
        self._run(delete(saved_view).where(*mine))
