"""Ladders on pages: paused and taken up by a form, stepped down, drawn as they stand; acts prepared and signed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    CalmSpec,
    DeadlineSpec,
    PauseSpec,
    Procedure,
    RungSpec,
    TextSpec,
)
from engine.store.store import Store
from tests.contract.api_fixtures import Api, opened
from tests.contract.visiting import hidden, send, visit
from tests.samples import OPENED, SAMPLE, SLOW, with_state
from tests.worlds import local

LETTER = TextSpec(id="letter", subject="关于{unit.title}逾期的函", body="你单位{place}的{subject}应于{due}前办结。")


def climbing() -> Procedure:
    """The sample whose first task may be paused and stepped down, and whose letters two persons decide about."""
    signed = ApprovalSpec(by="office", deadline=DeadlineSpec(within="1 workday"))
    letter = replace(SLOW.rungs[2], at="1 workday after", approve=signed, series="函〔{year}〕{seq}号")
    rungs = (
        SLOW.rungs[0],
        replace(SLOW.rungs[1], times=5, digest=True),
        letter,
        RungSpec(
            id="circular", title="通报", at="3 workdays after", to=("unit.principal",), draft="letter", by="office"
        ),
        RungSpec(id="expose", title="曝光", at="5 workdays after", to=("unit.principal",), draft="letter", by="office"),
    )
    pause = PauseSpec(by=("office",), most="5 workdays", times=2, missed="fire")
    ladder = replace(SLOW, rungs=rungs, pause=pause, calms=CalmSpec(on=("progress",), back_to="letter"))
    task = OPENED.tasks[0]
    tasks = (replace(task, actions=(*task.actions, ActionSpec(id="progress", title="报告进展"))),)
    procedure = with_state(SAMPLE, "opened", tasks=tasks)
    return replace(procedure, ladders=(ladder,), texts=(*SAMPLE.texts, LETTER))


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The API over such a procedure."""
    with opened(sqlite_store, tmp_path / "evidence", procedure=climbing()) as api:
        yield api


def text_of(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def act(api: Api, person: str, address: str, **data: str) -> int:
    """Send the form of a page."""
    carried = hidden(visit(api, person, address).text)
    return int(send(api, person, address, {**carried, **data}).status_code)


def rungs_of(page: str) -> list[tuple[str, str]]:
    """Titles and states of the marks of the ruler."""
    found = re.findall(r'<li class="rung (?:before|at|after) ([a-z]+)">.*?<b>([^<]*)</b>', page, re.DOTALL)
    return [(title, status) for status, title in found]


def test_a_ladder_is_paused_with_a_reason_and_the_ruler_says_until_when(api: Api) -> None:
    case = api.as_("li").start("安全出口锁闭")
    api.wait(case, local("2026-03-05 09:00"))

    assert (
        act(api, "lin", f"/cases/{case}/people/1/pause_ladder", **{"f.until": "2026-03-10", "_reason": "停产检修"})
        == 303
    )
    api.wait(case, local("2026-03-09 09:00"))

    page = visit(api, "lin", f"/cases/{case}").text
    assert "督促已暂停，到3月10日" in text_of(page)
    assert "停产检修" in text_of(page)
    assert rungs_of(page) == [
        ("提醒", "fired"),
        ("到期", "fired"),
        ("逾期", "fired"),
        ("函告", "unsigned"),
        ("通报", "held"),
        ("曝光", "ahead"),
    ]


def test_only_whoever_may_pause_is_offered_to(api: Api) -> None:
    case = api.as_("li").start("安全出口锁闭")

    assert "pause_ladder" in visit(api, "lin", f"/cases/{case}").text
    assert "pause_ladder" not in visit(api, "chen", f"/cases/{case}").text
    assert visit(api, "chen", f"/cases/{case}/people/1/pause_ladder").status_code in (403, 404, 409)


def test_a_ladder_goes_on_before_its_time_and_the_story_says_by_whom(api: Api) -> None:
    case = api.as_("li").start("安全出口锁闭")
    act(api, "lin", f"/cases/{case}/people/1/pause_ladder", _reason="停产检修")

    assert act(api, "he", f"/cases/{case}/people/1/resume_ladder", _reason="检修结束") == 303

    page = visit(api, "lin", f"/cases/{case}").text
    assert "督促已暂停" not in text_of(page).split("全部经过")[0].split("经过")[0]
    assert "恢复督促" in text_of(page)


def test_a_letter_is_prepared_by_one_and_signed_by_another(api: Api) -> None:
    case = api.as_("li").start("安全出口锁闭")
    api.wait(case, local("2026-03-06 09:00"))
    (draft,) = [task.n for task in api.services.reader.case("lin", case).case.tasks if task.draft]
    page = text_of(visit(api, "lin", f"/drafts/{case}/{draft}").text)
    assert ("核稿送签" in page, "送达方式" in page) == (True, False)

    carried = hidden(visit(api, "lin", f"/drafts/{case}/{draft}").text)
    assert send(api, "lin", f"/drafts/{case}/{draft}/issue", carried).status_code == 303
    (signing,) = [task.n for task in api.services.reader.case("lin", case).case.tasks if task.draft]
    listed = text_of(visit(api, "he", "/drafts").text)
    assert "待签发" in listed

    carried = hidden(visit(api, "lin", f"/drafts/{case}/{signing}").text)
    assert send(api, "lin", f"/drafts/{case}/{signing}/issue", carried).status_code == 403
    carried = hidden(visit(api, "he", f"/drafts/{case}/{signing}").text)
    assert send(api, "he", f"/drafts/{case}/{signing}/issue", carried).status_code == 303
    issued = api.services.reader.case("lin", case).case.issued
    assert [(one.kind, one.number) for one in issued] == [("letter", "函〔2026〕1号")]


def test_progress_steps_the_ladder_down_on_the_page_too(api: Api) -> None:
    case = api.as_("li").start("安全出口锁闭")
    api.wait(case, local("2026-03-10 09:00"))
    assert dict(rungs_of(visit(api, "lin", f"/cases/{case}").text))["通报"] == "unsigned"

    api.as_("chen").post(f"/cases/{case}/tasks/1/actions/progress", {})

    page = visit(api, "lin", f"/cases/{case}").text
    assert dict(rungs_of(page))["通报"] == "next"
    assert "“报告进展”，由“通报”降到“函告”" in text_of(page)
