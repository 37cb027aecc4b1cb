"""The page of a case: what to do now and by whom, where it has got to, what happened; and its files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.api_fixtures import PNG, Api, api, png  # noqa: F401 - fixture
from tests.contract.visiting import visit
from tests.worlds import local
from web.pages.rendering import unbroken

TABS = ("", "evidence", "documents", "links", "duties", "data", "all")


def case_page(api: Api, person: str, case: str, tab: str = "") -> Any:  # noqa: F811
    """The page of a case, at one of its tabs."""
    return visit(api, person, f"/cases/{case}" + (f"?tab={tab}" if tab else ""))


def reported(api: Api, subject: str, reporter: str) -> str:  # noqa: F811
    """A case with a value that only the office may read; its id."""
    data = {"subject": subject, "unit": "U1", "place": "P1", "reporter": reporter}
    answer = api.as_("chen").post("/cases", {"procedure": "sample", "action": "report", "data": data})
    return str(answer.json()["stream"].removeprefix("case/"))


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_a_case_has_an_address_of_its_own(api: Api, tab: str) -> None:  # noqa: F811
    case = api.as_("chen").start()
    api.as_("chen").confirm(case)
    api.wait(case, local("2026-04-02 09:00"))

    page = case_page(api, "chen", case, tab)

    assert page.status_code == 200, page.text
    assert ('aria-current="page"' in page.text) == (tab != "all")


@pytest.mark.parametrize("tab", TABS)
def test_who_may_not_see_a_case_is_told_that_there_is_none(api: Api, tab: str) -> None:  # noqa: F811
    case = api.as_("chen").start()

    page = case_page(api, "qian", case, tab)

    assert page.status_code == 404
    assert "安全出口锁闭" not in page.text


def test_who_is_not_signed_in_is_led_to_where_they_can(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    page = api.client.get(f"/cases/{case}", follow_redirects=False)

    assert (page.status_code, page.headers["location"]) == (303, f"/sign-in?next=%2Fcases%2F{case}")


def test_the_page_names_people_and_offices_and_no_ids(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    text = case_page(api, "chen", case).text

    for told in ("chen 某", "一号厂", "一号车间", "核查人·一镇", "核查员·一镇", "核实"):
        assert told in text
    assert ">U1<" not in text


def test_what_was_typed_is_never_markup_on_any_tab(api: Api) -> None:  # noqa: F811
    evil = "<img src=x onerror=alert(1)>\"'><script>"
    case = reported(api, evil, evil)

    for tab in TABS:
        for person in ("chen", "lin"):
            text = case_page(api, person, case, tab).text
            assert "<img src=x" not in text
            assert "<script>" not in text


def test_a_value_the_visitor_may_not_read_is_only_said_to_be_there(api: Api) -> None:  # noqa: F811
    case = reported(api, "缺护栏", "张三丰")

    assert "张三丰" not in case_page(api, "wang", case, "data").text
    assert "张三丰" in case_page(api, "lin", case, "data").text


def test_a_file_of_a_case_is_for_whoever_sees_the_case_and_does_nothing(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    api.as_("chen").confirm(case)
    stored = api.as_("chen").upload("/evidence", PNG).json()["sha256"]

    answer = visit(api, "chen", f"/files/{stored}?case={case}")
    small = visit(api, "chen", f"/files/{stored}?case={case}&size=small")

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert small.headers["content-type"] == "image/webp"
    assert visit(api, "qian", f"/files/{stored}?case={case}").status_code == 404


def test_a_file_that_came_with_no_entry_of_the_case_is_not_found(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()
    stranger = api.as_("chen").upload("/evidence", png("red")).json()["sha256"]

    assert visit(api, "chen", f"/files/{stranger}?case={case}").status_code == 404
    assert visit(api, "chen", f"/files/{stranger}").status_code == 404


def test_a_page_learns_that_something_is_new(api: Api) -> None:  # noqa: F811
    case = api.as_("chen").start()

    assert visit(api, "chen", f"/cases/{case}/news?seq=1").status_code == 204
    api.as_("chen").confirm(case)
    assert visit(api, "chen", f"/cases/{case}/news?seq=1").status_code == 205


def test_a_holders_first_look_is_recorded_once_and_only_from_our_own_pages(api: Api) -> None:  # noqa: F811
    from tests.browsing import headers_of

    case = api.as_("chen").start()
    address = f"/cases/{case}/tasks/1/read"

    foreign = api.client.post(address, headers={**headers_of("chen"), "Origin": "https://elsewhere.example"})
    own = [api.client.post(address, headers=headers_of("chen")).status_code for _ in range(2)]

    assert foreign.status_code == 403
    assert own == [204, 204]
    assert api.as_("chen").get(f"/cases/{case}").json()["seq"] == 2


@pytest.mark.parametrize(("tab", "times"), [("", 2), ("duties", 2), ("all", 3)])
def test_how_a_deadline_came_about_is_told_under_the_mouse_opened_and_on_paper(
    api: Api,  # noqa: F811
    tab: str,
    times: int,
) -> None:
    told = "2个工作日，自03-02次日起；03-03、03-04；日历 国办2026 第1版；依据 sample.2"

    text = case_page(api, "chen", api.as_("chen").start(), tab).text

    whole = told.replace("03-", '<span class="nowrap">03-').replace("次日", "</span>次日")
    whole = whole.replace("03-03、", "03-03</span>、").replace("03-04；", "03-04</span>；")
    assert [text.count(f'title="{told}"'), text.count(whole)] == [times, 2 * times]


def test_what_is_no_date_of_a_derivation_may_break_where_it_will() -> None:
    assert unbroken("2026-10-07、10-08；1-2；2026-1；10-08-2026；<b>") == (
        '<span class="nowrap">2026-10-07</span>、<span class="nowrap">10-08</span>；1-2；2026-1；10-08-2026；&lt;b&gt;'
    )
