"""`python -m bench [F1 F2 ...] [--json] [--small]`: each figure beside the baseline of the same run, one line each."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import structlog

from bench import board, cliff, crowd, midnight, one_client, poll, reading, start, where
from bench.figures import FULL, SMALL, Figure, NotRun, Sizes, commit
from bench.servers import NoServer
from bench.synced import sync_microseconds

Measure = Callable[[Path, Sizes], Figure | NotRun]

FIGURES: Mapping[str, tuple[Measure, ...]] = {
    "F1": (one_client.f1,),
    "F2": (one_client.f2,),
    "F3": (crowd.f3,),
    "F5": (cliff.f5_sqlite, cliff.f5_postgres),
    "midnight": (midnight.midnight_sqlite, midnight.midnight_postgres),
    "F6": (poll.f6_sqlite, poll.f6_postgres),
    "F9": (reading.f9_sqlite, reading.f9_postgres),
    "F10": (board.f10_sqlite, board.f10_postgres),
    "F15": (start.f15,),
}

#: Not a figure: the steps of a command with their times.
WHERE = "where"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 0 also where a figure falls short: a figure is no test."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside their baselines.")
    parser.add_argument("figures", nargs="*", metavar="F", help=f"by default all: {' '.join(FIGURES)}; or {WHERE}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--small", action="store_true", help="tiny counts, to see that it runs; the figures mean nothing"
    )
    parser.add_argument("--rounds", type=int, help="rounds to take the middle one of")
    parser.add_argument("--folder", type=Path, help="where databases are made for the time being")
    told = parser.parse_args(arguments)
    unknown = [name for name in told.figures if name not in (*FIGURES, WHERE)]
    if unknown:
        parser.error(f"unknown: {' '.join(unknown)}; known: {' '.join(FIGURES)}")
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    sizes = SMALL if told.small else FULL
    if told.rounds:
        sizes = msgspec.structs.replace(sizes, rounds=told.rounds)
    for name in told.figures or FIGURES:
        if name == WHERE:
            _print_where(sizes, told.folder)
            continue
        for measure in FIGURES[name]:
            figure = _measured(measure, sizes, told.folder)
            print(_json(figure) if told.json else figure.lines(), flush=True)
    return 0


def _measured(measure: Measure, sizes: Sizes, parent: Path | None) -> Figure | NotRun:
    with TemporaryDirectory(prefix="zhiben-bench-", dir=parent) as folder:
        figure = measure(Path(folder), sizes)
        if isinstance(figure, NotRun):
            return figure
        more = {
            "commit": commit(),
            "sync": f"{sync_microseconds(Path(folder)):.0f} µs",
            # how many others wanted the processors meanwhile; a ratio bears that better than a speed
            "load": round(os.getloadavg()[1], 1),
        }
        return msgspec.structs.replace(figure, details={**figure.details, **more})


def _print_where(sizes: Sizes, parent: Path | None) -> None:
    for title, table in (("SQLite", where.sqlite_table), ("PostgreSQL", where.postgres_table)):
        with TemporaryDirectory(prefix="zhiben-bench-", dir=parent) as folder:
            try:
                print(where.lines(title, table(Path(folder), sizes)), flush=True)
            except NoServer as reason:
                print(NotRun(id=title, reason=str(reason)).lines(), flush=True)


def _json(figure: Figure | NotRun) -> str:
    told = msgspec.to_builtins(figure)
    if isinstance(figure, Figure):
        told["reached"] = figure.reached
    return msgspec.json.encode(told).decode()


if __name__ == "__main__":
    sys.exit(main())
