"""What people did, told by the entries of cases alone: folded in the background, at any time anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from engine.audit.entry import Entry, microseconds, parse_entry
from engine.core import event as ev
from engine.core.administration import DIRECTORY
from engine.core.command import Stream
from engine.core.directory import Directory
from engine.core.upcast import decode_events
from engine.runtime.replay import bytes_of
from engine.runtime.service import Service
from engine.store.deeds import TOGETHER
from engine.store.records import DeedRow, PhotoRow

_MICROSECONDS = 1_000_000


def fold_deeds(service: Service, most: int = TOGETHER) -> int:
    """Fold the acts of some cases; how many notes of them are gone, 0 = none is left to do."""
    with service.store.session() as session:
        if not session.deeds.waiting():
            return 0
        cases, notes = session.deeds.claim(most)
        if not notes:
            return 0
        directory = service.directories.at(session, session.record.seq_of(DIRECTORY))
        folded = session.deeds.folded_to(cases)
        deeds: list[DeedRow] = []
        photos: list[PhotoRow] = []
        for case in cases:
            fold = Fold(case, directory, service.catalog.calendar().local_day)
            for data in bytes_of(session.record, Stream("case", case)):
                fold.entry(parse_entry(data))
            after = folded.get(case, 0)
            deeds += [row for row in fold.deeds if row.seq > after]
            photos += [row for row in fold.photos if row.seq > after]
        session.deeds.put(deeds, photos, notes)
        return len(notes)


class Fold:
    """The acts of one case, entry by entry."""

    def __init__(self, case: str, directory: Directory, day_of: Callable[[datetime], date]) -> None:
        self.case = case
        self.deeds: list[DeedRow] = []
        self.photos: list[PhotoRow] = []
        self._directory = directory
        self._day_of = day_of
        self._procedure = ""
        #: state -> when the present stay in it began; task -> its state
        self._entered: dict[str, int] = {}
        self._states: dict[int, str] = {}
        #: approvals and votes that are open: task -> who asked
        self._asked: dict[int, ev.Asked] = {}

    def entry(self, entry: Entry) -> None:
        """Take in the next entry."""
        events = decode_events(entry.events)
        askers = dict(self._askers(events))
        at, n = microseconds(entry.occurred_at), 0
        for event in events:
            match event:
                case ev.CaseOpened():
                    self._procedure = event.procedure
                case ev.StateEntered():
                    self._entered[event.state] = at
                case ev.TaskOpened():
                    self._states[event.task] = event.state
                    if event.asked is not None:
                        self._asked[event.task] = event.asked
                case ev.ActionTaken():
                    person, when = askers.get(event.action, (entry.acted_by, at))
                    self._act(entry, event, n, person, when)
                    n += 1
                case _:
                    pass

    def _askers(self, events: Iterable[ev.AnyEvent]) -> Iterator[tuple[str, tuple[str, int]]]:
        """Action -> who asked for it and when, where this entry is a second person's consent."""
        for event in events:
            if isinstance(event, ev.TaskEnded) and event.how in ("consented", "done"):
                asked = self._asked.get(event.task)
                if asked is not None:
                    yield asked.action, (asked.by, _micros(asked.at))

    def _act(self, entry: Entry, event: ev.ActionTaken, n: int, person: str, at: int) -> None:
        state = self._states.get(event.task, "")
        entered = self._entered.get(state)
        bodies = self._directory.bodies(person, self._day_of(datetime.fromisoformat(entry.occurred_at)))
        self.deeds.append(
            DeedRow(
                case=self.case,
                seq=entry.seq,
                n=n,
                procedure=self._procedure,
                action=event.action,
                state=state,
                person=person,
                body=bodies[0] if bodies else "",
                at=at,
                recorded_at=microseconds(entry.recorded_at),
                late=entry.late,
                on_site=event.on_site,
                medium=entry.medium,
                took=(at - entered) // _MICROSECONDS if entered is not None else -1,
            )
        )
        # what another case handed over with its start was shown there
        if entry.medium != "signal":
            self.photos += [
                PhotoRow(sha256=one.sha256, case=self.case, seq=entry.seq, person=person, at=at)
                for one in event.evidence
                if one.kind == "photo" and not any(row.sha256 == one.sha256 for row in self.photos)
            ]


def _micros(at: datetime) -> int:
    return microseconds(at.isoformat())
