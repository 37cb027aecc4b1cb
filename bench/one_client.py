"""F1 and F2: durable commands of one client, the whole engine beside the bare driver, round by round in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.bare import Bare, BarePostgres, BareSqlite, Shape
from bench.figures import Figure, NotRun, Ratios, Sizes
from bench.proof import answered, prove
from bench.servers import NoServer, pgbench, postgres
from bench.walks import LANES, Walks
from bench.world import World, world
from engine.core.command import Request
from engine.runtime.service import Outcome

_WARM_UP = 2 * LANES
#: Commands carried out to see how long the engine's rows are.
SHAPED = 2 * _WARM_UP


def f1(folder: Path, sizes: Sizes) -> Figure:
    """SQLite, one client."""
    with (
        world(f"sqlite:///{folder / 'f1.sqlite'}") as district,
        sqlite_bare(folder / "f1-bare.sqlite", district) as bare,
    ):
        ratios, details = _measure(district, bare, sizes)
    return Figure(id="F1", value=ratios.ratio, reach=0.40, details=details)


def f2(_folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL, one client."""
    try:
        with postgres() as server, world(server.url) as district:
            bare: Bare
            with bare_like(district, lambda shape: BarePostgres(server.url, shape)) as bare:
                ratios, details = _measure(district, bare, sizes)
                told = pgbench(server, bare.shape, sizes.pgbench_seconds)
            details["pgbench/s"] = round(told) if isinstance(told, float) else f"NOT RUN: {told}"
            details["server"] = server.version
    except NoServer as reason:
        return NotRun(id="F2", reason=str(reason))
    return Figure(id="F2", value=ratios.ratio, reach=0.80, details=details)


@contextmanager
def sqlite_bare(path: Path, district: World) -> Iterator[Bare]:
    """The bare driver on a file of its own."""
    with bare_like(district, lambda shape: BareSqlite(path, shape)) as bare:
        yield bare


@contextmanager
def bare_like(district: World, make: Callable[[Shape], Bare]) -> Iterator[Bare]:
    """A bare driver whose rows are as long as the engine's own."""
    bare = make(shape_of(district))
    try:
        bare.prepare()
        yield bare
    finally:
        bare.close()


def shape_of(district: World) -> Shape:
    """Mean bytes of what the engine writes for some cases; they stay in the database."""
    walks = Walks(district, "shape")
    outcomes = one_at_a_time(district, walks.take(SHAPED))
    snapshot = entry = count = 0
    with district.store.session() as session, district.store.read() as reader:
        for stream in dict.fromkeys(answer.stream for answer in answered(outcomes)):
            snapshot += len(session.load([stream])[stream].snapshot)
            entry += sum(len(row.bytes) for row in reader.record.entries(stream))
            count += 1
    return Shape(snapshot=snapshot // count, entry=entry // len(outcomes), message=30)


def one_at_a_time(district: World, requests: list[Request]) -> list[Outcome]:
    """Carry them out, each when the one before is durable."""
    execute = district.service.execute
    return [execute([request])[0] for request in requests]


def _measure(district: World, bare: Bare, sizes: Sizes) -> tuple[Ratios, dict[str, Any]]:
    walks = Walks(district, "one")
    answered(one_at_a_time(district, walks.take(_WARM_UP)))
    bare.run(_WARM_UP)
    done = SHAPED + _WARM_UP
    ours, theirs = [], []
    for _ in range(sizes.rounds):
        requests = walks.take(sizes.commands)
        theirs.append(sizes.commands / bare.run(sizes.commands))
        begun = perf_counter()
        outcomes = one_at_a_time(district, requests)
        ours.append(sizes.commands / (perf_counter() - begun))
        done += len(answered(outcomes))
    ratios = Ratios(ours=ours, bare=theirs)
    checked = bare.check()
    proof = prove(district.store, done)
    return ratios, {
        **ratios.details(),
        "bytes": f"{bare.shape.snapshot}+{bare.shape.entry}",
        "proved": f"{proof.entries} entries, {proof.chains} chains, {proof.folded} folded",
        "baseline": f"{checked['entries']} entries, {checked['chains']} chains",
    }
