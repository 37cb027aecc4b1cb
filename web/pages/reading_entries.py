"""All entries of a case, for pages that tell its whole course."""

from __future__ import annotations

from engine.audit.entry import Entry, parse_entry
from engine.runtime.reading import PageAsk
from web.policy import Caller

_PAGE = 200


def all_entries(caller: Caller, case: str) -> list[Entry]:
    """Every entry of a case the caller sees, in order; NotFound if they do not."""
    found: list[Entry] = []
    after = ""
    while True:
        got = caller.services.reader.entries(caller.person, case, PageAsk(after=after, limit=_PAGE))
        found += [parse_entry(view.body) for view in got.items]
        after = got.after
        if not after:
            return found
