"""What a page loads: only from its own host, kept by the browser, and light."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visits

#: Bytes of scripts as they are sent, for any page but boards.
MOST_SCRIPT = 100_000
PAGES = ("/design",)


def _loaded(page: Page) -> list[dict[str, Any]]:
    """What the page loaded besides itself: name, bytes of its body as sent, bytes that crossed the line (0 = kept)."""
    page.wait_for_load_state("networkidle")
    told: list[dict[str, Any]] = page.evaluate(
        """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("/static/"))
            .map((one) => ({name: one.name, body: one.encodedBodySize, sent: one.transferSize}))"""
    )
    return told


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_less_than_100_kilobytes_of_script(signed_in: Visits, path: str) -> None:
    page = signed_in("sun")

    page.goto(path)

    assert 0 < sum(one["body"] for one in _loaded(page) if one["name"].endswith(".js")) < MOST_SCRIPT


def test_what_a_page_loaded_once_is_not_asked_for_again(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")
    first = _loaded(page)

    page.goto("/design")

    again = _loaded(page)
    assert {one["name"] for one in again} == {one["name"] for one in first}
    assert [one["name"] for one in first if one["sent"] == 0] == []
    assert [one["name"] for one in again if one["sent"] > 0] == []
