"""Cases that are hidden until they are opened: who may see one, whom it tells nothing, who knew of it before.

Hidden is what nobody may learn by any way of the engine: no message, task, signal or link reaches the persons of the
units it is hidden from, and to everybody but those it is entrusted to there is no such case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core import parties
from engine.core.case import Case
from engine.core.definition import SealSpec
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.errors import Broken

How = Literal["created", "held", "saw", "acted", "sent"]


def seal_of(machine: Machine) -> SealSpec | None:
    """How cases of a procedure are hidden; None = they are not."""
    return machine.procedure.sealed


# who may know ------------------------------------------------------------------------------------------------------


def hidden_units(machine: Machine, case: Case) -> tuple[str, ...]:
    """The units from which a case of this procedure is hidden."""
    seal = seal_of(machine)
    fields = [machine.parties[name].field for name in seal.hidden_from] if seal else []
    return tuple(unit for field in fields if isinstance(unit := case.fields.get(field), str) and unit)


def is_hidden_from(machine: Machine, case: Case, facts: Facts, person: str, day: date) -> bool:
    """Whether a person belongs to a unit from which the case is hidden."""
    return any(person in facts.directory.within(unit, day) for unit in hidden_units(machine, case))


def may_see(machine: Machine, case: Case, facts: Facts, person: str, day: date) -> bool:
    """Whether a case, hidden or not any more, is there at all for a person: entrusted to them, and not hidden from."""
    if not case.sealed or person == cmd.SYSTEM:
        return True
    if is_hidden_from(machine, case, facts, person, day):
        return False
    return person in entrusted(machine, case, facts, day)


def entrusted(machine: Machine, case: Case, facts: Facts, day: date) -> frozenset[str]:
    """Who created it, holds or held a task of it by having acted, or belongs to whom the definition names."""
    seal = seal_of(machine)
    found = {*case.creators, *(one.person for one in case.signed)}
    for task in case.tasks:
        found.update(task.holder.persons)
        found.update(parties.holder_of(machine, case, facts, task, day).persons)
    for name in seal.seen_by if seal else ():
        found.update(parties.resolve(machine, case, facts, name, day).persons)
    return frozenset(found)


def refuse_telling(machine: Machine, case: Case, facts: Facts, event: ev.AnyEvent, day: date) -> None:
    """Broken for what would reach those from whom a case is hidden: a fault of the definition, and a hard stop."""
    match event:
        case ev.MessageQueued(to=person):
            persons: Iterable[str] = (person,)
        case ev.TaskOpened(holder=holder) | ev.HolderChanged(holder=holder):
            persons = holder.persons
        case ev.SignalSent():
            raise Broken("sealed_case_told", case=case.id, to=str(event.to))
        case _:
            return
    for one in persons:
        if is_hidden_from(machine, case, facts, one, day):
            raise Broken("sealed_case_told", case=case.id, to=one)


def masked(case: Case) -> Case:
    """The case as lists and messages may show it: while it is hidden, nothing of whom and where it concerns."""
    return replace(case, unit="", place="", industry="", title="", fields={}) if case.sealed else case


# who knew ----------------------------------------------------------------------------------------------------------


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A person who knew of a case before its opening: since when, how, and by which entry."""

    person: str
    how: How
    at: datetime
    seq: int


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a case, as far as it says who knew what."""

    seq: int
    acted_by: str
    entered_by: str
    occurred_at: datetime
    recorded_at: datetime
    events: tuple[ev.AnyEvent, ...]


class BeforeOpening(msgspec.Struct, frozen=True, kw_only=True):
    """Who knew of a case before it was opened, and whether anybody did from whom it was hidden."""

    #: when it was hidden and when it was opened; None = never, not yet
    sealed_at: datetime | None = None
    opened_at: datetime | None = None
    told: tuple[Told, ...] = ()
    #: persons of the units it was hidden from, in that time
    hidden_from: tuple[str, ...] = ()
    #: those of them who were told
    leaked: tuple[Told, ...] = ()

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody who knew, in the order in which they came to."""
        return tuple(dict.fromkeys(one.person for one in self.told))


def told_before_opening(entries: Iterable[Recorded], hidden_from: Iterable[str] = ()) -> BeforeOpening:
    """Who created, held, saw, acted on or was sent something of a hidden case up to its opening, each way once.

    `hidden_from` are the persons of the units from which it was hidden, on any day of that time.
    """
    told: dict[tuple[str, How], Told] = {}
    sealed_at: datetime | None = None
    opened_at: datetime | None = None
    for entry in entries:
        opening = any(isinstance(event, ev.CaseUnsealed) for event in entry.events)
        if any(isinstance(event, ev.CaseSealed) for event in entry.events):
            sealed_at = entry.recorded_at
        if sealed_at is None:
            continue
        for person, how in _known_by(entry, opening=opening):
            if person != cmd.SYSTEM:
                one = Told(person=person, how=how, at=entry.recorded_at, seq=entry.seq)
                told.setdefault((person, how), one)
        if opening:
            opened_at = entry.occurred_at
            break
    hidden = tuple(sorted(set(hidden_from)))
    leaked = tuple(one for one in told.values() if one.person in hidden)
    return BeforeOpening(
        sealed_at=sealed_at, opened_at=opened_at, told=tuple(told.values()), hidden_from=hidden, leaked=leaked
    )


def _known_by(entry: Recorded, *, opening: bool) -> Iterable[tuple[str, How]]:
    began = any(isinstance(event, ev.CaseOpened) for event in entry.events)
    looked = all(isinstance(event, ev.CaseSeen | ev.TaskRead) for event in entry.events)
    for person in dict.fromkeys((entry.acted_by, entry.entered_by)):
        yield person, "created" if began else "saw" if looked else "acted"
    for event in entry.events:
        match event:
            case ev.CaseUnsealed():
                return
            case ev.TaskOpened() | ev.HolderChanged():
                yield from ((person, "held") for person in event.holder.persons)
            case ev.MessageQueued():
                yield event.to, "sent"
            case _:
                pass
