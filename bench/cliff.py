"""F5: a hundred thousand deadlines come near in one second; each fires a rung: event, message, next timer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen
from time import perf_counter
from typing import Any

from sqlalchemy import func, select

from bench import clones
from bench.figures import Figure, NotRun, Sizes
from bench.one_client import one_at_a_time
from bench.proof import NotWhole, answered, prove
from bench.servers import NoServer, postgres
from bench.walks import Walks
from bench.world import MORNING, World, machine, service_at, world
from engine.core.ladders import EXPIRY
from engine.runtime.clock import VirtualClock
from engine.runtime.projection import micros, read_snapshot
from engine.runtime.service import Service
from engine.runtime.worker import fire_due
from engine.runtime.writer import Writer
from engine.store.schema import message, stream, timer

_DUE_ON = "2026-03-25"
_MODELS = 48
#: Every so many chains one is verified.
_VERIFY_EVERY = 50
WORKERS = 2


def f5_sqlite(folder: Path, sizes: Sizes) -> Figure:
    """SQLite: the worker beside the one writer."""
    with world(f"sqlite:///{folder / 'f5.sqlite'}") as district, _due(district, sizes.timers) as due:
        writer = Writer(district.service)
        begun = perf_counter()
        while writer.run(fire_due):
            pass
        took = perf_counter() - begun
        writer.close()
        details = due.checked()
    return _figure("F5", took, 10.0, details, sizes)


def f5_postgres(_folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL: two worker processes."""
    try:
        with postgres() as server, world(server.url) as district, _due(district, sizes.timers) as due:
            workers = [
                Popen([sys.executable, "-m", "bench.cliff", server.url, due.at.isoformat()], stdin=PIPE, stdout=PIPE)
                for _ in range(WORKERS)
            ]
            for worker in workers:
                _line(worker)
            begun = perf_counter()
            for worker in workers:
                _say(worker)
            fired = [int(_line(worker)) for worker in workers]
            took = perf_counter() - begun
            for worker in workers:
                worker.communicate()
            details = {**due.checked(), "workers": " + ".join(map(str, fired)), "server": server.version}
    except NoServer as reason:
        return NotRun(id="F5-pg", reason=str(reason))
    return _figure("F5-pg", took, 12.0, details, sizes)


def _figure(name: str, took: float, reach: float, details: dict[str, Any], sizes: Sizes) -> Figure:
    whole = details["duplicates"] == details["lost"] == 0
    speed = {"timers": sizes.timers, "timers/s": round(sizes.timers / took)}
    return Figure(id=name, value=took, reach=reach, better="less", unit=" s", whole=whole, details={**speed, **details})


class Due:
    """Cases whose first rung has come."""

    def __init__(self, district: World, cases: int, entries: int, at: datetime) -> None:
        self._district = district
        self._cases = cases
        self._entries = entries
        self.at = at

    def checked(self) -> dict[str, Any]:
        """Every case has one entry more, a message more and its next timer; chains and folds of a sample hold."""
        with self._district.store.session() as session:
            seqs = dict(
                session.run(
                    select(stream.c.seq, func.count()).where(stream.c.kind == "case").group_by(stream.c.seq)
                ).all()
            )
            left = session.run(select(func.count()).where(timer.c.fire_at <= micros(self.at))).scalar_one()
            armed = session.run(select(func.count()).select_from(timer)).scalar_one()
            sent = session.run(select(func.count()).where(message.c.text == "coming_due")).scalar_one()
        before = self._entries // self._cases
        lost = sum(count for seq, count in seqs.items() if seq <= before)
        duplicates = sum(count * (seq - before - 1) for seq, count in seqs.items() if seq > before + 1)
        if (left, armed, sent) != (0, self._cases, self._cases):
            raise NotWhole(f"{self._cases} cases: {left} timers still due, {armed} armed, {sent} messages")
        proof = prove(self._district.store, self._entries + self._cases, every=_VERIFY_EVERY)
        return {"duplicates": duplicates, "lost": lost, "entries": proof.entries, "folded": proof.folded}


@contextmanager
def _due(district: World, count: int) -> Iterator[Due]:
    """So many cases under rectification, all due on one day; the clock then stands at their first rung."""
    walks = Walks(district, "cliff", due_on=_DUE_ON)
    models = min(_MODELS, count // 2)
    first = walks.one(1)
    answered(one_at_a_time(district, first))
    clones.number_from(district.store, clones.FIRST_NUMBER)
    answers = answered(one_at_a_time(district, [request for _ in range(models) for request in walks.one(2)]))
    names = list(dict.fromkeys(answer.stream for answer in answers))
    with district.store.session() as session:
        cases = [read_snapshot(row.snapshot) for row in session.load(names).values()]
        alarms = {task.alarm for case in cases for task in case.tasks}
    if len(alarms) != 1 or (alarm := alarms.pop()) is None or alarm.rung == EXPIRY:
        raise NotWhole(f"models do not fall due together: {alarms}")
    clones.clone(district.store, sorted(cases, key=lambda case: case.id), count - models)
    prove(district.store, 2 * count + 1, every=_VERIFY_EVERY)
    with district.store.session() as session:
        # the case that only began the series has another deadline
        session.run(timer.delete().where(timer.c.id == first[0].stream.id))
        session.run(stream.delete().where(stream.c.id == first[0].stream.id))
    district.clock.set(alarm.at)
    yield Due(district, count, 2 * count, alarm.at)


# one worker process ---------------------------------------------------------------------------------------------


def _line(worker: Popen[bytes]) -> bytes:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise NotWhole(f"a worker ended with {worker.wait()}")
    return line


def _say(worker: Popen[bytes]) -> None:
    assert worker.stdin is not None
    worker.stdin.write(b"go\n")
    worker.stdin.flush()


def main(url: str, at: str) -> None:
    """Say that it is ready, wait for a line, fire all that is due, say how many."""
    clock = VirtualClock(MORNING)
    clock.set(datetime.fromisoformat(at))
    service = service_at(url, clock, f"worker {at}")
    _warm(service)
    print("ready", flush=True)
    sys.stdin.readline()
    fired = 0
    while done := fire_due(service):
        fired += done
    print(fired, flush=True)
    service.store.close()


def _warm(service: Service) -> None:
    """Open a connection and load what every case needs."""
    with service.store.session() as session:
        service.catalog.machine(session, machine().version)
        service.directories.at(session, session.directory_version())


if __name__ == "__main__":
    main(*sys.argv[1:])
