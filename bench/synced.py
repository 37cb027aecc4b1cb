"""What a sync costs here: it decides how much of a commit is the disk's and how much ours."""

from __future__ import annotations

import os
from pathlib import Path
from statistics import median
from time import perf_counter

_TIMES = 200
_PAGE = b"x" * 4096


def sync_microseconds(folder: Path) -> float:
    """The middle of some fdatasync calls after one written page each, in a file that does not grow."""
    path = folder / "sync"
    took = []
    with path.open("wb") as file:
        file.write(_PAGE * _TIMES)
        file.flush()
        os.fsync(file.fileno())
        for n in range(_TIMES):
            os.pwrite(file.fileno(), _PAGE, n * len(_PAGE))
            begun = perf_counter()
            os.fdatasync(file.fileno())
            took.append(perf_counter() - begun)
    path.unlink()
    return median(took) * 1e6
