"""Doing what a case offers, in the browser alone: found on its page, filled in as a person fills it in, sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.contract.hazard_api import FILES
from tests.definitions import name

#: kind of evidence -> what a person would choose
CHOSEN: Mapping[str, Any] = {
    "photo": {"name": "site.png", "mimeType": "image/png", "buffer": FILES["photo"]},
    "file": {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": FILES["file"]},
    "scan": {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": FILES["scan"]},
}


def act(page: Page, case: str, action: str, *, files: Sequence[str] = (), **told: str | Sequence[str]) -> None:
    """Do one action of a case from its page; it must be carried out."""
    page.goto(f"/cases/{case}")
    page.locator(f"a[href$='/{name(action)}'][href*='/actions/']").first.click()
    expect(page.locator("form[data-form]")).to_be_visible()
    page.wait_for_load_state()  # by then its scripts have run
    fill(page, **told)
    attach(page, files)
    for pad in page.locator("form[data-form] > .field [data-pad] canvas").all():
        draw(page, pad)
    tick_on_site(page)
    send(page)


def fill(page: Page, **told: str | Sequence[str]) -> None:
    """Fill in fields by what the definition calls them; choices are chosen, people and units looked up."""
    for field_id, value in told.items():
        given = page.locator(f"form[data-form] [name='f.{name(field_id)}']")
        typed = page.locator(f"form[data-form] [name='t.{name(field_id)}']")
        if typed.count():
            for n, one in enumerate([value] if isinstance(value, str) else value):
                look_up(page, typed, n, one)
        elif given.first.get_attribute("type") == "radio":
            page.locator(f"form[data-form] [name='f.{name(field_id)}'][value='{name(str(value))}']").check()
        else:
            given.fill(str(value))


def look_up(page: Page, typed: Locator, n: int, words: str) -> None:
    """Type into the n-th of several boxes and take the first thing found."""
    if typed.count() <= n:
        page.locator("form[data-form] [data-add-row]:visible").first.click()
    typed.nth(n).press_sequentially(words)
    page.locator(".found-one:visible").first.click()


def attach(page: Page, kinds: Sequence[str]) -> None:
    """Attach one piece of evidence of each kind to the first slot that takes it."""
    for kind in kinds:
        slot = page.locator(f"form[data-form] > .field [data-files][data-kind='{kind}']").first
        slot.locator("input[type=file]").set_input_files(CHOSEN[kind])
        expect(slot.locator("[data-kept]")).to_have_count(1)


def draw(page: Page, pad: Locator) -> None:
    """Draw a signature with the mouse."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + step * 20, box["y"] + box["height"] / 2 + (-1) ** step * 20)
    page.mouse.up()


def tick_on_site(page: Page) -> None:
    """Say that it happens on the spot, where the form asks."""
    box = page.locator("form[data-form] [name='_on_site']")
    if box.count():
        box.check()


def send(page: Page) -> None:
    """Press the one primary button; the page after it says that it is done."""
    page.locator("form[data-form] .form-acts button[type=submit]").click()
    expect(page.locator(".notice.done").first).to_be_visible()
