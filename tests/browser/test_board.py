"""A board in the browser: a figure, a cell and a month lead to lists of as many lines; the chart draws quietly."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.serving import Served
from tests.browser.widths import PHONE

LEADER = "an"


def _board(page: Page) -> None:
    """The first board of the menu."""
    page.goto("/boards")


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text) or "0")


def _lines(page: Page) -> int:
    return page.locator("tr[id^='row-']").count()


def test_a_figure_leads_to_a_list_of_as_many_lines(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in(LEADER)
    _board(page)
    figure = page.locator("a.figure").first
    told = _number(figure.locator(".value").inner_text())

    figure.click()

    page.wait_for_url("**/registers/**")
    assert told == _lines(page) > 0


def test_a_cell_of_the_matrix_and_a_month_lead_to_their_cases(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in(LEADER)
    for place in ("table.heat tbody td[class^='step-'] a", ".board-trend tbody td a"):
        _board(page)
        page.locator("[data-folds]").evaluate("(one) => { one.open = true; }")
        cell = page.locator(place).first
        told = _number(cell.inner_text())

        cell.click()

        page.wait_for_url("**/registers/**")
        assert told == _lines(page) > 0


def test_the_chart_is_drawn_as_vectors_and_its_table_stays_within_reach(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in(LEADER)

    _board(page)

    expect(page.locator(".chart svg")).to_be_visible()
    expect(page.locator(".board-trend table")).to_be_hidden()
    page.locator("[data-folds] > summary").click()
    expect(page.locator(".board-trend table")).to_be_visible()


def test_without_script_the_numbers_stand_open(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in(LEADER, java_script_enabled=False)

    _board(page)

    expect(page.locator(".board-trend table")).to_be_visible()
    expect(page.locator(".chart")).to_be_hidden()


def test_a_large_screen_shows_the_board_alone(signed_in: Visits) -> None:
    page = signed_in(LEADER)
    _board(page)

    page.goto(f"{page.url}?screen=1")

    assert page.locator("nav, header, button, input").count() == 0
    expect(page.locator(".board-figures")).to_be_visible()


def test_a_phone_shows_everything_within_its_width(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in(LEADER, width=PHONE)

    _board(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    expect(page.locator("table.heat")).to_be_visible()
