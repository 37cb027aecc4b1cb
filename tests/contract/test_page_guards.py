# ruff: noqa: F811 - fixtures are imported
"""What holds for every page there is, found in the table of routes: policies, forms of ours alone, headers, errors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, EndRole
from engine.errors import Broken
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.door_fixtures import (
    COOKIE,
    HOST,
    OURS,
    Browser,
    Door,
    address_of,
    door,  # noqa: F401 - fixture
    gate_of,
    page_routes,
)
from web.app import BASE, create_app
from web.pages.rendering import CSP
from web.pages.visitor import Visitor, page
from web.policy import POLICIES, routes_of

OWN = {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}
STRICT_CSP = "default-src 'none'; frame-ancestors 'none'"


def changing() -> list[APIRoute]:
    """Routes of pages that change something."""
    return [route for route in page_routes() if "POST" in route.methods]


def looking() -> list[APIRoute]:
    """Routes of pages that show something."""
    return [route for route in page_routes() if "GET" in route.methods]


def entries(api: Api) -> int:
    """How many entries the record has."""
    with api.district.store.read() as reader:
        return reader.record.count()


def test_the_table_of_routes_is_what_these_tests_go_through() -> None:
    paths = {route.path for route in page_routes()}

    assert {"/", "/sign-in", "/sign-out", "/account", "/account/password", "/work"} <= paths
    assert not any(path.startswith(BASE) for path in paths)


def test_no_two_routes_answer_the_same_request(door: Door) -> None:
    pages = {id(route) for route in page_routes()}
    found = [
        (method, "page" if id(route) in pages else "api", re.sub(r"\{[^}]*\}", "{}", route.path))
        for route in routes_of(door.app.routes)
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ]

    assert {where for _, where, _ in found} == {"page", "api"}
    assert [one for one, count in Counter(found).items() if count > 1] == []


# S1: every page has a policy ------------------------------------------------------------------------------------


def test_every_page_has_one_policy_and_only_the_door_is_public() -> None:
    found = {route.path: gate_of(route).policy for route in page_routes()}

    assert {path for path, policy in found.items() if not policy.scope} <= {
        "/sign-in",
        "/switch",
        "/switch/leave",
        "/theme",
        *(path for path, policy in found.items() if policy.name == "guest.link"),
    }
    assert {policy.name for policy in found.values()} <= set(POLICIES)


def test_the_address_of_a_guest_admits_nobody_without_its_proof(door: Door) -> None:
    found = [route for route in page_routes() if gate_of(route).policy.name == "guest.link"]
    proof = "A" * 22

    answers = {
        route.path: door.browser().get(f"/guest/c1/guest-{'0' * 20}/{proof}{'/1/act' if 'task' in route.path else ''}")
        for route in found
    }

    assert {route.path.split("/")[1] for route in found} == {"guest"}
    assert {answer.status_code for answer in answers.values()} == {410}


def test_no_page_opens_to_a_stranger(door: Door) -> None:
    strangers = {"nobody": "", "wrong": "A" * 43, "rubbish": "%00;x"}
    opened = []
    for route in looking():
        if not gate_of(route).policy.scope:
            continue
        for name, token in strangers.items():
            headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
            answer = door.browser().get(address_of(route), **headers)
            if (answer.status_code, answer.headers.get("location", "")[:8]) != (303, "/sign-in"):
                opened.append((route.path, name, answer.status_code))

    assert opened == []


def test_pages_that_need_a_permission_refuse_who_has_it_not_and_none_breaks(door: Door) -> None:
    persons = door.persons
    directory, day = door.api.services.reader.directory(), door.clock.now().date()
    wrong = []
    for person in persons:
        browser = door.browser(person)
        for route in looking():
            wanted = gate_of(route).policy.permission
            status = browser.get(address_of(route)).status_code
            if status >= 500 or (wanted and (status == 403) is directory.may(person, wanted, day)):
                wrong.append((person, route.path, status))

    assert wrong == []


def test_a_token_of_a_program_opens_no_page_and_a_session_opens_no_interface(door: Door) -> None:
    token = door.api.token("chen")
    browser = door.browser("chen")

    assert door.browser().get("/account", Authorization=f"Bearer {token}").status_code == 303
    assert browser.get(f"{BASE}/tasks").status_code == 401


def probe(visitor: Annotated[Visitor, page("import.read")]) -> str:
    """A page that asks for a permission."""
    return visitor.person


def test_what_is_taken_from_a_person_is_gone_at_their_next_request(door: Door) -> None:
    door.app.add_api_route("/probe", probe)
    directory, day = door.api.services.reader.directory(), door.clock.now().date()
    browser = door.browser("lin")
    before = browser.get("/probe")
    for n, holding in enumerate(directory.held_by("lin", day)):
        act = EndRole(holding=holding.id, valid_to="2026-03-01")
        door.api.district.do(door.api.district.request(DIRECTORY, act, SYSTEM, id=f"ended:{n}"))

    assert (before.status_code, before.json()) == (200, "lin")
    assert browser.get("/probe").status_code == 403
    assert door.browser("chen").get("/probe").status_code == 403


def test_what_is_sent_when_the_session_has_ended_leads_to_the_door_and_back_to_its_page(door: Door) -> None:
    browser = door.browser("chen")
    door.clock.advance(timedelta(hours=1))
    sent = {"Origin": OURS, "Referer": f"{OURS}/account?from=here"}
    whole = browser.client.post("/account/sessions/end", headers=sent)
    part = browser.client.post("/account/sessions/end", headers={**sent, "HX-Request": "true"})
    elsewhere = browser.client.post("/account/sessions/end", headers={"Referer": "https://evil.example/x"})

    assert (whole.status_code, whole.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Ffrom%3Dhere")
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in?next=%2Faccount%3Ffrom%3Dhere")
    assert elsewhere.headers["location"] == "/sign-in"


# S5: changes come from our own pages ----------------------------------------------------------------------------


def attacks(csrf: str, others: str) -> Iterator[tuple[str, dict[str, str], str, str]]:
    """Name, headers, body, content type of each way to send a form that is not ours."""
    form = "application/x-www-form-urlencoded"
    good = f"_csrf={csrf}"
    yield "no token", OWN, "", form
    yield "an empty token", OWN, "_csrf=", form
    yield "another session's token", OWN, f"_csrf={others}", form
    yield "another session's token in the header", {**OWN, "X-CSRF": others}, "", form
    yield "half a token", OWN, f"_csrf={csrf[:-1]}", form
    yield "plain text", OWN, good, "text/plain"
    yield "json without the header", OWN, f'{{"_csrf": "{csrf}"}}', "application/json"
    yield "from elsewhere", {"Origin": "https://evil.example"}, good, form
    yield "from a neighbour", {"Origin": f"https://other.{HOST}"}, good, form
    yield "from another port", {"Origin": f"{OURS}:8443"}, good, form
    yield "from nowhere", {"Origin": "null"}, good, form
    yield "silent about where from", {}, good, form
    yield "referred from elsewhere", {"Referer": f"https://evil.example/?{OURS}/"}, good, form
    yield "across sites", {"Origin": OURS, "Sec-Fetch-Site": "cross-site"}, good, form
    yield "across the site", {"Origin": OURS, "Sec-Fetch-Site": "same-site"}, good, form


def test_no_form_from_elsewhere_changes_anything_on_any_page(door: Door) -> None:
    browser, other = door.browser("chen"), door.browser("chen")
    csrf, others = browser.csrf, other.csrf
    before = entries(door.api)
    passed = []
    for route in changing():
        public = not gate_of(route).policy.scope
        sender = Browser(door.app) if public else browser
        if public:
            sender.get("/sign-in")
            csrf_here = sender.client.cookies.get(f"{COOKIE}-fresh") or ""
        else:
            csrf_here = csrf
        assert len(csrf_here) >= 32
        for name, headers, body, kind in attacks(csrf_here, others):
            answer = sender.client.post(address_of(route), content=body, headers={**headers, "Content-Type": kind})
            if answer.status_code not in (403, 415):
                passed.append((route.path, name, answer.status_code))

    assert passed == []
    assert entries(door.api) == before
    assert browser.get("/account").status_code == 200


def test_forms_of_ours_are_taken_with_the_token_in_field_or_header(door: Door) -> None:
    for headers, data in (({}, True), ({"Referer": f"{OURS}/account"}, True), ({"Origin": OURS}, False)):
        browser = door.browser("chen")
        told = {"Origin": OURS, **headers} if "Referer" not in headers else headers
        more = {} if data else {"X-CSRF": browser.csrf}
        answer = browser.client.post(
            "/sign-out", data={"_csrf": browser.csrf} if data else {}, headers={**told, **more}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?out=1")


def test_where_the_address_is_set_no_other_host_is_ours(api: Api) -> None:
    door = Door(api, origin=OURS, sign_in_rate="1000/minute")
    browser = door.browser("chen")
    rebound = TestClient(door.app, base_url="https://rebound.example", follow_redirects=False)
    rebound.cookies.set(COOKIE, browser.token, domain="rebound.example", path="/")
    told = {"Origin": "https://rebound.example"}

    assert rebound.post("/sign-out", data={"_csrf": browser.csrf}, headers=told).status_code == 403
    assert browser.send("/sign-out", form_on="/account").status_code == 303


# S22: headers of every response ---------------------------------------------------------------------------------


def test_every_page_to_everybody_has_the_headers_that_protect(door: Door) -> None:
    signed_in = door.browser("lin")
    lacking = []
    for browser in (door.browser(), signed_in):
        for path in [*(address_of(route) for route in looking()), "/nothing", "/docs", "/metrics", "/openapi.json"]:
            answer = browser.get(path)
            told = {name: answer.headers.get(name) for name in EXPECTED}
            csp = answer.headers["content-security-policy"]
            if told != EXPECTED or csp not in (CSP, STRICT_CSP) or "unsafe" in csp or "server" in answer.headers:
                lacking.append((path, answer.status_code, told, csp))

    assert lacking == []


EXPECTED = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def test_what_pages_load_is_kept_for_ever_and_is_what_it_says(door: Door) -> None:
    text = door.browser().get("/sign-in").text
    addresses = [part.split('"')[0] for part in text.split('"/static/')[1:]]

    assert addresses
    for address in addresses:
        answer = door.browser().get(f"/static/{address}")
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/metrics", "/.git/config", "/static/../web"])
def test_nothing_of_the_inside_is_served(door: Door, path: str) -> None:
    assert door.browser().get(path).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT"])
def test_methods_that_no_page_knows_are_refused(door: Door, method: str) -> None:
    answer = door.browser("chen").client.request(method, "/account")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


# errors as pages ------------------------------------------------------------------------------------------------


def test_what_is_not_there_and_what_may_not_be_seen_look_the_same(door: Door) -> None:
    hidden = door.api.as_("chen").start()
    browser = door.browser("wang")
    page = browser.get(f"/cases/{'0' * len(hidden)}/actions/1/confirm")
    same = browser.get("/no/such/page")

    assert (page.status_code, same.status_code) == (404, 404)
    for answer in (page, same):
        assert "没有这一页，或者您不能看" in answer.text
        assert "办件也可能已不在您的辖区" in answer.text


def test_an_address_that_is_not_there_keeps_the_frame_of_who_is_signed_in(door: Door) -> None:
    known, stranger = door.browser("chen").get("/no/such/page"), door.browser().get("/no/such/page")

    assert [("chen 某" in answer.text, answer.status_code) for answer in (known, stranger)] == [
        (True, 404),
        (False, 404),
    ]


def test_a_request_that_no_page_can_read_is_told_as_a_page(door: Door) -> None:
    browser = door.browser("chen")
    large = browser.client.post("/sign-out", content=b"x" * 2_000_000, headers=OWN)
    odd = browser.get("/account?%00=1")

    assert (large.status_code, odd.status_code) == (413, 422)
    assert ("内容太大" in large.text, "有些内容不对" in odd.text) == (True, True)
    assert large.headers["content-type"] == odd.headers["content-type"] == "text/html; charset=utf-8"


class BrokenSessions:
    """Sessions whose database is gone."""

    def seen(self, token: str, *, quiet: bool = False) -> None:
        """Fail with what nobody may read."""
        raise Broken("database", reason="password=hunter2 at /srv/secret")


@pytest.mark.parametrize("part", [False, True])
def test_a_failure_is_told_by_the_number_of_its_incident_alone(door: Door, part: bool) -> None:
    app = create_app(replace(door.app.state.services, sessions=BrokenSessions()))
    client = TestClient(app, base_url=OURS, raise_server_exceptions=False)
    headers = {"Cookie": f"{COOKIE}=x", **({"HX-Request": "true"} if part else {})}
    answer = client.get("/account", headers=headers)

    assert answer.status_code == 500
    assert "系统出了故障" in answer.text
    assert "事件编号" in answer.text
    assert "hunter2" not in answer.text
    assert ("<html" in answer.text) is not part
    assert answer.headers.get("hx-retarget", "") == ("#flashes" if part else "")


def test_a_part_that_is_refused_is_told_at_the_head_of_its_page(door: Door) -> None:
    browser = door.browser("chen")
    answer = browser.client.post("/sign-out", headers={**OWN, "HX-Request": "true", "X-CSRF": "wrong"})

    assert answer.status_code == 403
    assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("#flashes", "outerHTML")
    assert answer.text.lstrip().startswith('<div class="flashes" id="flashes">')
    assert "不像是从本系统的页面发出的" in answer.text
    assert "请刷新页面" in answer.text


def test_what_is_too_often_says_when_to_come_back(api: Api) -> None:
    door = Door(api, caller_rate="3/minute", sign_in_rate="100/minute")
    answers = [door.browser().get("/sign-in") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "60"
    assert "请在60秒后再试" in answers[-1].text
