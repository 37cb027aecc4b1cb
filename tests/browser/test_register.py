"""A register in the browser: rows open beneath themselves, filters stay in the address, heads sort, files come down."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.serving import Served
from tests.browser.widths import PHONE
from tests.definitions import name

REGISTER = f"/registers/{name('hazard_ledger')}"


@pytest.fixture
def page(signed_in: Visits, district: Served) -> Page:
    """The register with two cases of the test's own."""
    for words in ("册页一之护栏松动", "册页二之出口锁闭"):
        district.as_("jin").report(description=words)
    found = signed_in("sun")
    found.goto(f"{REGISTER}?q=册页")
    return found


def test_a_row_opens_and_closes_beneath_itself_and_leads_to_its_case(page: Page) -> None:
    opener = page.locator("[data-beneath]").first
    opener.click()

    beneath = page.locator("tr.beneath")
    expect(beneath).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(beneath).to_contain_text("承办")

    opener.click()
    expect(beneath).to_have_count(0)
    opener.click()
    beneath.get_by_role("link").last.click()
    page.wait_for_url("**/cases/*")


def test_a_chosen_filter_stands_in_the_address_and_can_be_taken_away(page: Page) -> None:
    chips = page.locator(".register-chips")
    chips.get_by_text("环节", exact=True).click()
    chips.get_by_role("link", name="待核实").click()

    page.wait_for_url("**state=*")
    expect(chips.locator(".chip.chosen")).to_contain_text("待核实")
    chips.locator(".chip.chosen").click()
    chips.get_by_role("link", name="取消此筛选").click()
    assert "state=" not in page.url


def test_a_head_sorts_one_way_then_the_other(page: Page) -> None:
    def numbers() -> list[str]:
        return page.locator("td.number").all_inner_texts()

    page.locator("thead").get_by_role("link", name="编号").click()
    up = numbers()
    page.locator("thead").get_by_role("link", name="编号").click()

    assert up == sorted(up)
    assert numbers() == up[::-1]


def test_words_that_nothing_holds_leave_a_page_that_says_so(page: Page) -> None:
    page.locator("#register-q").fill("没有这样的事")
    page.locator("#register-q").press("Enter")

    expect(page.get_by_text("没有符合条件的办件")).to_be_visible()
    page.get_by_role("link", name="清除全部筛选").first.click()
    assert page.url.endswith(REGISTER)


def test_an_export_comes_down_as_a_spreadsheet_and_the_page_stays(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as coming:
        page.get_by_role("button", name="导出").click()

    coming.value.save_as(tmp_path / "told.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "told.xlsx").worksheets[0].iter_rows(values_only=True))
    assert "册页" in str(rows[1][0])
    assert len(rows) > 4
    expect(page.locator("table.register")).to_be_visible()


def test_a_view_is_kept_under_its_name(page: Page) -> None:
    page.get_by_text("我的视图").click()
    page.locator("#view-name").fill("册页的")
    page.get_by_role("button", name="把当前筛选存为视图").click()

    page.goto(REGISTER)
    page.get_by_text("我的视图").click()
    page.get_by_role("link", name="册页的").click()
    assert "q=" in page.url


def test_on_a_phone_a_case_is_two_lines_and_nothing_overflows(signed_in: Visits, page: Page) -> None:
    phone = signed_in("sun", width=PHONE)
    phone.goto(f"{REGISTER}?q=册页")

    row = phone.locator("tbody tr").first.bounding_box()
    assert row is not None
    assert row["height"] < 140
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
