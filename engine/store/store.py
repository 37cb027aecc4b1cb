"""The store as the runtime sees it: sessions that write, readers that show, on either database."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import BadInput, Broken
from engine.store import postgres, sqlite
from engine.store.errors import DRIVER_ERRORS, NoRoom, translate
from engine.store.migrations import HEAD
from engine.store.reader import Reader
from engine.store.session import Session
from engine.store.statements import PostgresTexts, SqliteTexts

_WAIT_SECONDS = 30.0


class Store(ABC):
    """One database."""

    #: sqlite or postgresql
    kind: str

    def __init__(self, readers: Engine) -> None:
        self._readers = readers
        with self.read() as reader:
            refuse_other_schema(reader.schema_version())

    @abstractmethod
    def session(self, *, alone: bool = False) -> AbstractContextManager[Session]:
        """One transaction: committed when the block ends, undone when it raises.

        `alone` promises a single command. PostgreSQL then takes no lock and, where nothing but one write is asked,
        commits with it: StaleWrite means that somebody was faster, load and decide again in a new session.
        """

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Queries for pages and interfaces, on a connection that cannot write; each sees the latest commit."""
        try:
            with self._readers.connect() as connection:
                yield Reader(connection)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        except PoolTimeout as error:
            raise NoRoom("connections_busy") from error
        except (UnicodeEncodeError, OverflowError) as error:
            # an id or a number that no row can have
            raise BadInput("not_an_id") from error

    @abstractmethod
    def close(self) -> None:
        """Give all connections up."""


class SqliteStore(Store):
    """A file and one writer; threads wait for each other, in no order: let one thread write for all."""

    kind = "sqlite"

    def __init__(self, path: Path, *, busy_milliseconds: int = 10_000) -> None:
        self._writers = sqlite.open_engine(path, busy_milliseconds=busy_milliseconds)
        super().__init__(sqlite.open_engine(path, read_only=True))
        self._connection = self._writers.connect()
        self._session = sqlite.SqliteSession(self._connection, SqliteTexts())
        self._lock = threading.Lock()

    @contextmanager
    def session(self, *, alone: bool = False) -> Iterator[Session]:
        """One transaction of the writer; Busy if another thread keeps it for half a minute."""
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            raise NoRoom("writer_busy")
        try:
            with _transaction(self._session, alone=alone):
                yield self._session
        finally:
            self._lock.release()

    def close(self) -> None:
        """Give all connections up; the last one folds the log into the file."""
        self._connection.close()
        self._writers.dispose()
        self._readers.dispose()


class PostgresStore(Store):
    """A server; sessions run side by side, each on a connection that stays open with what it has prepared."""

    kind = "postgresql"

    def __init__(self, url: str, *, connections: int = 8, unsafe: bool = False) -> None:
        self._writers = postgres.open_engine(url, writer=True, size=connections)
        super().__init__(postgres.open_engine(url, writer=False, size=connections))
        if not unsafe:
            with self.read() as reader:
                postgres.refuse_unsafe(reader.settings("fsync", "full_page_writes", "synchronous_commit"))
        self._texts = PostgresTexts()
        self._idle: deque[postgres.PostgresSession] = deque()
        self._free = threading.BoundedSemaphore(connections)

    @contextmanager
    def session(self, *, alone: bool = False) -> Iterator[Session]:
        """One transaction on an idle connection; Busy if all are in use for half a minute."""
        if not self._free.acquire(timeout=_WAIT_SECONDS):
            raise NoRoom("connections_busy")
        session: postgres.PostgresSession | None = None
        try:
            session = self._idle.pop() if self._idle else self._connect()
            with _transaction(session, alone=alone):
                yield session
        finally:
            if session is not None:
                if session.usable:
                    self._idle.append(session)
                else:
                    session.close()
                    self._close_idle()
            self._free.release()

    def _connect(self) -> postgres.PostgresSession:
        try:
            return postgres.PostgresSession(self._writers.connect(), self._texts)
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    def close(self) -> None:
        """Give all connections up."""
        self._close_idle()
        self._writers.dispose()
        self._readers.dispose()

    def _close_idle(self) -> None:
        """Where one connection broke, the server may have gone away and come back: the others would break, too."""
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return


@contextmanager
def _transaction(session: Session, *, alone: bool) -> Iterator[None]:
    try:
        session.begin(alone=alone)
        yield
        session.commit()
    except BaseException as error:
        session.rollback()
        if isinstance(error, DRIVER_ERRORS):
            raise translate(error) from error
        raise


def open_store(url: str, *, connections: int = 8, unsafe: bool = False) -> Store:
    """Open a database that `migrate.upgrade` has prepared: sqlite:///PATH or postgresql://...

    Broken if its build or settings may lose commits (`unsafe` allows the settings), or its schema is not ours.
    """
    told = make_url(url)
    match told.get_backend_name():
        case "sqlite" if told.database and told.database != ":memory:":
            return SqliteStore(Path(told.database))
        case "postgresql":
            return PostgresStore(url, connections=connections, unsafe=unsafe)
        case other:
            raise BadInput("unknown_database", field="url", backend=other)


def refuse_other_schema(version: str) -> None:
    """Broken unless the database's schema is the one this program was written for."""
    if version != HEAD:
        raise Broken("other_schema", found=version, needed=HEAD)
