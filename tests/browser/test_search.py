"""The search in the browser: typed, walked through by arrows, opened by return."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.looking import shot
from tests.browser.serving import Served


def test_what_is_typed_is_found_and_arrows_lead_to_it(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report(description="吊钩防脱装置缺失")
    page = signed_in("sun")
    page.goto("/search")

    page.keyboard.type("吊钩防脱")
    hit = page.locator(f'#found a[href="/cases/{case}"]')
    expect(hit).to_be_visible()
    shot(page, "search")
    page.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{district.base}/cases/{case}")


def test_a_number_typed_into_the_bar_leads_straight_to_its_case(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    number = district.as_("sun").get(f"/cases/{case}")["number"]
    page = signed_in("sun")
    page.goto("/work")

    page.keyboard.press("/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{district.base}/cases/{case}")


def test_what_was_opened_stands_ready_again_in_the_same_tab(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report(description="限位开关失灵")
    page = signed_in("sun")
    page.goto("/search?q=限位开关失灵")

    page.locator(f'#found a[href="/cases/{case}"]').click()
    page.goto("/search")

    expect(page.locator(f'[data-recent-list] a[href="/cases/{case}"]')).to_be_visible()
