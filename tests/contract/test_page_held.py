# ruff: noqa: F811 - fixtures are imported
"""Forms that wait for their own person: drawn for another, or sent from a computer that was left alone."""

from __future__ import annotations

import pytest

from tests.accounts import ANOTHER, PASSWORD
from tests.contract.api_fixtures import PNG, api  # noqa: F401 - fixture
from tests.contract.door_fixtures import Browser, Door
from tests.contract.sharing import (  # noqa: F401 - fixtures
    CONFIRM,
    MINUTE,
    OWN,
    PINS,
    acts,
    done_by,
    door,
    filled,
    inputs,
    post,
    shared,
    switch,
)
from tests.contract.visiting import hidden

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
    assert (form_again.status_code, "再看一遍" in form_again.text) == (422, True)
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


def test_who_has_no_pin_gives_the_password_and_loses_nothing(door: Door) -> None:
    case = door.api.as_("lin").start()
    browser = door.browser("chen")
    door.devices.remove_pin("chen", PASSWORD)
    form = filled(browser, case)
    door.clock.advance(31 * MINUTE)

    asked = post(browser, CONFIRM.format(case=case), form)
    assert (asked.status_code, "请chen 某再登录一次" in asked.text) == (403, True)
    wrong = post(browser, "/switch", {**inputs(asked.text), "password": ANOTHER})
    assert (wrong.status_code, inputs(wrong.text), ANOTHER in wrong.text) == (422, inputs(asked.text), False)
    on = inputs(post(browser, "/switch", {**inputs(asked.text), "password": PASSWORD}).text)
    assert {name: on[name] for name in form if name != "_csrf"} == {n: v for n, v in form.items() if n != "_csrf"}
    assert post(browser, CONFIRM.format(case=case), {**form, "_csrf": on["_csrf"]}).status_code == 303

    assert acts(door, case)[-1] == done_by("chen")


def test_a_form_waits_for_the_password_where_the_pin_is_locked(door: Door, shared: Browser) -> None:
    case = door.api.as_("lin").start()
    form = filled(shared, case)
    door.clock.advance(16 * MINUTE)
    asked = inputs(post(shared, CONFIRM.format(case=case), form).text)
    last = [post(shared, "/switch", {**asked, "pin": "593128"}) for _ in range(5)][-1]

    assert ('name="password"' in last.text, 'name="pin"' in last.text, inputs(last.text)) == (True, False, asked)
    on = inputs(post(shared, "/switch", {**asked, "password": PASSWORD}).text)
    assert (on["f.due_on"], door.accounts.seen(shared.token).person) == ("2026-03-20", "chen")
    assert switch(shared, "zhou").status_code == 303


def test_a_password_is_taken_here_only_of_whom_the_computer_remembers(door: Door, shared: Browser) -> None:
    page = inputs(shared.get("/switch").text)
    answer = post(shared, "/switch", {**page, "person": "lin", "password": PASSWORD})

    assert (answer.status_code, "登录名或密码不对" in answer.text) == (422, True)
    assert door.accounts.seen(shared.token).person == "chen"
