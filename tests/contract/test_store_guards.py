"""A store does not start on a database that may lose what it acknowledged, and says when it cannot take more."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text

from engine.errors import Broken, Busy
from engine.store.errors import StaleWrite, translate
from engine.store.postgres import refuse_unsafe
from engine.store.postgres_write import statement
from engine.store.sqlite import has_wal_fix, refuse_unfixed
from engine.store.store import SqliteStore, Store, open_store
from tests.writes import case, save, timer, write


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_an_sqlite_with_the_race_that_loses_commits_is_refused(version: tuple[int, int, int], *, fixed: bool) -> None:
    assert has_wal_fix(version) is fixed
    if fixed:
        refuse_unfixed(version)
    else:
        with pytest.raises(Broken) as refused:
            refuse_unfixed(version)
        assert refused.value.code == "unsafe_sqlite"


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_lose_commits_is_refused(setting: str) -> None:
    refuse_unsafe({"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"})

    with pytest.raises(Broken) as refused:
        refuse_unsafe({"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"} | {setting: "off"})

    assert refused.value.data == {"setting": setting, "value": "off"}


def test_sqlite_syncs_every_commit_and_its_readers_cannot_write(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.session() as session:
        told = {
            name: session.run(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "query_only")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "query_only": 0}

    with pytest.raises(Broken), store.read() as reader:
        reader.record._run(text("DELETE FROM stream"))
    store.close()


def test_who_finds_the_writer_taken_by_another_process_is_told_to_come_again(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    store = SqliteStore(path, busy_milliseconds=0)
    other = sqlite.connect(str(path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy), store.session():
        pytest.fail("nobody else may write now")

    other.execute("ROLLBACK")
    other.close()
    save(store, write(case("A"), 0))
    store.close()


def test_of_two_commands_alone_on_one_case_one_is_told_to_decide_again(pg_store: Store) -> None:
    save(pg_store, write(case("A"), 0))

    with pytest.raises(StaleWrite), pg_store.session(alone=True) as slow:  # noqa: PT012
        slow.take("slow", case("A"))
        with pg_store.session(alone=True) as fast:
            fast.take("fast", case("A"))
            fast.write([write(case("A"), 1, command="fast", arm=(timer(case("A"), 1, 5),))])
        slow.write([write(case("A"), 1, command="slow", arm=(timer(case("A"), 1, 6),))])

    with pg_store.session() as session:
        assert sorted(session.answered(["fast", "slow"])) == ["fast"]
        assert [row.fire_at for row in session.timers.claim(100, 10)] == [5]


def test_a_locked_case_waits_for_the_one_who_holds_it(pg_store: Store) -> None:
    save(pg_store, write(case("A"), 0))
    holding, seen = threading.Event(), []

    def second() -> None:
        holding.wait(10)
        with pg_store.session() as session:
            seen.append(session.load([case("A")])[case("A")].seq)

    waiter = threading.Thread(target=second)
    waiter.start()
    with pg_store.session() as session:
        session.load([case("A")])
        holding.set()
        session.write([write(case("A"), 1)])
    waiter.join(10)

    assert seen == [2]


def test_a_broken_connection_is_replaced(pg_store: Store, pg_url: str) -> None:
    save(pg_store, write(case("A"), 0))
    with psycopg.connect(pg_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                      "AND datname = current_database()")  # fmt: skip

    with pytest.raises(Busy), pg_store.session() as session:
        session.write([write(case("B"), 0)])

    save(pg_store, write(case("B"), 0))
    with pg_store.read() as reader:
        assert [str(stream) for stream, _, _ in reader.record.streams()] == ["case/A", "case/B"]


def test_the_plan_of_the_write_looks_rows_up_by_key_however_small_the_tables_are(pg_store: Store) -> None:
    save(pg_store, *(write(case(f"c{n}"), 0) for n in range(3)))
    told, parameters = statement([write(case(f"c{n}"), 1, disarm=(1,), end_tasks=(1,)) for n in range(3)])

    with pg_store.session() as session:
        plan = "\n".join(row[0] for row in session._cursor.execute(b"EXPLAIN " + told, parameters))

    assert "Seq Scan" not in plan
    assert "Hash" not in plan
    assert plan.count("Index") >= 3


def test_errors_of_drivers_are_ours_outside_the_store() -> None:
    assert translate(sqlite.OperationalError("database is locked")).code == "database_busy"
    assert translate(sqlite.DatabaseError("malformed")).code == "database"
    assert isinstance(translate(psycopg.errors.DeadlockDetected("x")), Busy)
    assert isinstance(translate(psycopg.errors.UndefinedTable("x")), Broken)
