"""Two officers at one computer in a real browser: each signs in once, changes places with a PIN, acts alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.test_sign_in import knock
from tests.browser.walking import act, draw, fill, send
from tests.browser.widths import DESKTOP, PHONE
from tests.definitions import name

PINS = {"sun": "480317", "song": "2719405"}
DUE = "2026-03-20"


def sign_in(page: Page, person: str) -> None:
    """With the password, whoever is signed in."""
    page.goto("/sign-in?other=1")
    knock(page, person, PASSWORD)
    expect(page.locator(".person-menu")).to_contain_text(f"{person} 某")


def choose_pin(page: Page, person: str) -> None:
    """On one's own account."""
    page.goto("/account/pin")
    page.locator("#password").fill(PASSWORD)
    page.locator("#pin").fill(PINS[person])
    page.locator("#again").fill(PINS[person])
    page.keyboard.press("Enter")
    expect(page.locator(".notice.done")).to_be_visible()


def change(page: Page, person: str) -> None:
    """Change places from the menu, by the keyboard from there."""
    page.locator(".person-menu summary").click()
    page.locator(".person-menu a[href^='/switch']").click()
    page.get_by_label(f"{person} 某").check()
    page.locator("#pin").fill(PINS[person])
    page.keyboard.press("Enter")
    expect(page.locator(".person-menu")).to_contain_text(f"{person} 某")


def shared(page: Page) -> None:
    """A computer on which song, then sun signed in; each has a PIN."""
    for person in ("song", "sun"):
        sign_in(page, person)
        choose_pin(page, person)


def acts(district: Served, case: str) -> list[tuple[str, str]]:
    """Who acted and who typed, of each entry of a case."""
    told: list[dict[str, Any]] = district.as_("an").get(f"/cases/{case}/entries")["items"]
    return [(one["acted_by"]["id"], one["entered_by"]["id"]) for one in told]


def test_two_officers_at_one_computer_each_confirm_one_task_under_their_own_name(
    signed_in: Visits, own_district: Served
) -> None:
    first, second = (own_district.as_("jin").report() for _ in range(2))
    page = signed_in("", at=own_district)
    shared(page)

    act(page, first, "confirm", rectify_by=DUE)
    change(page, "song")
    act(page, second, "confirm", rectify_by=DUE)

    assert acts(own_district, first)[-1] == ("sun", "sun")
    assert acts(own_district, second)[-1] == ("song", "song")


def test_a_form_left_open_by_one_officer_is_not_sent_by_the_other(signed_in: Visits, own_district: Served) -> None:
    case = own_district.as_("jin").report()
    page = signed_in("", at=own_district)
    signed_in.allow(409, 422)
    shared(page)
    page.goto(f"/cases/{case}/actions/1/{name('confirm')}")
    other = page.context.new_page()
    other.goto("/work")
    change(other, "song")

    fill(page, rectify_by=DUE)
    draw(page, page.locator("[data-pad] canvas").first)
    page.locator("form[data-form] .form-acts button[type=submit]").click()

    expect(page.locator(".notice.fault")).to_contain_text("song 某")
    expect(page.locator("h1")).to_contain_text("sun 某")
    shot(page, "switch-stale")
    assert axe(page) == []
    assert ("song", "song") not in acts(own_district, case)
    page.locator("#pin").fill(PINS["sun"])
    page.keyboard.press("Enter")
    expect(page.locator("#pin")).to_have_count(0)
    shot(page, "switch-go-on")
    assert axe(page) == []
    page.locator("form button.primary").click()
    expect(page.locator(f"[name='f.{name('rectify_by')}']")).to_have_value(DUE)
    draw(page, page.locator("[data-pad] canvas").first)
    send(page)
    assert acts(own_district, case)[-1] == ("sun", "sun")


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_a_computer_that_was_left_asks_who_is_there_and_keeps_what_was_typed(
    signed_in: Visits, own_district: Served, scripts: bool
) -> None:
    case = own_district.as_("jin").report()
    page = signed_in("", at=own_district, java_script_enabled=scripts)
    signed_in.allow(403)
    shared(page)
    page.goto(f"/cases/{case}/actions/1/{name('confirm')}")
    fill(page, rectify_by=DUE)
    if scripts:
        draw(page, page.locator("[data-pad] canvas").first)
    own_district.clock.advance(timedelta(minutes=16))
    page.locator("form[data-form] .form-acts button[type=submit]").click()

    expect(page.locator("h1")).to_contain_text("sun 某")
    page.locator("#pin").fill(PINS["sun"])
    page.keyboard.press("Enter")
    held = page.locator(f"input[type=hidden][name='f.{name('rectify_by')}']")
    expect(held).to_have_value(DUE)


def test_a_form_beneath_a_row_waits_there_for_the_pin(signed_in: Visits, own_district: Served) -> None:
    own_district.as_("jin").report()
    page = signed_in("", at=own_district)
    signed_in.allow(403)
    shared(page)
    page.goto("/work")
    page.locator("a[hx-get*='/actions/']").first.click()
    expect(page.locator("form[data-form]")).to_be_visible()
    fill(page, rectify_by=DUE)
    own_district.clock.advance(timedelta(minutes=16))
    page.locator("form[data-form] .form-acts button[type=submit]").click()

    expect(page.locator("#pin")).to_be_visible()
    assert (axe(page), page.locator("h1").count()) == ([], 1)
    page.locator("#pin").fill(PINS["sun"])
    page.keyboard.press("Enter")
    expect(page.locator(f"input[type=hidden][name='f.{name('rectify_by')}']")).to_have_value(DUE)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_changing_places_is_accessible_and_made_for_thumbs(
    signed_in: Visits, own_district: Served, width: int, look: Any
) -> None:
    page = signed_in("", at=own_district, width=width, color_scheme=look)
    signed_in.allow(422)
    shared(page)
    looked = []
    for path in ("/switch", "/account", "/account/pin", "/sign-in?other=1"):
        page.goto(path)
        shot(page, f"{path.strip('/').partition('?')[0].replace('/', '-')}-shared-{look}-{width}")
        looked.append((path, axe(page), too_wide(page), too_small(page) if width == PHONE else []))
    page.goto("/switch")
    page.locator("#pin").fill("593128")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("4")
    shot(page, f"switch-wrong-{look}-{width}")
    looked.append(("wrong", axe(page), too_wide(page), too_small(page) if width == PHONE else []))

    assert [one for one in looked if one[1:] != ([], 0, [])] == []
