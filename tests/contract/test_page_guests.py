"""Those without an account take part by a link and a code: invited, admitted, and shut out again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.store.store import Store
from tests.contract.api_fixtures import Api, opened
from tests.contract.visiting import hidden, send, visit
from tests.guests import with_owner

HERE = "https://testserver"


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The API over the sample in which the owner of a house may testify."""
    with opened(sqlite_store, tmp_path / "evidence", procedure=with_owner()) as api:
        api.guest = TestClient(api.client.app, base_url=HERE, follow_redirects=False)
        yield api


def begun(api: Api) -> str:
    """A case that names the owner."""
    page = visit(api, "chen", "/report/sample/report")
    said = {"f.subject": "缺护栏", "f.unit": "U1", "f.place": "P1", "f.owner_name": "赵某"}
    answer = send(api, "chen", "/report/sample/report", {**hidden(page.text), **said})
    return re.search(r"/cases/([0-9a-f]+)", answer.headers["location"])[1]


def invited(api: Api, case: str, by: str = "chen", **said: Any) -> Any:
    """The answer to inviting the owner."""
    page = visit(api, by, f"/cases/{case}/guests")
    form = {**hidden(page.text), "who": "1.owner", "until": "2026-12-31", **said}
    return send(api, by, f"/cases/{case}/guests", form)


def link_of(api: Api, case: str) -> str:
    """The path of the link that the notice shows, once somebody was invited."""
    notice = visit(api, "chen", invited(api, case).headers["location"])
    assert "<svg" in notice.text
    return re.search(r'class="guest-link"[^>]*>https?://[^/]+([^<]+)<', notice.text)[1]


def as_guest(api: Api, path: str, data: dict[str, str] | None = None) -> Any:
    """The page as somebody without an account gets it, or the answer to a form of theirs."""
    browser = api.guest
    if data is None:
        return browser.get(path)
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    return browser.post(path, data=data, files={"_": b""}, headers=headers)


def form_of(api: Api, link: str) -> tuple[str, dict[str, str]]:
    """Where the one form of a guest's page leads, and what it carries unseen."""
    page = as_guest(api, link)
    where = unescape(re.search(r'class="button primary wide" href="([^"]+)"', page.text)[1])
    return where, hidden(as_guest(api, where).text)


def test_who_holds_the_task_invites_and_gets_a_notice_with_link_and_code(api: Api) -> None:
    case = begun(api)

    answer = invited(api, case)

    notice = visit(api, "chen", answer.headers["location"])
    assert (answer.status_code, notice.status_code) == (303, 200)
    assert "赵某" in notice.text
    assert "作出说明" in notice.text
    assert "赵某" in visit(api, "chen", f"/cases/{case}/guests").text


def test_the_guest_sees_one_act_does_it_and_gets_a_receipt(api: Api) -> None:
    case = begun(api)
    where, form = form_of(api, link_of(api, case))

    page = as_guest(api, where, {**form, "f.opinion": "已出租"})

    assert page.status_code == 200
    assert re.search(r"[0-9a-f]{12}", page.text)
    told = visit(api, "chen", f"/cases/{case}").text
    assert "房屋所有人 赵某" in told
    assert "guest-" not in re.sub(r'(href|action|value|id|for|aria-labelledby)="[^"]*"', "", told)


def test_what_a_guest_sends_twice_is_one_act(api: Api) -> None:
    case = begun(api)
    where, form = form_of(api, link_of(api, case))

    first, second = (as_guest(api, where, {**form, "f.opinion": "已出租"}) for _ in range(2))

    receipts = {re.search(r"回执码 ([0-9a-f]{12})", page.text)[1] for page in (first, second)}
    assert len(receipts) == 1


def test_a_form_with_something_missing_is_shown_again_with_what_was_typed(api: Api) -> None:
    case = begun(api)
    where, form = form_of(api, link_of(api, case))

    page = as_guest(api, where, form)

    assert page.status_code == 422
    assert 'id="f-opinion-wrong"' in page.text or "wrong" in page.text


@pytest.mark.parametrize("spoil", ["last", "case", "person"])
def test_a_link_of_which_one_letter_is_another_admits_nobody(api: Api, spoil: str) -> None:
    case = begun(api)
    link = link_of(api, case)
    _, root, stream, person, proof = link.split("/")
    other = {
        "last": f"/{root}/{stream}/{person}/{proof[:-2]}{'AA' if proof[-2:] != 'AA' else 'BB'}",
        "case": f"/{root}/{begun(api)}/{person}/{proof}",
        "person": f"/{root}/{stream}/guest-{'0' * 20}/{proof}",
    }[spoil]

    page = as_guest(api, other)

    assert page.status_code == 410
    assert "缺护栏" not in page.text


def test_a_link_that_was_stopped_admits_nobody_and_keeps_what_was_done(api: Api) -> None:
    case = begun(api)
    link = link_of(api, case)
    where, form = form_of(api, link)
    person = link.split("/")[3]
    page = visit(api, "chen", f"/cases/{case}/guests")

    ended = send(api, "chen", f"/cases/{case}/guests/{person}/end", {**hidden(page.text), "reason": "说错了人"})

    assert ended.status_code == 303
    assert as_guest(api, link).status_code == 410
    assert as_guest(api, where, {**form, "f.opinion": "已出租"}).status_code == 410
    assert "已失效" in visit(api, "chen", f"/cases/{case}/guests").text


def test_a_form_from_a_foreign_page_is_refused(api: Api) -> None:
    case = begun(api)
    where, form = form_of(api, link_of(api, case))

    answer = api.client.post(
        where, data={**form, "f.opinion": "已出租"}, files={"_": b""}, headers={"Origin": "https://elsewhere.example"}
    )

    assert answer.status_code == 403


def test_who_does_not_answer_for_the_task_neither_invites_nor_sees_the_link(api: Api) -> None:
    case = begun(api)
    notice = invited(api, case).headers["location"]

    assert visit(api, "lin", notice).status_code == 404
    assert invited(api, case, by="lin").status_code == 403
    assert visit(api, "qian", f"/cases/{case}/guests").status_code == 404


def test_a_day_that_is_over_is_refused_beside_its_field(api: Api) -> None:
    case = begun(api)

    answer = invited(api, case, until="2020-01-01")

    assert answer.status_code == 422
    assert "邀请截止日应在今天到" in answer.text
    assert 'value="2020-01-01"' in answer.text
