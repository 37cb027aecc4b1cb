"""The officer in charge leaves (D04): 63 tasks move in an evening, each to somebody named, with the reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, GrantRole, Request
from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE
from tests.contract.hazard_api import SINCE
from tests.definitions import name

TASKS = 63
REASON = "孙某调任，自3月3日起"


def fine(page: Page, told: str) -> None:
    """Looked at: not wider than its window, accessible."""
    shot(page, told)
    assert too_wide(page) == 0
    assert axe(page) == []


@pytest.fixture
def leaving(own_district: Served) -> list[str]:
    """63 cases that lie with sun and song; nei could take them over, too."""
    made = own_district.made
    top = min(made.place.regions, key=len)
    act = GrantRole(person="nei", role=name("supervisor"), region=top, valid_from=SINCE)
    cases = [own_district.as_("jin").report(description=f"第{n}处防护罩缺失") for n in range(TASKS)]
    made.door.submit(Request(id="nei", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="cli"))
    return cases


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_63_tasks_move_to_persons_named(
    signed_in: Visits, own_district: Served, leaving: list[str], width: int
) -> None:
    page = signed_in("an", at=own_district, width=width)
    page.goto("/leavers")
    page.locator("#leaver-q").fill("sun")
    page.keyboard.press("Enter")
    expect(page.locator(".leaver-people a")).to_have_count(1)
    fine(page, f"leavers-{width}")
    page.locator(".leaver-people a").click()

    # a successor is suggested for each; all that can be go to one, but one
    fields = page.locator("select[name^='to:']")
    expect(fields).to_have_count(TASKS)
    fine(page, f"leaver-{width}")
    page.locator("#leaver-everyone").select_option("song")
    page.get_by_role("button", name="用上").click()
    expect(page.locator("select[name^='to:'] option[selected][value=song]")).to_have_count(TASKS)
    fields.first.select_option("nei")
    page.locator("#leaver-reason").fill(REASON)
    if width == PHONE:
        assert too_small(page) == []
    page.get_by_role("button", name="看看转给谁").last.click()

    # what will happen to whom is told before it does
    main = page.locator("main")
    expect(main).to_contain_text(f"{TASKS}件任务从sun 某名下转出")
    expect(page.locator(".leaver-successors li")).to_have_count(2)
    expect(page.locator(".leaver-successors li").first).to_contain_text("62件")
    fine(page, f"leaver-preview-{width}")
    page.get_by_role("button", name=f"转办{TASKS}件").click()
    expect(page.locator(".notice.done")).to_be_visible(timeout=30_000)
    expect(main).to_contain_text("sun 某名下已经没有任务")
    fine(page, f"leaver-run-{width}")

    # each case says who got it and why; the one who left has nothing left to do
    page.goto(f"/cases/{leaving[0]}")
    expect(page.locator("main")).to_contain_text(REASON)
    shot(page, f"leaver-case-{width}")
    held = own_district.made.services.leavers.people("an", ["sun", "song", "nei"])
    assert held == {"song": 62, "nei": 1}
