"""Formal acts in the browser: read, issued, or not issued."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_wide
from tests.browser.serving import Served
from tests.browser.widths import PHONE


def drafted(signed_in: Visits, district: Served, **more: int) -> Page:
    """The leader before the first formal act: a report that nobody looked at for a week."""
    district.as_("jin").report()
    district.wait("2026-03-10 09:00")
    page = signed_in("lu", at=district, **more)
    page.goto("/drafts")
    page.locator("main a.case").first.click()
    expect(page.locator("article.paper")).to_be_visible()
    page.wait_for_load_state()  # by then its styles are there
    return page


def test_a_formal_act_is_issued_under_a_number(signed_in: Visits, own_district: Served) -> None:
    page = drafted(signed_in, own_district)
    shot(page, "draft")
    found, wide = axe(page), too_wide(page)

    page.locator("form[action$='/issue'] button[type=submit]").click()

    expect(page.locator("#flashes")).to_contain_text("〔2026〕1号")
    assert page.url.endswith("/drafts")
    assert (found, wide) == ([], 0)


def test_it_is_not_left_unissued_without_a_reason(signed_in: Visits, own_district: Served) -> None:
    page = drafted(signed_in, own_district)
    signed_in.allow(422)

    page.locator("details.decline > summary").click()
    page.locator("form[action$='/decline'] button[type=submit]").click()
    expect(page.locator("#field-reason-wrong")).to_be_visible()
    page.locator("#field-reason").fill("已当面约见")
    page.locator("form[action$='/decline'] button[type=submit]").click()

    expect(page).to_have_url(f"{own_district.base}/drafts")
    expect(page.locator("#flashes")).to_contain_text("已决定不发")


def test_paper_shows_the_act_alone(signed_in: Visits, own_district: Served) -> None:
    page = drafted(signed_in, own_district, width=PHONE)
    wide = too_wide(page)

    page.emulate_media(media="print")

    assert wide == 0
    assert page.locator("article.paper").is_visible()
    assert [page.locator(one).first.is_visible() for one in (".draft-side", ".bar", ".page-head")] == [False] * 3
