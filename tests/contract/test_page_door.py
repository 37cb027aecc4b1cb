# ruff: noqa: F811 - fixtures are imported
"""Signing in, one's own account, signing out: in the browser, over the real application."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from tests.accounts import ANOTHER, PASSWORD
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.door_fixtures import COOKIE, HOST, OURS, Browser, Door, door  # noqa: F401 - fixture
from web.pages.origin import own_path

WRONG = "Quiet-harbour-78"
REFUSED = "登录名或密码不对"


def set_cookies(answer) -> list[str]:
    return answer.headers.get_list("set-cookie")


# signing in -----------------------------------------------------------------------------------------------------


def test_whoever_comes_without_a_session_is_led_to_the_door_and_back(door: Door) -> None:
    browser = door.browser()
    away = browser.get("/account?tab=1")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Ftab%3D1")

    back = browser.send("/sign-in", {"login": "chen", "password": PASSWORD}, form_on=away.headers["location"])

    assert (back.status_code, back.headers["location"]) == (303, "/account?tab=1")
    assert browser.get("/account").status_code == 200


def test_a_part_of_a_page_lets_its_whole_page_go_to_the_door(door: Door) -> None:
    answer = door.browser().get("/account", **{"HX-Request": "true", "HX-Current-URL": f"{OURS}/work?x=1"})

    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fwork%3Fx%3D1"


def test_the_cookie_of_a_session_is_for_this_host_over_https_and_for_no_script(door: Door) -> None:
    answer = door.browser().sign_in("chen")

    (told,) = [one for one in set_cookies(answer) if one.startswith(f"{COOKIE}=")]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax; Secure", told)


def test_a_demonstration_without_https_gives_a_cookie_that_promises_nothing(api: Api) -> None:
    door = Door(api, secure_cookies=False)
    browser = Browser(door.app)
    answer = browser.sign_in("chen")

    (told,) = [one for one in set_cookies(answer) if one.startswith("zhiben=")]
    assert re.fullmatch(r"zhiben=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", told)
    assert "strict-transport-security" not in answer.headers


def test_a_cookie_that_somebody_planted_is_not_made_a_session(door: Door) -> None:
    browser = door.browser()
    browser.client.cookies.set(COOKIE, "A" * 43, domain=HOST, path="/")
    (given,) = [one for one in set_cookies(browser.sign_in("chen")) if one.startswith(f"{COOKIE}=")]

    token = given.partition("=")[2].partition(";")[0]
    assert token != "A" * 43
    assert (door.accounts.seen("A" * 43), door.accounts.seen(token).person) == (None, "chen")


def test_signing_in_again_ends_the_session_that_was(door: Door) -> None:
    browser = door.browser("chen")
    former = browser.token
    page = Browser(door.app)
    fresh = page.get("/sign-in")
    csrf = re.search(r'name="_csrf" value="([^"]+)"', fresh.text)[1]
    page.client.cookies.set(COOKIE, former, domain=HOST, path="/")
    data = {"login": "lin", "password": PASSWORD, "_csrf": csrf}
    answer = page.client.post("/sign-in", data=data, headers={"Origin": OURS})

    assert answer.status_code == 303
    assert door.accounts.seen(former) is None


def test_who_is_signed_in_is_not_asked_again(door: Door) -> None:
    answer = door.browser("chen").get("/sign-in?next=/account")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


@pytest.mark.parametrize(("login", "password"), [("chen", WRONG), ("nobody", PASSWORD), ("lin", PASSWORD), ("", "")])
def test_every_refusal_is_the_same_page_after_one_check(door: Door, login: str, password: str) -> None:
    door.keeping.disable("lin")
    door.browser().sign_in("nobody", "x")
    checked = door.hasher.verified

    answer = door.browser().sign_in(login, password)

    assert door.hasher.verified - checked == 1
    assert answer.status_code == 422
    plain = re.sub(r'value="[^"]*"|content="[^"]*"|hx-headers:inherited=\'[^\']*\'|autofocus', "", answer.text)
    assert REFUSED in plain
    assert len(plain) == len(re.sub(r'value="[^"]*"|content="[^"]*"|hx-headers:inherited=\'[^\']*\'|autofocus', "",
                                    door.browser().sign_in("nobody", "x").text))  # fmt: skip
    assert COOKIE not in [one.partition("=")[0] for one in set_cookies(answer)]
    assert password == "" or password not in answer.text


def test_after_five_wrong_passwords_the_right_one_has_to_wait(door: Door) -> None:
    for _ in range(5):
        door.browser().sign_in("chen", WRONG)

    assert REFUSED in door.browser().sign_in("chen").text
    assert door.browser().sign_in("lin").status_code == 303
    door.clock.advance(timedelta(minutes=1))
    assert door.browser().sign_in("chen").status_code == 303


def test_one_address_may_not_try_for_ever_whatever_it_says_of_itself(api: Api) -> None:
    door = Door(api, sign_in_rate="3/minute")
    browser = door.browser()
    statuses = [browser.sign_in(f"p{n}", WRONG, **{"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(5)]

    assert statuses == [422, 422, 422, 429, 429]


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/work?due=late&x=%E4%B8%80", "/work?due=late&x=%E4%B8%80"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/work", "/"),
        ("javascript:alert(1)", "/"),
        ("work", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("/sign-in?next=/work", "/"),
        ("/sign-out", "/"),
        ("/" + "a" * 2_000, "/"),
    ],
)
def test_the_door_leads_nowhere_but_into_the_house(wanted: str, led: str) -> None:
    assert own_path(wanted) == led


@pytest.mark.parametrize("form_on", ["/sign-in?next=https://evil.example/", "/sign-in?next=//evil.example"])
def test_a_link_from_elsewhere_leads_to_the_first_page(door: Door, form_on: str) -> None:
    answer = door.browser().send("/sign-in", {"login": "chen", "password": PASSWORD}, form_on=form_on)

    assert answer.headers["location"] == "/"


HOSTILE = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "{{7*7}}",
    "{% raw %}",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
)


class Active(HTMLParser):
    """Notes scripts without a source and attributes that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if (tag == "script" and not (told.get("src") or "").startswith("/static/")) or tag in ("svg/onload", "iframe"):
            self.found.append(tag)
        self.found += [name for name, value in attrs if name.startswith("on") or name == "style"]
        self.found += [
            name for name, value in attrs if (value or "").lower().startswith("javascript:") and name != "value"
        ]


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_was_typed_at_the_door_comes_back_as_text(door: Door, payload: str) -> None:
    answer = door.browser().send("/sign-in", {"login": payload, "password": payload, "next": payload})
    active = Active()
    active.feed(answer.text)

    assert answer.status_code == 422
    assert active.found == []
    assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


# the password ---------------------------------------------------------------------------------------------------


def test_who_was_given_a_password_can_do_nothing_but_change_it(door: Door) -> None:
    given = door.keeping.reset("chen")
    browser = door.browser()
    assert browser.sign_in("chen", given).headers["location"] == "/account/password"

    looks = {path: browser.get(path) for path in ("/work", "/", "/account")}
    assert {answer.headers["location"] for answer in looks.values()} == {"/account/password"}
    part = browser.get("/work", **{"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (403, "/account/password")
    changed = browser.send("/account/password", {"old": given, "new": ANOTHER, "again": ANOTHER})
    assert (changed.status_code, changed.headers["location"]) == (303, "/")
    assert browser.get("/account").status_code == 200


def test_changing_the_password_gives_this_browser_a_new_session_and_ends_the_others(door: Door) -> None:
    here, there = door.browser("chen"), door.browser("chen")
    former = here.token
    answer = here.send("/account/password", {"old": PASSWORD, "new": ANOTHER, "again": ANOTHER})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert here.token not in ("", former)
    assert "密码已更换" in here.get("/account").text
    assert there.get("/account").headers["location"] == "/sign-in?next=%2Faccount"
    assert door.browser().sign_in("chen", ANOTHER).status_code == 303


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"old": WRONG, "new": ANOTHER, "again": ANOTHER}, "原密码不对"),
        ({"old": PASSWORD, "new": ANOTHER, "again": WRONG}, "两次输入的新密码不一样"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "密码至少12个字符"),
        ({}, "密码至少12个字符"),
    ],
)
def test_a_password_that_is_refused_says_why_beside_its_field(door: Door, data: dict[str, str], said: str) -> None:
    browser = door.browser("chen")
    answer = browser.send("/account/password", data)

    assert answer.status_code == 422
    assert said in answer.text
    assert [value for value in data.values() if value in answer.text] == []
    assert browser.get("/account").status_code == 200


# sessions -------------------------------------------------------------------------------------------------------


def test_the_account_tells_who_one_is_and_where_one_is_signed_in(door: Door) -> None:
    door.browser().sign_in("chen", **{"User-Agent": "Mozilla/5.0 Gecko/20100101 Firefox/143.0"})
    text = door.browser("chen").get("/account").text

    assert "chen 某" in text
    assert "Firefox" in text
    assert text.count("就是这里") == 1


def test_all_other_sessions_end_at_once(door: Door) -> None:
    here, there, else_where = (door.browser("chen") for _ in range(3))
    answer = here.send("/account/sessions/end", form_on="/account")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert [one.get("/account").status_code for one in (here, there, else_where)] == [200, 303, 303]


def test_nobody_ends_the_session_of_somebody_else(door: Door) -> None:
    others = door.browser("lin")
    (row,) = door.accounts.sessions("lin")
    door.browser("chen").send("/account/sessions/end", {"session": row.id}, form_on="/account")

    assert others.get("/account").status_code == 200


def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(door: Door) -> None:
    browser = door.browser("chen")
    token = browser.token
    answer = browser.send("/sign-out", form_on="/account")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")
    assert browser.token == ""
    thief = door.browser()
    thief.client.cookies.set(COOKIE, token, domain=HOST, path="/")
    assert thief.get("/account").status_code == 303
    assert "已经退出" in browser.get("/sign-in?out=1").text


def test_signing_out_is_not_done_by_following_a_link(door: Door) -> None:
    browser = door.browser("chen")

    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    "end",
    [
        lambda door: door.keeping.disable("chen"),
        lambda door: door.keeping.reset("chen"),
        lambda door: door.clock.advance(timedelta(minutes=30)),
    ],
    ids=["disabled", "reset", "not used"],
)
def test_a_session_that_is_over_opens_nothing_at_the_next_request(door: Door, end) -> None:
    browser = door.browser("chen")
    end(door)

    assert browser.get("/account").headers["location"] == "/sign-in?next=%2Faccount"


# what is left behind --------------------------------------------------------------------------------------------


def test_no_password_and_no_token_is_found_in_the_database_or_the_log(
    api: Api, sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from engine.runtime.passwords import Argon2

    door = Door(api)
    door.accounts._hasher = door.keeping._hasher = Argon2(memory_kib=16, passes=1, lanes=1)
    door.keeping.reset("chen", password="Canary-of-coal-11")
    browser = door.browser()
    browser.sign_in("chen", "Canary-of-coal-11")
    browser.send(
        "/account/password", {"old": "Canary-of-coal-11", "new": "Canary-in-mine-22", "again": "Canary-in-mine-22"}
    )
    browser.sign_in("chen", "Canary-in-mine-23")
    token = browser.token
    browser.send("/sign-out", form_on="/account")

    with api.district.store.read():
        path = sqlite_url.removeprefix("sqlite:///")
        kept = b"".join(open(path + tail, "rb").read() for tail in ("", "-wal"))  # noqa: SIM115 - closed with it
    told = "".join(capfd.readouterr())
    for secret in ("Canary-of-coal-11", "Canary-in-mine-22", "Canary-in-mine-23", token):
        assert secret
        assert secret.encode() not in kept
        assert secret not in told


def test_agents_are_told_by_family() -> None:
    from web.pages.sign_in import agent_of

    told = {
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0": "Edge",
        "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile MicroMessenger/8.0": "WeChat",
        "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605": "Safari",
        "curl/8": "",
        "": "",
    }
    found = {one: agent_of(SimpleNamespace(headers={"user-agent": one})) for one in told}
    assert found == told
