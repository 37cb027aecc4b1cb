"""How laws count the same words, from when, and when a year ends (C22): plans that differ in one line of data each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.core.library import Library
from engine.core.loader import load_library
from engine.core.resolve import resolve
from engine.proof.calendar_checks import wrong_calendars
from engine.proof.check import findings
from engine.proof.scenarios import run_scenarios
from engine.runtime.calendars import load_calendars
from engine.runtime.definitions import read_texts
from tests.conftest import ROOT
from tests.worlds import calendar

FOLDER = Path(__file__).parent / "counting"
PRODUCT = ROOT / "workflows" / "library"
#: How many scenarios each plan has.
PLANS = {"plain": 11, "penalty": 1, "compulsion": 1, "reconsideration": 1, "civil": 1}


@cache
def library() -> Library:
    """The sample plans over the product's own day-count rules and clauses."""
    product = {f"library/{name}": (PRODUCT / name).read_text("utf-8") for name in ("day_counts.yaml", "basis.yaml")}
    return load_library(read_texts(FOLDER) | product)


def calendars():
    """The calendar of the folder `plain` stands in for the library's: it has office hours."""
    return load_calendars(PRODUCT / "calendars", FOLDER / "plans/plain/calendars")


def test_the_sample_plans_are_sound():
    assert [str(one) for one in findings(library()) if one.level == "error"] == []
    assert sorted(library().plans) == sorted(PLANS)


@pytest.mark.parametrize(("plan", "count"), PLANS.items())
def test_the_scenarios_of_each_way_of_counting_hold(plan: str, count: int):
    results = run_scenarios(resolve(library(), plan), calendars()["cn"])

    assert {one.scenario: list(one.differences) for one in results if not one.passed} == {}
    assert len(results) == count


def test_only_a_calendar_with_office_hours_can_run_them():
    place = resolve(library(), "plain")

    assert [one.code for one in wrong_calendars(place, {"cn": calendar()})] == ["calendar_without_hours"]
    assert list(wrong_calendars(place, calendars())) == []
