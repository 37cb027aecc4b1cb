"""F6: what a worker pays for looking whether anything is due when nothing is, with few and with many timers pending."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import text

from bench.figures import Figure, NotRun, Sizes
from bench.proof import NotWhole
from bench.servers import NoServer, postgres
from bench.world import MORNING, World, world
from engine.runtime.projection import micros
from engine.runtime.worker import fire_due

_SQLITE = """
INSERT INTO timer (kind, id, task, fire_at, rung, epoch)
WITH RECURSIVE pending (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM pending WHERE n < :last)
SELECT 'case', printf('pending-%012d', n), 1, :after + n, 'remind', 1 FROM pending
"""
_POSTGRES = """
INSERT INTO timer (kind, id, task, fire_at, rung, epoch)
SELECT 'case', 'pending-' || lpad(CAST(n AS text), 12, '0'), 1, :after + n, 'remind', 1
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""
_PIECE = 500_000


def f6_sqlite(folder: Path, sizes: Sizes) -> Figure:
    """SQLite."""
    with world(f"sqlite:///{folder / 'f6.sqlite'}") as district:
        return _measure("F6", district, _SQLITE, sizes.pending, sizes.polls)


def f6_postgres(_folder: Path, sizes: Sizes) -> Figure | NotRun:
    """PostgreSQL."""
    try:
        with postgres() as server, world(server.url) as district:
            return _measure("F6-pg", district, _POSTGRES, sizes.pending_postgres, sizes.polls)
    except NoServer as reason:
        return NotRun(id="F6-pg", reason=str(reason))


def _measure(name: str, district: World, insert: str, pending: tuple[int, int], polls: int) -> Figure:
    few, many = pending
    _fill(district, insert, 1, few)
    with_few = _polls(district, polls)
    _fill(district, insert, few + 1, many)
    with_many = _polls(district, polls)
    details: dict[str, Any] = {
        f"with {few:,} pending": f"{median(with_few):.4f} ms",
        f"with {many:,} pending": f"{median(with_many):.4f} ms",
        "p95": f"{sorted(with_few)[polls * 95 // 100]:.3f}, {sorted(with_many)[polls * 95 // 100]:.3f} ms",
        "many / few": round(median(with_many) / median(with_few), 2),
        "polls": polls,
    }
    return Figure(id=name, value=median(with_many), reach=1.0, better="less", unit=" ms", details=details)


def _fill(district: World, insert: str, first: int, last: int) -> None:
    """Pending timers, one a microsecond from tomorrow on."""
    after = micros(MORNING) + 86_400_000_000
    for start in range(first, last + 1, _PIECE):
        with district.store.session() as session:
            session.run(text(insert), {"first": start, "last": min(start + _PIECE - 1, last), "after": after})


def _polls(district: World, count: int) -> list[float]:
    """Milliseconds of whole polls: begin, look, commit."""
    took = []
    for _ in range(count + 1):
        begun = perf_counter()
        if fire_due(district.service):
            raise NotWhole("something was due")
        took.append((perf_counter() - begun) * 1000)
    return took[1:]
