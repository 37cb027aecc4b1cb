"""Formal acts that wait: read as they will be printed, issued under a number, or not issued for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.definition import TextSpec
from engine.store.store import Store
from tests.contract.api_fixtures import PNG, Api, opened
from tests.contract.visiting import hidden, send, visit
from tests.samples import SAMPLE, SLOW
from tests.worlds import local

LETTER = TextSpec(
    id="letter",
    subject="关于{unit.title}逾期的函",
    body="你单位{place}的{subject}应于{due}前办结。文号{document_number}。",
)


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The sample, with letters that have a text and bear numbers."""
    rungs = tuple(replace(rung, series="函〔{year}〕{seq}号") if rung.draft else rung for rung in SLOW.rungs)
    procedure = replace(SAMPLE, ladders=(replace(SLOW, rungs=rungs),), texts=(*SAMPLE.texts, LETTER))
    with opened(sqlite_store, tmp_path / "evidence", procedure=procedure) as api:
        yield api


def drafted(api: Api, subject: str = "安全出口锁闭") -> tuple[str, str]:
    """A case whose ladder drafted a letter, and the letter's page."""
    case = api.as_("li").start(subject)
    api.wait(case, local("2026-03-10 09:00"))
    return case, f"/drafts/{case}/2"


def form(api: Api, address: str, person: str = "lin") -> dict[str, str]:
    """What the forms of the page carry unseen."""
    return hidden(visit(api, person, address).text)


def states(api: Api, case: str) -> list[tuple[str, str]]:
    """Kinds and numbers of what was issued, and the letters that still wait."""
    found = api.services.reader.case("lin", case).case
    return [(one.kind, one.number) for one in found.issued] + [("waits", "") for task in found.tasks if task.draft]


def events_of(api: Api, case: str) -> list[dict[str, Any]]:
    """What happened in the case."""
    entries = api.as_("lin").get(f"/cases/{case}/entries").json()["items"]
    return [event for entry in entries for event in entry["events"]]


def test_a_letter_is_shown_as_it_will_be_printed_with_why_it_exists(api: Api) -> None:
    _, address = drafted(api)

    text = visit(api, "lin", address).text

    printed = (
        "关于一号厂逾期的函",
        "你单位一号车间的安全出口锁闭应于2026年3月4日前办结",
        "函〔2026〕　　号",
        "一号厂（负责人）：",
    )
    for words in (*printed, "进展缓慢", "函告", "逾期", "办公室·一镇"):
        assert words in text, words
    assert "关于一号厂逾期的函" in visit(api, "lin", "/drafts").text


def test_a_letter_is_issued_once_under_the_next_number(api: Api) -> None:
    case, address = drafted(api)
    told = {**form(api, address), "f.way": "in_person", "f.served_on": "2026-03-10"}

    answers = [
        send(api, "lin", f"{address}/issue", told, {"file.proof": ("p.png", PNG, "image/png")}) for _ in range(2)
    ]

    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, "/drafts")] * 2
    assert states(api, case) == [("letter", "函〔2026〕1号")]
    events = [
        event for entry in api.as_("lin").get(f"/cases/{case}/entries").json()["items"] for event in entry["events"]
    ]
    (issued,) = [event for event in events if event["type"] == "draft_issued"]
    assert issued["told"] == "lin 某签发letter（函〔2026〕1号），送责任单位·principal；2026-03-10直接送达"
    assert [one["kind"] for one in issued["data"]["evidence"]] == ["file"]
    assert "文号函〔2026〕1号" in visit(api, "wang", "/inbox").text
    assert "没有等待签发的文书" in visit(api, "lin", "/drafts").text


def test_a_letter_is_not_issued_for_a_reason_that_is_kept(api: Api) -> None:
    case, address = drafted(api)

    answer = send(api, "lin", f"{address}/decline", {**form(api, address), "_reason": "已当面约见"})

    assert (answer.status_code, states(api, case)) == (303, [])
    events = [
        event for entry in api.as_("lin").get(f"/cases/{case}/entries").json()["items"] for event in entry["events"]
    ]
    assert "lin 某决定不发letter，理由：已当面约见" in [event["told"] for event in events]


def test_looking_decides_nothing(api: Api) -> None:
    case, address = drafted(api)

    assert [visit(api, "lin", f"{address}/{how}").status_code for how in ("issue", "decline")] == [405, 405]
    assert states(api, case) == [("waits", "")]


@pytest.mark.parametrize("person", ["chen", "wang", "qian"])
def test_a_letter_is_nobody_elses_to_read_or_decide(api: Api, person: str) -> None:
    case, address = drafted(api)
    told = form(api, address)

    answers = [visit(api, person, address), send(api, person, f"{address}/issue", told)]

    assert answers[0].status_code == 404
    assert answers[1].status_code in (403, 404)
    assert states(api, case) == [("waits", "")]


def test_a_letter_is_not_issued_from_a_foreign_page(api: Api) -> None:
    case, address = drafted(api)

    answer = send(api, "lin", f"{address}/issue", {**form(api, address), "_csrf": "x"}, **{"X-CSRF": ""})

    assert (answer.status_code, states(api, case)) == (403, [("waits", "")])


def test_a_letter_that_a_colleague_decided_about_is_told_to_be_gone(api: Api) -> None:
    case, address = drafted(api)
    mine, theirs = form(api, address), form(api, address, "he")
    send(api, "he", f"{address}/decline", {**theirs, "_reason": "已当面约见"})

    answer = send(api, "lin", f"{address}/issue", mine)

    assert (answer.status_code, states(api, case)) == (409, [])
    assert visit(api, "lin", address).status_code == 404


def test_what_is_wrong_is_said_and_what_was_typed_stays(api: Api) -> None:
    case, address = drafted(api)

    early = send(api, "lin", f"{address}/issue", {**form(api, address), "f.way": "mail", "f.served_on": "2026-03-01"})
    silent = send(api, "lin", f"{address}/decline", {**form(api, address), "_reason": " "})

    assert (early.status_code, silent.status_code) == (422, 422)
    assert "送达不能早于签发" in early.text
    assert 'value="2026-03-01"' in early.text
    assert "请填写理由" in silent.text
    assert states(api, case) == [("waits", "")]
