"""Who knew of a hidden case before it was opened: told plainly, so that it can be shown that nobody else did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.runtime.reading import SeenCase
from web.catalogues import say, tell_instant
from web.pages.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class KnownLine:
    """One person, how they came to know, and when."""

    name: str
    how: str
    at: str


@dataclass(frozen=True, kw_only=True)
class BeforeView:
    """The time while a case was hidden, and who knew of it then."""

    sealed: str
    #: "" = it is still hidden
    opened: str
    known: tuple[KnownLine, ...]
    hidden_from: tuple[str, ...]
    leaked: tuple[KnownLine, ...]


def before_of(visitor: Visitor, seen: SeenCase) -> BeforeView | None:
    """The view, None for a case that was never hidden."""
    reader = visitor.services.reader
    before = reader.told_before_opening(visitor.person, seen.case.id)
    if before.sealed_at is None:
        return None
    names = reader.names((*before.persons, *before.hidden_from))

    def at(instant: datetime | None) -> str:
        return tell_instant(instant, seen.calendar.zone, visitor.now) if instant else ""

    def line(person: str, how: str, when: datetime) -> KnownLine:
        return KnownLine(name=names.get(person, person), how=say(f"value.known.{how}"), at=at(when))

    return BeforeView(
        sealed=at(before.sealed_at),
        opened=at(before.opened_at),
        known=tuple(line(one.person, one.how, one.at) for one in before.told),
        hidden_from=tuple(names.get(person, person) for person in before.hidden_from),
        leaked=tuple(line(one.person, one.how, one.at) for one in before.leaked),
    )
