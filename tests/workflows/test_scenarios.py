"""Every scenario of the definitions under test holds: one test each."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from engine.core.calendar import Calendar
from engine.core.language.scenario import ScenarioDocument
from engine.core.library import Library
from engine.core.loader import load_library
from engine.core.resolve import ResolvedPlace, resolve
from engine.proof.scenarios import Setting, run_scenario, run_scenarios, setting_of
from engine.runtime.calendars import load_calendars
from engine.runtime.definitions import read_texts
from tests.definitions import workflows
from zhiben.settings import Settings


@cache
def library() -> Library:
    return load_library(read_texts(workflows()))


@cache
def calendar() -> Calendar:
    return load_calendars(workflows() / "library" / "calendars")[Settings().calendar]


@cache
def place(name: str) -> ResolvedPlace:
    return resolve(library(), name)


@cache
def setting(name: str) -> Setting:
    return setting_of(place(name), calendar())


def scenarios() -> list[ScenarioDocument]:
    return [one.model for one in library().of_kind("scenario")]


def file_names() -> list[str]:
    return [one.node.place("").file for one in library().of_kind("scenario")]


@pytest.mark.parametrize("document", scenarios(), ids=file_names())
def test_a_scenario_of_workflows_holds(document):
    result = run_scenario(setting(document.in_), document)

    assert [msgspec.to_builtins(difference) for difference in result.differences] == []
    assert result.entries > 0


def test_there_are_scenarios_and_each_plays_in_a_place_that_is():
    assert library().problems == ()
    assert len(scenarios()) >= 7
    assert {document.in_ for document in scenarios()} <= set(library().places)


def test_a_place_runs_all_of_its_scenarios():
    for name in library().places:
        results = run_scenarios(place(name), calendar())
        assert [result.scenario for result in results] == [one.scenario for one in scenarios() if one.in_ == name]
