"""The door in a real browser: who knows the password comes in where they wanted to go, and leaves again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import Visits
from tests.browser.looking import axe
from tests.browser.serving import Served


def knock(page: Page, login: str, password: str) -> None:
    """Fill in the form and send it with the keyboard."""
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def test_who_signs_in_comes_where_they_wanted_to_go(signed_in: Visits, district: Served) -> None:
    page = signed_in("")
    page.goto("/drafts")
    expect(page).to_have_url(f"{district.base}/sign-in?next=%2Fdrafts")

    knock(page, "sun", PASSWORD)

    expect(page).to_have_url(f"{district.base}/drafts")
    expect(page.locator("body")).to_contain_text("sun 某")


def test_a_wrong_password_is_told_without_saying_what_was_wrong(signed_in: Visits, district: Served) -> None:
    page = signed_in("")
    signed_in.allow(401, 403, 409, 422)
    told = []
    for login in ("song", "nobody-of-that-name"):
        page.goto("/sign-in")
        knock(page, login, "this is not it at all")
        expect(page.locator("[role=alert]").first).to_be_visible()
        told.append(page.locator("[role=alert]").first.inner_text())

    assert told[0] == told[1]
    assert axe(page) == []


def test_who_signs_out_is_out(signed_in: Visits, district: Served) -> None:
    page = signed_in("")
    page.goto("/sign-in")
    knock(page, "an", PASSWORD)
    expect(page.locator("body")).to_contain_text("an 某")

    page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    expect(page.locator("[name=password]")).to_be_visible()
    page.goto("/work")

    expect(page.locator("[name=password]")).to_be_visible()
