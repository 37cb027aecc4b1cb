"""The worker on both databases: what is due is done once, in order, and one that cannot be done holds up no other."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import select, update

from engine.core.command import Answer, ReceiveSignal
from engine.errors import NotPermitted
from engine.runtime.projection import micros
from engine.runtime.replay import bytes_of
from engine.runtime.sending import MOST_ATTEMPTS
from engine.runtime.worker import POISON_PAUSE, deliver_due, fire_due
from engine.store.records import SignalRow, TimerRow
from engine.store.schema import incident, message, signal, stream
from engine.store.store import Store, open_store
from tests.districts import District, SeededDice, case

#: After this every deadline of the sample has passed and its rungs have come due.
LONG = timedelta(days=10)


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def entries(district: District, name: str) -> list[dict[str, Any]]:
    """The entries of a case as plain values."""
    with district.store.read() as reader:
        return [orjson.loads(data) for data in bytes_of(reader.record, case(name))]


def kinds(district: District, name: str) -> Counter[str]:
    """How often each kind of event stands in a case."""
    return Counter(event["type"] for entry in entries(district, name) for event in entry["events"])


def timers(district: District) -> list[TimerRow]:
    """All armed timers, the first due first."""
    with district.store.session() as session:
        return session.timers.claim(2**62, 10_000)


def incidents(district: District) -> list[tuple[str, str, str]]:
    """Code, stream and command of open incidents, in order."""
    with district.store.session() as session:
        rows = session.run(select(incident).order_by(incident.c.id))
        return [(row.code, row.stream, row.command) for row in rows]


def fire_all(district: District) -> int:
    """Fire until nothing is due; how many fired."""
    fired = 0
    while count := fire_due(district.service):
        fired += count
    return fired


# timers ---------------------------------------------------------------------------------------------------------


def test_due_timers_are_taken_the_longest_due_first(district: District) -> None:
    for name in "ABC":
        district.do(district.start(name))
        district.clock.advance(timedelta(minutes=1))

    due = timers(district)

    assert [timer.fire_at for timer in due] == sorted(timer.fire_at for timer in due)
    assert len(due) == 3


def test_after_downtime_the_missed_rungs_of_a_case_fire_in_order_with_due_and_real_time(district: District) -> None:
    district.do(district.start("A"))
    district.clock.advance(LONG)

    fire_all(district)

    rungs = [
        (event["due_at"], event["system_late"])
        for entry in entries(district, "A")
        for event in entry["events"]
        if event["type"] in ("rung_fired", "deadline_expired")
    ]
    assert [due for due, _ in rungs] == sorted(due for due, _ in rungs)
    assert len(rungs) >= 3
    assert all(late > 0 for _, late in rungs)


def test_a_timer_whose_case_cannot_be_read_becomes_an_incident_and_holds_up_no_other(district: District) -> None:
    for name in "ABC":
        district.do(district.start(name))
    with district.store.session() as session:
        whole = session.load([case("B")])[case("B")].snapshot
        session.run(update(stream).where(stream.c.id == "B").values(snapshot=b"\xc1"))
    district.clock.advance(LONG)
    worker = district.another_service(SeededDice("worker"))

    while fire_due(worker):
        pass

    assert [kinds(district, name)["deadline_expired"] for name in "ABC"] == [1, 0, 1]
    assert [(code, name) for code, name, _ in incidents(district)] == [("command_failed", "B")]
    (put_off,) = [timer for timer in timers(district) if timer.stream == case("B")]
    assert put_off.fire_at == micros(district.clock.now() + POISON_PAUSE)

    with district.store.session() as session:
        session.run(update(stream).where(stream.c.id == "B").values(snapshot=whole))
    district.clock.advance(POISON_PAUSE)
    fire_all(district)

    assert kinds(district, "B")["deadline_expired"] == 1


def test_a_timer_whose_entry_the_database_refuses_holds_up_no_other(district: District) -> None:
    for name in "ABC":
        district.do(district.start(name))
    district.do(district.confirm("A"))
    with district.store.session() as session:
        (told,) = session.run(select(message).limit(1))
        taken = {**told._mapping, "key": "case/B:2:1", "id": "B", "seq": 2}
        session.run(message.insert().values(taken))
    district.clock.advance(LONG)

    fired = fire_all(district)

    assert fired > 3
    assert [kinds(district, name)["deadline_expired"] for name in "BC"] == [0, 1]
    assert [name for _, name, _ in incidents(district)] == ["B"]


def test_a_timer_of_a_task_that_is_gone_is_dropped(district: District) -> None:
    district.do(district.start("A"))
    (armed,) = timers(district)
    with district.store.session() as session:
        session.run(
            stream.metadata.tables["timer"]
            .insert()
            .values(kind="case", id="A", task=99, fire_at=armed.fire_at, rung="remind", epoch=7)
        )
    district.clock.advance(LONG)

    fire_all(district)

    assert 99 not in [timer.task for timer in timers(district)]
    assert fire_due(district.service) == 0


def test_two_workers_at_once_fire_every_timer_exactly_once(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    names = [f"A{n}" for n in range(40)]
    district.service.execute([district.start(name) for name in names])
    district.clock.advance(LONG)
    together = threading.Barrier(3)

    def work(seed: str) -> int:
        service = district.another_service(SeededDice(seed))
        together.wait(20)
        fired = 0
        while count := fire_due(service):
            fired += count
        return fired

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(work, ("one", "two", "three")))

    left = [timer for timer in timers(district) if timer.fire_at <= micros(district.clock.now())]
    found = [entries(district, name) for name in names]
    store.close()
    assert left == []
    assert {len(told) for told in found} == {len(found[0])}
    assert sum(counts) == sum(len(told) - 1 for told in found)
    assert [sum(event["type"] == "deadline_expired" for e in told for event in e["events"]) for told in found] == [
        1
    ] * 40


def test_a_click_and_a_worker_on_one_case_do_not_wait_for_each_other_in_a_circle(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True)
    district = District(store)
    district.settle()
    district.do(district.start("A"))
    district.clock.advance(LONG)
    clicker, before = district.another_service(SeededDice("click")), deadlocks(pg_url)

    with ThreadPoolExecutor(1) as pool:
        with store.session() as session:
            due = session.timers.claim(micros(district.clock.now()), 10)
            click = pool.submit(clicker.execute, [district.confirm("A")])
            _until_waiting(pg_url)
            session.load([case("A")])
        (outcome,) = click.result(20)
    store.close()

    assert len(due) == 1
    assert isinstance(outcome, Answer)
    assert deadlocks(pg_url) == before


def deadlocks(url: str) -> int:
    """How many transactions of the database have been ended because they waited in a circle."""
    with psycopg.connect(url) as connection:
        told = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int((told.fetchone() or (0,))[0])


def _until_waiting(url: str) -> None:
    """Wait until one connection waits for another's lock."""
    pause = threading.Event()
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(1000):
            (waiting,) = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() or (0,)
            if waiting:
                return
            pause.wait(0.01)
    raise AssertionError("nobody waits")


# signals --------------------------------------------------------------------------------------------------------


def plant(district: District, source: str, seq: int, n: int, target: str) -> SignalRow:
    """A signal that one case owes another."""
    row = SignalRow(
        id=f"signal:case/{source}:{seq}:{n}",
        source=case(source),
        seq=seq,
        n=n,
        target=case(target),
        name="told",
        data=b"{}",
    )
    with district.store.session() as session:
        session.run(
            signal.insert().values(
                id=row.id,
                source_kind="case",
                source_id=source,
                seq=seq,
                n=n,
                target_kind="case",
                target_id=target,
                name=row.name,
                data=row.data,
                attempts=0,
                next_at=micros(district.clock.now()),
            )
        )
    return row


def waiting(district: District) -> list[str]:
    """Ids of signals that are not delivered."""
    with district.store.session() as session:
        return list(session.run(select(signal.c.id).order_by(signal.c.id)).scalars())


def test_a_case_that_returns_tells_the_former_one_once(district: District) -> None:
    district.do(district.start("A"))
    district.do(district.start("B"))

    first, again = deliver_due(district.service), deliver_due(district.service)

    told = entries(district, "A")[-1]
    assert (first, again, waiting(district)) == (1, 0, [])
    assert told["command"]["id"].startswith("signal:case/B:1:")
    assert (told["caused_by"], told["medium"]) == ("case/B:1", "signal")
    assert [event["type"] for event in told["events"]][:2] == ["signal_received", "case_linked"]


def test_signals_of_one_case_to_another_are_received_in_the_order_in_which_they_were_sent(district: District) -> None:
    district.do(district.start("A"))
    planted = [plant(district, "X", seq, n, "A").id for seq, n in ((2, 1), (1, 2), (10, 1), (1, 1))]

    rounds = [deliver_due(district.service) for _ in range(5)]

    received = [entry["command"]["id"] for entry in entries(district, "A")[1:]]
    assert rounds == [1, 1, 1, 1, 0]
    assert received == [planted[3], planted[1], planted[0], planted[2]]


def test_a_signal_whose_target_refuses_is_tried_again_then_given_up_and_holds_up_only_those_behind_it(
    district: District,
) -> None:
    district.do(district.start("A"))
    bad = plant(district, "X", 1, 1, "nowhere")
    behind = plant(district, "X", 2, 1, "nowhere")
    other = plant(district, "X", 3, 1, "A")

    assert deliver_due(district.service) == 2
    assert [entry["command"]["id"] for entry in entries(district, "A")[1:]] == [other.id]
    tries = 1
    while bad.id in waiting(district):
        assert deliver_due(district.service) == 0
        district.clock.advance(POISON_PAUSE)
        tries += deliver_due(district.service)

    assert tries == MOST_ATTEMPTS
    assert ("signal_given_up", "nowhere", bad.id) in incidents(district)
    assert waiting(district) == [behind.id]


def test_a_signal_may_be_sent_by_nobody_but_the_engine(district: District) -> None:
    district.do(district.start("A"))
    forged = ReceiveSignal(source=case("B"), source_seq=1, n=1, name="same", data={})

    with pytest.raises(NotPermitted):
        district.do(district.request(case("A"), forged, "chen"))
