"""The guide's chapter on watches is real: its watches resolve and its scenario holds."""

from __future__ import annotations

from pathlib import Path

from engine.core.loader import load_library
from engine.core.resolve import resolve
from engine.proof.check import findings
from engine.proof.scenarios import run_scenarios
from engine.runtime.calendars import load_calendars
from tests.checks.test_guide import guide_files


def test_the_watches_of_the_guide_are_sound_and_their_scenario_holds(root: Path) -> None:
    library = load_library(guide_files(root, "first-procedure", "watches"))
    calendar = load_calendars(root / "workflows/library/calendars")["cn"]

    assert [str(one) for one in findings(library) if one.level == "error"] == []
    results = run_scenarios(resolve(library, "village"), calendar)
    assert {one.scenario: list(one.differences) for one in results} == {
        "建议没有人办，过期记录在案": [],
        "一个厂一季度提了两条建议": [],
    }
