"""The one writer of an embedded database: a thread that takes waiting requests together and commits them as a group.

Clicks go before batches, though never for ever; a full queue refuses at once instead of letting everybody wait.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

import structlog

from engine.core.command import Answer, Request
from engine.errors import Busy, ZhibenError
from engine.runtime.clock import stopwatch
from engine.runtime.door import answer_of
from engine.runtime.service import Outcome, Service

T = TypeVar("T")
log = structlog.get_logger()

#: Clicks committed together; beyond this only the wait grows.
MOST_TOGETHER = 128
#: Clicks that may wait; beyond this the caller is told to come back.
MOST_WAITING = 4096
#: Groups of clicks that a job lets pass before it is its turn, so that deadlines are noticed under any load.
MOST_PASSED = 16
#: Requests of a batch committed together, so that clicks wait no longer than this takes.
BATCH_SLICE = 200


class Writer:
    """A Door over one Service that only its own thread touches."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._clicks: deque[tuple[Request, Future[Answer]]] = deque()
        self._jobs: deque[tuple[Callable[[Service], Any], Future[Any]]] = deque()
        self._ready = threading.Condition()
        self._closing = False
        self._passed = 0
        self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> Answer:
        """See Door."""
        return self.submit_later(request).result()

    def submit_later(self, request: Request) -> Future[Answer]:
        """See Door; raises Busy when too many wait already."""
        future: Future[Answer] = Future()
        with self._ready:
            if self._closing:
                raise Busy("stopping")
            if len(self._clicks) >= MOST_WAITING:
                raise Busy("too_many_waiting", waiting=len(self._clicks))
            self._clicks.append((request, future))
            self._ready.notify()
        return future

    def submit_batch(self, requests: Sequence[Request]) -> list[Outcome]:
        """See Door."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(requests):
            outcomes.extend(self.run(partial(_some, requests, len(outcomes))))
        return outcomes

    def run(self, job: Callable[[Service], T]) -> T:
        """See Door."""
        future: Future[T] = Future()
        with self._ready:
            if self._closing:
                raise Busy("stopping")
            self._jobs.append((job, future))
            self._ready.notify()
        return future.result()

    def close(self) -> None:
        """Finish what waits and stop; later requests are refused."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._ready:
                while not (self._clicks or self._jobs or self._closing):
                    self._ready.wait()
                if not (self._clicks or self._jobs):
                    return
                together, job = self._next()
            if job is not None:
                pace, begun = self._service.pace, stopwatch()
                pace.begin(begun)
                _do(job[0], job[1], self._service)
                pace.took(stopwatch() - begun)
            elif together:
                begun = stopwatch()
                self._answer(together)
                self._service.pace.clicked(ended := stopwatch(), ended - begun)

    def _next(self) -> tuple[list[tuple[Request, Future[Answer]]], tuple[Callable[[Service], Any], Future[Any]] | None]:
        """Clicks to carry out together, or a job; whoever no longer waits for an answer is left out."""
        if self._jobs and (not self._clicks or self._passed >= MOST_PASSED):
            self._passed = 0
            return [], self._jobs.popleft()
        self._passed = self._passed + 1 if self._jobs else 0
        taken = [self._clicks.popleft() for _ in range(min(len(self._clicks), MOST_TOGETHER))]
        return [click for click in taken if click[1].set_running_or_notify_cancel()], None

    def _answer(self, together: list[tuple[Request, Future[Answer]]]) -> None:
        try:
            outcomes = self._service.execute([request for request, _ in together])
        except Exception as exc:
            log.exception("writer_failed", requests=len(together))
            outcomes = [exc if isinstance(exc, ZhibenError) else Busy("writer_failed") for _ in together]
        for (_, future), outcome in zip(together, outcomes, strict=True):
            if isinstance(outcome, ZhibenError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


class DirectDoor:
    """A Door whose callers' threads do the work themselves, each with a Service of its own (PostgreSQL)."""

    def __init__(self, make_service: Callable[[], Service]) -> None:
        self._make = make_service
        self._mine = threading.local()

    def _service(self) -> Service:
        service: Service | None = getattr(self._mine, "service", None)
        if service is None:
            service = self._mine.service = self._make()
        return service

    def submit(self, request: Request) -> Answer:
        """See Door."""
        return answer_of(self._service().execute([request])[0])

    def submit_later(self, request: Request) -> Future[Answer]:
        """See Door; done when it returns."""
        future: Future[Answer] = Future()
        _do(lambda service: answer_of(service.execute([request])[0]), future, self._service())
        return future

    def submit_batch(self, requests: Sequence[Request]) -> list[Outcome]:
        """See Door."""
        outcomes: list[Outcome] = []
        for start in range(0, len(requests), BATCH_SLICE):
            outcomes.extend(self._service().execute(requests[start : start + BATCH_SLICE]))
        return outcomes

    def run(self, job: Callable[[Service], T]) -> T:
        """See Door."""
        return job(self._service())

    def close(self) -> None:
        """Nothing waits here."""


def _some(requests: Sequence[Request], start: int, service: Service) -> list[Outcome]:
    """Carry out as many of the requests from there on as are wanted in one transaction."""
    return service.execute(requests[start : start + service.pace.of("batch", BATCH_SLICE)])


def _do(job: Callable[[Service], T], future: Future[T], service: Service) -> None:
    try:
        future.set_result(job(service))
    except BaseException as exc:  # noqa: BLE001 - whoever waits for the future must hear of it, whatever it is
        future.set_exception(exc)
