"""The pages of registers: they work, refuse strangers and foreign requests, and say what is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.store.store import Store
from tests.browsing import CSRF, headers_of
from tests.contract.api_fixtures import Api, opened
from web.services import Sheet
from zhiben.exporting import SheetExports

REGISTER = "/registers/all_cases"


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """Pages over an SQLite file, with three cases in two towns."""
    with opened(sqlite_store, tmp_path) as made:
        made.client.follow_redirects = False
        lin = made.as_("lin")
        for subject in ("安全出口锁闭", "=1+1"):
            lin.start(subject)
        answer = lin.post("/cases", {"procedure": "sample", "action": "report",
                                     "data": {"subject": "灭火器过期", "unit": "U2", "place": "P2"}})  # fmt: skip
        assert answer.status_code == 201
        yield made


def get(api: Api, path: str, person: str = "lin") -> Any:
    return api.client.get(path, headers=headers_of(person))


def post(api: Api, path: str, person: str = "lin", **fields: str) -> Any:
    return api.client.post(path, headers=headers_of(person), data=fields)


def numbers(html: str) -> list[str]:
    return re.findall(r'<td class="number nowrap"[^>]*><a href="/cases/[^"]*">([^<]*)</a>', html)


def test_a_register_shows_its_cases_in_its_columns_with_names_and_totals(api: Api) -> None:
    answer = get(api, REGISTER)

    assert answer.status_code == 200
    assert len(numbers(answer.text)) == 3
    for words in ("样例台账", "一号厂", "二号厂", "二镇", "待核实", "还剩2个工作日", "按当前筛选 3 件", "共 3 件"):
        assert words in answer.text, words


def test_filters_words_and_order_stand_in_the_address(api: Api) -> None:
    assert len(numbers(get(api, f"{REGISTER}?region=/s/t1/").text)) == 2
    assert len(numbers(get(api, f"{REGISTER}?q=灭火器&state=opened").text)) == 1
    assert len(numbers(get(api, f"{REGISTER}?opened.from=2026-03-02&opened.to=2026-03-02").text)) == 3
    up, down = (numbers(get(api, f"{REGISTER}?sort={sort}").text) for sort in ("number", "-number"))
    assert up == down[::-1] == sorted(up)


def test_links_of_a_filtered_page_keep_what_is_filtered(api: Api) -> None:
    html = get(api, f"{REGISTER}?region=/s/t1/&q=出口").text

    heads = re.findall(r'<th scope="col"[^>]*><a href="([^"]*)"', html)
    assert heads
    assert all("region=%2Fs%2Ft1%2F" in one and "q=%E5%87%BA%E5%8F%A3" in one for one in heads)


def test_an_empty_page_says_which_filters_exclude_and_how_to_take_them_away(api: Api) -> None:
    html = get(api, f"{REGISTER}?level=high&q=没有").text

    assert "没有符合条件的办件" in html
    assert f'href="{REGISTER}?q=%E6%B2%A1%E6%9C%89"' in html
    assert f'href="{REGISTER}?level=high"' in html


def test_a_row_opens_beneath_itself_with_who_holds_the_case_and_what_is_next(api: Api) -> None:
    address = re.findall(r'data-beneath="([^"]*)"', get(api, REGISTER).text)[0]

    answer = get(api, address)

    assert answer.status_code == 200
    assert "<html" not in answer.text
    for words in ("承办", "核查人", "还剩2个工作日", "打开办件"):
        assert words in answer.text


def test_people_see_only_what_is_theirs_to_see(api: Api) -> None:
    address = re.findall(r'data-beneath="([^"]*)"', get(api, f"{REGISTER}?region=/s/t2/").text)[0]

    assert len(numbers(get(api, REGISTER, "chen").text)) == 2
    assert get(api, address, "chen").status_code == 404
    assert "共 0 件" in get(api, REGISTER, "stranger").text


def test_who_has_not_signed_in_is_led_to_the_door(api: Api) -> None:
    answer = api.client.get(f"{REGISTER}?region=/s/t1/")

    assert (answer.status_code, answer.headers["location"].startswith("/sign-in?next=")) == (303, True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("level=middle", "不认识"),
        ("nothing=1", "没有“nothing”这个筛选"),
        ("sort=holder", "不能按"),
        ("after=x", "翻页标记"),
    ],
)
def test_what_a_register_cannot_answer_is_told_in_words(api: Api, query: str, words: str) -> None:
    answer = get(api, f"{REGISTER}?{query}")

    assert answer.status_code == 422
    assert words in answer.text


def test_a_register_that_there_is_not_is_told_as_such(api: Api) -> None:
    assert get(api, "/registers/nothing").status_code == 404


def test_the_list_of_registers_has_their_totals(api: Api) -> None:
    html = get(api, "/registers").text

    assert "样例台账" in html
    assert "重大样例" in html
    assert f'href="{REGISTER}?light=' not in html


# spreadsheets ------------------------------------------------------------------------------------------------------


def sheet(answer: Any) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_an_export_holds_what_is_filtered_with_the_filters_and_the_instant_in_its_head(api: Api) -> None:
    answer = post(api, f"{REGISTER}/export", query="region=%2Fs%2Ft1%2F")

    assert answer.status_code == 200
    rows = sheet(answer)
    assert rows[0][0] == "示范区　样例台账"
    for words in ("辖区：一镇", "3月2日", "lin 某"):
        assert words in rows[1][0]
    assert rows[2][:4] == ["期限", "编号", "单位", "辖区"]
    assert [row[2:4] for row in rows[3:]] == [["一号厂", "一镇"], ["一号厂", "一镇"]]


def test_what_looks_like_a_formula_is_exported_as_text(api: Api) -> None:
    book = openpyxl.load_workbook(io.BytesIO(post(api, f"{REGISTER}/export", query="").content))

    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_an_export_refuses_to_be_only_looked_at_and_foreign_requests(api: Api) -> None:
    assert get(api, f"{REGISTER}/export").status_code == 405
    foreign = {**headers_of("lin"), "Origin": "http://elsewhere.example"}
    assert api.client.post(f"{REGISTER}/export", headers=foreign, data={"query": ""}).status_code == 403
    without = {name: told for name, told in headers_of("lin").items() if told != CSRF}
    assert api.client.post(f"{REGISTER}/export", headers=without, data={"query": ""}).status_code == 403


def test_a_large_export_is_written_in_the_background_for_whoever_began_it(api: Api) -> None:
    exports = api.services.exports
    assert isinstance(exports, SheetExports)
    name = exports.start("lin", Sheet(title="样例台账", header=["编号"]), [["a"], ["b"]])
    exports.wait()

    page = get(api, f"{REGISTER}/exports/{name}")

    assert (page.status_code, "导出完成" in page.text, "已写 2 行" in page.text) == (200, True, True)
    assert sheet(get(api, f"{REGISTER}/exports/{name}/file"))[1:] == [["编号", None], ["a", None], ["b", None]]
    assert get(api, f"{REGISTER}/exports/{name}", "chen").status_code == 404


# views -------------------------------------------------------------------------------------------------------------


def test_a_view_keeps_the_filters_under_a_name_for_its_person_alone(api: Api) -> None:
    kept = post(api, f"{REGISTER}/views", name="一镇的", back="region=%2Fs%2Ft1%2F&after=zzz")

    assert (kept.status_code, kept.headers["location"]) == (303, f"{REGISTER}?region=%2Fs%2Ft1%2F")
    assert f'<a href="{REGISTER}?region=%2Fs%2Ft1%2F">一镇的</a>' in get(api, REGISTER).text
    assert "一镇的" not in get(api, REGISTER, "chen").text

    post(api, f"{REGISTER}/views/drop", name="一镇的", back="")

    assert "一镇的" not in get(api, REGISTER).text.replace("flash", "")


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 41}, {"name": "好", "back": "level=middle"}])
def test_a_view_without_a_name_or_with_unknown_filters_is_not_kept(api: Api, fields: dict[str, str]) -> None:
    assert post(api, f"{REGISTER}/views", **fields).status_code == 422
    assert get(api, f"{REGISTER}/views").status_code in (404, 405)
