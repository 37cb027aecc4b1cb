"""The landlord has no account (D02): a link and a code, a form on a phone, a receipt, and a link that admits nobody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE
from tests.definitions import name

LANDLORD = "房主张某"
SAID = "同意更换线路，周末进场"
CONFIRMED = {"level": "一般", "standard": "检查标准第7条", "rectify_by": "2026-03-31", "landlord": LANDLORD}


def look(page: Page, picture: str) -> None:
    """The page is accessible, fits, and is photographed."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    shot(page, f"guest-{picture}-{width}")
    assert axe(page) == []
    assert too_wide(page) == 0
    if width == PHONE:
        assert too_small(page) == []


def rented(district: Served) -> str:
    """A case whose premises are let: it lies with the unit, and the landlord may be asked."""
    case = district.as_("jin").report()
    district.as_("sun").done(case, "confirm", **CONFIRMED)
    return case


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_landlord_answers_by_a_link_that_is_then_stopped(signed_in: Visits, district: Served, width: int) -> None:
    case = rented(district)
    holder = signed_in("gao", width=width)
    holder.goto(f"/cases/{case}/guests")
    look(holder, "ask")

    # who holds the task invites; the notice has everything that is handed over
    holder.locator("#who").select_option(label=f"产权人（出租人）：{LANDLORD}")
    holder.locator("#until").fill("2026-03-10")
    holder.locator("form[action$='/guests'] button[type=submit]").click()
    notice = holder.locator(".guest-notice")
    expect(notice).to_contain_text(LANDLORD)
    expect(notice.locator(".guest-code svg")).to_be_visible()
    link = notice.locator(".guest-link").inner_text().strip()
    look(holder, "notice")

    # a phone that nobody signed in on
    phone = signed_in(width=PHONE)
    phone.goto(link)
    expect(phone.locator("nav.rail, nav.bar")).to_have_count(0)
    look(phone, "link")
    phone.locator("main a.button.primary").click()
    phone.locator(f"[name='f.{name('landlord_says')}']").fill(SAID)
    look(phone, "form")
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator(".notice.done")).to_contain_text("回执码")
    look(phone, "receipt")

    # the case says it, and by whom
    holder.goto(f"/cases/{case}?tab=data")
    expect(holder.locator("main")).to_contain_text(SAID)
    holder.goto(f"/cases/{case}/guests")
    look(holder, "list")

    # stopped by a click, with a reason
    holder.locator(".ask > summary").first.click()
    dialog = holder.locator("dialog[open]")
    dialog.locator("textarea").fill("已取得书面同意")
    look(holder, "end")
    dialog.locator("button[type=submit]").click()
    expect(holder.locator("main")).to_contain_text("已失效")
    signed_in.allow(410)
    phone.goto(link)
    expect(phone.locator("main")).to_contain_text("这个链接已经失效")
    look(phone, "over")


def test_a_wrong_link_admits_nobody(signed_in: Visits, district: Served) -> None:
    case = rented(district)
    signed_in("gao")
    phone = signed_in(width=PHONE)
    signed_in.allow(410)

    phone.goto(f"/guest/{case}/guest-{'0' * 20}/{'A' * 22}")

    expect(phone.locator("main")).to_contain_text("这个链接已经失效")
