"""The command line lists what lies with somebody who leaves, and gives it to others by a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.definitions import name, named
from tests.installations import UNITS, Installation, install, unit_row
from tests.workbooks import workbook
from zhiben.story.samples import UNIT_HEADERS

SINCE = ("--from", "2026-01-01")
WHERE = "/sample/"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Two cases that lie with qin; song could take them over, and the office may give them to her."""
    folder = tmp_path_factory.mktemp("leaver")
    made = install(folder / "data")
    rows = [unit_row(title, code) for title, code in UNITS]
    assert made.run("import", name("units"), workbook(folder / "units.xlsx", UNIT_HEADERS, *rows)).exit_code == 0
    grants = (("wu", "inspector"), ("qin", "supervisor"), ("he", "office"))
    for person, role in grants:
        assert made.run("directory", "grant", person, name(role), "--region", name(WHERE), *SINCE).exit_code == 0
    for n in range(2):
        data = {
            "channel": "检查发现",
            "unit": UNITS[0][1],
            "place": "车间",
            "description": f"第{n}处",
            "level": "一般",
            "found_on": "2026-03-02",
        }
        told = [text for field, value in named(**data).items() for text in ("--data", f"{field}={value}")]
        started = made.run("cases", "start", name("hazard"), name("report"), *told, "--as", "wu")
        assert started.exit_code == 0, started.output
    grant = made.run("directory", "grant", "song", name("supervisor"), "--region", name(WHERE), *SINCE)
    assert grant.exit_code == 0
    return made


def test_a_leavers_tasks_are_listed_edited_and_given_by_name(made: Installation, tmp_path: Path) -> None:
    table = tmp_path / "tasks.csv"

    listed = made.run("leaver", "list", "qin", "--table", table, "--as", "he")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    given = made.run("leaver", "give", table, "--reason", "秦某调任", "--as", "he", "--json")
    again = made.run("leaver", "list", "qin", "--as", "he", "--json")

    assert listed.exit_code == 0, listed.output
    assert "共2件" in listed.stdout
    assert [(row["task"], row["to"], row["title"]) for row in rows] == [("1", "song", "第0处"), ("1", "song", "第1处")]
    assert given.exit_code == 0, given.output
    assert (json.loads(given.stdout)["done"], json.loads(again.stdout)["items"]) == (2, [])
    assert "秦某调任" in made.run("entries", rows[0]["case"], "--as", "he").stdout


def test_a_table_without_its_columns_or_with_nobody_named_is_refused(made: Installation, tmp_path: Path) -> None:
    table = tmp_path / "wrong.csv"
    table.write_text("case,to\nx,song\n", encoding="utf-8")
    empty = tmp_path / "empty.csv"
    empty.write_text("case,task,to\nx,1,\n", encoding="utf-8")

    results = [made.run("leaver", "give", one, "--reason", "调任", "--as", "he") for one in (table, empty)]

    assert [one.exit_code for one in results] == [1, 1]
    assert "表格缺少列" in results[0].stderr
    assert "没有选中" in results[1].stderr


def test_whoever_may_not_reassign_is_refused(made: Installation) -> None:
    assert made.run("leaver", "list", "qin", "--as", "wu").exit_code == 1
