"""Channels, addresses and an outbox to look into, for tests of what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from engine.core.budget import Rules
from engine.core.ports import Message, Messenger, Sent
from engine.runtime.projection import from_micros
from engine.runtime.texts import Texts
from engine.runtime.worker import Worker
from engine.runtime.writer import DirectDoor
from engine.store.schema import incident, message
from tests.districts import District, SeededDice

Ways = tuple[str, ...]
RETRY = Sent(outcome="retry", reason="450 later")


class Post:
    """A channel that answers as it was told to, then always that it sent."""

    def __init__(self, *answers: Sent, idempotent: bool = False, channel: str = "mail") -> None:
        self.channel = channel
        self.idempotent = idempotent
        self.sent: list[Message] = []
        self.during: Callable[[], None] = lambda: None
        self._answers = list(answers)

    def send(self, message: Message) -> Sent:
        """See Messenger."""
        self.sent.append(message)
        self.during()
        return self._answers.pop(0) if self._answers else Sent(outcome="sent", receipt="taken")


class Broken(Post):
    """A channel with a bug."""

    def send(self, message: Message) -> Sent:
        """See Messenger."""
        raise RuntimeError("a bug")


class Book:
    """Addresses of everybody but those left out."""

    def __init__(self, *without: str, ways: tuple[str, ...] = ("mail",)) -> None:
        self._without = without
        self._ways = ways

    def of(self, person: str) -> Mapping[str, str]:
        """See Addresses."""
        reached = dict.fromkeys(self._ways, f"{person}@example.org")
        return {} if person in self._without else {**reached, "inapp": person}


def worker(
    district: District, *posts: Messenger, book: Book | None = None, rules: Rules | None = None, ways: Ways = ("mail",)
) -> Worker:
    """A worker of its own with these channels, by which everybody can be reached in these ways."""
    service = district.another_service(SeededDice("worker"))
    texts = Texts(store=district.store, catalog=district.catalog, clock=district.clock)
    book = book or Book(ways=ways)
    return Worker(door=DirectDoor(lambda: service), texts=texts, messengers=posts, addresses=book, rules=rules)


def queue(district: District, *names: str) -> None:
    """Cases whose confirmation told the principal of the unit, wang."""
    for name in names:
        district.do(district.start(name, subject=f"事项{name}", place="P1" if name == "A" else ""))
        district.do(district.confirm(name))


def outbox(district: District) -> list[tuple[str, int, str, str]]:
    """Status, attempts, channel and reason of all messages, in the order of their keys."""
    with district.store.session() as session:
        rows = session.run(select(message).order_by(message.c.key))
        return [(row.status, row.attempts, row.channel, row.reason) for row in rows]


def next_at(district: District) -> timedelta:
    """How long the only message waits until it is tried again."""
    with district.store.session() as session:
        (at,) = session.run(select(message.c.next_at)).scalars()
    return from_micros(at) - district.clock.now()


def incidents(district: District) -> list[tuple[str, str]]:
    """Codes and commands of open incidents."""
    with district.store.session() as session:
        return [(row.code, row.command) for row in session.run(select(incident).order_by(incident.c.id))]
