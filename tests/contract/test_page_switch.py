# ruff: noqa: F811 - fixtures are imported
"""Several officers at one computer: changing places by PIN on pages, signing in and out beside others."""

from __future__ import annotations

import re

import pytest

from tests.contract.api_fixtures import api  # noqa: F401 - fixture
from tests.contract.door_fixtures import COOKIE, Browser, Door
from tests.contract.sharing import (  # noqa: F401 - fixtures
    CONFIRM,
    DEVICE,
    MINUTE,
    OWN,
    PINS,
    acts,
    beside,
    done_by,
    door,
    filled,
    inputs,
    post,
    shared,
    switch,
)

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
