"""A store does not start on a database that may lose what it acknowledged, and says when it cannot take more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from engine.errors import Broken, Busy
from engine.store.bulks import Bulks
from engine.store.errors import DuplicateCommand, StaleWrite, translate
from engine.store.outbox import Outbox
from engine.store.postgres import refuse_unsafe
from engine.store.postgres_write import statement
from engine.store.session import Session
from engine.store.signals import Signals
from engine.store.sqlite import has_wal_fix, refuse_unfixed
from engine.store.store import SqliteStore, Store, open_store
from engine.store.timers import Timers
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


def plan_of(session: Session, claim: Callable[[Any], object]) -> str:
    """How the database runs the first statement of a claim when it has prepared it for any parameters."""

    class _Told(Exception):
        pass

    def explain(statement: Any) -> Any:
        if session._connection.dialect.name == "sqlite":
            compiled = statement.compile(dialect=session._connection.dialect)
            rows = session._cursor.execute(f"EXPLAIN QUERY PLAN {compiled}", (1,) * len(compiled.positiontup))
            raise _Told("\n".join(row[3] for row in rows))
        compiled = statement.compile(dialect=postgresql.dialect(paramstyle="numeric_dollar"))
        told = str(compiled).replace("::VARCHAR", "").replace("::BIGINT", "").replace("::INTEGER", "")
        session._cursor.execute(f"PREPARE claimed AS {told}".encode())
        given = ", ".join("NULL" for _ in compiled.positiontup)
        rows = session._cursor.execute(f"EXPLAIN EXECUTE claimed({given})".encode()).fetchall()
        raise _Told("\n".join(row[0] for row in rows))

    with pytest.raises(_Told) as told:
        claim(explain)
    return str(told.value)


@pytest.mark.parametrize(
    ("claim", "index"),
    [
        (lambda run: Timers(run).claim(5, 10), "ix_timer_fire_at"),
        (lambda run: Outbox(run).claim(5, 10, 99), "ix_message_next_at"),
        (lambda run: Signals(run).claim(5, 10), "ix_signal_next_at"),
        (lambda run: Bulks(run).claim("b", 10), "ix_bulk_item_pending"),
    ],
    ids=["timers", "messages", "signals", "bulk items"],
)
def test_a_claim_follows_its_index_whatever_else_the_table_holds(
    store: Store, claim: Callable[[Any], object], index: str
) -> None:
    with store.session() as session:
        plan = plan_of(session, claim)

    assert index in plan
    assert "Seq Scan" not in plan
    assert "SCAN timer" not in plan.replace("SCAN timer USING INDEX", "")


def test_commands_of_many_threads_on_one_case_follow_each_other_without_a_gap(store: Store) -> None:
    save(store, write(case("A"), 0))
    wrong: list[BaseException] = []

    def act(thread: int) -> None:
        done = 0
        while done < 12 and not wrong:
            try:
                with store.session(alone=thread % 2 == 0) as session:
                    taken = session.take(f"{thread}-{done}", case("A"))
                    assert taken.row is not None
                    base = taken.row.seq
                    told = {"disarm": (base,), "arm": (timer(case("A"), base + 1, base + 1),)}
                    session.write([write(case("A"), base, command=f"{thread}-{done}", **told)])
                done += 1
            except StaleWrite:
                continue
            except BaseException as error:  # noqa: BLE001 - told to the test
                wrong.append(error)

    threads = [threading.Thread(target=act, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []
    with store.read() as reader:
        entries = reader.record.entries(case("A"))
    assert [entry.seq for entry in entries] == list(range(1, 50))
    assert {entry.command_id for entry in entries[1:]} == {f"{n}-{done}" for n in range(4) for done in range(12)}
    with store.session() as session:
        assert [(row.task, row.fire_at) for row in session.timers.claim(10**6, 10)] == [(49, 49)]


def test_a_command_sent_twice_at_once_is_carried_out_once(store: Store) -> None:
    save(store, write(case("A"), 0))
    answers: list[int] = []
    ready = threading.Barrier(4)

    def send() -> None:
        ready.wait(10)
        while True:
            try:
                with store.session(alone=True) as session:
                    taken = session.take("same", case("A"))
                    if taken.answer is not None:
                        answers.append(taken.answer.seq)
                        return
                    assert taken.row is not None
                    session.write([write(case("A"), taken.row.seq, command="same")])
            except (StaleWrite, DuplicateCommand):
                continue

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert answers == [2, 2, 2, 2]


def test_errors_of_drivers_are_ours_outside_the_store() -> None:
    assert translate(sqlite.OperationalError("database is locked")).code == "database_busy"
    assert translate(sqlite.DatabaseError("malformed")).code == "database"
    assert isinstance(translate(psycopg.errors.DeadlockDetected("x")), Busy)
    assert isinstance(translate(psycopg.errors.UndefinedTable("x")), Broken)
