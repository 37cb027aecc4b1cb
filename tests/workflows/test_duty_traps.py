"""The traps of the plans' rhythms, each played in small sample plans whose places decide what is left open."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.core.language.scenario import ScenarioDocument
from engine.core.library import Library
from engine.core.loader import load_library
from engine.core.resolve import resolve
from engine.errors import DefinitionErrors
from engine.proof.scenarios import run_scenario, setting_of
from engine.runtime.calendars import load_calendars
from engine.runtime.definitions import read_texts
from tests.conftest import ROOT

TRAPS = Path(__file__).parent / "traps"


@cache
def library() -> Library:
    """The library of the repository with the sample plans and places."""
    own = read_texts(TRAPS)
    scenarios = own.pop("scenarios.yaml")
    texts = {name: text for name, text in read_texts(ROOT / "workflows").items() if name.startswith("library/")}
    kept = {name: text for name, text in texts.items() if "/scenarios/" not in name and "/watches/" not in name}
    kept["library/traps.yaml"] = scenarios
    return load_library({**kept, **{f"plans/{name}": text for name, text in own.items()}})


def scenarios() -> list[ScenarioDocument]:
    """All of them, in the order of the file."""
    return [one.model for one in library().of_kind("scenario") if isinstance(one.model, ScenarioDocument)]


def test_the_sample_plans_are_sound() -> None:
    assert library().problems == ()


@pytest.mark.parametrize("told", scenarios(), ids=lambda one: one.scenario)
def test_a_trap_is_no_trap_once_it_is_decided(told: ScenarioDocument) -> None:
    calendars = load_calendars(ROOT / "workflows" / "library" / "calendars")
    setting = setting_of(resolve(library(), told.in_), calendars["cn"], calendars)

    result = run_scenario(setting, told)

    assert result.differences == ()


@pytest.mark.parametrize("plan", ["trap_weekly", "trap_quarter", "trap_sweep", "trap_least"])
def test_a_plan_that_leaves_a_rhythm_open_is_not_run(plan: str) -> None:
    with pytest.raises(DefinitionErrors) as refused:
        resolve(library(), plan)

    assert {problem.code for problem in refused.value.problems} == {"still_open"}
