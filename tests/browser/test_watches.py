"""A surge, quick acceptances and one picture in several cases: seen, explained down to the cases, answered by name."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE

CASES = 4


def fine(page: Page, told: str) -> None:
    """Looked at: not wider than its window, accessible."""
    shot(page, told)
    assert too_wide(page) == 0
    assert axe(page) == []


@pytest.fixture
def watched(own_district: Served) -> list[str]:
    """Four hazards accepted a few minutes after each was applied for, with the same picture; the month is over."""
    jin, sun, song, gao = (own_district.as_(one) for one in ("jin", "sun", "song", "gao"))
    cases = [jin.report(description=f"第{n}处防护罩缺失") for n in range(CASES)]
    for case in cases:
        sun.done(case, "confirm", level="一般", standard="检查标准第3条", rectify_by="2026-03-20")
        gao.done(case, "apply", remedies="已装好")
        song.done(case, "accept", opinion="合格")
    own_district.wait("2026-04-01 09:00")
    own_district.made.worker.drain()
    return cases


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_light_leads_to_its_cases_and_goes_out_by_an_answer(
    signed_in: Visits, own_district: Served, watched: list[str], width: int
) -> None:
    page = signed_in("an", at=own_district, width=width)
    page.goto("/watches")
    expect(page.locator("table.watches .light.yellow")).to_have_count(1)
    expect(page.locator("table.watches .light.red")).to_have_count(1)
    fine(page, f"watches-{width}")

    page.get_by_role("link", name="申请后很快就验收").click()
    expect(page.locator(".watch-findings tbody tr")).to_have_count(1)
    fine(page, f"watch-{width}")

    page.locator(".watch-findings a.case").click()
    expect(page.locator(".watch-cases tbody tr")).to_have_count(CASES)
    fine(page, f"watch-subject-{width}")
    if width == PHONE:
        assert too_small(page) == []

    page.get_by_label("已核查").check()
    page.locator("#watch-reason").fill("逐件调阅照片和位置，均在现场验收，系同日集中验收")
    page.get_by_role("button", name="记录说明，熄灯").click()
    expect(page.locator(".watch-answer .light.none")).to_have_count(1)
    fine(page, f"watch-answered-{width}")
