"""What holds of every page: accessible, light, at home on a phone and on a large screen, quiet on the console."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.pages import PAGES, Visited
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, HEIGHTS, PHONE, TABLET, WIDE

#: Bytes of scripts as they are sent, for any page but boards.
MOST_SCRIPT = 100_000


@pytest.fixture(scope="session")
def case(district: Served) -> str:
    """A case with a task of the visitor's."""
    return district.as_("jin").report()


def _visit(signed_in: Visits, district: Served, visited: Visited, case: str, width: int) -> Page:
    page = signed_in(visited.person, width=width)
    signed_in.allow(404)
    page.goto(visited.path.format(case=case))
    if visited.follow:
        page.goto(str(page.locator(visited.follow).first.get_attribute("href")))
    return page


def _scripts(page: Page) -> int:
    told: list[dict[str, Any]] = page.evaluate(
        """() => performance.getEntriesByType("resource").filter((one) => new URL(one.name).pathname.endsWith(".js"))
            .map((one) => ({body: one.encodedBodySize}))"""
    )
    return sum(one["body"] for one in told)


@pytest.mark.parametrize("visited", PAGES, ids=lambda one: one.name)
def test_a_page_on_a_desk_is_accessible_and_light(
    signed_in: Visits, district: Served, case: str, visited: Visited
) -> None:
    page = _visit(signed_in, district, visited, case, DESKTOP)

    shot(page, f"{visited.name}-desk")
    assert axe(page) == []
    assert (too_wide(page), visited.board or 0 < _scripts(page) < MOST_SCRIPT) == (0, True)
    for width in (WIDE, TABLET):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert (width, too_wide(page)) == (width, 0)


@pytest.mark.parametrize("visited", PAGES, ids=lambda one: one.name)
def test_a_page_on_a_phone_is_accessible_and_made_for_thumbs(
    signed_in: Visits, district: Served, case: str, visited: Visited
) -> None:
    page = _visit(signed_in, district, visited, case, PHONE)

    shot(page, f"{visited.name}-phone")
    assert axe(page) == []
    assert (too_wide(page), too_small(page)) == (0, [])
