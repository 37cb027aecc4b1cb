"""Bad luck on both databases: odd characters, full disks, locks, clocks set back, connections cut, commands crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy import func, select, text

from engine.core.administration import DIRECTORY, LIBRARY
from engine.core.command import SYSTEM, Answer, EndRole, GrantRole, PublishProcedure, Request
from engine.errors import Broken, Busy
from engine.runtime.catalog import procedure_bytes
from engine.runtime.clock import VirtualClock
from engine.runtime.import_cases import current_machine
from engine.runtime.projection import micros
from engine.runtime.service import Outcome, Service
from engine.runtime.worker import deliver_due, fire_due
from engine.store.records import DefinitionRow
from engine.store.schema import entry, signal, timer
from engine.store.session import Session
from engine.store.store import SqliteStore, Store, open_store
from tests.districts import MASTER, District, SeededDice
from tests.integration.looking import codes, entries, incidents, number, outcome
from tests.samples import SAMPLE


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


# databases that refuse ------------------------------------------------------------------------------------------


def test_on_a_full_disk_nothing_is_acknowledged_and_later_everything_is_done(sqlite_store: Store) -> None:
    district = District(sqlite_store)
    district.settle()
    with sqlite_store.session() as session:
        pages = session.run(text("PRAGMA page_count")).scalar_one()
        session.run(text(f"PRAGMA max_page_count={pages}"))
    requests = [district.start(f"A{n}") for n in range(100)]

    full = [outcome for some in _some(requests, 20) for outcome in district.service.execute(some)]
    stored = {f"A{n}" for n in range(100) if entries(district, f"A{n}")}
    with sqlite_store.session() as session:
        session.run(text("PRAGMA max_page_count=1073741823"))
    again = district.service.execute(requests)

    acknowledged = {one.stream.id for one in full if isinstance(one, Answer)}
    assert acknowledged == stored
    assert {code for code in codes(full) if code} == {"database_busy"}
    assert codes(again) == [""] * 100
    assert sorted(number(district, f"A{n}") for n in range(100)) == [f"S-2026-{n:05}" for n in range(1, 101)]


def _some(requests: list[Request], size: int) -> Iterator[list[Request]]:
    for start in range(0, len(requests), size):
        yield requests[start : start + size]


def test_while_another_program_writes_the_file_senders_are_told_to_come_back(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    store = SqliteStore(path, busy_milliseconds=20)
    district = District(store)
    district.settle()
    request = district.start("A")

    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = outcome(district, request)
    other.execute("ROLLBACK")
    other.close()
    done = outcome(district, request)
    store.close()

    assert isinstance(refused, Busy)
    assert isinstance(done, Answer)


@contextmanager
def failing_counter(url: str, times: int) -> Iterator[None]:
    """PostgreSQL ends so many transactions that take a number, as if they had waited in a circle."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE failures")
        connection.execute(
            f"""CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('failures') <= {times} THEN RAISE EXCEPTION 'in a circle' USING ERRCODE = '40P01'; END IF;
            RETURN NEW; END $$"""
        )
        connection.execute(
            "CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON counter FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER fail ON counter")
            connection.execute("DROP FUNCTION fail")
            connection.execute("DROP SEQUENCE failures")


@pytest.mark.parametrize(("times", "expected"), [(1, ""), (3, ""), (100, "database_busy")])
def test_who_waited_in_a_circle_is_tried_again_and_never_told_that_something_broke(
    pg_url: str, times: int, expected: str
) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()

    with failing_counter(pg_url, times):
        told = codes([outcome(district, district.start("A"))])
    found = incidents(district)
    store.close()

    assert told == [expected]
    assert found == []


def test_after_the_server_was_restarted_the_next_command_is_carried_out(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    _open_all(store, 8)

    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    told = outcome(district, district.start("A"))
    store.close()

    assert isinstance(told, Answer)


def _open_all(store: Store, count: int) -> None:
    """Use all connections at once, so that each is open and idle."""
    if count:
        with store.session() as session:
            session.directory_version()
            _open_all(store, count - 1)


class Fragile(Service):
    """A service that falls over a certain request as no code of ours is meant to."""

    def execute_in(
        self, session: Session, requests: Sequence[Request], definitions: Sequence[DefinitionRow] = ()
    ) -> list[Outcome]:
        """See Service."""
        if any(request.id == "poison" for request in requests):
            raise ValueError("a fault")
        return super().execute_in(session, requests, definitions)


def test_a_fault_of_ours_over_one_request_costs_no_other_its_answer(district: District) -> None:
    fragile = Fragile(
        store=district.store,
        catalog=district.catalog,
        directories=district.service.directories,
        clock=district.clock,
        dice=SeededDice("fragile"),
        master=MASTER,
    )
    poison = replace(district.start("B"), id="poison")

    outcomes = fragile.execute([district.start("A"), poison, district.start("C")])

    assert [type(one) for one in outcomes] == [Answer, Broken, Answer]
    assert [type(one) for one in fragile.execute([poison])] == [Broken]


# what one process believes --------------------------------------------------------------------------------------


def grant(district: District, person: str, name: str) -> Request:
    """The first town gets one more checker."""
    act = GrantRole(person=person, role="checker", region="/s/t1/", valid_from="2020-01-01")
    return replace(district.request(DIRECTORY, act, SYSTEM), id=name)


class Unlucky(Service):
    """A service whose batches are undone at the last moment; what is tried by itself goes through unless told so."""

    lost: frozenset[str] = frozenset()

    def execute_in(
        self, session: Session, requests: Sequence[Request], definitions: Sequence[DefinitionRow] = ()
    ) -> list[Outcome]:
        """See Service."""
        if len(requests) == 1 and requests[0].id in self.lost:
            raise Busy("undone")
        outcomes = super().execute_in(session, requests, definitions)
        if len(requests) > 1:
            raise Busy("undone")
        return outcomes


def test_a_role_granted_in_a_transaction_that_was_undone_is_held_by_nobody(district: District) -> None:
    district.do(district.start("A"))
    unlucky = Unlucky(
        store=district.store,
        catalog=district.catalog,
        directories=district.another_service().directories,
        clock=district.clock,
        dice=SeededDice("unlucky"),
        master=MASTER,
    )
    unlucky.lost = frozenset({"g1", "g2"})

    undone = unlucky.execute([grant(district, "ghost", "g1"), grant(district, "ghost", "g2")])
    district.do(grant(district, "other", "g3"))
    told = unlucky.execute([district.confirm("A", by="ghost")])

    assert codes(undone) == ["undone", "undone"]
    assert codes(told) == ["not_your_task"]
    assert codes(unlucky.execute([district.confirm("A", by="other")])) == [""]


def test_a_role_ended_by_one_process_gives_nothing_in_another(district: District) -> None:
    other = district.another_service(SeededDice("other"))
    district.do(district.start("A"))
    assert codes(other.execute([district.start("B")])) == [""]
    with district.store.session() as session:
        held = district.service.directories.at(session, session.directory_version()).held_by("chen", date(2026, 3, 2))

    district.do(district.request(DIRECTORY, EndRole(holding=held[0].id, valid_to="2026-03-02"), SYSTEM))

    assert codes(other.execute([district.confirm("A")])) == ["not_your_task"]
    assert codes(other.execute([district.start("C"), district.confirm("A")])) == ["not_your_task"] * 2


def test_an_earlier_version_that_is_published_again_is_what_new_cases_get(district: District) -> None:
    def publish(title: str, name: str) -> str:
        district.clock.advance(timedelta(minutes=1))
        machine = District(district.store, procedure=replace(SAMPLE, title=title)).machine
        row = DefinitionRow(
            version=machine.version,
            procedure="sample",
            plan="x",
            title=title,
            body=procedure_bytes(machine.procedure),
            published_at=micros(district.clock.now()),
        )
        act = PublishProcedure(version=row.version, procedure="sample", plan="x", title=title)
        request = replace(district.request(LIBRARY, act, SYSTEM), id=name)
        (told,) = district.service.execute([request], [row])
        assert isinstance(told, Answer)
        return row.version

    first = publish("甲", "one")
    publish("乙", "two")
    publish("甲", "three")

    with district.store.session() as session:
        assert current_machine(district.service, session, "sample").version == first


# clocks and queues ----------------------------------------------------------------------------------------------


class SetBack:
    """A clock that is set back once it has been read so many times."""

    def __init__(self, at: datetime, by: timedelta, reads: int) -> None:
        self._at, self._by, self._reads = at, by, reads

    def now(self) -> datetime:
        """The instant, or the one before it."""
        self._reads -= 1
        return self._at if self._reads >= 0 else self._at - self._by


def test_a_clock_set_back_while_a_timer_fires_does_not_silence_it(district: District) -> None:
    district.do(district.start("A"))
    with district.store.session() as session:
        due = session.run(select(func.min(timer.c.fire_at))).scalar_one()
    at = datetime.fromtimestamp(due / 1_000_000, tz=UTC)
    worker = district.another_service(SeededDice("worker"))
    worker.clock = SetBack(at, timedelta(seconds=5), 1)

    fire_due(worker)
    early = len(entries(district, "A"))
    district.clock.set(at + timedelta(hours=1))
    fire_due(district.service)

    assert early == 1
    assert [event["type"] for event in entries(district, "A")[-1]["events"]][:1] == ["rung_fired"]


def test_work_whose_command_was_carried_out_already_is_not_taken_for_ever(district: District) -> None:
    district.do(district.start("A"))
    district.do(district.start("B"))
    with district.store.session() as session:
        (owed,) = session.run(select(signal)).all()
        (armed,) = session.run(select(timer).where(timer.c.id == "A")).all()
    district.clock.advance(timedelta(days=10))
    deliver_due(district.service)
    fire_due(district.service)
    with district.store.session() as session:
        session.run(signal.insert().values(owed._mapping))
        session.run(timer.delete().where(timer.c.id == "A"))
        session.run(timer.insert().values(armed._mapping))
    before = len(entries(district, "A"))

    counts = [(deliver_due(district.service), fire_due(district.service)) for _ in range(40)]

    assert counts[-1] == (0, 0)
    assert len({one["command"]["id"] for one in entries(district, "A")}) == len(entries(district, "A"))
    assert len(entries(district, "A")) >= before


def test_numbers_begin_anew_at_midnight_of_the_place_not_of_the_machine(store: Store) -> None:
    # 23:59:59 on 31 December in Shanghai is 15:59:59 of the same day at Greenwich
    district = District(store, clock=VirtualClock(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)))
    district.settle()
    district.do(district.start("A"))
    district.clock.advance(timedelta(seconds=1))

    district.do(district.start("B"))

    assert [number(district, name) for name in "AB"] == ["S-2026-00001", "S-2027-00001"]


def test_processes_that_open_cases_at_once_take_every_number_once(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    district.clock.set(datetime(2026, 12, 31, 15, 59, 59, 999_000, tzinfo=UTC))
    requests = [district.start(f"A{n}", place=f"P{n % 2 + 1}", by="lin") for n in range(60)]

    def open_some(worker: int) -> list[Outcome]:
        service = district.another_service(SeededDice(f"dice{worker}"))
        mine = requests[worker::4]
        return [service.execute(mine[n : n + 1])[0] for n in range(5)] + service.execute(mine[5:])

    with ThreadPoolExecutor(4) as pool:
        told = [one for some in pool.map(open_some, range(4)) for one in some]
    numbers = sorted(number(district, f"A{n}") for n in range(60))
    with store.session() as session:
        count = session.run(select(func.count()).select_from(entry).where(entry.c.kind == "case")).scalar_one()
    store.close()

    assert codes(told) == [""] * 60
    assert numbers == [f"S-2026-{n:05}" for n in range(1, 61)]
    assert count == 60
