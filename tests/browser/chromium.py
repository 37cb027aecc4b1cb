"""The browser: Debian's Chromium, driven by Playwright; a machine without it fails its browser tests aloud."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

#: Which program to start, where it is not the `chromium` of the PATH.
NAMED = "ZHIBEN_CHROMIUM"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=zh-CN",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)


class NoChromium(RuntimeError):
    """There is no browser to test with."""


def executable() -> str:
    """The path of Chromium; NoChromium says what to install."""
    found = os.environ.get(NAMED) or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise NoChromium(
            "No Chromium on this machine, so no browser test can run and none may be left out. "
            "Install it (Debian: apt-get install chromium fonts-noto-cjk; as root `make test` does so itself) "
            f"or name the program in {NAMED}."
        )
    return found


class Driver:
    """A running browser, and the event loop that Playwright keeps in this thread."""

    def __init__(self, browser: Browser, loop: asyncio.AbstractEventLoop) -> None:
        self.browser = browser
        self._loop = loop

    @contextmanager
    def at_work(self) -> Iterator[Browser]:
        """While a browser test runs the loop is the thread's; other tests of this thread may run loops of their own."""
        asyncio._set_running_loop(self._loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(None)


@contextmanager
def driven() -> Iterator[Driver]:
    """A browser for the tests of one process."""
    path = executable()
    playwright = sync_playwright().start()
    driver = Driver(playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS)), playwright._impl_obj._loop)
    asyncio._set_running_loop(None)
    yield driver
    with driver.at_work():
        driver.browser.close()
        playwright.stop()
