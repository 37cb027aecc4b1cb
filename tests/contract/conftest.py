"""Stores for contract tests: every test that asks for `store` runs on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store import migrate
from engine.store.store import Store, open_store
from tests.databases import empty, postgres_database, postgres_server, sqlite_database


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """URL of a PostgreSQL server."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def pg_migrated(pg_server: str) -> Iterator[str]:
    """URL of a migrated database, shared by the tests of this process one after the other."""
    with postgres_database(pg_server) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    sqlite_database(path)
    return path


@pytest.fixture
def pg_url(pg_migrated: str) -> str:
    """URL of a migrated PostgreSQL database without rows."""
    empty(pg_migrated)
    return pg_migrated


@pytest.fixture
def sqlite_url(sqlite_migrated: Path, tmp_path: Path) -> str:
    """URL of a migrated SQLite file without rows."""
    shutil.copy(sqlite_migrated, tmp_path / "store.db")
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """A store on SQLite."""
    store = open_store(sqlite_url)
    yield store
    store.close()


@pytest.fixture
def pg_store(pg_url: str) -> Iterator[Store]:
    """A store on PostgreSQL; a test's server need not survive a power cut."""
    store = open_store(pg_url, unsafe=True)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """A store on each database."""
    made: Store = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "pg_store")
    return made
