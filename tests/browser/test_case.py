"""The page of a case in a real browser: every tab, the picture of its states, what is new, pictures large, paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE

TABS = ("", "evidence", "documents", "links", "duties", "data")


@pytest.fixture(scope="session")
def case(district: Served) -> str:
    """A case that was confirmed."""
    made = district.as_("jin").report()
    district.as_("sun").done(made, "confirm", level="一般", standard="第3条", rectify_by="2026-03-20")
    return made


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_tab_is_accessible_and_fits(signed_in: Visits, case: str, tab: str, width: int) -> None:
    page = signed_in("sun", width=width)

    page.goto(f"/cases/{case}" + (f"?tab={tab}" if tab else ""))

    shot(page, f"case-{tab or 'story'}-{width}")
    assert axe(page) == []
    assert too_wide(page) == 0


def test_a_state_in_the_picture_tells_who_had_it_and_how_long(signed_in: Visits, case: str) -> None:
    page = signed_in("sun")
    page.goto(f"/cases/{case}")

    page.locator(".across .state.visited a").first.click()

    told = page.locator(".stay:visible")
    expect(told).to_have_count(1)
    assert "sun 某" in told.inner_text()


def test_a_holders_first_look_is_noted_without_a_click(signed_in: Visits, district: Served) -> None:
    made = district.as_("jin").report()
    page = signed_in("sun")

    with page.expect_response(lambda one: one.url.endswith("/read")):
        page.goto(f"/cases/{made}")

    assert district.as_("an").get(f"/cases/{made}")["tasks"][0]["readers"] == ["sun"]


def test_what_changed_meanwhile_is_said_and_nothing_jumps(signed_in: Visits, district: Served) -> None:
    made = district.as_("jin").report()
    page = signed_in("an")
    page.goto(f"/cases/{made}")
    district.as_("sun").done(made, "confirm", level="一般", standard="第3条", rectify_by="2026-03-20")
    before = page.locator("main h1").inner_text()

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("[data-news]")).to_be_visible()
    assert page.locator("main h1").inner_text() == before


def test_a_picture_opens_large_and_escape_closes_it(signed_in: Visits, case: str) -> None:
    page = signed_in("sun")
    page.goto(f"/cases/{case}?tab=evidence")

    page.locator("[data-large]").first.click()
    large = page.locator("#large")
    expect(large).to_be_visible()
    page.keyboard.press("Escape")

    expect(large).to_be_hidden()


def test_printed_a_case_has_no_buttons(signed_in: Visits, case: str) -> None:
    page = signed_in("sun")
    page.goto(f"/cases/{case}")

    page.emulate_media(media="print")

    shot(page, "case-print")
    assert page.locator(".now-acts:visible, .tabs:visible, .rail:visible").count() == 0
