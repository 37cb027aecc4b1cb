"""F15: from the command to the first page, on an empty SQLite database that was just set up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from socket import socket
from statistics import median
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

from bench.figures import Figure, Sizes

REACH = 3.0
_PATIENCE = 60.0
_LOOK = 0.01
#: Starts that are measured; one more warms the machine's cache of files.
_STARTS = 5


def f15(folder: Path, sizes: Sizes) -> Figure:
    """The middle one of a few starts, each of a process of its own."""
    data = folder / "f15"
    settings = {**os.environ, "ZHIBEN_DATA": str(data)}
    begun = perf_counter()
    _zhiben(settings, "init").wait(_PATIENCE)
    setting_up = perf_counter() - begun
    _start(settings)
    used = getrusage(RUSAGE_CHILDREN)
    took = [_start(settings) for _ in range(1 if sizes.rounds < _STARTS else _STARTS)]
    after = getrusage(RUSAGE_CHILDREN)
    own = (after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime) / len(took)
    return Figure(
        id="F15",
        value=median(took),
        reach=REACH,
        better="less",
        unit=" s",
        details={
            "starts": len(took),
            "slowest": f"{max(took):.2f} s",
            # what a start and its end take of a processor: near the figure on a machine that is not busy
            "processor": f"{own:.2f} s",
            "setting up before": f"{setting_up:.2f} s",
        },
    )


def _start(settings: dict[str, str]) -> float:
    """Seconds until the page on which one signs in has come whole."""
    port = _free_port()
    begun = perf_counter()
    server = _zhiben(settings, "serve", "--port", str(port))
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=_PATIENCE) as answer:
                    assert b"</html>" in answer.read()
                return perf_counter() - begun
            except (URLError, ConnectionError):
                assert perf_counter() - begun < _PATIENCE
                sleep(_LOOK)
    finally:
        server.terminate()
        server.wait(_PATIENCE)


def _zhiben(settings: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    code = "from zhiben.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
