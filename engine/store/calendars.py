"""Years of working calendars that officers put in, and open deadlines that may have been counted by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select, tuple_, union, update

from engine.store.parts import Insert, Run, slices
from engine.store.records import Row
from engine.store.schema import FOREVER, calendar_year, entry, task, timer


class CalendarRow(Row, frozen=True, kw_only=True):
    """One version of a year, proposed or in force."""

    id: str
    calendar: str
    year: int
    #: what derivations record: "cn-2027@1"
    version: str
    status: str
    title: str
    source: str
    #: SHA-256 of the body, hex
    digest: str
    body: bytes
    person: str
    proposed_at: int
    #: 0 = only proposed
    published_at: int = 0
    #: its entry in the library
    seq: int = 0
    #: when all deadlines followed it; 0 = not yet
    closed_at: int = 0


class Calendars:
    """Keeps years of calendars and finds what was counted by them."""

    def __init__(self, run: Run, upsert: Insert) -> None:
        self._run = run
        self._insert = upsert

    def propose(self, row: CalendarRow) -> None:
        """Keep a year that may be published; the same one once more changes nothing."""
        told = {name: getattr(row, name) for name in row.__struct_fields__}
        self._run(self._insert(calendar_year).values(told).on_conflict_do_nothing(index_elements=["id"]))

    def publish(self, row_id: str, *, person: str, at: int, seq: int) -> None:
        """Note that a proposed year is in force."""
        mine = update(calendar_year).where(calendar_year.c.id == row_id)
        self._run(mine.values(person=person, published_at=at, seq=seq))

    def close(self, version: str, at: int) -> bool:
        """Note that all deadlines follow that version of a year; False if that was noted before."""
        mine = (calendar_year.c.version == version) & (calendar_year.c.seq > 0)
        open_one = mine & (calendar_year.c.closed_at == 0)
        return self._run(update(calendar_year).where(open_one).values(closed_at=at)).rowcount == 1

    def get(self, row_id: str) -> CalendarRow | None:
        """One version by its id."""
        row = self._run(select(calendar_year).where(calendar_year.c.id == row_id)).one_or_none()
        return CalendarRow(**row._mapping) if row else None

    def every(self) -> list[CalendarRow]:
        """All versions, the latest published first, those only proposed before them."""
        order = (calendar_year.c.seq == 0, calendar_year.c.seq, calendar_year.c.proposed_at, calendar_year.c.id)
        rows = self._run(select(calendar_year).order_by(*order)).all()
        return [CalendarRow(**row._mapping) for row in reversed(rows)]

    def published(self) -> list[CalendarRow]:
        """Versions that were put in force, in that order."""
        mine = select(calendar_year).where(calendar_year.c.seq > 0).order_by(calendar_year.c.seq)
        return [CalendarRow(**row._mapping) for row in self._run(mine)]

    def last_seq(self) -> int:
        """The entry by which the calendars last changed; 0 = they never did."""
        return int(self._run(select(func.max(calendar_year.c.seq))).scalar_one() or 0)

    # deadlines --------------------------------------------------------------------------------------------------

    def open_deadlines(self) -> int:
        """How many open tasks have a deadline."""
        dated = select(task.c.case, task.c.task).where(task.c.due_at < FOREVER).distinct().subquery()
        return int(self._run(select(func.count()).select_from(dated)).scalar_one())

    def cases_from(self, first: int) -> list[str]:
        """Cases with an open task that is due at that instant or later, or for which something is armed then."""
        due = select(task.c.case).where(task.c.due_at >= first, task.c.due_at < FOREVER)
        armed = select(timer.c.id).where(timer.c.kind == "case", timer.c.fire_at >= first)
        return sorted(str(row[0]) for row in self._run(union(due, armed)))

    def entries(self, of: Iterable[tuple[str, int]]) -> dict[str, list[bytes]]:
        """The bytes of entries of cases, each named by case and seq, by case."""
        found: dict[str, list[bytes]] = {}
        for some in slices(of):
            named = (entry.c.kind == "case") & tuple_(entry.c.id, entry.c.seq).in_(some)
            for row in self._run(select(entry.c.id, entry.c.bytes).where(named)):
                found.setdefault(str(row.id), []).append(bytes(row.bytes))
        return found


def in_force(rows: list[CalendarRow]) -> Iterator[CalendarRow]:
    """Of each year of each calendar the version that was put in force last."""
    latest = {(row.calendar, row.year): row for row in rows if row.seq}
    yield from latest.values()
