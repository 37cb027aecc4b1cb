"""A board counts what registers list; what their pages could not show is refused where it stands."""

from __future__ import annotations

import pytest

from engine.core.board import Board, Figure, Heat, Line, Rank, Tile, Trend, Wall
from engine.core.loader import load_library
from engine.core.resolve import ResolvedPlace, resolve
from engine.errors import DefinitionErrors
from tests.unit.test_registers import BASE, FILE, FILTERED, LEAKS

LIST = LEAKS.replace(
    "filters: [size, state, due]", "filters: [size, state, due, light, region, industry, opened, open, escalated]"
)
BOARD = """board: mill
title: 水厂一屏
tiles:
  open: {title: 未修复, count: leaks where open, trend: opened}
  late: {title: 逾期大漏, count: leaks where overdue and size == '大', light: red when > 3}
heat: {title: 哪里漏, rows: region, columns: industry, count: leaks where escalated}
trend: {title: 一年, months: 12, lines: {new: {title: 新增, count: leaks, by: opened}}}
rank: {title: 谁最慢, of: region, share: leaks where overdue, among: leaks where open, least: 5, worst: 3}
wall: {title: 最急, of: leaks where open, columns: [number, size], rows: 4}
"""
BOARD_FILE = "library/mill_board.yaml"


def resolved(board: str = BOARD, register: str = LIST) -> ResolvedPlace:
    texts = BASE | {"library/leak.yaml": FILTERED, FILE: register, BOARD_FILE: board}
    return resolve(load_library(texts), "mill")


def refusals(old: str, new: str) -> list[str]:
    assert BOARD.count(old) == 1
    with pytest.raises(DefinitionErrors) as caught:
        resolved(BOARD.replace(old, new))
    return [f"{one.place} {one.code}: {one.got}" for one in caught.value.problems]


def test_every_figure_is_what_a_list_shows_under_its_filters() -> None:
    place = resolved()
    columns = {one.id: one for one in place.registers["leaks"].columns}
    still = Figure(register="leaks", filters=(("open", "true"),))

    assert place.boards["mill"] == Board(
        id="mill",
        title="水厂一屏",
        tiles=(
            Tile(id="open", title="未修复", figure=still, trend="opened"),
            Tile(
                id="late",
                title="逾期大漏",
                figure=Figure(register="leaks", filters=(("light", "red"), ("size", "大"))),
                light="red",
                above=3,
            ),
        ),
        heat=Heat(
            title="哪里漏",
            rows="region",
            columns="industry",
            figure=Figure(register="leaks", filters=(("escalated", "true"),)),
        ),
        trend=Trend(
            title="一年",
            months=12,
            lines=(Line(id="new", title="新增", figure=Figure(register="leaks"), by="opened"),),
        ),
        rank=Rank(
            title="谁最慢",
            of="region",
            share=Figure(register="leaks", filters=(("light", "red"),)),
            among=still,
            least=5,
            worst=3,
            best=0,
        ),
        wall=Wall(title="最急", figure=still, columns=(columns["number"], columns["size"]), rows=4),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("count: leaks where open,", "count: leeks where open,", "4 tiles.open.count unknown_register: leeks"),
        ("overdue and size", "overdue or size", "5 tiles.late.count not_a_figure: overdue or size == '大'"),
        ("size == '大'", "size == '巨'", "5 tiles.late.count not_a_figure: size == 巨"),
        ("overdue and size == '大'", "late", "5 tiles.late.count not_a_figure: late"),
        ("overdue and size == '大'", "mend_by > today", "5 tiles.late.count not_a_figure: mend_by > today"),
        ("count: leaks, by: opened", "count: leaks, by: closed", "7 trend.lines.new.count not_a_filter_of: closed"),
        ("columns: [number, size]", "columns: [number, colour]", "9 wall.columns.1 unknown_column: colour"),
    ],
)  # fmt: skip
def test_what_no_list_could_show_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    assert refusals(old, new) == [f"{BOARD_FILE}:{told}"]


def test_a_matrix_has_two_different_sides_and_a_ranking_has_ends() -> None:
    assert [one.rpartition(" ")[0] for one in refusals("columns: industry", "columns: region")] == [
        f"{BOARD_FILE}:6 heat duplicate_id:"
    ]
    assert [one.rpartition(" ")[0] for one in refusals(", worst: 3", "")] == [f"{BOARD_FILE}:8 rank one_of:"]


def test_a_board_of_registers_that_do_not_run_in_a_place_is_left_out_there() -> None:
    elsewhere = LIST.replace("of: leak where size == '大' and open", "of: flood")
    flood = BASE["library/leak.yaml"].replace("procedure: leak", "procedure: flood")
    texts = BASE | {"library/leak.yaml": FILTERED, "library/flood.yaml": flood, FILE: elsewhere, BOARD_FILE: BOARD}

    assert resolve(load_library(texts), "mill").boards == {}
