"""The lock that lets only one process write an embedded database."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from engine.errors import Busy


class WriterLock:
    """Held from `take` until `release` or the end of the process, however it ends; the file stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, what: str) -> Self:
        """Hold the lock; Busy names what the process that holds it is doing, and its process id."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder, _, process = os.read(handle, 100).decode("utf-8", "replace").partition(" ")
            os.close(handle)
            raise Busy("database_held", holder=holder or "?", process=process or "?") from exc
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{what} {os.getpid()}".encode(), 0)
        self._handle = handle
        return self

    def release(self) -> None:
        """Let others write."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
