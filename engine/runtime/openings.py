"""Looking at hidden cases: no look without a record of it, and who knew of one before its opening."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from engine.audit.entry import parse_entry
from engine.core.case import Case
from engine.core.command import SYSTEM, Request, SeeCase, Stream
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.seals import BeforeOpening, Recorded, hidden_units, may_see, told_before_opening
from engine.core.upcast import decode_events
from engine.errors import NotFound, NotPermitted
from engine.runtime.looking import Looking
from engine.runtime.replay import bytes_of
from engine.store.reader import Reader

#: Hands a request to the one door and waits.
Note = Callable[[Request], object]


class Openings(Looking):
    """Reads of single cases, hidden ones among them; `note` hands a first look to the one door."""

    def __init__(self, *, note: Note | None = None, **read_from: Any) -> None:
        super().__init__(**read_from)
        self._note = note

    def _is_first_look(self, machine: Machine, case: Case, facts: Facts, person: str) -> bool:
        """Whether a person who may see a hidden case has not yet looked at it; NotFound if they may not.

        The engine itself is nobody whose look could be recorded: whoever reads in its name must say who they are.
        """
        if not case.sealed:
            return False
        if person == SYSTEM:
            raise NotPermitted("look_not_recorded")
        if not may_see(machine, case, facts, person, self.today()):
            raise NotFound("case_not_found")
        return person not in case.seen

    def _note_look(self, person: str, case: str) -> None:
        """Record a first look before anything is shown."""
        if self._note is None:
            raise NotPermitted("look_not_recorded")
        stream = Stream("case", case)
        # One id for each person and case: a repeat, also of two pages at once, is the same look.
        self._note(Request(id=f"see:{case}:{person}", stream=stream, act=SeeCase(), acted_by=person, medium="web"))

    def _before_opening(self, reader: Reader, machine: Machine, case: Case) -> BeforeOpening:
        entries = tuple(_recorded(reader, case.id))
        alone = told_before_opening(entries)
        if alone.sealed_at is None:
            return alone
        calendar = self._catalog.calendar(machine)
        first = calendar.local_day(alone.sealed_at)
        last = calendar.local_day(alone.opened_at) if alone.opened_at else self.today()
        return told_before_opening(entries, self._within(reader, machine, case, first, last))

    def _within(self, reader: Reader, machine: Machine, case: Case, first: date, last: date) -> tuple[str, ...]:
        directory = self._present(reader)
        units = hidden_units(machine, case)
        return tuple(person for unit in units for person in directory.ever_within(unit, first, last))


def _recorded(reader: Reader, case: str) -> Iterator[Recorded]:
    for data in bytes_of(reader.record, Stream("case", case)):
        entry = parse_entry(data)
        yield Recorded(
            seq=entry.seq,
            acted_by=entry.acted_by,
            entered_by=entry.entered_by,
            occurred_at=datetime.fromisoformat(entry.occurred_at),
            recorded_at=datetime.fromisoformat(entry.recorded_at),
            events=tuple(decode_events(entry.events)),
        )
