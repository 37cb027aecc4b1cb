"""The frame of every page and the page of parts: seen, keyed, touched, dark and printed."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot
from tests.browser.widths import DESKTOP, PHONE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_part_in_every_state_is_accessible(signed_in: Visits, width: int, scheme: str) -> None:
    page = signed_in("sun", width=width, color_scheme=scheme)

    page.goto("/design")

    shot(page, f"design-{width}-{scheme}")
    assert axe(page) == []


def test_a_slash_leads_to_the_search_and_a_question_mark_tells_the_keys(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")

    page.keyboard.press("/")
    focused = page.evaluate("document.activeElement.id")
    page.keyboard.type("?")
    typed = page.input_value("#find")
    page.keyboard.press("Escape")
    page.keyboard.press("?")

    assert (focused, typed) == ("find", "?")
    assert page.locator("#keys").is_visible()


def test_the_first_key_leads_past_the_menu(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_a_grave_act_asks_once_and_escape_takes_it_back(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")
    dialog = page.locator("#sample-ask")

    page.locator("[data-ask] summary").click()
    asked = dialog.is_visible()
    page.keyboard.press("Escape")

    assert (asked, dialog.is_visible()) == (True, False)
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_choice_of_dark_is_kept_for_the_next_page(signed_in: Visits) -> None:
    page = signed_in("sun", color_scheme="light")
    page.goto("/design")

    page.locator(".person-menu > summary").click()
    with page.expect_response("**/theme"):
        page.locator("[data-theme-form] button[value=dark]").click()
    at_once = page.evaluate("document.documentElement.dataset.theme")
    page.goto("/design")

    assert (at_once, page.evaluate("document.documentElement.dataset.theme")) == ("dark", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 28)"


def test_without_script_menus_open_and_the_choice_of_dark_is_kept(signed_in: Visits) -> None:
    page = signed_in("sun", java_script_enabled=False)
    page.goto("/design")

    page.locator(".person-menu > summary").click()
    page.locator("[data-theme-form] button[value=dark]").click()

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.url.endswith("/design")


def test_on_a_phone_everything_is_behind_one_button_at_the_lower_edge(signed_in: Visits) -> None:
    page = signed_in("sun", width=PHONE)
    page.goto("/design")
    rail = [one.get_attribute("href") for one in page.locator(".rail a").all()]

    page.locator(".tray > details > summary").click()

    behind = page.locator(".tray .sheet a")
    assert [one.get_attribute("href") for one in behind.all()] == rail
    assert all(one.is_visible() for one in behind.all())
    assert not page.locator(".rail").is_visible()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_search_stays_in_reach_however_far_one_scrolls(signed_in: Visits, width: int) -> None:
    page = signed_in("sun", width=width)
    page.goto("/design")

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    assert page.evaluate("[scrollY > 1000, document.querySelector('.bar').getBoundingClientRect().top]") == [True, 0]


def test_paper_shows_the_page_without_its_frame(signed_in: Visits) -> None:
    page = signed_in("sun")
    page.goto("/design")

    page.emulate_media(media="print")

    shown = {name: page.locator(name).first.is_visible() for name in (".bar", ".rail", ".tray", "main h1", ".ledger")}
    assert shown == {".bar": False, ".rail": False, ".tray": False, "main h1": True, ".ledger": True}
