"""The demonstration: a year through the one door, counted from the record, the same again for the same seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.definitions import name
from zhiben.cli import main


def _demo(*args: str) -> Any:
    result = CliRunner().invoke(main, ["demo", "--no-serve", "--json", *args])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def told() -> Any:
    """A twentieth of the year."""
    return _demo("--one-in", "20")


def _sum(told: Any, what: str) -> int:
    return sum(int(month[what]) for month in told["months"])


def test_good_rows_come_in_and_each_bad_row_is_refused_with_its_reason(told: Any) -> None:
    assert [(one["rows"], one["good"]) for one in told["imported"]] == [(300, 294), (243, 240), (2000, 1960)]
    assert [sum(one["refused"].values()) for one in told["imported"]] == [6, 3, 40]


def test_every_row_that_is_played_was_reported_in_its_month(told: Any) -> None:
    # what inspections found came on top of the rows
    assert (98 < _sum(told, "reported") < 110, told["claimed"]) == (True, 240)
    assert [month["month"] for month in told["months"]] == [f"2026-{n:02}" for n in range(1, 13)]
    assert min(month["reported"] for month in told["months"]) >= 0


def test_open_claimed_cases_were_triaged_once(told: Any) -> None:
    closed_before = told["claimed"] - sum(told["triaged"].values())

    assert told["triaged"]["overdue"] > told["triaged"]["others"] > 0
    assert closed_before > 0


def test_deadlines_slip_rungs_fire_and_people_issue_or_decline_what_was_drafted(told: Any) -> None:
    drafting = ("letter", "circular", "interview", "expose", "press")
    drafted = sum(told["rungs"].get(name(rung), 0) for rung in drafting)

    assert _sum(told, "expired") > 0
    assert _sum(told, "issued") > _sum(told, "declined") > 0
    assert 0 <= drafted - _sum(told, "issued") - _sum(told, "declined") < drafted
    assert _sum(told, "late_entries") > 0
    assert _sum(told, "extended") > 0


def test_what_is_neither_closed_nor_reopened_is_open_at_the_end(told: Any) -> None:
    closed = sum(count for month in told["months"] for count in month["closed"].values())

    assert told["open"] == told["claimed"] + _sum(told, "reported") + _sum(told, "reopened") - closed
    assert told["overdue"] <= told["open"]


def test_the_engine_refused_nothing_that_it_had_offered(told: Any) -> None:
    assert told["refused"] == {}


def test_the_whole_record_verifies(told: Any) -> None:
    assert told["verified"]["findings"] == []
    assert told["verified"]["entries"] > told["entries"]


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    first, again, other = _demo("--one-in", "400"), _demo("--one-in", "400"), _demo("--one-in", "400", "--seed", "7")

    assert again == first
    assert (other["months"] == first["months"], other["verified"]["findings"]) == (False, [])


def test_a_case_is_told_day_by_day_with_derivations(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--no-serve", "--one-in", "200", "--folder", str(tmp_path / "d")])

    assert result.exit_code == 0
    assert "一件事的经过" in result.stdout
    assert "期限：2个工作日，自" in result.stdout
    assert "核验通过" in result.stdout
    assert (tmp_path / "d" / "zhiben.sqlite").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")

    result = CliRunner().invoke(main, ["demo", "--no-serve", "--folder", str(tmp_path)])

    assert (result.exit_code, (tmp_path / "letter.txt").read_text()) == (1, "mine")
