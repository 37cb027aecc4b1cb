"""The timeline of a case in sentences: entry by entry, both times, everybody by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit.entry import Entry
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.upcast import decode_events
from web.catalogues import Titles, tell_entry, tell_event
from web.catalogues.told_events import tell_messages, tell_task

Names = Callable[[Iterable[str]], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class ToldEntry:
    """One entry in sentences."""

    entry: Entry
    events: list[ev.AnyEvent]
    #: one sentence for each event
    sentences: list[str]
    #: the whole entry in one line
    line: str


def with_names(titles: Titles, entries: Iterable[Entry], names: Names) -> Titles:
    """The titles, with the names of everybody in the entries."""
    persons = {person for entry in entries for person in _persons_in(entry, decode_events(entry.events))}
    return replace(titles, persons={**names(sorted(persons - set(titles.persons))), **titles.persons})


def tell_entries(entries: Iterable[Entry], titles: Titles) -> list[ToldEntry]:
    """Entries in order; from the first entry on tasks are called by what they are, else by their number."""
    tasks, voices = dict(titles.tasks), dict(titles.voices)
    known = replace(titles, tasks=tasks, voices=voices)
    return [_told(entry, decode_events(entry.events), known, tasks, voices) for entry in entries]


def _persons_in(entry: Entry, events: Iterable[ev.AnyEvent]) -> Iterator[str]:
    yield from (entry.acted_by, entry.entered_by)
    for event in events:
        match event:
            case ev.TaskOpened():
                yield from event.holder.persons
                if event.asked:
                    yield event.asked.by
            case ev.TaskRead() | ev.RoleGranted() | ev.CaseSeen():
                yield event.person
            case ev.PartySigned() if event.person:
                yield event.person
            case ev.MessageQueued():
                yield event.to
            case _:
                yield from _of_people(event)


def _of_people(event: ev.AnyEvent) -> Iterator[str]:
    match event:
        case ev.HolderChanged():
            yield from event.holder.persons
        case ev.PartyAssigned():
            yield from (one for one in (event.assigned.person, event.assigned.by) if one)
        case ev.PersonRecused() | ev.CopyRead() | ev.GuestInvited() | ev.GuestEnded():
            yield event.person
        case ev.CaseCopied():
            yield from event.to
        case ev.RoundOpened() | ev.VoicesChanged():
            yield from (one for voice in event.voices for one in (voice.person, voice.answered_by) if one)
        case ev.ActedFor():
            yield from event.persons
        case _:
            pass


def tell_events(events: list[ev.AnyEvent], titles: Titles, tasks: dict[int, str]) -> list[str]:
    """The sentences of one entry of a case that nobody wrote, messages in a row as one; `tasks` hears of new ones."""
    sentences = []
    for event in events:
        if type(event) is ev.TaskOpened:
            tasks[event.task] = tell_task(event, titles)
        sentences.append(tell_event(event, titles))
    return list(_joined(events, sentences, titles))


def _told(
    entry: Entry,
    events: list[ev.AnyEvent],
    titles: Titles,
    tasks: dict[int, str],
    voices: dict[int, tuple[Voice, ...]],
) -> ToldEntry:
    sentences = []
    for event in events:
        if type(event) is ev.TaskOpened:
            tasks[event.task] = tell_task(event, titles)
        sentences.append(tell_event(event, titles, person=entry.acted_by))
        if isinstance(event, ev.RoundOpened | ev.VoicesChanged):
            voices[event.round] = event.voices
    line = tell_entry(
        list(_joined(events, sentences, titles)),
        datetime.fromisoformat(entry.occurred_at),
        datetime.fromisoformat(entry.recorded_at),
        late=entry.late,
        entered_by="" if entry.entered_by == entry.acted_by else titles.persons.get(entry.entered_by, entry.entered_by),
    )
    return ToldEntry(entry=entry, events=events, sentences=sentences, line=line)


def _joined(events: list[ev.AnyEvent], sentences: list[str], titles: Titles) -> Iterator[str]:
    """The sentences of an entry, messages in a row told as one."""
    told: list[str] = []
    for event, sentence in zip(events, sentences, strict=True):
        if type(event) is ev.MessageQueued:
            told.append(event.to)
            continue
        if told:
            yield tell_messages(told, titles)
            told = []
        yield sentence
    if told:
        yield tell_messages(told, titles)
