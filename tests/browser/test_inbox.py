"""The inbox in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.serving import Served


def test_a_message_is_read_when_it_is_opened_and_leads_to_its_case(signed_in: Visits, own_district: Served) -> None:
    case = own_district.as_("jin").report()
    told = {"level": "一般", "standard": "检查标准第3条", "rectify_by": "2026-03-20"}
    own_district.as_("sun").done(case, "confirm", **told)
    page = signed_in("gao", at=own_district)
    page.goto("/inbox")
    expect(page.locator(".slip.unread")).to_have_count(1)

    page.locator(".slip button.subject").click()
    expect(page).to_have_url(f"{own_district.base}/cases/{case}")
    page.goto("/inbox")

    assert page.locator(".slip").count() == 1
    assert page.locator(".slip.unread").count() == 0


def test_all_are_marked_as_read_at_once(signed_in: Visits, own_district: Served) -> None:
    told = {"level": "一般", "standard": "检查标准第3条", "rectify_by": "2026-03-20"}
    for n in range(2):
        own_district.as_("sun").done(own_district.as_("jin").report(place=f"{n}车间"), "confirm", **told)
    page = signed_in("gao", at=own_district)
    page.goto("/inbox")

    page.locator("form[action='/inbox/read'] button").click()

    expect(page.locator(".slip")).to_have_count(2)
    expect(page.locator(".slip.unread")).to_have_count(0)
