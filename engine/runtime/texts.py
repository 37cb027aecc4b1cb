"""Messages from their templates: {placeholders} filled with texts from a flat list of names, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec
import structlog

from engine.core.calendar import Calendar
from engine.core.case import FOLD_VERSION, Case
from engine.core.command import SYSTEM, Stream
from engine.core.definition import TextSpec
from engine.core.directory import Entity, Scope
from engine.core.expression_types import read_date
from engine.core.machine import Machine
from engine.core.ports import Clock
from engine.core.seals import masked
from engine.runtime.catalog import Catalog
from engine.runtime.digest import MOST_LINES, Digest, Line, TellDigest, matters_of, plainly
from engine.runtime.duty_texts import duty_letter
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.store.digests import DIGEST, Member
from engine.store.reader import Reader
from engine.store.store import Store
from engine.store.views import ClaimedMessage

log = structlog.get_logger()

#: A message names only what its text may name, to whomever it was addressed when it was queued.
_EVERYTHING = Scope(person=SYSTEM, everything=True)
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


#: In place of what a message must not say of a case that is hidden.
UNTOLD = "…"


#: Days are written as the language of the texts writes them; by default as ISO does.
TellDay = Callable[[date], str]


#: Subject and body of a message that belongs to no case, from its text and references.
TellPlain = Callable[[str, bytes], tuple[str, str]]


def as_it_stands(text: str, references: bytes) -> tuple[str, str]:
    """A text without any words of its own."""
    return text, text


#: What a text names of its task.
_OF_TASK = frozenset({"due", "holder", "rung"})


class References(msgspec.Struct, frozen=True):
    """What a message refers to besides its case."""

    task: int = 0
    rung: str = ""


class Texts:
    """Renders queued messages at the moment they are sent; nothing personal is ever stored with them."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        clock: Clock,
        tell_day: TellDay = date.isoformat,
        tell_digest: TellDigest = plainly,
        tell_plain: TellPlain = as_it_stands,
    ) -> None:
        self._store = store
        self._tell_day = tell_day
        self._tell_digest = tell_digest
        self._tell_plain = tell_plain
        self._catalog = catalog
        self._clock = clock

    def render(self, claim: ClaimedMessage, *, last: bool = False) -> tuple[str, str]:
        """Subject and body of a message; a text that the procedure does not have shows its number and title.

        `last`: the person gets nothing more today; a digest says so.
        """
        with self._store.read() as reader:
            if claim.stream.kind == DIGEST:
                return self._tell_digest(self._digest(reader, claim, last))
            if claim.stream.kind == "duty":
                letter, names = duty_letter(reader.record, claim.stream, claim.text, claim.references, self._tell_day)
                return fill(letter.subject, names), fill(letter.body, names)
            told = self._told(reader, claim.stream)
        if told is None:
            return self._tell_plain(claim.text, claim.references)
        return written(told, claim.text, read_references(claim.references))

    def _told(self, reader: Reader, stream: Stream) -> Told | None:
        """What texts may tell of a case; None where there is no such case."""
        snapshot = reader.snapshot(_EVERYTHING, stream.id) if stream.kind == "case" else None
        if snapshot is None:
            return None
        data, fold_version = snapshot
        case = read_snapshot(data) if fold_version == FOLD_VERSION else replay(reader.record, stream)
        machine = self._catalog.machine(reader, case.version)
        calendar = self._catalog.calendar(machine)
        today = calendar.local_day(self._clock.now())
        entities = reader.directory.entities("unit", [case.unit], today) if case.unit else {}
        entities |= reader.directory.entities("place", [case.place], today) if case.place else {}
        return Told(
            machine=machine, case=case, calendar=calendar, today=today, entities=entities, tell_day=self._tell_day
        )

    def _digest(self, reader: Reader, claim: ClaimedMessage, last: bool) -> Digest:
        matters = matters_of(reader.digests.members(claim.person, claim.key))
        lines = tuple(self._line(reader, one) for one in matters[:MOST_LINES])
        return Digest(lines=lines, more=len(matters) - len(lines), last=last)

    def _line(self, reader: Reader, member: Member) -> Line:
        """One line of a digest; what cannot be written takes nothing else along."""
        try:
            if member.stream.kind == "duty":
                of, letters = member.stream, member.references
                letter, names = duty_letter(reader.record, of, member.text, letters, self._tell_day)
                return Line(subject=fill(letter.subject, names), due=names["due"])
            told = self._told(reader, member.stream)
            if told is None:
                return Line(subject=self._tell_plain(member.text, member.references)[0])
            names = placeholders(told, references := read_references(member.references))
            subject = fill(text_of(told.machine, member.text).subject, names)
            return Line(subject=subject, due=names["due"] if references.task else "", case=told.case.id)
        except Exception:
            log.exception("message_not_resolved", key=member.key)
            return Line(subject=member.text, case=member.stream.id if member.stream.kind == "case" else "")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a text may tell of."""

    machine: Machine
    case: Case
    calendar: Calendar
    today: date
    #: unit and place of the case, by id
    entities: Mapping[str, Entity]
    #: how a day is written
    tell_day: TellDay = date.isoformat


def read_references(data: bytes) -> References:
    """The references of a queued message."""
    return msgspec.json.decode(data or b"{}", type=References)


def written(told: Told, name: str, references: References) -> tuple[str, str]:
    """Subject and body of the text of that id, filled in."""
    text, names = text_of(told.machine, name), placeholders(told, references)
    return fill(text.subject, names), fill(text.body, names)


def is_over(told: Told, name: str, references: References) -> bool:
    """Whether a text asks for something of a task that is no longer there: filled in now it would ask in vain."""
    text = text_of(told.machine, name)
    named = {found[1] for found in _PLACE.finditer(f"{text.subject} {text.body}")}
    return bool(references.task) and told.case.task(references.task) is None and not named.isdisjoint(_OF_TASK)


def text_of(machine: Machine, name: str) -> TextSpec:
    """The text of that id, or a bare one that names case and title."""
    found = next((text for text in machine.procedure.texts if text.id == name), None)
    return found or TextSpec(id=name, subject="{number} {title}", body="{number} {title}")


def placeholders(told: Told, references: References) -> Mapping[str, str]:
    """What texts may name: of the case, of the task and its rung, and the fields neither personal nor confidential."""
    machine, case = told.machine, masked(told.case)
    task = case.task(references.task)
    states = [machine.states[leaf].title for leaf in case.leaves() if leaf in machine.states]
    ladder = machine.ladders.get(task.ladder) if task else None
    rung = next((one.title for one in ladder.rungs if one.id == references.rung), "") if ladder else ""
    names = {
        "number": case.number,
        "title": case.title,
        "procedure": machine.procedure.title,
        "state": ", ".join(states),
        "due": told.tell_day(task.deadline.derivation.due_on) if task and task.deadline else "",
        "holder": _party_title(machine, task.holder.party) if task else "",
        "rung": rung,
        "today": told.tell_day(told.today),
        **_issued(told, references),
    }
    for name, spec in machine.fields.items():
        value = case.fields.get(name)
        if spec.personal or spec.confidential or not isinstance(value, str | int):
            continue
        if (entity := told.entities.get(str(value))) is not None and spec.kind in ("unit", "place"):
            names.setdefault(name, entity.title)
            names.update({f"{name}.{key}": str(entity.get(key) or "") for key in ("id", "title")})
        elif spec.kind == "date" and (day := read_date(str(value))) is not None:
            names.setdefault(name, told.tell_day(day))
        else:
            names.setdefault(name, spec.choices.get(str(value), str(value)))
    return names if not case.sealed else {**dict.fromkeys(machine.fields, UNTOLD), **names, "title": UNTOLD}


def _issued(told: Told, references: References) -> dict[str, str]:
    """Number and day of what was issued last because of that task and rung."""
    found = [one for one in told.case.issued if (one.of, one.rung) == (references.task, references.rung)]
    if not found:
        return {"document_number": "", "document_date": ""}
    day = told.calendar.local_day(found[-1].at)
    return {"document_number": found[-1].number, "document_date": told.tell_day(day)}


def _party_title(machine: Machine, reference: str) -> str:
    """What a party is called; of a role within a unit, what the party is called."""
    party = machine.parties.get(reference.partition(".")[0])
    return party.title if party else reference


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with its {placeholders} replaced; an unknown one stays as it is written."""
    return _PLACE.sub(lambda found: names.get(found[1], found[0]), text)
