"""What a world in memory keeps and finds again: entries, messages, files, former cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from engine.core import event as ev
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.command import SYSTEM, AnyAct, Command, EvidenceRef, Stream
from engine.core.facts import KnownCase, Same
from engine.core.fold import Head

_MEDIA_TYPES = {"photo": "image/jpeg", "scan": "application/pdf", "file": "application/pdf"}


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: the command, what it was written under, and what came of it."""

    command: Command
    head: Head
    events: tuple[ev.AnyEvent, ...]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a case put into the outbox."""

    case: str
    at: datetime
    message: ev.MessageQueued


def stored_file(kind: str, field: str, number: int) -> EvidenceRef:
    """A file of a kind, for a field or none; another number is another file."""
    digest = sha256(f"{kind} {number}".encode()).hexdigest()
    return EvidenceRef(sha256=digest, kind=kind, size=1, media_type=_MEDIA_TYPES.get(kind, "image/png"), field=field)


def former_cases(cases: Mapping[str, Case], same: Same, calendar: Calendar) -> tuple[str, ...]:
    """Ended cases that were the same, latest closing first."""
    since = calendar.instant(same.closed_since)
    found = [
        (case.closed_at, name)
        for name, case in cases.items()
        if case.procedure == same.procedure and case.closed_at is not None and case.closed_at >= since
        if all(case.fields.get(field) == value for field, value in same.values.items())
    ]
    return tuple(name for _, name in sorted(found, reverse=True))


def known_cases(cases: Mapping[str, Case], wanted: Iterable[str]) -> dict[str, KnownCase]:
    """What is known of cases that a command names."""
    return {
        name: KnownCase(
            procedure=case.procedure,
            number=case.number,
            region=case.region,
            unit=case.unit,
            holders=tuple(person for task in case.tasks for person in task.holder.persons),
            sealed=case.sealed,
        )
        for name in wanted
        if (case := cases.get(name)) is not None
    }


def timed(name: str, case: str, act: AnyAct, now: datetime) -> Command:
    """What the clock asks of a case, as a command of that id."""
    return Command(
        id=name,
        stream=Stream(kind="case", id=case),
        act=act,
        acted_by=SYSTEM,
        entered_by=SYSTEM,
        occurred_at=now,
        recorded_at=now,
        medium="timer",
    )
