"""Counts of watches in SQL: cases by their dates, acts by what they were, pictures by their content.

Cases that are hidden lie in no region and are counted nowhere; a scope other than the engine's own leaves out whatever
its actor may not see, from numbers as from the lists behind them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from engine.core.conditions import Condition
from engine.core.definition_watches import Measure
from engine.core.directory import Scope
from engine.core.spans import match_span
from engine.store.conditions import answered
from engine.store.parts import Run
from engine.store.queries import visible
from engine.store.schema import CLOSED, FOREVER, deed, deed_photo, obligation, remembered, stream
from engine.store.schema.base import fixed

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Asked(NamedTuple):
    """A measure in a window [first, before) of microseconds, its condition grounded."""

    measure: Measure
    per: str
    where: Condition
    first: int
    before: int


class Measures:
    """Counts by subject, and the cases behind a count."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def counts(self, scope: Scope, asked: Asked, subjects: Collection[str] | None = None) -> dict[str, int]:
        """Subject -> number; those of whom nothing is counted are missing."""
        source = _Source(scope, asked)
        number = func.count(func.distinct(source.different)) if source.different is not None else func.count()
        statement = source.chosen(select(source.subject.label("subject"), number))
        if subjects is not None:
            statement = statement.where(source.subject.in_(list(subjects)))
        grouped = statement.group_by(literal_column("1") if asked.per == "all" else source.subject)
        return {_text(name): int(count) for name, count in self._run(grouped).all() if _text(name)}

    def cases(self, scope: Scope, asked: Asked, subject: str, *, most: int) -> tuple[list[str], int]:
        """The cases behind a subject's number, the latest first, and how many they are."""
        source = _Source(scope, asked)
        if source.case is None:
            return [], 0
        mine = source.subject == subject
        latest = func.max(source.at).label("latest")
        mine = mine & (source.case != fixed(""))
        listed = source.chosen(select(source.case.label("case"), latest)).where(mine).group_by(source.case)
        rows = self._run(listed.order_by(latest.desc(), source.case).limit(most)).all()
        total = self._run(source.chosen(select(func.count(func.distinct(source.case)))).where(mine)).scalar_one()
        return [str(row.case) for row in rows], int(total)


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)


class _Source:
    """Where a measure looks: what tells the subject, the case, the date, and what is asked of rows."""

    def __init__(self, scope: Scope, asked: Asked) -> None:
        self.measure, self.per = asked.measure, asked.per
        self._asked = asked
        self._seen = (visible(scope), stream.c.region != fixed(""))
        self.case: ColumnElement[Any] | None = stream.c.id
        self.at: ColumnElement[Any] = stream.c.opened_at
        self._rows: Any = stream
        self._wanted: list[ColumnElement[bool]] = []
        getattr(self, f"_{self.measure.source}")()
        self.subject = self._subject()
        self.different = self._different()

    def chosen(self, statement: Select[Any]) -> Select[Any]:
        """The statement over the rows that are counted."""
        return statement.select_from(self._rows).where(*self._wanted)

    def _within(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return [column >= self._asked.first, column < self._asked.before]

    def _cases(self) -> None:
        wanted = [*self._seen, stream.c.procedure == self.measure.procedure, answered(self._asked.where)]
        match self.measure.by:
            case "closed":
                self.at = stream.c.closed_at
                wanted += [CLOSED, *self._within(stream.c.closed_at)]
            case "opened":
                wanted += self._within(stream.c.opened_at)
            case _:
                wanted.append(stream.c.opened_at < self._asked.before)
        self._wanted = wanted

    def _acts(self) -> None:
        one = self.measure
        self._rows = deed.join(stream, (stream.c.kind == fixed("case")) & (stream.c.id == deed.c.case))
        self.case, self.at = deed.c.case, deed.c.at
        wanted = [*self._seen, *self._within(deed.c.at)]
        wanted += [deed.c.procedure == one.procedure] if one.procedure else []
        wanted += [deed.c.action.in_(one.actions)] if one.actions else []
        wanted += [deed.c.late.is_(True)] if one.late else []
        wanted += [deed.c.on_site.is_(False)] if one.remote else []
        if one.within:
            wanted += [deed.c.took >= 0, deed.c.took <= seconds_of(one.within)]
        self._wanted = wanted

    def _photos(self) -> None:
        self._rows = deed_photo.join(stream, (stream.c.kind == fixed("case")) & (stream.c.id == deed_photo.c.case))
        self.case, self.at = deed_photo.c.case, deed_photo.c.at
        # the whole history up to the end: a picture of long ago is what a new one is compared with
        shown = select(deed_photo.c.sha256).where(*self._within(deed_photo.c.at))
        self._wanted = [*self._seen, deed_photo.c.at < self._asked.before, deed_photo.c.sha256.in_(shown)]

    def _accounts(self) -> None:
        self._rows, self.case, self.at = remembered, None, remembered.c.signed_in_at
        self._wanted = self._within(remembered.c.signed_in_at)

    def _obligations(self) -> None:
        one = self.measure
        # What is missed is so since it was missed, which may be long after it was due.
        self.at = obligation.c.missed_at if one.status == "missed" else obligation.c.due_at
        self._rows, self.case = obligation, obligation.c.case
        # A moment due at the end of a day is the first of the next: the window's own end is in it, its beginning not.
        wanted = [self.at > self._asked.first, self.at <= self._asked.before]
        wanted += [obligation.c.duty == one.procedure] if one.procedure else []
        if one.status in ("late", "missed", "made_up"):
            wanted.append(obligation.c[one.status].is_(True))
        elif one.status:
            wanted.append(obligation.c.status == one.status)
        self._wanted = wanted

    def _subject(self) -> ColumnElement[Any]:
        match self.per:
            case "all":
                return fixed("*")
            case "person" | "body":
                return (deed_photo if self.measure.source == "photos" else deed).c[self.per]
            case "photo":
                return deed_photo.c.sha256
            case "device":
                return remembered.c.device
            case _ if self.measure.source == "obligations":
                return obligation.c[self.per]
            case _:
                return stream.c[self.per]

    def _different(self) -> ColumnElement[Any] | None:
        rows = deed_photo if self.measure.source == "photos" else deed
        match self.measure.distinct:
            case "case":
                return rows.c.case
            case "person":
                return rows.c.person
            case "unit":
                return stream.c.unit
            case _:
                return None


def seconds_of(span: str) -> int:
    """Seconds of a span of minutes, hours or days."""
    found = match_span(span)
    if found is None or found.unit not in _SECONDS:
        return 0
    return found.amount * _SECONDS[found.unit]


__all__ = ["FOREVER", "Asked", "Measures", "seconds_of"]
