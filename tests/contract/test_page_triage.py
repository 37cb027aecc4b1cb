# ruff: noqa: F811 - fixtures are imported
"""The triage list: what waits, what a choice would fire, saying it once for many, and what was refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.core.command import ClaimCase, Request, Stream
from tests.browsing import CSRF
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import hidden, send, visit

LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SAID = {"start": "now", "reason": "集中清理"}


def claimed(api: Api, *names: str, unit: str = "U1", due_on: str = "2026-02-10") -> list[str]:
    """Cases taken over, of which the ladders wait; today is 2026-03-02."""
    for name in names:
        data = {"subject": f"旧隐患{name}", "unit": unit, "level": "low", "due_on": due_on}
        told = {"claimed_number": f"旧-{name}", "claimed_opened_at": LONG_AGO, "source": "ledger.xlsx"}
        act = ClaimCase(version=api.district.machine.version, state="doing", data=data, **told)
        api.services.door.submit(
            Request(id=f"claim-{name}", stream=Stream("case", name), act=act, acted_by="clerk", medium="import")
        )
    return list(names)


def preview(api: Api, *cases: str, person: str = "lin", **told: str) -> Any:
    """The page that says what would happen."""
    data: dict[str, Any] = {"_csrf": CSRF, **SAID, "which": "marked", **told, "case": list(cases)}
    return send(api, person, "/triage/preview", data)


def begin(api: Api, *cases: str, person: str = "lin", **told: str) -> Any:
    """Say it as the page before offers it."""
    shown = preview(api, *cases, person="lin", **told)
    data: dict[str, Any] = {"_csrf": CSRF, **SAID, "which": "marked", **hidden(shown.text), **told, "case": list(cases)}
    answer = send(api, person, "/triage/begin", data)
    api.services.bulk_runs.wait()
    return answer


def triaged(api: Api, case: str) -> bool:
    """Whether it has been said."""
    claim = api.services.reader.case("lin", case).case.claim
    assert claim is not None
    return claim.triaged


def entries(api: Api) -> int:
    """How many entries the record has."""
    with api.district.store.read() as reader:
        return reader.record.count()


# the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_who_waits_those_late_longest_first_with_their_old_numbers(api: Api) -> None:
    claimed(api, "B", due_on="2026-05-01")
    claimed(api, "A")

    html = visit(api, "lin", "/triage").text

    assert html.index("旧隐患A") < html.index("旧隐患B")
    for words in ("待分诊2件", "原编号旧-A", "已逾期", "从现在起算", "当前筛选的全部2件"):
        assert words in html
    assert re.search(r"已逾期<span[^>]*>1<", html)


def test_the_address_holds_the_filter(api: Api) -> None:
    claimed(api, "A")
    claimed(api, "B", due_on="2026-05-01")

    late, not_late = (visit(api, "lin", f"/triage?overdue={one}").text for one in ("yes", "no"))

    assert ("旧隐患A" in late, "旧隐患B" in late) == (True, False)
    assert ("旧隐患A" in not_late, "旧隐患B" in not_late) == (False, True)


def test_where_nothing_waits_the_page_says_so(api: Api) -> None:
    assert "没有等待分诊的办件" in visit(api, "lin", "/triage").text


def test_the_menu_leads_whoever_may_triage_there_with_how_many_wait(api: Api) -> None:
    claimed(api, "A", "B")

    assert re.search(r'href="/triage".*?旧件分诊</span><span class="count quiet">2<', visit(api, "lin", "/inbox").text)
    assert 'href="/triage"' not in visit(api, "chen", "/inbox").text


def test_a_case_that_waits_says_so_and_leads_to_the_list(api: Api) -> None:
    claimed(api, "A", "B")
    lin, chen = (visit(api, person, "/cases/A").text for person in ("lin", "chen"))

    address = re.search(r'href="(/triage\?number=[^"]+)"', lin)
    assert address
    assert "尚未分诊" in lin
    alone = visit(api, "lin", address[1]).text
    assert ("旧隐患A" in alone, "旧隐患B" in alone) == (True, False)
    assert "尚未分诊" in chen
    assert "/triage?number" not in chen


# what would happen -------------------------------------------------------------------------------------------------


def test_before_anything_is_said_the_page_tells_what_each_choice_fires_at_once(api: Api) -> None:
    claimed(api, "A", "B")
    before = entries(api)

    now, deadline = preview(api, "A", "B").text, preview(api, "A", "B", start="deadline").text

    assert "2件已经过了时限，记为逾期" in now
    assert "分诊以后不能撤回" in now
    assert now.index("现在不发任何提醒") < now.index("如果改为“按原时限起算”") < now.index("件马上发出")
    assert "2件马上发出提醒" in deadline
    assert "拟办文书" in deadline
    assert entries(api) == before


@pytest.mark.parametrize("start", ["now", "deadline"])
def test_what_was_foreseen_is_what_happens(api: Api, start: str) -> None:
    claimed(api, "A", "B")
    foreseen = api.services.triage.outlook("lin", ["A", "B"], start)

    begin(api, "A", "B", start=start)
    api.wait("A", api.district.clock.now())
    api.wait("B", api.district.clock.now())

    cases = [api.services.reader.case("lin", case).case for case in ("A", "B")]
    drafts = sum(1 for case in cases for task in case.tasks if task.draft)
    assert (foreseen.cases, foreseen.late) == (2, 2)
    assert foreseen.fires.get("drafts", 0) == drafts
    assert (drafts > 0) == (start == "deadline")


# five questions ----------------------------------------------------------------------------------------------------


def test_marked_cases_are_triaged_and_the_others_go_on_waiting(api: Api) -> None:
    claimed(api, "A", "B", "C")

    answer = begin(api, "A", "B")
    html = visit(api, "lin", answer.headers["location"]).text

    assert answer.status_code == 303
    assert [triaged(api, case) for case in ("A", "B", "C")] == [True, True, False]
    assert "分诊完成" in html
    assert "已处理2件，共2件" in html
    assert "还有1件" in html


def test_all_of_the_filter_are_triaged_also_those_on_no_page(api: Api) -> None:
    names = claimed(api, *(f"L{n:02}" for n in range(55)))
    claimed(api, "later", due_on="2026-05-01")

    begin(api, which="all", overdue="yes", start="until", until="2026-04-30")

    assert all(triaged(api, case) for case in names)
    assert not triaged(api, "later")
    due = {api.services.reader.case("lin", case).case.tasks[0].deadline.due_at for case in names}  # type: ignore[union-attr]
    assert due == {datetime(2026, 4, 30, 16, tzinfo=UTC)}


def test_looking_changes_nothing_and_what_changes_is_no_get(api: Api) -> None:
    claimed(api, "A")
    before = entries(api)

    answers = [visit(api, "lin", path).status_code for path in ("/triage", "/triage/begin", "/triage/preview")]

    assert answers == [200, 405, 405]
    assert entries(api) == before


@pytest.mark.parametrize("person", ["chen", "li", "clerk"])
def test_who_may_not_triage_is_refused(api: Api, person: str) -> None:
    claimed(api, "A")

    assert visit(api, person, "/triage").status_code == 403
    assert begin(api, "A", person=person).status_code == 403
    assert not triaged(api, "A")


def test_an_operation_is_seen_by_whoever_began_it_only(api: Api) -> None:
    claimed(api, "A")
    where = begin(api, "A").headers["location"]

    assert visit(api, "he", where).status_code == 404
    assert send(api, "he", f"{where}/stop", {"_csrf": CSRF}).status_code == 404


def test_a_page_that_is_out_of_date_says_so_and_nothing_is_said(api: Api) -> None:
    claimed(api, "A", "B")
    form = hidden(preview(api, which="all").text)
    api.as_("he").post("/cases/B/triage", SAID)

    answer = send(api, "lin", "/triage/begin", {**SAID, **form, "which": "all", "_count": "2", "_csrf": CSRF})

    assert answer.status_code == 409
    assert "现在是1件" in answer.text
    assert not triaged(api, "A")


def test_a_double_click_is_one_operation(api: Api) -> None:
    claimed(api, "A")
    data = {**SAID, **hidden(preview(api, "A").text), "which": "marked", "_count": "1", "case": ["A"], "_csrf": CSRF}
    first = send(api, "lin", "/triage/begin", data)
    api.services.bulk_runs.wait()
    before = entries(api)

    second = send(api, "lin", "/triage/begin", data)

    assert (first.headers["location"], first.status_code) == (second.headers["location"], 303)
    assert entries(api) == before


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reason": " "}, "请填写理由"),
        ({"start": ""}, "请选择督促从什么时候算起"),
        ({"start": "until"}, "没有填写日期"),
        ({"start": "until", "until": "2026-03-01"}, "新的时限必须晚于"),
        ({"start": "until", "until": "春天"}, "不是日期"),
    ],
)
def test_what_cannot_be_said_is_shown_with_what_was_chosen(api: Api, told: dict[str, str], words: str) -> None:
    claimed(api, "A", "B")

    answer = preview(api, "A", **told)

    assert answer.status_code == 422
    assert words in answer.text
    assert re.search(r'value="A" checked', answer.text)
    assert not re.search(r'value="B" checked', answer.text)


def test_choosing_none_is_told(api: Api) -> None:
    claimed(api, "A")

    assert "没有选中任何等待分诊的办件" in preview(api).text


def test_a_case_that_is_refused_is_told_by_its_name(api: Api) -> None:
    claimed(api, "A", "B")
    data = {**SAID, **hidden(preview(api, "A", "B").text), "_csrf": CSRF, "which": "marked", "case": ["A", "B"]}
    case = api.as_("lin").start("别的事")

    answer = send(api, "lin", "/triage/begin", {**data, "case": ["A", "B", case], "_count": "2"})
    api.services.bulk_runs.wait()
    html = visit(api, "lin", answer.headers["location"]).text

    assert "其中1件没有分诊成功" in html
    assert "别的事" in html
    assert "不需要分诊" in html
    assert [triaged(api, one) for one in ("A", "B")] == [True, True]
