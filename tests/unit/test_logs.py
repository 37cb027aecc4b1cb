"""The log: one JSON line a message, and nothing stops where it cannot be written."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import orjson
import pytest
import structlog

from zhiben.logs import configure_log


@pytest.fixture(autouse=True)
def unconfigured() -> Iterator[None]:
    """Other tests find the log as it was."""
    yield
    structlog.reset_defaults()


def test_a_line_tells_level_and_data_and_not_what_stood_in_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", written := io.StringIO())
    configure_log("info")
    typed = "张三"

    try:
        raise ValueError("a bug")
    except ValueError:
        structlog.get_logger().exception("failed", command="c1")

    line = orjson.loads(written.getvalue())
    assert (line["level"], line["event"], line["command"]) == ("error", "failed", "c1")
    assert typed not in written.getvalue()
    assert "ValueError: a bug" in line["exception"]


def test_a_log_that_cannot_be_written_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    configure_log("info")

    structlog.get_logger().warning("nobody reads this")
