"""C06: which rungs a ladder has and in which order is data of a plan; one plan's story is no other's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from engine.core.library import Library
from engine.core.loader import load_library
from engine.core.resolve import resolve
from engine.proof.check import findings
from engine.proof.scenarios import run_scenario, setting_of
from engine.runtime.definitions import read_texts
from tests.worlds import calendar

PLANS = ("jz", "nm", "tf", "zh")


@cache
def library() -> Library:
    return load_library(read_texts(Path(__file__).parent / "c06"))


def told(plan: str, scenario_of: str) -> list[object]:
    """What is not as the scenario of one plan says, played by the ladder of another."""
    (document,) = [one.model for one in library().of_kind("scenario") if one.model.in_ == scenario_of]
    result = run_scenario(setting_of(resolve(library(), plan), calendar()), moved(document, plan))
    return [msgspec.to_builtins(one) for one in result.differences]


def moved(document, plan):
    """The scenario as if it stood in another plan: regions are called there by other names."""
    if document.in_ == plan:
        return document
    region = next(iter(resolve(library(), plan).regions.values()))
    units = {name: unit.model_copy(update={"region": region}) for name, unit in document.units.items()}
    return document.model_copy(update={"in_": plan, "units": units})


def test_the_sample_plans_are_sound():
    assert [str(one) for one in findings(library()) if one.level == "error"] == []
    assert sorted(library().plans) == list(PLANS)


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_climbs_its_own_ladder_in_its_own_order(plan):
    assert told(plan, plan) == []


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("other", PLANS)
def test_the_story_of_one_plan_does_not_hold_for_another(plan, other):
    if plan != other:
        assert told(plan, other) != []
