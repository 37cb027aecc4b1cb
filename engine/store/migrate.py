"""Brings a database's schema forward or back, and says where it differs from the tables of the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from pysqlite3 import dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

from engine.store.schema import metadata

_SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema forward; nothing happens where it stands there already."""
    with _connection(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the schema back; what only the newer one can hold is lost."""
    with _connection(url) as connection:
        command.downgrade(_config(connection), revision)


def make_revision(url: str, message: str, revision: str) -> None:
    """Write a new migration from the differences; for developers, who read it before they commit it."""
    with _connection(url) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def differences(url: str) -> list[Any]:
    """Where the database differs from the tables of the program, in alembic's terms; [] where it does not."""
    with _connection(url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    told = make_url(url)
    if told.get_backend_name() == "sqlite":
        engine = _sqlite(told)
    else:
        engine = create_engine(told.set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _sqlite(url: URL) -> Engine:
    """The driver by itself would leave changes of the schema outside the transaction."""
    engine = create_engine(url.set(drivername="sqlite"), module=driver)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
