"""Who held what at an instant of the past, as far as its reader may see the cases."""

from __future__ import annotations

from sqlalchemy import func, select

from engine.core.directory import Scope
from engine.store.parts import Run
from engine.store.queries import visible
from engine.store.records import Row
from engine.store.schema import held, stream


class HeldView(Row, frozen=True, kw_only=True):
    """A task that a person held at an instant: since when, and since when that is recorded."""

    person: str
    case: str
    task: int
    kind: str
    state: str
    since: int
    recorded_at: int
    number: str
    title: str
    procedure: str


class HeldStore:
    """Questions of the past; instants are microseconds UTC since 1970."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def by_person(
        self, scope: Scope, person: str, at: int, *, known_at: int | None = None, limit: int = 200
    ) -> list[HeldView]:
        """What a person held at an instant, as recorded by `known_at` (by default now), the longest held first."""
        wanted = [held.c.person == person, held.c.at <= at]
        if known_at is not None:
            wanted.append(held.c.recorded_at <= known_at)
        standing = (
            select(
                held.c.case,
                held.c.task,
                func.max(held.c.kind).label("kind"),
                func.max(held.c.state).label("state"),
                func.max(held.c.at).label("since"),
                func.max(held.c.recorded_at).label("recorded_at"),
            )
            .where(*wanted)
            .group_by(held.c.case, held.c.task)
            .having(func.sum(held.c.change) > 0)
            .subquery()
        )
        found = (
            select(standing, stream.c.number, stream.c.title, stream.c.procedure)
            .join(stream, (stream.c.kind == "case") & (stream.c.id == standing.c.case))
            .where(visible(scope))
            .order_by(standing.c.since, standing.c.case, standing.c.task)
            .limit(limit)
        )
        return [
            HeldView(
                person=person,
                case=row.case,
                task=int(row.task),
                kind=row.kind,
                state=row.state,
                since=int(row.since),
                recorded_at=int(row.recorded_at),
                number=row.number,
                title=row.title,
                procedure=row.procedure,
            )
            for row in self._run(found)
        ]
