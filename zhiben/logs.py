"""The log: JSON lines on standard error, without the values that a traceback's frames hold."""

from __future__ import annotations

import logging
import sys


def configure_log(level: str) -> None:
    """Log from that level on; standard error is looked up when a line is written, for it may be replaced meanwhile."""
    import structlog  # here, so that `--help` answers without it

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
