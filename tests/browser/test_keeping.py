"""What a page loads is kept by the browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Visits


def _loaded(page: Page) -> list[dict[str, Any]]:
    """What the page loaded besides itself: name, bytes of its body as sent, bytes that crossed the line (0 = kept)."""
    page.wait_for_load_state("networkidle")
    told: list[dict[str, Any]] = page.evaluate(
        """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("/static/"))
            .map((one) => ({name: one.name, sent: one.transferSize}))"""
    )
    return told


def test_what_a_page_loaded_once_is_not_asked_for_again(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")
    first = _loaded(page)

    page.goto("/design")

    again = _loaded(page)
    assert {one["name"] for one in again} == {one["name"] for one in first}
    assert [one["name"] for one in first if one["sent"] == 0] == []
    assert [one["name"] for one in again if one["sent"] > 0] == []
