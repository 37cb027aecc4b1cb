"""Fixtures of browser tests: `signed_in(person)` is a page that fails its test on any error or foreign request.

    def test_...(signed_in, district):
        page = signed_in("sun")                    # desktop; signed_in("sun", width=PHONE) for a phone
        page.goto("/work")

One server and one browser serve all tests of a process; what a test does stays in its district, so each makes cases of
its own. A test that lets time pass asks for `own_district` and says `signed_in("sun", at=own_district)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import Driver, NoChromium, driven
from tests.browser.serving import Served, served
from tests.browser.watching import Watch
from tests.browser.widths import DESKTOP, HEIGHTS, PHONE

PATIENCE = 10_000


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """The browser of this process; without one every test that needs it fails."""
    try:
        held = driven()
        made = held.__enter__()
    except NoChromium as error:
        pytest.fail(str(error), pytrace=False)
    yield made
    held.__exit__(None, None, None)


@pytest.fixture
def browser(driver: Driver) -> Iterator[Browser]:
    """The browser at work."""
    with driver.at_work() as browser:
        yield browser


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The district that all tests of this process share."""
    with served(tmp_path_factory.mktemp("browser") / "data") as district:
        yield district


@pytest.fixture
def own_district(tmp_path: Path) -> Iterator[Served]:
    """A district of the test's own, for letting time pass."""
    with served(tmp_path / "data") as district:
        yield district


class Visits:
    """Opens pages of a district for people; everything is watched until the test ends."""

    def __init__(self, browser: Browser, district: Served) -> None:
        self._browser = browser
        self._district = district
        self._opened: list[tuple[BrowserContext, Watch]] = []

    def __call__(
        self, person: str = "", *, width: int = DESKTOP, at: Served | None = None, afresh: bool = False, **options: Any
    ) -> Page:
        """A page in a browser of that person's own; person "" has not signed in; `afresh` signs in again."""
        district = at or self._district
        context = self._browser.new_context(
            base_url=district.base,
            viewport={"width": width, "height": HEIGHTS[width]},
            has_touch=width == PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        if person:
            name = district.made.services.settings.cookie
            context.add_cookies(
                [{"name": name, "value": district.cookie_of(person, afresh=afresh), "url": district.base}]
            )
        self._opened.append((context, Watch(context, district.base)))
        return context.new_page()

    def allow(self, *statuses: int) -> None:
        """Answers of these statuses are what the test is about."""
        for _, watch in self._opened:
            watch.allow(*statuses)

    def close(self) -> None:
        """Close every page; fail if anything went wrong in one."""
        for context, _ in self._opened:
            context.close()
        for _, watch in self._opened:
            watch.check()


@pytest.fixture
def signed_in(browser: Browser, district: Served) -> Iterator[Visits]:
    """Pages of people who signed in: `signed_in("sun", width=PHONE)`."""
    visits = Visits(browser, district)
    yield visits
    visits.close()


Visit = Callable[..., Page]
