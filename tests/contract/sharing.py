"""A computer that several officers share, over the real application: they change places, forms are sent as they are."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from engine.audit.entry import Entry, parse_entry
from engine.core.command import Stream
from engine.runtime.replay import bytes_of
from tests.accounts import PASSWORD
from tests.contract.api_fixtures import PNG, Api
from tests.contract.door_fixtures import COOKIE, OURS, Browser, Door
from tests.contract.visiting import hidden

PINS = {"chen": "480317", "zhou": "2719405"}
DEVICE = f"{COOKIE}-device"
OWN = {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}
CONFIRM = "/cases/{case}/actions/1/confirm"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def door(api: Api) -> Door:
    """The pages; chen and zhou, who hold the same tasks, have PINs."""
    made = Door(api, sign_in_rate="1000/minute", caller_rate="100000/minute")
    made.keeping.open_many({"zhou": "zhou"}, PASSWORD)
    for person, pin in PINS.items():
        made.devices.set_pin(person, PASSWORD, pin)
    return made


@pytest.fixture
def shared(door: Door) -> Browser:
    """A computer on which zhou and then chen signed in."""
    browser = door.browser("zhou")
    beside(browser, "chen")
    return browser


def beside(browser: Browser, login: str) -> Any:
    """Sign in with the password although somebody is signed in."""
    return browser.send("/sign-in", {"login": login, "password": PASSWORD}, form_on="/sign-in?other=1")


def switch(browser: Browser, person: str, pin: str = "", *, back: str = "/work") -> Any:
    """Change places."""
    data = {"person": person, "pin": pin or PINS[person]}
    return browser.send("/switch", data, form_on=f"/switch?next={back}")


def filled(browser: Browser, case: str) -> dict[str, str]:
    """The form to confirm, filled in, its signature drawn."""
    page = browser.get(CONFIRM.format(case=case))
    assert page.status_code == 200, page.text
    form = hidden(page.text)
    files = {"file": ("signature.png", PNG, "image/png")}
    told = {"slot": "_signature", "kind": "signature", "_csrf": form["_csrf"]}
    kept = browser.client.post("/uploads", data=told, files=files, headers=OWN)
    assert kept.status_code == 200, kept.text
    carried = re.search(r'name="kept" value="([^"]*)"', kept.text)
    assert carried
    return {**form, "f.level": "low", "f.due_on": "2026-03-20", "kept": unescape(carried[1])}


def post(browser: Browser, path: str, data: dict[str, str], **headers: str) -> Any:
    """Send a form as it is."""
    sent = {**OWN, "Referer": f"{OURS}{path}", **headers}
    return browser.client.post(path, data=data, headers=sent)


def inputs(text: str) -> dict[str, str]:
    """Everything a page carries unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text)
    return {name: unescape(value) for name, value in found}


def entries(door: Door, case: str) -> list[Entry]:
    with door.api.district.store.read() as reader:
        return [parse_entry(data) for data in bytes_of(reader.record, Stream("case", case))]


def acts(door: Door, case: str) -> list[tuple[str, str, str]]:
    """What was done in a case: the first event, who acted, who typed."""
    return [(one.events[0]["type"], one.acted_by, one.entered_by) for one in entries(door, case)]


def done_by(person: str) -> tuple[str, str, str]:
    return ("action_taken", person, person)
