"""The timeline of a case as its page shows it: who, when it happened and was recorded, what; messages folded; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from engine.audit.entry import Entry
from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.command import EvidenceRef
from engine.store.views import MessageView
from web.catalogues import Titles, say, tell_derivation, tell_instant, tell_value
from web.catalogues.told_events import tell_messages
from web.pages.message_fates import fate_of
from web.pages.visitor import Visitor
from web.timeline import Names, ToldEntry, tell_entries, with_names

#: Nothing was held back.
NO_FATES: Mapping[int, tuple[MessageView, ...]] = {}
#: What people do.
_DEEDS = (
    ev.ActionTaken,
    ev.ApprovalAnswered,
    ev.DraftIssued,
    ev.DraftDeclined,
    ev.HolderChanged,
    ev.HandOverAnswered,
    ev.PartyAssigned,
    ev.PersonRecused,
    ev.TaskUrged,
    ev.CaseCopied,
    ev.CopyRead,
    ev.ActionRecalled,
    ev.VoicesChanged,
    ev.OpinionGiven,
)
#: Events that only say inside what another says outside.
_QUIET = (ev.StateLeft, ev.SignalSent, ev.SignalReceived, ev.FieldsSet)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant in words, and exactly."""

    told: str
    exact: str


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """One entry of the timeline."""

    seq: int
    who: str
    #: whether a person did it, and not the clock
    by_person: bool
    at: Moment
    lines: tuple[str, ...]
    #: what the person did, without what followed; "" = the clock did it
    deed: str
    #: who was told something, in one sentence
    messages: str
    #: when it was recorded, where that was later than it happened
    recorded: Moment | None
    #: who typed it, where that was another
    entered_by: str
    paper: bool
    evidence: tuple[EvidenceRef, ...]
    derivations: tuple[str, ...]
    #: how often the same happened in a row, and since when; this is the last time
    repeats: int = 1
    first_at: Moment | None = None

    @property
    def headline(self) -> str:
        """What the person did, without their name and without what followed."""
        return self._unnamed(self.deed) if self.deed else self.text

    def _unnamed(self, told: str) -> str:
        return told.removeprefix(self.who).removeprefix(say("case_page.said"))

    @property
    def text(self) -> str:
        """All of it in one line, without the name of who did it."""
        told = say("case_page.joint").join(self.lines)
        return self._unnamed(told) if self.by_person else told


def fates_in(visitor: Visitor, case: str) -> Mapping[int, tuple[MessageView, ...]]:
    """Messages of a case that were held back, by entry; the visitor may see the case."""
    desk = visitor.services.message_desk
    found = desk.of_case(case) if desk else []
    return {seq: tuple(views) for seq, views in groupby(found, key=lambda one: one.seq)}


def timeline_of(
    entries: list[Entry],
    titles: Titles,
    names: Names,
    calendar: Calendar,
    now: datetime,
    fates: Mapping[int, tuple[MessageView, ...]] = NO_FATES,
) -> tuple[EntryLine, ...]:
    """All entries of a case from the first on, the latest first; `fates`: by entry, messages that were held back."""
    known = with_names(titles, entries, names)
    told = tell_entries(entries, known)
    return tuple(_folded(_line(one, known, calendar, now, fates.get(one.entry.seq, ())) for one in reversed(told)))


def _folded(lines: Iterable[EntryLine]) -> Iterator[EntryLine]:
    """What the clock did several times in a row is one line: the last time, how often, and since when."""
    held: EntryLine | None = None
    for line in lines:
        if held is not None and not line.by_person and not held.by_person and line.lines == held.lines:
            held = replace(held, repeats=held.repeats + 1, first_at=line.at)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _line(
    told: ToldEntry, titles: Titles, calendar: Calendar, now: datetime, fates: tuple[MessageView, ...]
) -> EntryLine:
    entry = told.entry
    return EntryLine(
        seq=entry.seq,
        who=name_of(entry.acted_by, titles),
        by_person=entry.medium not in ("timer", "signal", "system"),
        at=moment(datetime.fromisoformat(entry.occurred_at), calendar, now),
        lines=tuple(_sentences(told)),
        deed=next(
            (one for event, one in zip(told.events, told.sentences, strict=True) if isinstance(event, _DEEDS)), ""
        ),
        messages=_messages(told, titles, [(one.person, fate_of(one, calendar, now)) for one in fates]),
        recorded=moment(datetime.fromisoformat(entry.recorded_at), calendar, now) if entry.late else None,
        entered_by="" if entry.entered_by == entry.acted_by else name_of(entry.entered_by, titles),
        paper=entry.medium == "paper",
        evidence=tuple(ref for event in told.events for ref in getattr(event, "evidence", ())),
        derivations=tuple(_derivations(told.events, calendar, titles)),
    )


def moment(at: datetime, calendar: Calendar, now: datetime, *, ends_day: bool = False) -> Moment:
    """An instant as people say it, and exactly for who points at it."""
    exact = at.astimezone(calendar.zone).isoformat(sep=" ", timespec="seconds")
    return Moment(told=tell_instant(at, calendar.zone, now, ends_day=ends_day), exact=exact)


def name_of(person: str, titles: Titles) -> str:
    """The name of a person, of the engine, or the id where no name may be known."""
    return titles.persons.get(person) or tell_value("person", person)


def _sentences(told: ToldEntry) -> Iterator[str]:
    answered = set(_answered(told.events))
    spoken = [
        sentence
        for event, sentence in zip(told.events, told.sentences, strict=True)
        if not isinstance(event, (*_QUIET, ev.MessageQueued))
        and not (isinstance(event, ev.TaskEnded) and event.task in answered)
    ]
    yield from spoken or [one for event, one in zip(told.events, told.sentences, strict=True) if _quiet(event)]


def _answered(events: Iterable[ev.AnyEvent]) -> Iterator[int]:
    """Tasks of which another event says already how they ended."""
    for event in events:
        match event:
            case ev.HandOverAnswered(task=task) | ev.OpinionGiven(task=task):
                yield task
            case ev.VoicesChanged(how="answered", voices=voices):
                yield from (one.task for one in voices if one.answer in ("consent", "refuse"))
            case _:
                pass


def _quiet(event: ev.AnyEvent) -> bool:
    return isinstance(event, _QUIET)


def _messages(told: ToldEntry, titles: Titles, fates: Iterable[tuple[str, str]]) -> str:
    """Who was told, and of whom it came later or with others; what became of it is said once for all it became of."""
    people = list(dict.fromkeys(event.to for event in told.events if isinstance(event, ev.MessageQueued)))
    if not people:
        return ""
    by_fate: dict[str, list[str]] = {}
    for person, fate in fates:
        if fate and person in people:
            by_fate.setdefault(fate, []).append(name_of(person, titles))
    joint = say("message_fate.joint")
    return "".join(
        [tell_messages(people, titles)]
        + [say("message_fate.of", who=joint.join(dict.fromkeys(who)), fate=fate) for fate, who in by_fate.items()]
    )


def _derivations(events: Iterable[ev.AnyEvent], calendar: Calendar, titles: Titles) -> Iterator[str]:
    for event in events:
        match event:
            case (
                ev.TaskOpened(deadline=deadline)
                | ev.DeadlineMoved(deadline=deadline)
                | ev.ClockResumed(deadline=deadline)
            ) if deadline is not None:
                yield tell_derivation(deadline.derivation, calendar, titles)
            case ev.DeadlineRedated(deadline=deadline, was=was) if deadline != was:
                before, now = (tell_derivation(one.derivation, calendar, titles) for one in (was, deadline))
                yield say("case_page.worked_twice", before=before, now=now)
            case _:
                pass
