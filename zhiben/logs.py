"""The log: JSON lines on standard error, without the values that a traceback's frames hold."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Any

import structlog


class SteadyLogger:
    """Writes lines to the standard error of the moment; a log that cannot be written stops no work."""

    def msg(self, message: str) -> None:
        """Write one line, or lose it: its pipe is closed, its disk is full."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(message + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg


def configure_log(level: str) -> None:
    """Log from that level on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=_steady,
        cache_logger_on_first_use=False,
    )


def _steady(*_: Any) -> SteadyLogger:
    return SteadyLogger()
