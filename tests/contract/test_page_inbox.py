# ruff: noqa: F811 - fixtures are imported
"""The inbox: what was told to a person in words, read once, theirs alone."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace

from engine.store.store import Store
from tests.contract.api_fixtures import Api, api, opened  # noqa: F401 - fixture
from tests.contract.visiting import send, visit
from tests.samples import SAMPLE
from tests.worlds import local


def told(text: str) -> list[tuple[str, bool]]:
    """Subject of each message, and whether it is unread."""
    slips = re.findall(r'<li class="slip( unread)?">(.*?)</li>', text, re.DOTALL)
    found = [
        (re.findall(r'class="subject"[^>]*>(.*?)</(?:button|p)>', slip, re.DOTALL)[0], unread) for unread, slip in slips
    ]
    return [(re.sub(r"<[^>]+>", "", subject).removeprefix("未读： "), bool(unread)) for subject, unread in found]


def late_case(api: Api) -> str:
    """A case whose holders were reminded and told that it is late."""
    case = api.as_("li").start("安全出口锁闭")
    api.wait(case, local("2026-03-05 10:00"))
    return case


def key_of(text: str) -> str:
    return re.findall(r'name="key" value="([^"]+)"', text)[0]


def test_messages_are_written_out_with_the_case_they_are_about(api: Api) -> None:
    late_case(api)

    text = visit(api, "chen", "/inbox").text

    assert told(text) == [("S-2026-00001", True), ("S-2026-00001", True)]
    assert "安全出口锁闭：待核实" in text
    assert "未读 2 件" in text


def test_what_a_message_asked_for_is_not_asked_again_once_it_has_been_done(tmp_path: Path, sqlite_store: Store) -> None:
    texts = tuple(replace(text, body="{title}应于{due}前办结，请{holder}抓紧。") for text in SAMPLE.texts)
    with opened(sqlite_store, tmp_path / "evidence", procedure=replace(SAMPLE, texts=texts)) as api:
        case = late_case(api)
        before = visit(api, "chen", "/inbox").text
        assert api.as_("chen").confirm(case).status_code == 200

        after = visit(api, "chen", "/inbox").text

    assert "前办结，请" in before
    assert "前办结，请" not in after
    assert "这件事后来已经办过" in after


def test_days_in_messages_are_written_as_letters_write_them(tmp_path: Path, sqlite_store: Store) -> None:
    texts = tuple(replace(text, body="请于{due_on}前完成") for text in SAMPLE.texts)
    with opened(sqlite_store, tmp_path / "evidence", procedure=replace(SAMPLE, texts=texts)) as api:
        case = api.as_("li").start("安全出口锁闭")
        assert api.as_("chen").confirm(case).status_code == 200
        api.wait(case, local("2026-03-25 10:00"))

        html = visit(api, "wang", "/inbox").text

    assert "请于2026年3月20日前完成" in html


def test_opening_a_message_notes_that_it_was_read_and_leads_to_its_case(api: Api) -> None:
    case = late_case(api)
    key = key_of(visit(api, "chen", "/inbox").text)

    answers = [send(api, "chen", "/inbox/open", {"key": key}) for _ in range(2)]

    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, f"/cases/{case}")] * 2
    assert [unread for _, unread in told(visit(api, "chen", "/inbox").text)] == [False, True]
    assert [unread for _, unread in told(visit(api, "zhou", "/inbox").text)] == [True, True]


def test_everything_shown_is_marked_as_read_at_once_and_nothing_that_came_later(api: Api) -> None:
    case = late_case(api)
    latest = re.findall(r'name="latest" value="(\d+)"', visit(api, "chen", "/inbox").text)[0]
    api.wait(case, local("2026-03-06 10:00"))

    answer = send(api, "chen", "/inbox/read", {"latest": latest})

    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    assert [unread for _, unread in told(visit(api, "chen", "/inbox").text)] == [True, False, False]


def test_nobody_reads_or_marks_the_messages_of_others(api: Api) -> None:
    late_case(api)
    key = key_of(visit(api, "chen", "/inbox").text)

    send(api, "qian", "/inbox/open", {"key": key})

    assert told(visit(api, "qian", "/inbox").text) == []
    assert [unread for _, unread in told(visit(api, "chen", "/inbox").text)] == [True, True]


def test_looking_marks_nothing_and_foreign_pages_mark_nothing(api: Api) -> None:
    late_case(api)
    key = key_of(visit(api, "chen", "/inbox").text)

    assert visit(api, "chen", "/inbox/open").status_code == 405
    assert visit(api, "chen", "/inbox/read").status_code == 405
    assert send(api, "chen", "/inbox/open", {"key": key}, **{"X-CSRF": "wrong"}).status_code == 403
    assert [unread for _, unread in told(visit(api, "chen", "/inbox").text)] == [True, True]


def test_a_key_that_is_none_marks_nothing_and_leads_nowhere_else(api: Api) -> None:
    answers = [send(api, "chen", "/inbox/open", {"key": key}) for key in ("x", "//elsewhere:1:1", "case/../../x:1:1")]

    assert [one.headers["location"] for one in answers] == ["/inbox", "/inbox", "/cases/..%2F..%2Fx"]
    assert send(api, "chen", "/inbox/read", {"latest": "soon"}).status_code == 422


def test_an_empty_inbox_says_what_would_stand_there(api: Api) -> None:
    assert "没有收到通知" in visit(api, "chen", "/inbox").text
