"""Bulk operations of a running server: carried out in the background, stopped and gone on with by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from engine.core.command import Request
from engine.errors import Busy, NotFound
from engine.runtime.bulk import BATCH, BulkResult, find_bulk, open_bulk, results, run_bulk, stop_bulk, unfinished
from engine.runtime.door import Door
from engine.store.views import BulkRow

RunStatus = Literal["running", "stopped", "done"]


class BulkRuns:
    """One operation after the other in one thread; a stop takes hold between two batches."""

    def __init__(self, door: Door, *, batch: int = BATCH, ended: Callable[[BulkRow], None] | None = None) -> None:
        self._door = door
        self._batch = batch
        #: what follows when all items of an operation are done
        self._ended = ended
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="bulk")
        self._stopping = False
        #: operations that a person has told to stop
        self._halted: set[str] = set()

    def begin(self, bulk: str, *, purpose: str, requests: Sequence[Request], person: str, reason: str) -> BulkRow:
        """Freeze an operation and begin it; of an id that is known it tells how far it is. NotPermitted, NotFound."""
        if self.known(bulk):
            return self.row(person, purpose, bulk)
        made = open_bulk(self._door, purpose=purpose, requests=requests, person=person, reason=reason, bulk=bulk)
        self._threads.submit(self._run, made.id)
        return made

    def known(self, bulk: str) -> bool:
        """Whether there is an operation of that id."""
        return find_bulk(self._door, bulk) is not None

    def row(self, person: str, purpose: str, bulk: str) -> BulkRow:
        """How far an operation is; NotFound for others than who began it."""
        found = find_bulk(self._door, bulk)
        if found is None or found.person != person or found.purpose != purpose:
            raise NotFound("bulk_not_found", bulk=bulk)
        return found

    def status(self, row: BulkRow) -> RunStatus:
        """Whether it goes on, waits to be gone on with, or has ended."""
        if row.status == "closed":
            return "done"
        return "stopped" if row.id in self._halted or row.status == "stopped" else "running"

    def stop(self, row: BulkRow) -> None:
        """End it between two batches."""
        if self.status(row) == "running":
            self._halted.add(row.id)

    def go_on(self, row: BulkRow) -> None:
        """Go on with one that was stopped."""
        if self.status(row) == "stopped":
            self._halted.discard(row.id)
            self._threads.submit(self._run, row.id)

    def failed(self, bulk: str) -> list[BulkResult]:
        """The items that the one door refused."""
        return list(results(self._door, bulk, status="failed"))

    def take_up(self, purpose: str) -> int:
        """Go on with every operation of that purpose that was not ended and not stopped; how many."""
        begun = [row for row in unfinished(self._door, purpose) if row.status == "open"]
        for row in begun:
            self._threads.submit(self._run, row.id)
        return len(begun)

    def wait(self) -> None:
        """Wait until what was begun has ended."""
        self._threads.submit(lambda: None).result()

    def close(self) -> None:
        """Stop between two batches; what is left is taken up again later."""
        self._stopping = True
        self._threads.shutdown(wait=True)

    def _run(self, bulk: str) -> None:
        try:
            stopped = lambda: self._stopping or bulk in self._halted  # noqa: E731
            row = run_bulk(self._door, bulk, batch=self._batch, stopped=stopped)
            if row.status == "closed" and self._ended is not None:
                self._ended(row)
            if bulk in self._halted:
                stop_bulk(self._door, bulk)
        except Busy:
            if not self._stopping:
                self._threads.submit(self._run, bulk)
