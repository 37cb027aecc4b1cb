"""One transaction: what both databases do alike, and what each must do in its own way.

Everything that a command reads in order to be decided and everything it changes goes through one session.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.dialects import postgresql, sqlite

from engine.core.command import Stream
from engine.errors import Broken
from engine.store.accounts import Accounts
from engine.store.bulks import Bulks
from engine.store.calendars import Calendars
from engine.store.deeds import Deeds
from engine.store.devices import Devices
from engine.store.digests import Digests
from engine.store.directory import DirectoryStore
from engine.store.errors import DRIVER_ERRORS, translate
from engine.store.findings import Findings
from engine.store.incidents import Incidents
from engine.store.keeping import Definitions, Evidence, Tokens, Vault
from engine.store.links import Links
from engine.store.lookups import Lookup, lookups
from engine.store.measures import Measures
from engine.store.message_days import MessageDays
from engine.store.obligations import Obligations
from engine.store.outbox import Outbox
from engine.store.record import Record
from engine.store.records import StreamRow, Write
from engine.store.reholds import Reholds
from engine.store.saved_views import SavedViews
from engine.store.signals import Signals
from engine.store.tallies import Tallies
from engine.store.timers import Timers
from engine.store.views import AnswerRow, EvidenceRow, Taken


class Session(ABC):
    """One open transaction on a pinned connection; not for use after its `with` block, nor by two threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        self._savepoints = 0
        #: a write failed half way: only what undoes it may follow
        self._lost = False
        self.record = Record(self.run)
        self._lookups = lookups(connection.dialect.name)
        self.directory = DirectoryStore(self.run)
        self.definitions = Definitions(self.run, self.insert)
        self.calendars = Calendars(self.run, self.insert)
        self.vault = Vault(self.run, self.insert)
        self.evidence = Evidence(self.run, self.insert)
        self.tokens = Tokens(self.run)
        self.accounts = Accounts(self.run)
        self.devices = Devices(self.run)
        self.timers = Timers(self.run)
        self.outbox = Outbox(self.run)
        self.digests = Digests(self.run, self.insert)
        self.message_days = MessageDays(self.run, self.insert)
        self.signals = Signals(self.run)
        self.links = Links(self.run, self.insert)
        self.obligations = Obligations(self.run)
        self.bulks = Bulks(self.run)
        self.incidents = Incidents(self.run)
        self.saved_views = SavedViews(self.run, self.insert)
        self.reholds = Reholds(self.run, self.insert)
        self.deeds = Deeds(self.run, self.insert, locks=self._dialect is postgresql)
        self.findings = Findings(self.run, self.insert)
        self.measures = Measures(self.run)
        self.tallies = Tallies(self.run, self.insert, locks=self._dialect is postgresql)

    # ---------------------------------------------------------------------------------------- hot
    @abstractmethod
    def answered(self, command_ids: Sequence[str]) -> dict[str, AnswerRow]:
        """What the commands among these that have been carried out were answered, by id."""

    @abstractmethod
    def load(self, streams: Sequence[Stream]) -> dict[Stream, StreamRow]:
        """The heads of those streams that exist, locked until the end of the transaction (PostgreSQL: row locks)."""

    @abstractmethod
    def take(self, command_id: str, stream: Stream, files: Sequence[str] = ()) -> Taken:
        """`answered` and `load` for one command at once, with the files it names."""

    @abstractmethod
    def directory_version(self) -> int:
        """Seq of the directory's stream; known without a further question after `load` or `take`."""

    @abstractmethod
    def write(self, writes: Sequence[Write]) -> None:
        """Write them in order, all or none.

        StaleWrite if a stream is not at the write's base, DuplicateCommand if an id was used. The transaction is
        lost then, unless the error leaves a savepoint: nothing of it can be committed.
        """

    @abstractmethod
    def begin(self, *, alone: bool = False) -> None:
        """Begin; see `Store.session` for `alone`."""

    @abstractmethod
    def commit(self) -> None:
        """Make durable what was written."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo what was written."""

    @abstractmethod
    def _statement(self, text: str) -> None:
        """Run a statement of transaction control."""

    # ---------------------------------------------------------------------------------------- common
    def run(self, statement: Executable, rows: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement of SQLAlchemy in this transaction."""
        return self._connection.execute(statement, rows)

    def insert(self, table: Any) -> Any:
        """The dialect's insert, which knows ON CONFLICT."""
        return self._dialect.insert(table)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone if it raises; the error goes on, driver errors as ours."""
        self._savepoints += 1
        name, lost = f"s{self._savepoints}", self._lost
        self._statement(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException as error:
            self._statement(f"ROLLBACK TO SAVEPOINT {name}")
            self._statement(f"RELEASE SAVEPOINT {name}")
            self._lost = lost
            if isinstance(error, DRIVER_ERRORS):
                raise translate(error) from error
            raise
        self._statement(f"RELEASE SAVEPOINT {name}")

    def next_number(self, series: str) -> int:
        """The next number of a series, from 1; its row stays locked, so take numbers last and in order of names."""
        return int(self._look(self._lookups.number, {"series": series}, locks=True)[0][0])

    @abstractmethod
    def files(self, names: Sequence[str]) -> dict[str, EvidenceRow]:
        """Files by content hash, as `evidence.get` tells them; unknown ones are missing."""

    @abstractmethod
    def _look(self, lookup: Lookup, values: Mapping[str, Any], *, locks: bool = False) -> list[tuple[Any, ...]]:
        """The rows of a lookup; one that locks needs the transaction begun."""

    def find_same(
        self, procedure: str, fields: Mapping[str, str], *, closed_since: int, exclude: str = "", most: int = 20
    ) -> list[str]:
        """Ids of cases that agree in all fields and are open or were closed since that instant, youngest first."""
        if not fields:
            raise Broken("find_same_without_fields", procedure=procedure)
        values = {"procedure": procedure, "exclude": exclude, "closed_since": closed_since, "most": most}
        values |= {f"is_{name}": value for name, value in fields.items()}
        values |= {f"field_{name}": name for name in fields}
        return [row[0] for row in self._look(self._lookups.same(tuple(fields)), values)]
