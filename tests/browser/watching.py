"""Watches a browser's page: whatever goes wrong in it, or leaves for another host, fails the test."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

#: What Chromium says on its console about an answer that is no 2xx.
_STATUS = re.compile(r"status of (\d{3})")


class Watch:
    """What went wrong so far; `allow` names answers that a test provokes."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.troubles: list[str] = []
        self._host = urlsplit(base).netloc
        self._allowed: set[int] = set()
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"error {error.error}"))
        context.on("request", self._request)

    def allow(self, *statuses: int) -> None:
        """Answers of these statuses are what the test is about."""
        self._allowed.update(statuses)

    def check(self) -> None:
        """Fail if anything went wrong."""
        assert self.troubles == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        told = _STATUS.search(message.text)
        if not told or int(told[1]) not in self._allowed:
            self.troubles.append(f"console {message.text}")

    def _request(self, request: Request) -> None:
        address: Any = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc != self._host:
            self.troubles.append(f"request to {request.url}")
