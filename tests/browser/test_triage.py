"""Cases that were taken over are triaged in the browser: from the end of an import to the last of them."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.test_walk import ROW
from tests.browser.widths import DESKTOP, PHONE

#: One late for weeks and four that are not.
ROWS = [
    {**ROW, "编号": f"旧-{n}", "整改期限": "2026-02-27" if n == 0 else f"2026-0{n + 3}-15", "隐患描述": f"旧账第{n}条"}
    for n in range(5)
]
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledger() -> bytes:
    """An old ledger."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(ROW))
    for row in ROWS:
        page.append(list(row.values()))
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def fine(page: Page, name: str) -> None:
    """Looked at: not wider than its window, accessible."""
    shot(page, name)
    assert too_wide(page) == 0
    assert axe(page) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_an_old_ledger_is_imported_and_triaged(signed_in: Visits, own_district: Served, width: int) -> None:
    page = signed_in("an", at=own_district, width=width)
    page.goto("/import?kind=ledger")
    page.locator("#file").set_input_files({"name": "台账.xlsx", "mimeType": BOOK, "buffer": ledger()})
    page.locator("main form button[type=submit]").click()
    page.locator("form[action$='/begin'] button").click()
    expect(page.locator(".notice.done")).to_be_visible()
    page.locator("main a[href='/triage']").click()
    fine(page, f"triage-{width}")

    # two are marked: what would happen is told, then they are done
    for tick in page.locator("[data-triage] input[name=case]").all()[:2]:
        tick.check()
    expect(page.locator("[data-picked]")).to_have_text("2")
    page.locator("[data-triage] input[name=start][value=deadline]").check()
    page.locator("#triage-reason").fill("集中清理旧账")
    if width == PHONE:
        assert too_small(page) == []
    page.locator("[data-triage] button[type=submit]").click()
    fine(page, f"triage-preview-{width}")
    page.locator("form[action='/triage/begin'] button").click()
    expect(page.locator(".notice.done")).to_be_visible()
    fine(page, f"triage-run-{width}")

    # the others get a new date, all at once; a case of them said so and led here
    page.goto("/triage")
    page.locator("main a.case").first.click()
    shot(page, f"triage-case-{width}")
    page.locator("main a[href^='/triage?number=']").click()
    expect(page.locator("[data-triage] input[name=case]")).to_have_count(1)
    page.goto("/triage")
    page.locator("[data-triage] input[name=which][value=all]").check()
    page.locator("[data-triage] input[name=start][value=until]").check()
    page.locator("#triage-until").fill("2026-12-31")
    page.locator("#triage-reason").fill("统一要求年底前办结")
    page.locator("[data-triage] button[type=submit]").click()
    page.locator("form[action='/triage/begin'] button").click()
    expect(page.locator(".notice.done")).to_be_visible()
    page.goto("/triage")
    fine(page, f"triage-empty-{width}")
    expect(page.locator(".empty")).to_be_visible()
