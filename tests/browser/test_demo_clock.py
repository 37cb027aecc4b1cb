"""The clock of a demonstration: a press lets it run, what falls due fires, and the page shows where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.serving import Served, served


@pytest.fixture
def ahead(tmp_path: Path) -> Iterator[Served]:
    """A district whose clock may be let run."""
    with served(tmp_path / "data", ahead=True) as district:
        yield district


def test_a_week_forward_lets_deadlines_pass_while_one_watches(signed_in: Visits, ahead: Served) -> None:
    ahead.as_("jin").report()
    page = signed_in("sun", at=ahead)
    page.goto("/work")
    expect(page.locator("#clock time")).to_contain_text("3月2日")

    page.get_by_role("button", name="前进一周").click()

    expect(page.locator("#clock time")).to_contain_text("3月9日", timeout=20_000)
    expect(page.locator("#clock")).to_contain_text("到期触发", timeout=20_000)
    expect(page.locator("main")).to_contain_text("逾期")


def test_without_script_the_button_works_as_well(signed_in: Visits, ahead: Served) -> None:
    page = signed_in("sun", at=ahead, java_script_enabled=False)
    page.goto("/work")

    page.get_by_role("button", name="前进一天").click()
    assert ahead.made.running_ahead is not None
    ahead.made.running_ahead.join(20)
    page.goto("/work")

    expect(page.locator("#clock time")).to_contain_text("3月3日")


def test_where_the_clock_is_the_machines_there_is_no_bar(signed_in: Visits) -> None:
    page = signed_in("sun")

    page.goto("/work")

    assert page.locator("#clock").count() == 0
