"""Duties as people look at them: from the list to a square and what became of it, excused, made up, seen in a month."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE
from tests.contract.hazard_api import REGISTRAR, SINCE
from tests.definitions import name

ROUND = "主要负责人带队检查"
MISSED, OPEN = re.compile("2026年3月 漏报"), re.compile("2026年4月 未到期")


def fine(page: Page, told: str) -> None:
    """Looked at: not wider than its window, accessible."""
    shot(page, told)
    assert too_wide(page) == 0
    assert axe(page) == []


@pytest.fixture
def owing(own_district: Served) -> Served:
    """A factory of high risk, of which nobody led a round in March; it is 20 April."""
    registrar = own_district.as_(REGISTRAR)
    industry, region = min(own_district.made.place.industries), sorted(own_district.made.place.regions, key=len)[1]
    unit = {
        "id": "W1",
        "title": "恒盛化工",
        "region": region,
        "industry": industry,
        "attributes": {name("status"): "正常", name("high_risk"): True},
    }
    registrar.post("/directory/units", {"units": [unit]})
    registrar.post(
        "/directory/holdings", {"person": "gao", "role": name("principal"), "valid_from": SINCE, "unit": "W1"}
    )
    own_district.wait("2026-04-20 09:00")
    own_district.made.worker.drain()
    return own_district


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_square_leads_to_what_became_of_it_and_who_may_excuses_it(
    signed_in: Visits, owing: Served, width: int
) -> None:
    page = signed_in("sun", at=owing, width=width)
    page.goto("/duties")
    fine(page, f"duties-{width}")

    page.get_by_role("link", name=ROUND).click()
    expect(page.get_by_role("link", name=MISSED)).to_have_text("漏")
    fine(page, f"duty-{width}")
    if width == PHONE:
        assert too_small(page) == []

    page.get_by_role("link", name=OPEN).click()
    page.get_by_text("豁免这个单位").click()
    page.locator("#exempt-reason").fill("全月停产检修，厂区封闭")
    fine(page, f"duty-obligation-{width}")
    if width == PHONE:
        assert too_small(page) == []
    page.get_by_role("button", name="豁免", exact=True).click()
    expect(page.locator(".duty-state .sq.exempt")).to_be_visible()
    fine(page, f"duty-exempted-{width}")

    page.locator("#end-reason").fill("提前复产")
    page.get_by_role("button", name="结束豁免").click()
    expect(page.locator(".duty-state .sq.open")).to_be_visible()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_who_must_makes_up_from_their_own_page_and_finds_the_form_filled_in(
    signed_in: Visits, owing: Served, width: int
) -> None:
    page = signed_in("gao", at=owing, width=width)
    page.goto("/work")
    fine(page, f"work-duties-{width}")
    page.goto("/duties/mine")
    fine(page, f"duties-mine-{width}")

    page.get_by_role("link", name="补做").first.click()
    expect(page.get_by_text("现在办记为补做")).to_be_visible()
    expect(page.get_by_label("周期", exact=False).first).to_have_value("2026-03")
    fine(page, f"duty-begin-{width}")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_month_is_walked_by_keyboard_to_the_list_of_a_day(signed_in: Visits, owing: Served, width: int) -> None:
    page = signed_in("an", at=owing, width=width)
    page.goto("/duties/calendar?month=2026-03")
    fine(page, f"duties-calendar-{width}")

    day = page.get_by_role("link", name=re.compile("3月31日"))
    day.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#listed")).to_contain_text("漏报1")
    page.locator("#listed").get_by_role("link", name=ROUND).click()
    expect(page.get_by_role("link", name=MISSED)).to_be_visible()
