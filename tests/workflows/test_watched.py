"""Every kind of watch has a scenario in the place `quay`, and each holds."""

from __future__ import annotations

import pytest

from engine.core.language.scenario import ScenarioDocument
from engine.core.library import Library
from engine.core.loader import load_library
from engine.proof.check import findings
from engine.proof.scenarios import run_scenario, setting_of
from engine.runtime.definitions import read_texts
from tests.watching import FOLDER, quay
from tests.worlds import calendar

#: Of devices and pictures nothing happens in a world: tests/integration/test_watches.py plays them.
ELSEWHERE = {"shared_device", "same_photo"}


def library() -> Library:
    return load_library(read_texts(FOLDER))


@pytest.mark.parametrize("scenario", quay().scenarios, ids=[one.scenario for one in quay().scenarios])
def test_a_scenario_holds(scenario: ScenarioDocument) -> None:
    result = run_scenario(setting_of(quay(), calendar()), scenario)

    assert result.differences == ()
    assert result.entries > 0


def test_every_watch_is_turned_by_a_scenario() -> None:
    turned = {step.turn for one in quay().scenarios for step in one.when if step.turn}

    assert turned == set(quay().watches) - ELSEWHERE


def test_the_place_is_sound_and_its_plan_leaves_every_number_open() -> None:
    found = findings(library())
    left = {str(one.data["of"]) for one in found if one.level == "open"}

    assert [one for one in found if one.level == "error"] == []
    assert left == {name for name, watch in quay().watches.items() if watch.limits or name == "no_repeat"}
