"""Reading for whoever operates the installation on its own machine: as the engine itself they see everything."""

from __future__ import annotations

from collections.abc import Iterator

from engine.audit.entry import Entry, parse_entry
from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.runtime.reading import PageAsk, Reading
from engine.store.queries import CaseFilter, Sort
from engine.store.reader import Reader
from engine.store.views import CaseView

_PAGE = 500


class Operating(Reading):
    """Reads as a person sees, or, as the engine itself, without bounds; never handed to the web."""

    def _scope(self, reader: Reader, person: str) -> Scope:
        return Scope(person=SYSTEM, everything=True) if person == SYSTEM else super()._scope(reader, person)

    def every(self, person: str, wanted: CaseFilter, *, sort: Sort = "due_at") -> Iterator[CaseView]:
        """All cases of a filter, page by page, in the order of a column."""
        after = ""
        while True:
            page = self.cases(person, wanted, PageAsk(limit=_PAGE, after=after), sort=sort, down=False)
            yield from page.items
            if not page.after:
                return
            after = page.after

    def whole(self, person: str, case: str) -> Iterator[Entry]:
        """All entries of a case, in order."""
        after = ""
        while True:
            page = self.entries(person, case, PageAsk(limit=_PAGE, after=after))
            for view in page.items:
                yield parse_entry(view.body)
            if not page.after:
                return
            after = page.after
