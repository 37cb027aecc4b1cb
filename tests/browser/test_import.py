"""Importing in a real browser: looked at first, row by row; what is wrong can be mended, what is right goes in."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_wide
from tests.browser.serving import Served
from tests.browser.test_walk import ROW, sheet
from tests.browser.widths import PHONE

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRONG = {**ROW, "编号": "TZ-8", "发现日期": "去年冬天", "隐患等级": "特大"}


def uploaded(page: Page, *rows: dict[str, str]) -> None:
    """The preview of a ledger with these rows."""
    page.goto("/import?kind=ledger")
    page.locator("#file").set_input_files({"name": "台账.xlsx", "mimeType": KIND, "buffer": sheet(*rows)})
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".figures")).to_be_visible()


def test_what_is_wrong_is_told_by_row_and_column_and_given_back_as_a_spreadsheet(
    signed_in: Visits, district: Served, tmp_path: Path
) -> None:
    page = signed_in("nei")
    uploaded(page, ROW, WRONG)

    problems = page.locator(".import-problems").inner_text()
    found = axe(page)
    shot(page, "import-preview")
    with page.expect_download() as loading:
        page.locator("a[href$='/wrong']").click()
    kept = tmp_path / "wrong.xlsx"
    loading.value.save_as(kept)

    assert "发现日期" in problems
    assert "隐患等级" in problems
    rows = [[str(cell) for cell in row if cell is not None] for row in load_workbook(kept).active.values]
    assert any("TZ-8" in row for row in rows)
    assert not any("TZ-7" in row for row in rows)
    assert found == []


def test_the_good_rows_go_in_and_the_page_says_so(signed_in: Visits, own_district: Served) -> None:
    page = signed_in("nei", at=own_district, width=PHONE)
    uploaded(page, ROW, WRONG)
    wide = too_wide(page)

    page.locator("form[action$='/begin'] button").click()

    expect(page.locator(".notice.done")).to_be_visible()
    assert wide == 0
    page.goto("/search?q=TZ-7")
    expect(page.locator("main")).to_contain_text("安全出口锁闭")


def test_who_may_not_import_finds_neither_the_entry_nor_the_page(signed_in: Visits, district: Served) -> None:
    page = signed_in("sun")
    signed_in.allow(403)
    page.goto("/work")
    entries = page.locator("a[href='/import']").count()

    answer = page.goto("/import")

    assert entries == 0
    assert answer is not None
    assert answer.status == 403
