"""Where the time of a command goes: each step and each statement timed in place, for one client.

Steps are timed around the engine's own functions while they run, so their sum is a little above an untimed command.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any, NamedTuple

from bench.bare import Bare, BarePostgres
from bench.figures import Sizes
from bench.one_client import bare_like, one_at_a_time, sqlite_bare
from bench.proof import answered
from bench.servers import postgres
from bench.walks import LANES, Walks
from bench.world import World, world
from engine.runtime import batch, service

#: name of a step -> where the function lives; a step within another is taken off the outer one.
_STEPS: dict[str, tuple[Any, str]] = {
    "load": (batch.Batch, "_load"),
    "check files": (batch.Batch, "_check_evidence"),
    "facts": (batch.Batch, "_facts"),
    "number": (batch.Batch, "_number"),
    "decide and fold": (batch, "decide_and_fold"),
    "seal": (batch.Batch, "_seal_case"),
    "events to plain": (batch, "encode_events"),
    "canonical bytes, hash": (batch, "write_entry"),
    "entry, the rest": (batch.Batch, "_entry"),
    "rows": (batch, "case_write"),
    "write, the rest": (batch.Batch, "_flush"),
    "command, the rest": (service.Service, "execute"),
}


class Row(NamedTuple):
    """One step: µs a command by its middle run and on average, and how often a command takes it."""

    step: str
    usual: float
    mean: float
    times: float


class Meter:
    """Nanoseconds by name; time spent in an inner step is not counted for the outer one."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, list[int]] = defaultdict(list)
        self._inner = [0]

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed under that name."""

        def run(*given: Any, **named: Any) -> Any:
            self._inner.append(0)
            begun = perf_counter_ns()
            try:
                return function(*given, **named)
            finally:
                took = perf_counter_ns() - begun
                self.spent[name].append(took - self._inner.pop())
                self._inner[-1] += took

        return run


class TimedCursor:
    """A cursor whose statements are timed under their first words."""

    def __init__(self, cursor: Any, meter: Meter) -> None:
        self._cursor = cursor
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, text: Any, *given: Any, **named: Any) -> Any:
        """One statement."""
        return self._meter.timed(_named(text), self._cursor.execute)(text, *given, **named)

    def executemany(self, text: Any, *given: Any) -> Any:
        """One statement, several rows."""
        return self._meter.timed(_named(text), self._cursor.executemany)(text, *given)


def _named(text: str | bytes) -> str:
    words = (text.decode() if isinstance(text, bytes) else text).split()
    if words[0] in ("INSERT", "DELETE"):
        return f"{words[0]} {words[2]}"
    if words[0] == "UPDATE":
        return f"UPDATE {words[1]}{' (names)' if words[3].startswith('number') else ''}"
    if words[0] == "SELECT":
        return f"SELECT {words[words.index('FROM') + 1]} {words[1].strip(',')}"
    return "write, one statement" if words[0] == "WITH" else words[0]


@contextmanager
def _metered(district: World, meter: Meter) -> Iterator[None]:
    with ExitStack() as undo:
        for name, (owner, attribute) in _STEPS.items():
            function = getattr(owner, attribute)
            undo.callback(setattr, owner, attribute, function)
            setattr(owner, attribute, meter.timed(name, function))
        with district.store.session() as session:
            held: Any = session
        cursor = held._cursor
        undo.callback(setattr, held, "_cursor", cursor)
        held._cursor = TimedCursor(cursor, meter)
        yield


def sqlite_table(folder: Path, sizes: Sizes) -> list[Row]:
    """The table on SQLite."""
    with (
        world(f"sqlite:///{folder / 'where.sqlite'}") as district,
        sqlite_bare(folder / "bare.sqlite", district) as bare,
    ):
        return _table(district, bare, sizes)


def postgres_table(_folder: Path, sizes: Sizes) -> list[Row]:
    """The table on PostgreSQL; NoServer where there is none."""
    with (
        postgres() as server,
        world(server.url) as district,
        bare_like(district, lambda shape: BarePostgres(server.url, shape)) as bare,
    ):
        return _table(district, bare, sizes)


def lines(title: str, rows: list[Row]) -> str:
    """The table as text."""
    told = [f"{'µs':>8} {'mean':>8} {'times':>6}  where the time of a command goes, {title}"]
    told += [f"{row.usual:8.1f} {row.mean:8.1f} {row.times:6.2f}  {row.step}" for row in rows]
    return "\n".join(told)


def _table(district: World, bare: Bare, sizes: Sizes) -> list[Row]:
    """The steps of a command, the longest first, their sum, and the bare driver's whole transition."""
    walks = Walks(district, "where")
    count = sizes.commands * sizes.rounds // 4
    answered(one_at_a_time(district, walks.take(4 * LANES)))
    requests, meter = walks.take(count), Meter()
    with _metered(district, meter):
        answered(one_at_a_time(district, requests))
    rows = sorted((_row(name, spent, count) for name, spent in meter.spent.items()), key=lambda row: -row.usual)
    rows.append(Row("sum", sum(row.usual for row in rows), sum(row.mean for row in rows), 1.0))
    took = [bare.run(1) * 1e6 for _ in range(count)]
    return [*rows, Row("bare transition", median(took), sum(took) / count, 1.0)]


def _row(name: str, spent: list[int], commands: int) -> Row:
    times = len(spent) / commands
    return Row(name, median(spent) * times / 1000, sum(spent) / commands / 1000, times)
