"""To report in a real browser: found, filled in, sent, received; and not lost on the way."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot
from tests.browser.serving import Served
from tests.browser.test_forms import field
from tests.browser.widths import PHONE
from tests.definitions import name

FORM = "/report/{procedure}/{start}"


def fill(page: Page) -> None:
    """Everything that must be filled in."""
    field(page, "channel").nth(1).check()
    unit = page.locator(f"[name='t.{name('unit')}']")
    unit.press_sequentially("恒安")
    page.locator(".found-one").first.click()
    field(page, "place").fill("二车间")
    field(page, "description").fill("安全出口锁闭")
    field(page, "level").first.check()
    field(page, "found_on").fill("2026-03-02")


def begun(page: Page) -> None:
    """The form to report."""
    page.goto(FORM.format(procedure=name("hazard"), start=name("report")))


def test_what_is_reported_is_received_with_number_and_what_happens_next(signed_in: Visits, district: Served) -> None:
    page = signed_in("an", width=PHONE)
    begun(page)

    fill(page)
    page.locator("form[data-form] button[type=submit]").click()

    receipt = page.locator(".notice.done")
    expect(receipt).to_be_visible()
    shot(page, "report-received-phone")
    assert "sun 某" in receipt.inner_text()
    assert axe(page) == []


def test_who_sees_no_cases_sees_what_they_reported_and_no_other(signed_in: Visits, district: Served) -> None:
    other = district.as_("an").report(description="别人上报的")
    page = signed_in("jin")
    signed_in.allow(404)
    begun(page)

    fill(page)
    page.locator("form[data-form] button[type=submit]").click()

    expect(page.locator(".notice.done")).to_be_visible()
    assert re.search(r"/cases/[0-9a-f]+", page.url)
    page.goto(f"/cases/{other}")
    assert "别人上报的" not in page.inner_text("main")


def test_a_draft_outlives_a_reload_and_is_gone_once_sent(signed_in: Visits, district: Served) -> None:
    page = signed_in("an")
    begun(page)
    field(page, "description").fill("写到一半")
    field(page, "responsible").fill("张三")

    page.reload()
    kept = (field(page, "description").input_value(), field(page, "responsible").input_value())
    fill(page)
    page.locator("form[data-form] button[type=submit]").click()
    expect(page.locator(".notice.done")).to_be_visible()
    begun(page)

    assert kept == ("写到一半", "")
    assert field(page, "description").input_value() == ""


def test_people_of_a_unit_find_their_unit_in_the_form(signed_in: Visits, district: Served) -> None:
    page = signed_in("qin")

    begun(page)

    assert page.locator(f"[name='t.{name('unit')}']").input_value() == "恒安厂"


def test_without_script_a_unit_is_found_by_its_name(signed_in: Visits, district: Served) -> None:
    page = signed_in("jin", java_script_enabled=False)
    begun(page)

    field(page, "channel").nth(1).check()
    page.locator(f"[name='t.{name('unit')}']").fill("恒安厂")
    field(page, "place").fill("二车间")
    field(page, "description").fill("安全出口锁闭")
    field(page, "level").first.check()
    field(page, "found_on").fill("2026-03-02")
    page.locator("form[data-form] button[type=submit]").click()

    expect(page.locator(".notice.done")).to_be_visible()
