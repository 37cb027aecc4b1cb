"""F3: eight clients with sixteen commands in flight each, through the one writer, beside one bare connection."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from pathlib import Path
from statistics import median
from threading import Barrier, Thread
from time import perf_counter

from bench.figures import Figure, Ratios, Sizes
from bench.one_client import SHAPED, sqlite_bare
from bench.proof import answered, prove
from bench.walks import Walks
from bench.world import World, world
from engine.core.command import Answer, Request
from engine.runtime.writer import Writer

CLIENTS = 8
IN_FLIGHT = 16


class Client:
    """One caller: a lane for each command in flight, the next one of a lane sent when its last one is answered."""

    def __init__(self, district: World, number: int) -> None:
        self._walks = Walks(district, f"crowd{number}", lanes=IN_FLIGHT)
        self._lanes: list[deque[Request]] = []
        self.answers: list[Answer] = []
        self.waits: list[float] = []
        self.failed: BaseException | None = None

    def prepare(self, each: int) -> None:
        """Make the requests of a round."""
        self._lanes = [deque(self._walks.in_turn(lane, each)) for lane in range(IN_FLIGHT)]

    def run(self, writer: Writer, ready: Barrier) -> None:
        """Send them all, and wait for all answers."""
        ready.wait()
        try:
            self._send(writer)
        except BaseException as failed:  # noqa: BLE001 - told where the threads are joined
            self.failed = failed

    def _send(self, writer: Writer) -> None:
        flying: deque[tuple[deque[Request], Future[Answer], float]] = deque()
        for lane in self._lanes:
            flying.append((lane, writer.submit_later(lane.popleft()), perf_counter()))
        while flying:
            lane, future, since = flying.popleft()
            self.answers.append(future.result())
            self.waits.append(perf_counter() - since)
            if lane:
                flying.append((lane, writer.submit_later(lane.popleft()), perf_counter()))


def f3(folder: Path, sizes: Sizes) -> Figure:
    """SQLite, eight clients."""
    each = max(1, sizes.crowd_commands // (CLIENTS * IN_FLIGHT))
    with (
        world(f"sqlite:///{folder / 'f3.sqlite'}") as district,
        sqlite_bare(folder / "f3-bare.sqlite", district) as bare,
    ):
        writer = Writer(district.service)
        clients = [Client(district, number) for number in range(CLIENTS)]
        try:
            _round(writer, clients, 2)
            bare.run(sizes.commands)
            ours, theirs = [], []
            for _ in range(sizes.rounds):
                theirs.append(sizes.commands / bare.run(sizes.commands))
                ours.append(each * CLIENTS * IN_FLIGHT / _round(writer, clients, each))
        finally:
            writer.close()
        ratios, checked = Ratios(ours=ours, bare=theirs), bare.check()
        answers = answered(answer for client in clients for answer in client.answers)
        proof = prove(district.store, len(answers) + SHAPED)
        waits = sorted(wait for client in clients for wait in client.waits)
    return Figure(
        id="F3",
        value=ratios.ratio,
        reach=1.0,
        details={
            **ratios.details(),
            "wait": f"{median(waits) * 1000:.1f} ms, p99 {waits[len(waits) * 99 // 100] * 1000:.1f} ms",
            "proved": f"{proof.entries} entries, {proof.chains} chains, {proof.folded} folded",
            "baseline": f"{checked['entries']} entries, {checked['chains']} chains",
        },
    )


def _round(writer: Writer, clients: list[Client], each: int) -> float:
    """Seconds from the first request to the last answer."""
    for client in clients:
        client.prepare(each)
    ready = Barrier(len(clients) + 1)
    threads = [Thread(target=client.run, args=(writer, ready)) for client in clients]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = perf_counter()
    for thread in threads:
        thread.join()
    took = perf_counter() - begun
    for client in clients:
        if client.failed is not None:
            raise client.failed
    return took
