"""Forms in a real browser: drawn signatures, pictures that go ahead, stale pages, double clicks, the back button."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot
from tests.browser.serving import Served
from tests.browser.widths import PHONE
from tests.contract.hazard_api import FILES
from tests.definitions import name

PICTURE = {"name": "site.png", "mimeType": "image/png", "buffer": FILES["photo"]}


def field(page: Page, field_id: str) -> Locator:
    """The input of a field, by what the definition calls it."""
    return page.locator(f"[name='f.{name(field_id)}']")


def opened(page: Page, case: str, action: str, task: int = 1) -> None:
    """The form of an action."""
    page.goto(f"/cases/{case}/actions/{task}/{name(action)}")


def draw(page: Page) -> None:
    """Draw a signature with the mouse."""
    pad = page.locator("[data-pad] canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 90)
    page.mouse.down()
    for step in range(1, 10):
        page.mouse.move(box["x"] + 40 + step * 20, box["y"] + 90 + (-1) ** step * 30)
    page.mouse.up()


def send(page: Page) -> None:
    """Press the one primary button."""
    page.locator("form[data-form] button[type=submit]").click()


def case_of(district: Served, case: str, person: str = "sun") -> Any:
    """The case as the API tells it."""
    return district.as_(person).get(f"/cases/{case}")


def test_a_signature_drawn_with_the_mouse_becomes_evidence(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    opened(page, case, "confirm")

    field(page, "rectify_by").fill("2026-03-20")
    draw(page)
    shot(page, "form-signed")
    send(page)

    expect(page.locator(".notice.done")).to_be_visible()
    page.goto(f"/cases/{case}?tab=evidence")
    picture = page.locator(".exhibit img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("(one) => one.decode().then(() => one.naturalWidth > 0)")


def test_a_form_without_its_signature_keeps_what_was_typed_and_takes_the_focus(
    signed_in: Visits, district: Served
) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    signed_in.allow(422)
    opened(page, case, "confirm")

    field(page, "rectify_by").fill("2026-03-20")
    send(page)

    summary = page.locator(".notice.fault")
    expect(summary).to_be_focused()
    assert field(page, "rectify_by").input_value() == "2026-03-20"
    assert axe(page) == []
    summary.locator("a").first.click()
    assert page.evaluate("document.activeElement !== document.body")


def test_a_signature_that_was_sent_once_is_kept_when_something_else_is_wrong(
    signed_in: Visits, district: Served
) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    signed_in.allow(422)
    opened(page, case, "confirm")

    draw(page)
    send(page)
    expect(page.locator("[data-signature] [data-kept] img")).to_be_visible()
    field(page, "rectify_by").fill("2026-03-20")
    send(page)

    expect(page.locator(".notice.done")).to_be_visible()


def test_a_double_click_is_one_act(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    opened(page, case, "confirm")

    field(page, "rectify_by").fill("2026-03-20")
    draw(page)
    page.locator("form[data-form] button[type=submit]").dblclick(no_wait_after=True)

    expect(page.locator(".notice.done")).to_be_visible()
    entries = district.as_("sun").get(f"/cases/{case}/entries")["items"]
    assert sum(1 for one in entries if any(event["type"] == "action_taken" for event in one["events"])) == 2


def test_a_page_that_somebody_overtook_says_so_and_keeps_the_words(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    signed_in.allow(409)
    opened(page, case, "dismiss")
    field(page, "reason").fill("不构成，理由写了很久")
    district.as_("song").done(case, "confirm", level="一般", standard="第3条", rectify_by="2026-03-20")

    send(page)

    text = page.locator("main").inner_text()
    assert "不构成，理由写了很久" in text
    assert "song 某" in text


def test_going_back_to_a_form_that_was_sent_tells_that_it_is_done(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    signed_in.allow(409)
    opened(page, case, "confirm")
    field(page, "rectify_by").fill("2026-03-20")
    draw(page)
    send(page)
    expect(page.locator(".notice.done")).to_be_visible()
    before = case_of(district, case)["states"]

    page.go_back()

    expect(page.locator(".notice.fault")).to_be_visible()
    assert page.locator("form[data-form]").count() == 0
    assert case_of(district, case)["states"] == before


def test_pictures_go_ahead_one_by_one_and_one_may_be_taken_back(signed_in: Visits, district: Served) -> None:
    page = signed_in("jin", width=PHONE)
    page.goto(f"/report/{name('hazard')}/{name('report')}")
    slot = page.locator(f"[data-slot='{name('photos')}']")

    slot.locator("input[type=file]").set_input_files([PICTURE])
    expect(slot.locator("[data-kept]")).to_have_count(1)
    shot(page, "report-photo-phone")
    slot.locator("[data-drop]").click()

    expect(slot.locator("[data-kept]")).to_have_count(0)


def test_a_unit_is_found_by_typing_and_chosen_with_the_keyboard(signed_in: Visits, district: Served) -> None:
    page = signed_in("jin")
    page.goto(f"/report/{name('hazard')}/{name('report')}")
    typed = page.locator(f"[name='t.{name('unit')}']")

    typed.press_sequentially("恒安")
    expect(page.locator(".found-one").first).to_be_visible()
    typed.press("ArrowDown")
    typed.press("Enter")

    assert page.locator(f"[name='f.{name('unit')}']").input_value() == "F1"
    assert typed.input_value() == "恒安厂"
