"""What happened in a case, entry by entry: decoded events, both times, who acted and who typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from engine.audit.entry import Entry, parse_entry
from engine.core import event as ev
from engine.core.upcast import decode_events
from engine.runtime.personal import personal_fields
from engine.runtime.reading import SeenCase
from engine.store.views import EntryView, Page
from web.api import shown
from web.api.telling import event_data, person_ref
from web.catalogues import Titles, tell_entry, tell_event, titles_of

Names = Callable[[Iterable[str]], Mapping[str, str]]


def entries_out(page: Page[EntryView], seen: SeenCase, names: Names) -> shown.EntryPage:
    """A page of entries, with the names of everybody in them."""
    read = [(view, entry, decode_events(entry.events)) for view, entry in _parsed(page)]
    persons = {person for _, entry, events in read for person in _persons_in(entry, events)}
    titles = titles_of(seen.machine, persons={**names(sorted(persons - set(seen.names))), **seen.names})
    protected = personal_fields(seen.machine)
    items = [_entry_out(view, entry, events, titles, protected) for view, entry, events in read]
    return shown.EntryPage(items=items, after=page.after)


def _parsed(page: Page[EntryView]) -> Iterator[tuple[EntryView, Entry]]:
    for view in page.items:
        yield view, parse_entry(view.body)


def _persons_in(entry: Entry, events: Iterable[ev.AnyEvent]) -> Iterator[str]:
    yield from (entry.acted_by, entry.entered_by)
    for event in events:
        match event:
            case ev.TaskOpened():
                yield from event.holder.persons
                if event.asked:
                    yield event.asked.by
            case ev.TaskRead():
                yield event.person
            case ev.MessageQueued():
                yield event.to
            case _:
                pass


def _entry_out(
    view: EntryView, entry: Entry, events: list[ev.AnyEvent], titles: Titles, protected: frozenset[str]
) -> shown.EntryOut:
    told = [
        shown.EventOut(
            type=str(plain["type"]),
            v=int(plain["v"]),
            data=event_data(event, protected),
            told=tell_event(event, titles, person=entry.acted_by),
        )
        for event, plain in zip(events, entry.events, strict=True)
    ]
    happened, recorded = datetime.fromisoformat(entry.occurred_at), datetime.fromisoformat(entry.recorded_at)
    other = entry.entered_by if entry.entered_by != entry.acted_by else ""
    line = tell_entry(
        [event.told for event in told],
        happened,
        recorded,
        late=entry.late,
        entered_by=titles.persons.get(other, other),
    )
    return shown.EntryOut(
        seq=view.seq,
        command=view.command_id,
        leaf=view.leaf.hex(),
        acted_by=person_ref(entry.acted_by, titles),
        entered_by=person_ref(entry.entered_by, titles),
        occurred_at=happened,
        recorded_at=recorded,
        late_entry=entry.late,
        medium=entry.medium,
        caused_by=entry.caused_by,
        events=told,
        told=line,
    )
