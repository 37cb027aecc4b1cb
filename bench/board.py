"""F10: the whole board of a district, all its figures, matrix, trend, ranking and wall, as its people read it."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

from bench.figures import Figure, NotRun, Sizes
from bench.ledger import ledger
from bench.servers import NoServer, postgres
from bench.world import MASTER, World, place
from engine.runtime.boards import Boards
from engine.runtime.registers import Registers

_PEOPLE = ("office", "leader", "office", "supervisor-town01")
REACH = 200.0
#: Readings that warm the cache and are not counted.
_WARM = 2


def f10_sqlite(folder: Path, sizes: Sizes) -> Figure:
    """SQLite."""
    with ledger(f"sqlite:///{folder / 'f10.sqlite'}", sizes.cases) as (district, registers):
        return _figure("F10", district, registers, sizes)


def f10_postgres(_folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL."""
    try:
        with postgres() as server, ledger(server.url, sizes.cases) as (district, registers):
            return _figure("F10-pg", district, registers, sizes)
    except NoServer as reason:
        return NotRun(id="F10-pg", reason=str(reason))


def _figure(name: str, district: World, registers: Registers, sizes: Sizes) -> Figure:
    boards = Boards(
        boards=place().boards,
        registers=registers,
        store=district.store,
        catalog=district.service.catalog,
        directories=district.service.directories,
        clock=district.clock,
        master=MASTER,
    )
    took: list[float] = []
    own: list[float] = []
    numbers = 0
    for at in range(sizes.reads // 4 + _WARM):
        begun, used = perf_counter(), process_time()
        seen = boards.seen(_PEOPLE[at % len(_PEOPLE)], next(iter(boards.boards)))
        if at >= _WARM:
            took.append((perf_counter() - begun) * 1000)
            own.append((process_time() - used) * 1000)
        assert seen.heat is not None
        numbers = len(seen.tiles) + len(seen.heat.counts) + sum(len(line.months.counts) for line in seen.trend)
    return Figure(
        id=name,
        value=_p95(took),
        reach=REACH,
        better="less",
        unit=" ms",
        whole=numbers > 0,
        details={
            "cases": sizes.cases,
            "boards": len(took),
            "numbers a board": numbers,
            "median": round(median(took), 1),
            # processor time of this process: what a machine that is not busy with other things would take
            "p95 own": round(_p95(own), 1),
        },
    )


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
