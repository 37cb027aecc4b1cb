"""Bulk operations: each item once, whoever runs them, however often, and whatever became of who began them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, EndRole, Request
from engine.runtime.bulk import open_bulk, run_bulk
from engine.runtime.service import Outcome, Service
from engine.runtime.writer import DirectDoor
from engine.store.store import Store, open_store
from tests.districts import District, SeededDice
from tests.integration.looking import entries


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


class Stopping(DirectDoor):
    """A door through which another run of the same operation stops it after its first batch."""

    bulk = ""

    def submit_batch(self, requests: Sequence[Request]) -> list[Outcome]:
        """See Door."""
        outcomes = super().submit_batch(requests)

        def stop(service: Service) -> bool:
            with service.store.session() as session:
                return session.bulks.set_status(self.bulk, "stopped")

        self.run(stop)
        return outcomes


def test_an_operation_that_another_run_stopped_is_not_closed_with_items_undone(district: District) -> None:
    door = Stopping(lambda: district.another_service(SeededDice("bulk")))
    row = open_bulk(door, purpose="test", requests=[district.start(f"A{n}", by="lin") for n in range(4)], person="lin")
    door.bulk = row.id

    stopped = run_bulk(door, row.id, batch=2)
    ended = run_bulk(DirectDoor(lambda: district.service), row.id)

    assert (stopped.status, stopped.done) == ("stopped", 2)
    assert (ended.status, ended.done) == ("closed", 4)


def test_two_runs_of_one_operation_carry_out_every_item_once(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    doors = [DirectDoor(lambda n=n: district.another_service(SeededDice(f"run{n}"))) for n in range(3)]  # type: ignore[misc]
    requests = [district.start(f"A{n}", place=f"P{n % 2 + 1}", by="lin") for n in range(30)]
    row = open_bulk(doors[0], purpose="test", requests=requests, person="lin")

    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda door: run_bulk(door, row.id, batch=7), doors))
    seqs = [len(entries(district, f"A{n}")) for n in range(30)]
    store.close()

    assert [(one.status, one.done, one.failed) for one in ended] == [("closed", 30, 0)] * 3
    assert seqs == [1] * 30


def test_an_operation_ends_although_who_began_it_may_do_nothing_any_more(district: District) -> None:
    door = DirectDoor(lambda: district.service)
    row = open_bulk(door, purpose="test", requests=[district.start("A", by="lin")], person="lin")
    with district.store.session() as session:
        held = district.service.directories.at(session, session.directory_version()).held_by("lin", date(2026, 3, 2))
    district.do(district.request(DIRECTORY, EndRole(holding=held[0].id, valid_to="2026-03-02"), SYSTEM))

    ended = run_bulk(door, row.id)

    assert (ended.status, ended.done, ended.failed) == ("closed", 0, 1)


def test_an_operation_begun_twice_at_once_is_one(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    requests = [district.start(f"A{n}", by="lin") for n in range(3)]
    together = threading.Barrier(4)

    def begin(number: int) -> str:
        door = DirectDoor(lambda: district.another_service(SeededDice(f"begin{number}")))
        together.wait(20)
        return open_bulk(door, purpose="test", requests=requests, person="lin").id

    with ThreadPoolExecutor(4) as pool:
        begun = set(pool.map(begin, range(4)))
    ended = run_bulk(DirectDoor(lambda: district.service), begun.copy().pop())
    store.close()

    assert len(begun) == 1
    assert (ended.status, ended.done) == ("closed", 3)
