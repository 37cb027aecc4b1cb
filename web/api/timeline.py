"""What happened in a case, entry by entry: decoded events, both times, who acted and who typed."""

from __future__ import annotations

from datetime import datetime

from engine.audit.entry import parse_entry
from engine.runtime.personal import personal_fields
from engine.runtime.reading import SeenCase
from engine.store.views import EntryView, Page
from web.api import shown
from web.api.telling import event_data
from web.api.telling_people import person_ref
from web.catalogues import Titles, titles_of
from web.timeline import Names, ToldEntry, tell_entries, with_names


def entries_out(page: Page[EntryView], seen: SeenCase, names: Names) -> shown.EntryPage:
    """A page of entries, with the names of everybody in them."""
    entries = [parse_entry(view.body) for view in page.items]
    titles = with_names(titles_of(seen.machine, persons=seen.names), entries, names)
    protected = personal_fields(seen.machine)
    told = zip(page.items, tell_entries(entries, titles), strict=True)
    items = [_entry_out(view, one, titles, protected) for view, one in told]
    return shown.EntryPage(items=items, after=page.after)


def _entry_out(view: EntryView, told: ToldEntry, titles: Titles, protected: frozenset[str]) -> shown.EntryOut:
    entry = told.entry
    events = [
        shown.EventOut(type=str(plain["type"]), v=int(plain["v"]), data=event_data(event, protected), told=sentence)
        for event, plain, sentence in zip(told.events, entry.events, told.sentences, strict=True)
    ]
    return shown.EntryOut(
        seq=view.seq,
        command=view.command_id,
        leaf=view.leaf.hex(),
        acted_by=person_ref(entry.acted_by, titles),
        entered_by=person_ref(entry.entered_by, titles),
        occurred_at=datetime.fromisoformat(entry.occurred_at),
        recorded_at=datetime.fromisoformat(entry.recorded_at),
        late_entry=entry.late,
        medium=entry.medium,
        caused_by=entry.caused_by,
        events=events,
        told=told.line,
    )
