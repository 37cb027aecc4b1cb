"""What one box finds: cases by number and by words of their title, each as far as the actor may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, or_, select

from engine.core.directory import Scope
from engine.store.parts import Run
from engine.store.queries import case_view, plain, under, visible
from engine.store.records import CLAIMED, RegisterRow
from engine.store.schema import CASES, case_value, stream
from engine.store.schema.base import fixed
from engine.store.views import CaseView

#: Words are looked for in so many of the latest cases of the place, of which the actor sees some: however large the
#: record, an answer takes as long as reading these. Further back lead registers, whose filters follow an index.
MOST_LOOKED_AT = 10_000
#: Condition of the index by number, for queries that are to follow it.
_NUMBERED = stream.c.number != fixed("")
_HEAD = [stream.c.id, stream.c.seq, *(stream.c[name] for name in RegisterRow.__struct_fields__)]


class Finding:
    """Queries of the search; `procedures` are those of the place, for numbers stand in an index by procedure."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def numbered(self, scope: Scope, exact: Iterable[str], procedures: Sequence[str], *, limit: int) -> list[CaseView]:
        """Cases that bear one of these numbers."""
        numbers = [plain(number, "q") for number in exact]
        wanted = and_(_NUMBERED, stream.c.procedure.in_(procedures), stream.c.number.in_(numbers))
        rows = self._run(select(*_HEAD).where(visible(scope), wanted).order_by(stream.c.number.desc()).limit(limit))
        return [case_view(row) for row in rows]

    def claimed(self, scope: Scope, number: str, *, limit: int) -> list[CaseView]:
        """Cases that bore this number in the record they were taken over from."""
        mine = select(case_value.c.case).where(case_value.c.field == CLAIMED, case_value.c.value == plain(number, "q"))
        found = select(*_HEAD).where(visible(scope), stream.c.id.in_(mine)).order_by(stream.c.opened_at.desc())
        return [case_view(row) for row in self._run(found.limit(limit))]

    def beginning(self, scope: Scope, text: str, procedures: Sequence[str], *, limit: int) -> list[CaseView]:
        """Cases whose number begins with the text, the latest number first."""
        plain(text, "q")
        ranges = [and_(stream.c.procedure == name, under(stream.c.number, text)) for name in procedures]
        if not ranges or not text:
            return []
        found = select(*_HEAD).where(visible(scope), _NUMBERED, or_(*ranges)).order_by(stream.c.number.desc())
        rows = self._run(found.limit(limit))
        return [case_view(row) for row in rows]

    def titled(self, scope: Scope, words: Sequence[str], *, limit: int) -> list[CaseView]:
        """Of the latest cases of the place those that the actor may see and whose title holds every word."""
        if not words:
            return []
        late_first = (stream.c.opened_at.desc(), stream.c.id.desc())
        latest = select(stream.c.id).where(CASES).order_by(*late_first).limit(MOST_LOOKED_AT).subquery()
        holding = [stream.c.title.contains(plain(word, "q"), autoescape=True) for word in words]
        found = select(*_HEAD).join(latest, CASES & (stream.c.id == latest.c.id)).where(visible(scope), *holding)
        return [case_view(row) for row in self._run(found.order_by(*late_first).limit(limit))]
