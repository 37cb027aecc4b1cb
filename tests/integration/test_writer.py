"""The one writer: it commits what waits together, clicks before batches, and answers everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest

from engine.core.command import Answer, Request
from engine.errors import Busy, NotPermitted
from engine.runtime.service import Outcome, Service
from engine.runtime.writer import MOST_PASSED, MOST_WAITING, Writer
from engine.store.records import DefinitionRow
from engine.store.store import Store
from tests.districts import MASTER, District, SeededDice

PATIENCE = 20.0


class Watched(Service):
    """A service that notes which requests came together, and may be made to do something before each group."""

    groups: list[list[str]]
    before: Callable[[], None]

    def execute(self, requests: Sequence[Request], definitions: Sequence[DefinitionRow] = ()) -> list[Outcome]:
        """See Service."""
        self.before()
        self.groups.append([request.id for request in requests])
        return super().execute(requests, definitions)


@pytest.fixture
def district(sqlite_store: Store) -> District:
    """A settled world on SQLite."""
    made = District(sqlite_store)
    made.settle()
    return made


@pytest.fixture
def service(district: District) -> Watched:
    """A service of its own."""
    made = Watched(
        store=district.store,
        catalog=district.catalog,
        directories=district.service.directories,
        clock=district.clock,
        dice=SeededDice("writer"),
        master=MASTER,
    )
    made.groups, made.before = [], lambda: None
    return made


@pytest.fixture
def writer(service: Watched) -> Iterator[Writer]:
    """A writer over the service."""
    made = Writer(service)
    yield made
    made.close()


class Gate:
    """Work that holds the writer until it is opened, so that others come to wait."""

    def __init__(self, writer: Writer) -> None:
        self._reached, self._open = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=writer.run, args=(self._hold,), daemon=True)
        self._thread.start()
        assert self._reached.wait(PATIENCE)

    def _hold(self, _: Service) -> None:
        self._reached.set()
        assert self._open.wait(PATIENCE)

    def open(self) -> None:
        """Let the writer go on."""
        self._open.set()
        self._thread.join(PATIENCE)


def queued(writer: Writer) -> None:
    """Wait until a job waits behind the gate."""
    pause = threading.Event()
    for _ in range(2000):
        if writer._jobs:
            return
        pause.wait(0.01)
    raise AssertionError("no job came")


def answers(futures: Sequence[Future[Answer]]) -> list[Answer]:
    """All answers, in order."""
    return [future.result(PATIENCE) for future in futures]


def test_requests_that_wait_are_committed_together_and_each_gets_its_own_answer(
    district: District, service: Watched, writer: Writer
) -> None:
    requests = [district.start(f"A{n}") for n in range(50)]
    gate = Gate(writer)

    futures = [writer.submit_later(request) for request in requests]
    gate.open()

    assert [answer.command for answer in answers(futures)] == [request.id for request in requests]
    assert service.groups == [[request.id for request in requests]]


def test_one_that_is_refused_spoils_nothing_for_those_committed_with_it(district: District, writer: Writer) -> None:
    gate = Gate(writer)

    first, refused, last = (
        writer.submit_later(district.start("A")),
        writer.submit_later(district.start("B", by="stranger")),
        writer.submit_later(district.confirm("A")),
    )
    gate.open()

    assert [answer.seq for answer in answers([first, last])] == [1, 2]
    with pytest.raises(NotPermitted):
        refused.result(PATIENCE)


def test_clicks_go_before_batches(district: District, service: Watched, writer: Writer) -> None:
    batch, clicks = [district.start(f"B{n}") for n in range(3)], [district.start(f"C{n}") for n in range(2)]
    gate = Gate(writer)

    behind = threading.Thread(target=writer.submit_batch, args=(batch,), daemon=True)
    behind.start()
    queued(writer)
    futures = [writer.submit_later(click) for click in clicks]
    gate.open()
    answers(futures)
    behind.join(PATIENCE)

    assert service.groups == [[one.id for one in clicks], [one.id for one in batch]]


def test_a_batch_gets_its_turn_however_many_clicks_come(district: District, service: Watched, writer: Writer) -> None:
    done, clicks = threading.Event(), iter([district.start(f"C{n}") for n in range(500)])
    gate = Gate(writer)
    futures: list[Future[Answer]] = []

    def click_again() -> None:
        if not done.is_set():
            futures.append(writer.submit_later(next(clicks)))

    def note(_: Service) -> None:
        done.set()

    service.before = click_again
    click_again()
    behind = threading.Thread(target=writer.run, args=(note,), daemon=True)
    behind.start()
    queued(writer)
    gate.open()

    assert done.wait(PATIENCE)
    assert len(service.groups) <= MOST_PASSED + 1
    answers(futures)


def test_a_full_queue_refuses_at_once_instead_of_letting_everybody_wait(district: District, writer: Writer) -> None:
    request = district.start("A")
    gate = Gate(writer)
    futures = [writer.submit_later(request) for _ in range(MOST_WAITING)]

    with pytest.raises(Busy) as refused:
        writer.submit_later(request)

    assert (refused.value.code, refused.value.data) == ("too_many_waiting", {"waiting": MOST_WAITING})
    gate.open()
    assert len(set(answers(futures))) == 1


def test_closing_answers_everything_that_waits_and_takes_nothing_more(district: District, service: Watched) -> None:
    writer = Writer(service)
    gate = Gate(writer)
    futures = [writer.submit_later(district.start(f"A{n}")) for n in range(5)]
    closing = threading.Thread(target=writer.close, daemon=True)
    closing.start()

    gate.open()
    closing.join(PATIENCE)

    assert [future.result(0).seq for future in futures] == [1] * 5
    for late in (lambda: writer.submit(district.start("B")), lambda: writer.run(lambda service: None)):
        with pytest.raises(Busy) as refused:
            late()
        assert refused.value.code == "stopping"


def test_whoever_gave_up_waiting_is_left_out_and_the_writer_goes_on(district: District, writer: Writer) -> None:
    gate = Gate(writer)
    given_up, kept = writer.submit_later(district.start("A")), writer.submit_later(district.start("B"))

    assert given_up.cancel()
    gate.open()

    assert kept.result(PATIENCE).stream.id == "B"
    assert writer.submit(district.start("C")).seq == 1


def test_a_failure_nobody_foresaw_is_told_to_those_it_hit_and_the_writer_goes_on(
    district: District, service: Watched, writer: Writer
) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    service.before = fail
    with pytest.raises(Busy) as refused:
        writer.submit(district.start("A"))
    service.before = lambda: None

    assert refused.value.code == "writer_failed"
    assert writer.submit(district.start("B")).seq == 1


def test_a_job_that_fails_tells_its_caller_and_the_writer_goes_on(district: District, writer: Writer) -> None:
    def fail(_: Service) -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        writer.run(fail)

    assert writer.submit(district.start("B")).seq == 1


def test_while_people_click_a_batch_is_carried_out_in_small_pieces(
    writer: Writer, service: Watched, district: District
) -> None:
    writer.submit(district.start("C"))
    writer.submit_batch([district.start(f"B{n}") for n in range(40)])

    pieces = [len(group) for group in service.groups[1:]]
    assert sum(pieces) == 40
    assert pieces[0] == 8
