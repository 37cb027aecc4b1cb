"""A board over the registers of the sample procedure, for tests of what is read and shown of boards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.board import Board
from engine.core.boards import board_of
from engine.core.language.board import BoardDocument
from engine.core.language.reading import understand
from engine.core.yaml_source import read
from engine.runtime.boards import Boards
from engine.runtime.catalog import Directories
from tests.districts import DISTRICT_ROLES, MASTER, District
from tests.ledgers import ledgers, registers_of

TEXT = """board: sample
title: 样例一屏
tiles:
  open: {title: 在办, count: all_cases where light == 'green', trend: opened}
  late: {title: 逾期, count: all_cases where overdue, light: red when > 0}
  high: {title: 重要, count: all_cases where level == 'high'}
  pressed: {title: 已升级, count: all_cases where escalated, light: yellow when > 1}
heat: {title: 哪里多, rows: region, columns: industry, count: all_cases where level == 'high'}
trend:
  title: 一年
  months: 6
  lines:
    new: {title: 新增, count: all_cases, by: opened}
    slow: {title: 逾期, count: all_cases where overdue, by: opened}
rank: {title: 逾期占比, of: region, share: all_cases where overdue, among: all_cases, least: 2, worst: 1, best: 1}
wall: {title: 最新, of: all_cases where level == 'high', columns: [number, subject, due], rows: 3}
"""


def sample_boards() -> Mapping[str, Board]:
    """The board, resolved against the sample's registers."""
    (node,) = read(TEXT, file="boards.yaml")
    model, problems = understand(node, BoardDocument)
    assert model is not None, problems
    made = board_of(model, node, ledgers())
    assert made.board is not None, [str(one) for one in made.problems]
    return {made.board.id: made.board}


def boards_of(district: District) -> Boards:
    """Boards as people of a district read them."""
    read_from: dict[str, Any] = {
        "store": district.store,
        "catalog": district.catalog,
        "directories": Directories(DISTRICT_ROLES),
        "clock": district.clock,
        "master": MASTER,
    }
    return Boards(boards=sample_boards(), registers=registers_of(district), **read_from)
