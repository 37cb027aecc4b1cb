# ruff: noqa: F811 - fixtures are imported
"""Several officers at one computer: changing places by PIN on pages, over the real application."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from engine.audit.entry import Entry, parse_entry
from engine.core.command import Stream
from engine.runtime.replay import bytes_of
from tests.accounts import ANOTHER, PASSWORD
from tests.contract.api_fixtures import PNG, Api, api  # noqa: F401 - fixture
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


# changing places ------------------------------------------------------------------------------------------------


def test_two_officers_at_one_computer_each_act_for_themselves(door: Door, shared: Browser) -> None:
    first, second = (door.api.as_("lin").start(subject) for subject in ("one", "two"))

    assert post(shared, CONFIRM.format(case=first), filled(shared, first)).status_code == 303
    answer = switch(shared, "zhou", back=CONFIRM.format(case=second))
    assert (answer.status_code, answer.headers["location"]) == (303, CONFIRM.format(case=second))
    assert post(shared, CONFIRM.format(case=second), filled(shared, second)).status_code == 303

    assert acts(door, first)[-1] == done_by("chen")
    assert acts(door, second)[-1] == done_by("zhou")


def test_the_page_names_whom_the_computer_remembers_and_who_is_there_now(shared: Browser) -> None:
    text = shared.get("/switch").text
    menu = shared.get("/work").text

    assert re.findall(r'name="person" value="(\w+)" required( checked)?', text) == [("chen", ""), ("zhou", " checked")]
    assert ("chen 某" in text, "zhou 某" in text, "现在登录的是chen 某" in text) == (True, True, True)
    assert 'href="/switch?next=/work"' in menu


def test_a_computer_that_remembers_nobody_says_how_to_be_remembered(door: Door) -> None:
    text = door.browser("lin").get("/switch").text

    assert "还没有记住可以换的人" in text
    assert 'name="pin"' not in text


def test_who_has_no_pin_is_told_that_they_leave_for_good(door: Door) -> None:
    browser = door.browser("chen")
    beside(browser, "lin")

    assert "现在登录的是lin 某，没有设PIN码" in browser.get("/switch").text
    switch(browser, "chen")
    assert browser.get("/switch").text.count('name="person" value=') == 1


def test_the_cookie_of_the_computer_is_for_this_host_over_https_and_for_no_script(door: Door) -> None:
    answer = door.browser().sign_in("chen")

    (told,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{DEVICE}=")]
    assert re.fullmatch(rf"{DEVICE}=[\w-]{{43}}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure", told)


def test_what_was_put_aside_opens_nothing_for_who_kept_its_cookie(door: Door, shared: Browser) -> None:
    chens = shared.token
    switch(shared, "zhou")
    thief = door.browser()
    thief.client.cookies.set(COOKIE, chens, domain="zhiben.test", path="/")

    assert thief.get("/work").headers["location"] == "/sign-in?next=%2Fwork"


def test_a_wrong_pin_is_told_with_what_is_left_and_five_lock_it_here(door: Door, shared: Browser) -> None:
    answers = [switch(shared, "zhou", "593128") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 6
    assert ["还可以再试" in answer.text for answer in answers] == [True] * 4 + [False] * 2
    assert "还可以再试4次" in answers[0].text
    assert "593128" not in "".join(answer.text for answer in answers)
    assert "PIN码已锁，请用密码登录" in shared.get("/switch").text
    assert switch(shared, "zhou").status_code == 422
    assert shared.get("/work").status_code == 200
    beside(shared, "zhou")
    assert switch(shared, "chen").status_code == switch(shared, "zhou").status_code == 303


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/switch", "/sign-out"])
def test_changing_places_leads_nowhere_but_into_the_house(shared: Browser, wanted: str) -> None:
    assert switch(shared, "zhou", back=wanted).headers["location"] == "/"


def test_places_are_not_changed_by_following_a_link_nor_from_elsewhere(door: Door, shared: Browser) -> None:
    data = {**inputs(shared.get("/switch").text), "person": "zhou", "pin": PINS["zhou"]}
    elsewhere = shared.client.post("/switch", data=data, headers={"Origin": "https://evil.example"})
    unasked = shared.client.post("/switch", data={**data, "_csrf": "x" * 32}, headers=OWN)

    assert shared.get("/switch/leave").status_code == 405
    assert (elsewhere.status_code, unasked.status_code) == (403, 403)
    assert door.accounts.seen(shared.token).person == "chen"


# signing in and out beside others -------------------------------------------------------------------------------


def test_who_comes_without_a_session_to_a_shared_computer_is_asked_for_the_pin(door: Door, shared: Browser) -> None:
    door.clock.advance(31 * MINUTE)
    away = shared.get("/account")
    asked = shared.get(away.headers["location"])

    assert away.headers["location"] == "/sign-in?next=%2Faccount"
    assert asked.headers["location"] == "/switch?next=%2Faccount"
    assert 'name="password"' in shared.get("/sign-in?other=1").text
    assert switch(shared, "zhou", back="/account").headers["location"] == "/account"


def test_who_signs_out_leaves_the_others(shared: Browser) -> None:
    out = shared.send("/sign-out", form_on="/account")
    led = shared.get(out.headers["location"])
    page = shared.get(led.headers["location"])

    assert led.headers["location"] == "/switch?next=%2F&out=1"
    assert ("已经退出" in page.text, "zhou 某" in page.text, "chen 某" in page.text) == (True, True, False)
    assert switch(shared, "zhou").status_code == 303


def test_all_leave_at_once(door: Door, shared: Browser) -> None:
    answer = shared.send("/switch/leave", form_on="/switch")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")
    assert (shared.token, shared.client.cookies.get(DEVICE)) == ("", None)
    assert [door.devices.aside(one) for one in PINS] == [(), ()]
    assert "已经退出" in shared.get("/sign-in?out=1").text


def test_signing_in_beside_somebody_says_what_becomes_of_them(shared: Browser) -> None:
    text = shared.get("/sign-in?other=1").text

    assert "现在登录的是chen 某" in text
    assert 'href="/switch?next=%2F"' in text


# forms of another -----------------------------------------------------------------------------------------------


def test_a_form_drawn_for_one_is_never_anothers_act(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    before = acts(door, case)
    switch(shared, "zhou")

    answer = post(shared, CONFIRM.format(case=case), form)

    assert answer.status_code == 409
    assert "这一页是chen 某打开的" in answer.text
    assert "现在登录的是zhou 某。刚才的提交没有办理，也没有记在谁的名下。" in answer.text
    assert acts(door, case) == before
    assert door.accounts.seen(shared.token).person == "zhou"


def test_a_form_that_waited_is_sent_by_its_own_person_with_all_that_was_typed(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    switch(shared, "zhou")
    told = inputs(post(shared, CONFIRM.format(case=case), form).text)

    wrong = post(shared, "/switch", {**told, "pin": "593128"})
    assert (wrong.status_code, inputs(wrong.text)) == (422, told)
    on = post(shared, "/switch", {**told, "pin": PINS["chen"]})
    assert (on.status_code, "以chen 某的名义接着办" in on.text) == (200, True)
    assert f'action="{CONFIRM.format(case=case)}"' in on.text
    assert inputs(on.text) == {**form, "_look_again": "1"}
    before = acts(door, case)
    form_again = post(shared, CONFIRM.format(case=case), inputs(on.text))
    assert (form_again.status_code, "请再看一遍" in form_again.text) == (422, True)
    assert ('value="2026-03-20"' in form_again.text, acts(door, case)) == (True, before)
    assert post(shared, CONFIRM.format(case=case), {**form, **hidden(form_again.text)}).status_code == 303

    assert acts(door, case)[-1] == done_by("chen")


def test_a_script_that_sends_for_another_is_refused_too(door: Door, shared: Browser) -> None:
    csrf = shared.csrf
    switch(shared, "zhou")
    answer = shared.client.post("/account/sessions/end", headers={**OWN, "X-CSRF": csrf, "HX-Request": "true"})

    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert "这一页是chen 某打开的" in answer.text


def test_what_was_typed_is_shown_to_nobody_who_cannot_show_that_the_form_is_theirs(door: Door, shared: Browser) -> None:
    strange = post(shared, "/cases/1/actions/1/confirm", {"_csrf": "x" * 32, "f.level": "canary"})
    other = door.browser("lin")
    others = post(other, "/cases/1/actions/1/confirm", {"_csrf": shared.csrf, "f.level": "canary"})

    assert [(one.status_code, "canary" in one.text) for one in (strange, others)] == [(403, False)] * 2


# left alone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [16, 45], ids=["left", "left until the session ended"])
def test_a_shared_computer_that_was_left_asks_for_the_pin_and_loses_nothing(
    door: Door, shared: Browser, minutes: int
) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    before = acts(door, case)
    door.clock.advance(minutes * MINUTE)

    asked = post(shared, CONFIRM.format(case=case), form)
    assert (asked.status_code, "请chen 某输入PIN码" in asked.text) == (403, True)
    assert acts(door, case) == before
    on = inputs(post(shared, "/switch", {**inputs(asked.text), "pin": PINS["chen"]}).text)
    assert {name: on[name] for name in form} == form
    assert post(shared, CONFIRM.format(case=case), form).status_code == 303

    assert acts(door, case)[-1] == done_by("chen")


def test_looking_is_not_asked_for_but_does_not_pass_for_the_person(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    door.clock.advance(16 * MINUTE)
    looks = [shared.get(path).status_code for path in ("/work", "/account", CONFIRM.format(case=case))]

    assert looks == [200, 200, 200]
    assert post(shared, CONFIRM.format(case=case), form).status_code == 403


def test_a_page_that_asks_for_news_by_itself_does_not_keep_the_person_there(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    for _ in range(16):
        door.clock.advance(MINUTE)
        assert shared.get("/marks").status_code == 200

    assert post(shared, CONFIRM.format(case=case), form).status_code == 403


def test_leaving_needs_no_pin(door: Door, shared: Browser) -> None:
    page = inputs(shared.get("/account").text)
    door.clock.advance(16 * MINUTE)

    assert post(shared, "/sign-out", {"_csrf": page["_csrf"]}).status_code == 303


def test_a_password_that_was_typed_is_not_given_back(door: Door, shared: Browser) -> None:
    csrf = shared.csrf
    door.clock.advance(16 * MINUTE)
    data = {"_csrf": csrf, "old": PASSWORD, "new": ANOTHER, "again": ANOTHER}
    asked = post(shared, "/account/password", data)

    assert (asked.status_code, "请chen 某输入PIN码" in asked.text) == (403, True)
    assert not any(secret in asked.text for secret in (PASSWORD, ANOTHER))


def test_files_that_a_page_cannot_give_back_are_said_to_be_missing(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = {name: value for name, value in filled(shared, case).items() if name != "kept"}
    door.clock.advance(16 * MINUTE)
    files = {"file._signature": ("signature.png", PNG, "image/png")}
    asked = shared.client.post(CONFIRM.format(case=case), data=form, files=files, headers=OWN)

    assert (asked.status_code, "手写签名和随表单选的文件没有保留" in asked.text) == (403, True)


def test_who_has_a_computer_to_themselves_is_not_asked(door: Door) -> None:
    case = door.api.as_("lin").start()
    browser = door.browser("chen")
    form = filled(browser, case)
    door.clock.advance(16 * MINUTE)

    answer = post(browser, CONFIRM.format(case=case), form)
    assert answer.status_code == 303


def test_the_account_shows_where_one_is_put_aside_and_ends_it(door: Door, shared: Browser) -> None:
    switch(shared, "zhou")
    elsewhere = door.browser("chen")
    assert "停放在设备上" in elsewhere.get("/account").text
    elsewhere.send("/account/sessions/end", form_on="/account")

    assert "停放在设备上" not in elsewhere.get("/account").text
    assert switch(shared, "chen").status_code == 422


def test_a_page_of_who_is_gone_says_who_is_signed_in_now(shared: Browser) -> None:
    csrf = shared.csrf
    shared.send("/sign-out", form_on="/account")
    switch(shared, "zhou")
    for part in ({}, {"HX-Request": "true"}):
        answer = post(shared, "/account/sessions/end", {"_csrf": csrf}, **part)
        assert (answer.status_code, "现在登录的是zhou 某。" in answer.text) == (403, True)
