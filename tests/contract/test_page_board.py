"""The page of a board: figures that lead to their lists, numbers beside every colour, a screen without controls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from engine.store.store import Store
from tests.browsing import headers_of
from tests.contract.api_fixtures import Api, opened
from tests.contract.visiting import send, visit
from tests.worlds import local
from web.pages.board_views import spark_of, step_of

BOARD = "/boards/sample"


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    with opened(sqlite_store, tmp_path / "evidence") as api:
        yield api


def figures(text: str) -> dict[str, tuple[str, str]]:
    """Title -> number and address of every figure."""
    found = re.findall(
        r'<a class="figure[^"]*" href="([^"]+)"><span class="name">([^<]+)</span><span class="value[^"]*">([^<]+)<',
        text,
    )
    return {title: (value, unescape(address)) for address, title, value in found}


def test_every_number_of_the_page_leads_to_a_list_of_that_many(api: Api) -> None:
    person = api.as_("lin")
    for subject in ("安全出口锁闭", "灭火器失效", "通道堵塞"):
        person.start(subject)
    api.wait(person.start("压力表过期"), local("2026-03-20 09:00"))

    text = visit(api, "lin", BOARD).text

    links = {unescape(one) for one in re.findall(r'href="(/registers/all_cases[^"]*)"[^>]*>', text)}
    assert {"/registers/all_cases?light=red", "/registers/all_cases?light=green"} <= links
    for title, (value, address) in figures(text).items():
        listed = visit(api, "lin", address).text
        assert len(re.findall(r'<tr id="row-', listed)) == int(value), title
    assert int(figures(text)["逾期"][0]) > 0


def test_a_colour_never_stands_alone(api: Api) -> None:
    api.wait(api.as_("lin").start(), local("2026-03-20 09:00"))

    text = visit(api, "lin", BOARD).text

    assert 'class="value num red"' in text
    assert "需要立即处置" in text
    assert all(told for told in re.findall(r'<td class="step-[1-5]">.*?aria-label="([^"]+)"', text))


def test_the_chart_has_the_numbers_of_the_table_beneath_it(api: Api) -> None:
    api.as_("lin").start()

    text = visit(api, "lin", BOARD).text

    chart = json.loads(unescape(re.findall(r'data-chart="([^"]+)"', text)[0]))
    assert [(line["name"], line["counts"]) for line in chart["lines"]] == [
        ("新增", [0, 0, 0, 0, 0, 1]),
        ("逾期", [0, 0, 0, 0, 0, 0]),
    ]
    assert text.count("2026年3月") >= 2


def test_a_large_screen_has_no_controls_and_draws_itself_anew(api: Api) -> None:
    text = visit(api, "lin", f"{BOARD}?screen=1").text

    assert '<meta http-equiv="refresh" content="60">' in text
    assert ("<nav" in text, 'type="search"' in text, "data-print" in text) == (False, False, False)
    assert 'http-equiv="refresh"' not in visit(api, "lin", BOARD).text


def test_a_stranger_is_led_to_sign_in_and_who_sees_nothing_sees_zeros(api: Api) -> None:
    api.as_("lin").start()

    answer = api.client.get(BOARD, follow_redirects=False)
    zeros = figures(visit(api, "qian", BOARD).text)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fboards%2Fsample")
    assert {value for value, _ in zeros.values()} == {"0"}


def test_a_board_takes_no_commands(api: Api) -> None:
    assert send(api, "lin", BOARD, {"_csrf": "x"}).status_code in (403, 405)


def test_a_board_that_there_is_not_is_an_error_page(api: Api) -> None:
    answer = visit(api, "lin", "/boards/no_such")

    assert (answer.status_code, "<h1" in answer.text) == (404, True)


def test_the_first_board_stands_in_the_menu_and_at_the_short_address(api: Api) -> None:
    answer = api.client.get("/boards", headers=headers_of("lin"), follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, BOARD)
    assert f'href="{BOARD}"' in visit(api, "lin", "/work").text


def test_a_line_of_a_year_lies_in_its_box_and_a_colour_says_how_much_of_the_most() -> None:
    assert spark_of([0, 4, 2]) == "2.0,26.0 60.0,2.0 118.0,14.0"
    assert spark_of([0, 0]) == "2.0,26.0 118.0,26.0"
    assert [step_of(count, 50) for count in (0, 1, 10, 11, 50)] == [0, 1, 1, 2, 5]
