"""F9: a page of a register, fifty rows of it with three filters, its totals and the numbers beside every choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from bench.figures import Figure, NotRun, Sizes
from bench.ledger import ledger
from bench.servers import NoServer, postgres
from bench.world import place
from engine.runtime.registers import RegisterAsk, Registers

_SORTS = (("opened", True), ("opened", False), ("due", False), ("number", True), ("rectify_by", False))
_PEOPLE = ("office", "leader", "supervisor-town01", "supervisor-town07")
_ROWS = 50
REACH = 150.0


def f9_sqlite(folder: Path, sizes: Sizes) -> Figure:
    """SQLite."""
    with ledger(f"sqlite:///{folder / 'f9.sqlite'}", sizes.cases) as (_, registers):
        return _figure("F9", registers, sizes)


def f9_postgres(_folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL."""
    try:
        with postgres() as server, ledger(server.url, sizes.cases) as (_, registers):
            return _figure("F9-pg", registers, sizes)
    except NoServer as reason:
        return NotRun(id="F9-pg", reason=str(reason))


def _figure(name: str, registers: Registers, sizes: Sizes) -> Figure:
    took: dict[str, list[float]] = {"whole": [], "own": []}
    rows = 0
    slowest: tuple[float, str] = (0.0, "")
    for person, ask in _asks(sizes.reads):
        begun, own = perf_counter(), process_time()
        page, _ = registers.both(person, "hazard_ledger", ask)
        ended = perf_counter()
        rows += len(page.lines)
        took["whole"].append((ended - begun) * 1000)
        took["own"].append((process_time() - own) * 1000)
        slowest = max(slowest, (ended - begun, f"{person} {dict(ask.filters)} {ask.sort}"))
    return Figure(
        id=name,
        value=_p95(took["whole"]),
        reach=REACH,
        better="less",
        unit=" ms",
        whole=rows > 0,
        details={
            "cases": sizes.cases,
            "pages": sizes.reads,
            "rows a page": round(rows / sizes.reads, 1),
            "median": round(median(took["whole"]), 1),
            # processor time of this process: what a machine that is not busy with other things would take
            "p95 own": round(_p95(took["own"]), 1),
            "slowest": f"{slowest[0] * 1000:.0f} ms {slowest[1]}",
        },
    )


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def _asks(count: int) -> Iterator[tuple[str, RegisterAsk]]:
    """Three filters each, of those that people use; some first pages are warmed up by those before."""
    dice = Random("F9")
    regions = [region for region in place().regions if region.count("/") > 2]
    choices: dict[str, tuple[str, ...]] = {
        "region": (*regions, "/sample/"),
        "industry": tuple(place().industries),
        "level": ("一般", "重大"),
        "channel": ("企业自查", "检查发现", "群众举报"),
        "state": ("reported", "rectifying", "closed"),
        "light": ("red", "yellow", "green"),
        "opened": ("2026-02-01..2026-02-28", "2025-10-01.."),
    }
    for _ in range(count):
        filters: dict[str, Any] = {name: [dice.choice(choices[name])] for name in dice.sample(sorted(choices), 3)}
        sort, down = dice.choice(_SORTS)
        yield dice.choice(_PEOPLE), RegisterAsk(filters=filters, sort=sort, down=down, limit=_ROWS)
