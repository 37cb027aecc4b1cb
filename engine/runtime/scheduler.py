"""The alarm clock: APScheduler wakes the worker, and knows nothing of what is due (memory job store, one job)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger()


class AlarmClock:
    """Calls a function every so many seconds; never twice at the same time."""

    def __init__(self, wake: Callable[[], object], *, poll_seconds: float) -> None:
        self._wake = wake
        self._busy = threading.Lock()
        # That a wake-up is left out while the one before still works is no news.
        told = logging.getLogger(f"{__name__}.apscheduler")
        told.setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            logger=told,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            timezone="UTC",
            # A wake-up that was missed is as good as the next one: deadlines are rows, not jobs.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_job(self._ring, IntervalTrigger(seconds=poll_seconds, timezone="UTC"), id="wake")

    def _ring(self) -> None:
        with self._busy:
            try:
                self._wake()
            except Exception:
                log.exception("wake_up_failed")

    def start(self) -> None:
        """Start ringing."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ringing; returns when the call under way has ended."""
        self._scheduler.shutdown(wait=True)
        with self._busy:
            pass

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
