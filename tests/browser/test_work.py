"""My work in the browser: done from the row, noted when opened, and never moving by itself."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import shot, too_wide
from tests.browser.serving import Served
from tests.browser.widths import PHONE
from tests.definitions import name

#: As if the page had been looked away from and at again, which makes it ask at once.
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def row_of(page: Page, case: str) -> Locator:
    """The row of a case."""
    return page.locator("tr.row", has=page.locator(f'a[href="/cases/{case}"]'))


def readers(district: Served, case: str) -> list[str]:
    """Who opened a task of the case, as its record says."""
    entries = district.as_("sun").get(f"/cases/{case}/entries")["items"]
    return [event["data"]["person"] for one in entries for event in one["events"] if event["type"] == "task_read"]


def test_a_form_opens_beneath_its_row_and_the_first_opening_is_noted(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    page.goto("/work")
    row = row_of(page, case)

    with page.expect_response(f"**/cases/{case}/tasks/1/read"):
        row.locator(f'[hx-get*="/{name("dismiss")}"]').click()
    form = page.locator("tr.beneath:not([hidden]) form")
    expect(form).to_be_visible()

    assert page.url.endswith("/work")
    assert readers(district, case) == ["sun"]
    shot(page, "work-open")


def test_what_is_done_from_a_row_stays_in_its_place_until_the_list_is_asked_for_anew(
    signed_in: Visits, district: Served
) -> None:
    cases = [district.as_("jin").report(place=f"{n}车间") for n in range(2)]
    page = signed_in("sun")
    page.goto("/work")
    before = page.locator("tr.row").count()

    row_of(page, cases[0]).locator(f'[hx-get*="/{name("dismiss")}"]').click()
    form = page.locator("tr.beneath:not([hidden]) form")
    form.locator("textarea").first.fill("现场核查，不构成隐患")
    form.locator("button[type=submit]").click()
    expect(row_of(page, cases[0])).to_have_class("row open over")

    assert page.locator("tr.row").count() == before
    assert row_of(page, cases[0]).locator(".acts button, .acts a").count() == 0
    assert district.as_("sun").get(f"/cases/{cases[0]}")["tasks"][-1]["kind"] == "approval"


def test_what_is_wrong_in_a_row_is_said_there(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    page.goto("/work")
    signed_in.allow(422)

    row_of(page, case).locator(f'[hx-get*="/{name("dismiss")}"]').click()
    page.locator("tr.beneath:not([hidden]) button[type=submit]").click()
    expect(page.locator("tr.beneath:not([hidden]) .notice.fault")).to_be_visible()

    assert page.url.endswith("/work")


def test_escape_folds_a_row_and_gives_the_focus_back(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    page.goto("/work")

    row_of(page, case).locator("[data-opens-row]").first.click()
    form = page.locator("tr.beneath:not([hidden]) form")
    expect(form).to_be_visible()
    page.keyboard.press("Escape")

    expect(form).to_be_hidden()
    assert row_of(page, case).locator(":focus").count() == 1


def test_new_work_is_told_and_shown_only_when_asked_for(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in("sun")
    page.goto("/work")
    before = page.locator("tr.row").count()

    case = district.as_("jin").report(place="二车间")
    page.evaluate(LOOK_AGAIN)
    news = page.locator("[data-live-news]")
    expect(news).to_contain_text("有 1 件更新")
    unmoved = page.locator("tr.row").count()
    news.locator("a").click()

    assert unmoved == before
    expect(row_of(page, case)).to_be_visible()


def test_a_page_on_which_nothing_changed_says_nothing(signed_in: Visits, district: Served) -> None:
    district.as_("jin").report()
    page = signed_in("sun")
    page.goto("/work")

    with page.expect_response("**/marks"):
        page.evaluate(LOOK_AGAIN)
    with page.expect_response(lambda answer: answer.url.endswith("/marks") and answer.status == 304):
        page.evaluate(LOOK_AGAIN)

    expect(page.locator("[data-live-news]")).to_be_hidden()


def test_without_script_a_button_of_a_row_leads_to_its_form(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", java_script_enabled=False)
    page.goto("/work")

    row_of(page, case).locator(f'a[href*="/{name("dismiss")}"]').first.click()

    assert page.url.endswith(f"/cases/{case}/actions/1/{name('dismiss')}")
    assert page.locator("form[data-form]").is_visible()


def test_on_a_phone_an_open_row_fits_the_screen(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", width=PHONE)
    page.goto("/work")

    row_of(page, case).locator("[data-opens-row]").first.click()
    expect(page.locator("tr.beneath:not([hidden]) form")).to_be_visible()

    shot(page, "work-open-phone")
    assert too_wide(page) == 0
