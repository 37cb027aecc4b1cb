"""The notice of next year's days off arrives (D28): put in, shown before, published, explained after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, GrantRole, Request
from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served, served
from tests.browser.widths import DESKTOP, PHONE
from tests.contract.hazard_api import SINCE
from tests.definitions import name
from tests.worlds import local

CASES = 60
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号，2026-12-30）"
#: (name, first day off, last, workdays made up)
DAYS = (("元旦", "2027-01-01", "2027-01-03", ""), ("春节", "2027-02-05", "2027-02-12", "2027-01-31，2027-02-14"))


def fine(page: Page, told: str, width: int) -> None:
    """Looked at: not wider than its window, accessible, with targets for a thumb."""
    shot(page, f"{told}-{width}")
    assert too_wide(page) == 0
    assert axe(page) == []
    if width == PHONE:
        assert too_small(page) == []


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[Served]:
    """A district at the end of 2026; an may publish calendars."""
    with served(tmp_path / "data", at=local("2026-12-30 10:00")) as district:
        yield district


@pytest.fixture
def cases(ending: Served) -> list[str]:
    """60 cases dated into a year that is not published."""
    made = ending.made
    top = min(made.place.regions, key=len)
    act = GrantRole(person="an", role=name("keeper"), region=top, valid_from=SINCE)
    made.door.submit(Request(id="an", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="cli"))
    return [ending.as_("jin").report(description=f"第{n}处防护罩缺失") for n in range(CASES)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_notice_is_put_in_shown_published_and_explained(
    signed_in: Visits, ending: Served, cases: list[str], width: int
) -> None:
    page = signed_in("an", at=ending, width=width)
    page.goto("/calendars")
    fine(page, "calendars", width)
    page.locator("a.button.primary").click()
    page.locator("#source").fill(SOURCE)
    page.locator("#title").fill("国办2027")
    for n, (holiday, first, last, makeup) in enumerate(DAYS):
        page.locator("input[name=name]").nth(n).fill(holiday)
        page.locator("input[name=first]").nth(n).fill(first)
        page.locator("input[name=last]").nth(n).fill(last)
        page.locator("input[name=makeup]").nth(n).fill(makeup)
    fine(page, "calendar-form", width)
    for n in range(len(DAYS), page.locator("input[name=name]").count()):
        page.locator("input[name=name]").nth(n).fill("")
    page.locator("form.calendar-form button.primary").click()

    expect(page.locator(".calendar-list tbody tr")).to_have_count(50)
    fine(page, "calendar-notice", width)
    page.locator("a[rel=next]").click()
    expect(page.locator(".calendar-list tbody tr")).to_have_count(CASES - 50)
    page.locator("form[action$=publish] button").click()
    ending.made.bulk_runs.wait()
    page.reload()
    expect(page.locator(".notice.done")).to_be_visible()
    fine(page, "calendar-run", width)

    page.goto(f"/cases/{cases[0]}")
    expect(page.locator("body")).to_contain_text("因国办2027")
    fine(page, "calendar-case", width)
    page.goto("/calendars")
    fine(page, "calendars-after", width)
