"""The pages of duties: the list, the table and its spreadsheet, one obligation, the month, what one must, excusing."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest

from engine.store.store import Store, open_store
from tests.browsing import CSRF
from tests.contract.api_fixtures import Api
from tests.contract.visiting import hidden, send, visit
from tests.duties import Duties
from tests.duty_pages import duty_world

TABLE = "/duties/inspect"


@pytest.fixture(scope="module")
def api(sqlite_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The interface on 12 May 2026, for looking and for what is refused."""
    folder = tmp_path_factory.mktemp("duties")
    store = open_store(f"sqlite:///{shutil.copy(sqlite_migrated, folder / 'store.db')}")
    with duty_world(store, folder / "evidence") as (made, _):
        yield made
    store.close()


@pytest.fixture
def own(sqlite_store: Store, tmp_path: Path) -> Iterator[tuple[Api, Duties]]:
    """The same world for one test that changes it."""
    with duty_world(sqlite_store, tmp_path / "evidence") as made:
        yield made


def about(period: str, subject: str) -> str:
    """The page of one obligation."""
    return f"{TABLE}/obligation?" + urlencode({"period": period, "subject": subject})


def squares(text: str) -> list[str]:
    """The kinds of the squares of a table, line by line."""
    body = text.split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'class="sq (\w+)"', body)


def exempt(api: Api, person: str = "chen", **told: str) -> Any:
    page = visit(api, "chen", about("2026-05", "A"))
    said = {"period": "2026-05", "subject": "A", "range": "this", "until": "2026-05-31", "reason": "全月停产检修"}
    return send(api, person, f"{TABLE}/exempt", {"_csrf": CSRF, **hidden(page.text), **said, **told})


def test_the_list_says_how_each_duty_stands_now(api: Api) -> None:
    page = visit(api, "lin", "/duties")

    assert page.status_code == 200
    assert "负责人带队检查" in page.text
    assert "2026年5月，2026年第2季度" in page.text
    assert '<a class="duty-count" href="/duties/inspect?status=acted">正在办 1</a>' in page.text


def test_a_table_shows_a_square_for_each_unit_and_window_by_look_and_sign(api: Api) -> None:
    page = visit(api, "lin", TABLE)

    assert page.status_code == 200
    assert squares(page.text) == [
        "done", "done", "open",  # A: March, April, May
        "made_up", "done_late", "acted",
        "missed", "open",  # C by quarters
        "exempt", "missed", "open",
    ]  # fmt: skip
    assert 'title="2026年4月 漏报，2026-04-30到期"' in page.text
    assert ">漏</a>" in page.text


def test_the_foot_sums_up_every_window_and_what_was_excused_is_not_owed(api: Api) -> None:
    page = visit(api, "lin", TABLE)
    foot = page.text.split("<tfoot>")[1]

    assert re.findall(r'data-head="\d+月">([^<]*)</td>', foot)[2:6] == ["2/3", "2/3", "0/3", "0/1"]
    assert "漏1" in foot


def test_filters_and_the_span_stand_in_the_address(api: Api) -> None:
    town = visit(api, "lin", f"{TABLE}?region=/s/t2/")
    missed = visit(api, "lin", f"{TABLE}?status=missed")
    april = visit(api, "lin", f"{TABLE}?first=2026-04-01&last=2026-04-30")
    named = visit(api, "lin", f"{TABLE}?q=恒盛")

    assert squares(town.text) == ["exempt", "missed", "open"]
    assert ("春雨食品" in missed.text, "恒盛化工" in missed.text) == (True, False)
    assert squares(april.text) == ["done", "done_late", "missed"]
    assert squares(named.text) == ["done", "done", "open"]


def test_a_page_goes_on_after_the_last_unit_of_the_one_before(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.duties.ROWS", 2)
    first = visit(api, "lin", TABLE)
    following = re.search(r'rel="next" href="([^"]*after=[^"]*)"', first.text)
    assert following is not None
    second = visit(api, "lin", unescape(following[1]))

    assert ("恒盛化工" in first.text, "春雨食品" in first.text) == (True, False)
    assert ("恒盛化工" in second.text, "春雨食品" in second.text) == (False, True)


def test_a_span_of_more_windows_than_a_table_holds_is_refused(api: Api) -> None:
    page = visit(api, "lin", f"{TABLE}?first=2015-01-01&last=2026-12-31")

    assert page.status_code in (400, 422)


def test_everybody_sees_the_units_of_their_reach_and_no_others(api: Api) -> None:
    town = visit(api, "tang", TABLE)
    own = visit(api, "p-A", TABLE)
    nobody = visit(api, "stranger", TABLE)

    assert ("长河仓储" in town.text, "恒盛化工" in town.text) == (True, False)
    assert ("恒盛化工" in own.text, "金峰铸造" in own.text) == (True, False)
    assert (nobody.status_code, "恒盛化工" in nobody.text) == (200, False)


def test_the_spreadsheet_holds_what_is_filtered_with_its_sums(api: Api) -> None:
    sent = send(api, "lin", f"{TABLE}/export", {"_csrf": CSRF, "query": "first=2026-03-01&last=2026-05-31"})
    sheet = openpyxl.load_workbook(io.BytesIO(sent.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heads = next(n for n, row in enumerate(rows) if row[0] == "单位")

    assert sent.status_code == 200
    assert rows[heads][3:] == [
        "2026年3月",
        "2026年4月",
        "2026年5月",
        "应办",
        "完成",
        "其中补做",
        "逾期",
        "漏报",
        "豁免",
    ]
    assert [row[0] for row in rows[heads + 1 :]] == ["恒盛化工", "金峰铸造", "春雨食品", "长河仓储", "合计（4个）"]
    assert rows[heads + 2][3:] == ["已补做", "逾期完成", "正在办", 3, 2, 1, 0, 0, 0]


def test_a_square_leads_to_who_must_when_by_what_and_what_became_of_it(api: Api) -> None:
    made_up = visit(api, "lin", about("2026-03", "B"))
    excused = visit(api, "lin", about("2026-03", "D"))

    assert made_up.status_code == 200
    for words in ("p-B 某", "3月31日", "已补做", "曾记漏报", "已提醒", "/cases/B-2026-03"):
        assert words in made_up.text, words
    assert ("停产检修" in excused.text, "tang 某" in excused.text) == (True, True)


def test_an_obligation_out_of_reach_is_not_there(api: Api) -> None:
    assert visit(api, "tang", about("2026-03", "A")).status_code == 404
    assert visit(api, "p-A", about("2026-03", "B")).status_code == 404
    assert visit(api, "lin", about("2026-02", "A")).status_code == 404
    assert visit(api, "lin", "/duties/nothing").status_code == 404
    assert api.client.get(TABLE, follow_redirects=False).status_code == 303


def test_who_may_excuse_does_so_by_a_reason_and_takes_it_back(own: tuple[Api, Duties]) -> None:
    api, _ = own
    sent = exempt(api)
    held = visit(api, "chen", about("2026-05", "A"))
    said = {"period": "2026-05", "subject": "A", "ends": "2026-05", "reason": "提前复产"}
    ended = send(api, "chen", f"{TABLE}/exempt/end", {"_csrf": CSRF, **hidden(held.text), **said})
    after = visit(api, "lin", about("2026-05", "A"))

    assert (sent.status_code, sent.headers["location"]) == (303, about("2026-05", "A"))
    assert ("全月停产检修" in held.text, "已豁免" in held.text, "chen 某" in held.text) == (True, True, True)
    assert ended.status_code == 303
    assert ("结束豁免" in after.text, "提前复产" in after.text, 'class="sq open"' in after.text) == (True, True, True)


def test_excusing_is_refused_in_words_and_nothing_typed_is_lost(api: Api) -> None:
    past = exempt(api, until="2026-01-31")
    bare = exempt(api, reason="")
    other = exempt(api, person="lin")

    assert (past.status_code >= 400, "豁免不能只到过去的日子" in past.text) == (True, True)
    assert ("全月停产检修" in past.text, 'value="2026-01-31"' in past.text) == (True, True)
    assert bare.status_code >= 400
    assert (other.status_code, "您不能豁免这项义务" in other.text) == (403, True)
    assert exempt(api, person="p-B").status_code == 404


def test_the_month_says_what_is_due_on_each_day_and_leads_to_the_list(api: Api) -> None:
    page = visit(api, "lin", "/duties/calendar?month=2026-04")
    day = visit(api, "lin", "/duties/calendar?day=2026-04-30")

    assert 'href="/duties/calendar?day=2026-04-30#listed"' in page.text
    assert ">4月30日 周四，1项到期</span>" in page.text
    assert 'href="/duties/inspect?first=2026-04-01&amp;last=2026-04-30"' in day.text
    assert "漏报1" in day.text
    assert visit(api, "lin", "/duties/calendar?month=2026-13").status_code in (400, 422)


def test_ones_own_duties_stand_on_their_page_and_at_work_with_the_button_that_begins(api: Api) -> None:
    begins = "/report/round/begin?obligation=inspect%2F2026-05%2FA"
    mine = visit(api, "p-A", "/duties/mine")
    work = visit(api, "p-A", "/work")

    assert (begins in mine.text, begins in work.text) == (True, True)
    assert "恒盛化工：什么时候该做什么" in mine.text
    assert "2026年6月" in mine.text
    assert "现在没有该您办的周期义务" in visit(api, "lin", "/duties/mine").text


def test_an_obligation_is_met_from_its_square_with_the_form_filled_in(own: tuple[Api, Duties]) -> None:
    api, duties = own
    address = "/report/round/begin?obligation=inspect%2F2026-04%2FD"
    page = visit(api, "p-D", address)
    sent = send(api, "p-D", address, {"_csrf": CSRF, **hidden(page.text), "f.unit": "D", "f.period": "2026-04"})
    row = duties.row("D", "2026-04")

    assert "已经记为漏报" in page.text
    assert 'value="2026-04"' in page.text
    assert sent.status_code == 303
    assert (row.status, row.missed, row.made_up, row.person) == ("acted", True, True, "p-D")


def test_meeting_what_is_met_already_is_refused_in_words(api: Api) -> None:
    taken = "/report/round/begin?obligation=inspect%2F2026-05%2FB"
    page = visit(api, "p-B", taken)
    sent = send(api, "p-B", taken, {"_csrf": CSRF, **hidden(page.text), "f.unit": "B", "f.period": "2026-05"})

    assert sent.status_code == 409
    assert "这一期的义务已经有人在办" in sent.text
    assert visit(api, "p-A", taken).status_code == 404


def test_the_interface_tells_the_same_and_excuses_once(own: tuple[Api, Duties]) -> None:
    api, duties = own
    lin, chen, tang = (api.as_(one) for one in ("lin", "chen", "tang"))
    table = lin.get("/duties/inspect?first=2026-04-01&last=2026-05-31&limit=1").json()
    following = lin.get(f"/duties/inspect?first=2026-04-01&last=2026-05-31&limit=1&after={table['after']}").json()
    body = {"subject": "A", "period": "2026-05", "until": "2026-05-31", "reason": "停产"}
    refused = tang.post("/duties/inspect/exemptions", body)
    first, again = (chen.post("/duties/inspect/exemptions", body, key="key-of-one-act") for _ in range(2))
    held = duties.row("A", "2026-05").status
    ended = chen.post("/duties/inspect/exemptions/end", {"subject": "A", "period": "2026-05", "reason": "提前复产"})

    assert [(one["id"], one["periods"]) for one in lin.get("/duties").json()["items"]] == [
        ("inspect", ["2026-Q2", "2026-05"])
    ]
    assert [(one["subject"], [cell["status"] for cell in one["obligations"]]) for one in table["items"]] == [
        ("A", ["done", "open"])
    ]
    assert [one["subject"] for one in following["items"]] == ["B"]
    assert (refused.status_code, first.status_code, again.json() == first.json(), held, ended.status_code) == (
        404, 200, True, "exempt", 200,
    )  # fmt: skip
    assert duties.row("A", "2026-05").status == "open"


def test_the_interface_tells_what_became_of_an_obligation_and_begins_its_case(own: tuple[Api, Duties]) -> None:
    api, duties = own
    principal, stranger = api.as_("p-D"), api.as_("p-A")
    path = "/duties/inspect/obligation?period=2026-04&subject=D"
    seen = principal.get(path).json()
    mine = [(one["period"], one["status"]) for one in principal.get("/duties/mine").json()["items"]]
    begun = principal.post(
        "/cases",
        {
            "procedure": "round",
            "action": "begin",
            "data": {"unit": "D", "period": "2026-04"},
            "obligation": "inspect/2026-04/D",
        },
    )

    assert (seen["status"], seen["missed"], seen["may_begin"], seen["may_exempt"]) == ("missed", True, True, False)
    assert [one["what"] for one in seen["moments"]] == ["opened", "reminded", "due", "missed"]
    assert [one["name"] for one in seen["persons"]] == ["p-D 某"]
    assert "04-30" in seen["derivation"]
    assert mine == [("2026-04", "missed"), ("2026-05", "open")]
    assert (begun.status_code, duties.row("D", "2026-04").made_up) == (201, True)
    assert stranger.get(path).status_code == 404
    assert stranger.get("/duties/nothing").status_code == 404


def test_what_a_browser_keeps_of_a_form_for_one_obligation_is_not_kept_for_another(api: Api) -> None:
    begin = "/report/round/begin?obligation=inspect%2F{}%2FD"
    forms = [visit(api, "p-D", begin.format(period)) for period in ("2026-04", "2026-05")]
    kept = [re.findall(r'data-kept-as="([^"]+)"', one.text) for one in forms]

    assert [len(one) for one in kept] == [1, 1]
    assert kept[0] != kept[1]
