# ruff: noqa: F811 - fixtures are imported
"""The working calendar's pages: put a year in, see what it moves, publish it, follow it to the last deadline."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import openpyxl
import pytest

from engine.runtime.reading import PageAsk
from tests.browsing import CSRF
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.visiting import send, visit

#: A corrected year in which one rests on a Tuesday: what was due on Wednesday is due a day later.
FILE = """year: 2026
version: 2
status: official
title: 国办2026更正
source: 国办发明电〔2026〕3号
holidays:
  2026-03-03: 某节
workdays:
  2026-03-07: 某节
"""


def upload(api: Api, text: str = FILE, person: str = "lin") -> Any:
    """Send a yearly file."""
    files = {"file": ("2026.yaml", io.BytesIO(text.encode()))}
    return send(api, person, "/calendars", {"_csrf": CSRF}, files)


def publish(api: Api, address: str) -> Any:
    """Publish what an address shows, and wait for what follows."""
    answer = send(api, "lin", f"{address}/publish", {"_csrf": CSRF})
    api.services.bulk_runs.wait()
    return answer


@pytest.fixture
def cases(api: Api) -> list[str]:
    """Three cases whose first task is due on 4 March."""
    names = ["A", "B", "C"]
    for name in names:
        api.district.do(api.district.start(name))
    return names


def test_only_who_may_publish_sees_the_calendar(api: Api) -> None:
    assert visit(api, "chen", "/calendars").status_code == 403
    assert "/calendars" not in visit(api, "chen", "/work").text
    assert 'href="/calendars"' in visit(api, "lin", "/work").text


def test_every_year_tells_its_source_and_an_unpublished_one_how_it_is_counted(api: Api) -> None:
    html = visit(api, "lin", "/calendars").text

    assert "国务院办公厅关于2026年部分节假日安排的通知" in html
    assert "暂按周一至周五为工作日推算" in html
    assert 'href="/calendars/new?year=2027"' in html


def test_a_file_leads_to_what_it_would_move_and_changes_nothing(api: Api, cases: list[str]) -> None:
    answer = upload(api)
    html = visit(api, "lin", answer.headers["location"]).text

    assert answer.status_code == 303
    assert "3项时限要变，涉及3件、3人" in html
    assert html.count("2026-03-04") == 3
    assert html.count("2026-03-05") == 3
    assert api.services.reader.case("lin", "A").case.tasks[0].deadline.derivation.due_on.isoformat() == "2026-03-04"  # type: ignore[union-attr]


def test_a_wrong_file_is_told_with_its_line_and_nothing_is_kept(api: Api) -> None:
    answer = upload(api, FILE.replace("2026-03-07", "2026-03-06"))

    assert answer.status_code == 422
    assert "2026.yaml:9" in answer.text
    assert "不是周末，不需要调休上班" in answer.text
    assert "待发布" not in visit(api, "lin", "/calendars").text


def test_publishing_moves_every_deadline_and_the_case_tells_why(api: Api, cases: list[str]) -> None:
    address = upload(api).headers["location"]

    answer = publish(api, address)
    run = visit(api, "lin", answer.headers["location"]).text
    told = unescape(visit(api, "lin", "/cases/A").text)

    assert "时限已全部按国办2026更正调整" in run
    assert "原应于2026年3月4日" in told
    assert "因国办2026更正（国办发明电〔2026〕3号）调整为2026年3月5日" in told
    assert "原来的算法：" in told
    assert "现在的算法：" in told
    assert "已全部调整" in visit(api, "lin", "/calendars").text


def test_a_second_click_publishes_nothing_twice(api: Api, cases: list[str]) -> None:
    address = upload(api).headers["location"]

    first, second = publish(api, address), publish(api, address)

    assert first.headers["location"] == second.headers["location"]
    assert [len(list(api.services.reader.entries("lin", name, PageAsk(limit=50)).items)) for name in cases] == [2, 2, 2]


def test_the_list_is_filtered_and_exported_with_both_workings(api: Api, cases: list[str]) -> None:
    address = upload(api).headers["location"]
    none = visit(api, "lin", f"{address}?how=earlier").text
    answer = send(api, "lin", f"{address}/export", {"_csrf": CSRF, "how": "later"})

    assert "/cases/A" not in none
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert [row[4:7] for row in rows if "安全出口锁闭" in str(row[0])] == [["2026-03-04", "2026-03-05", "推后1天"]] * 3


def test_the_form_of_a_year_offers_last_years_holidays_and_makes_the_same_file(api: Api) -> None:
    html = visit(api, "lin", "/calendars/new?year=2027").text
    names = [unescape(one) for one in re.findall(r'name="name" value="([^"]+)"', html)]
    data = {
        "_csrf": CSRF,
        "year": "2027",
        "status": "official",
        "title": "国办2027",
        "source": "通知：甲 # 乙",
        "name": ["元旦", ""],
        "first": ["2027-01-01", ""],
        "last": ["2027-01-03", ""],
        "makeup": ["2027-01-16，2027-01-17", ""],
    }

    answer = send(api, "lin", "/calendars/new", data)
    stored = visit(api, "lin", f"{answer.headers['location']}/file").text

    assert names == ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]
    assert stored == (
        'year: 2027\nversion: 1\nstatus: official\ntitle: "国办2027"\nsource: "通知：甲 # 乙"\nholidays:\n'
        '  2027-01-01 to 2027-01-03: "元旦"\nworkdays:\n  2027-01-16: "元旦"\n  2027-01-17: "元旦"\n'
    )


def test_a_line_that_cannot_be_read_is_told_and_what_was_typed_stays(api: Api) -> None:
    data = {"_csrf": CSRF, "year": "2027", "status": "official", "title": "国办2027", "source": "通知", "name": "元旦"}

    answer = send(api, "lin", "/calendars/new", {**data, "first": "1月1日", "last": "", "makeup": ""})

    assert answer.status_code == 422
    assert "第1行的日期应为" in answer.text
    assert 'value="国办2027"' in answer.text
