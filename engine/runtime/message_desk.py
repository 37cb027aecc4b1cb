"""What leaves the product for a person, by which rules, and what they chose for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.core.budget import Day, Person, Rules, Wish, heeded, is_quiet, may_choose, next_digest
from engine.errors import BadInput, NotFound
from engine.runtime.catalog import Catalog
from engine.runtime.service import Service
from engine.store.digests import Held
from engine.store.store import Store
from engine.store.views import MessageView


@dataclass(frozen=True, kw_only=True)
class Mine:
    """One person's messages today."""

    day: Day
    wish: Wish
    #: what waits for a digest, and what waits by itself
    held: Held
    #: when the next digest may go
    next_digest: datetime
    #: whether the person is not disturbed now
    quiet: bool


class MessageDesk:
    """Reads and keeps what concerns the messages of persons; `rules` None = everything leaves as it comes."""

    def __init__(self, *, store: Store, catalog: Catalog, rules: Rules | None) -> None:
        self._store = store
        self._catalog = catalog
        self.rules = rules

    def mine(self, name: str, now: datetime) -> Mine:
        """The person's day so far; NotFound where there are no rules."""
        if self.rules is None:
            raise NotFound("no_message_rules")
        calendar = self._catalog.calendar()
        with self._store.read() as reader:
            day = reader.message_days.of(name, calendar.local_day(now).isoformat())
            wish = reader.message_days.wish(name)
            held = reader.digests.held(name)
        person = Person(rules=self.rules, calendar=calendar, wish=heeded(self.rules, wish))
        return Mine(
            day=day, wish=person.wish, held=held, next_digest=next_digest(person, now), quiet=is_quiet(person, now)
        )

    def of_case(self, case: str) -> list[MessageView]:
        """Messages of a case that did not leave as they came; for whoever may see the case."""
        with self._store.read() as reader:
            return reader.digests.of_case(case)

    def held(self) -> Held:
        """What is held back for everybody."""
        with self._store.read() as reader:
            return reader.digests.held()

    def check(self, wish: Wish) -> None:
        """Refuse what the place does not let people choose."""
        if wish.quiet is not None and (self.rules is None or not may_choose(self.rules, wish.quiet)):
            raise BadInput("quiet_hours_too_long", field="quiet_from")


def keep_wish(service: Service, *, person: str, wish: Wish) -> None:
    """Keep what a person chose."""
    with service.store.session() as session:
        session.message_days.choose(person, wish)
