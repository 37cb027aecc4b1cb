"""Several workers that look at the same time: a finding is made once, and so is what it starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import orjson
from sqlalchemy import delete, insert

from engine.core.directory import Scope
from engine.errors import Busy
from engine.runtime.deeds import fold_deeds
from engine.runtime.service import Service
from engine.runtime.watching import Watching
from engine.store.schema import timer
from engine.store.store import Store
from tests.watching import Quay


def look(service: Service) -> None:
    """Look as a worker does: whoever was not the first looks again."""
    watching = Watching()
    for _ in range(4):
        try:
            watching.step(service)
        except Busy:
            continue


def test_workers_that_look_at_once_find_each_subject_once_and_start_one_case(pg_store: Store) -> None:
    store = pg_store
    quay = Quay(store, "2026-02-02 09:00")
    for n in range(4):
        by, house = ("chen", "mill") if n % 2 else ("zhou", "barn")
        quay.start(f"V{n}", "look_in", "visit", by, house=house, note="看过")
    quay.at("2026-04-01 01:00")
    quay.fold()

    with ThreadPoolExecutor(4) as pool:
        services = [quay.another() for _ in range(4)]
        list(pool.map(look, services))
    quay.turn()

    found = quay.findings("lenient")
    started = [case for one in found for case in orjson.loads(one.cases)["started"]]
    with store.read() as reader:
        wrong = [one.code for one in reader.incidents(Scope(person="", everything=True))]
    assert sorted(one.subject for one in found) == ["office", "yard"]
    assert len(started) == len(set(started)) == 2
    assert wrong == []


def test_what_another_worker_is_still_folding_is_counted_all_the_same(pg_store: Store) -> None:
    store = pg_store
    quay = Quay(store, "2026-02-02 09:00", ("lenient",))
    for n in range(2):
        quay.start(f"V{n}", "look_in", "visit", "chen", house="mill", note="看过")
    quay.at("2026-04-01 01:00")
    other = quay.another()

    with store.session() as folding:
        assert folding.deeds.claim()[1]
        assert fold_deeds(other) == 0
        assert quay.watching.step(other) == 0
    quay.turn()

    assert [one.subject for one in quay.findings("lenient")] == ["office"]


def test_nobody_looks_before_all_that_was_due_by_midnight_has_come_about(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00", ("lenient",))
    for n in range(2):
        quay.start(f"V{n}", "look_in", "visit", "chen", house="mill", note="看过")
    quay.at("2026-04-01 01:00")
    quay.fold()
    due = {"kind": "case", "id": "V0", "task": 1, "fire_at": quay.micros("2026-04-01 00:00"), "rung": "x", "epoch": 1}
    with store.session() as session:
        session.run(insert(timer).values(**due))
    assert quay.watching.step(quay.service) == 0

    with store.session() as session:
        session.run(delete(timer))
    assert quay.turn() == 1
