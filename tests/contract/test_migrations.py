"""The migrations make exactly the tables of the program, there and back, with data in them, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import create_engine

from engine.errors import Broken
from engine.store import migrate, migrations
from engine.store.schema import metadata
from engine.store.store import open_store
from tests.databases import postgres_database
from tests.writes import case, message, save, signal, task, timer, write

# columns, keys and indices as the server tells them, without the name of the database
_PG_TABLES = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, l.collname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
_PG_INDICES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_PG_RULES = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with postgres_database(request.getfixturevalue("pg_server")) as url:
        yield url


def shape(url: str) -> set[tuple[Any, ...]]:
    """Everything a database says about its tables, but alembic's own."""
    if url.startswith("sqlite"):
        connection = sqlite.connect(url.removeprefix("sqlite:///"))
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        connection.close()
        return {(name, " ".join(text.split())) for name, text in rows if "alembic" not in name}
    with psycopg.connect(url) as server:
        found = [row for query in (_PG_TABLES, _PG_INDICES, _PG_RULES) for row in server.execute(query).fetchall()]
    return {row for row in found if "alembic" not in row[0]}


def fill(url: str) -> None:
    """A case with everything a case can have."""
    store = open_store(url, unsafe=True)
    a = case("A")
    save(store, write(a, 0, arm=(timer(a, 1, 5),), open_tasks=(task("A", 1, "p"),), values={"f": ("x",)},
                      messages=(message(a, 1, 1, "p"),), signals=(signal(a, 1, 1, case("B")),)))  # fmt: skip
    store.close()


def test_migrations_make_the_tables_of_the_program(
    bare_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrate.upgrade(bare_url)

    assert migrate.differences(bare_url) == []
    if bare_url.startswith("sqlite"):
        direct = f"sqlite:///{tmp_path / 'direct.db'}"
        metadata.create_all(create_engine(direct, module=sqlite))
        assert shape(bare_url) == shape(direct)
    else:
        with postgres_database(request.getfixturevalue("pg_server")) as direct:
            engine = create_engine(direct.replace("postgresql:", "postgresql+psycopg:"))
            metadata.create_all(engine)
            engine.dispose()
            assert shape(bare_url) == shape(direct)


def test_the_schema_goes_up_and_down_and_up_again_on_data(bare_url: str) -> None:
    migrate.upgrade(bare_url)
    fill(bare_url)
    before = shape(bare_url)
    migrate.upgrade(bare_url)
    store = open_store(bare_url, unsafe=True)
    with store.session() as session:
        assert session.load([case("A")])[case("A")].seq == 1
    store.close()

    migrate.downgrade(bare_url, "base")
    assert shape(bare_url) == set()

    migrate.upgrade(bare_url)
    assert shape(bare_url) == before
    fill(bare_url)


def test_an_unknown_revision_changes_nothing(bare_url: str) -> None:
    migrate.upgrade(bare_url)
    fill(bare_url)
    before = shape(bare_url)

    with pytest.raises(Exception, match="Can't locate revision"):
        migrate.upgrade(bare_url, "no such revision")

    assert shape(bare_url) == before


def test_a_database_of_another_schema_is_refused(bare_url: str) -> None:
    with pytest.raises(Broken) as refused:
        open_store(bare_url, unsafe=True)

    assert (refused.value.code, refused.value.data) == ("other_schema", {"found": "", "needed": migrations.HEAD})


def test_the_program_needs_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]
