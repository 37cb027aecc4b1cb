"""Scenarios about people: who holds what is looked up anew when somebody comes, goes or changes shift."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.language.scenario import ScenarioDocument
from engine.core.loader import load_library
from engine.core.resolve import resolve
from engine.proof.comparison import Difference
from engine.proof.scenarios import ScenarioResult, Setting, run_scenario, setting_of
from engine.runtime.calendars import load_calendars
from tests.checks.test_guide import guide_files
from tests.conftest import ROOT

PEOPLE = {
    "甲": {"role": "desk", "region": "东村"},
    "乙": {"role": "desk", "region": "东村"},
    "丙": {"role": "desk", "region": "西村"},
    "负责人": {"role": "chief", "region": "示例镇"},
    "职工": {"role": "staff", "unit": "一厂"},
}
BEGUN = {
    "at": "2026-03-02 09:00",
    "by": "职工",
    "start": "suggestion",
    "do": "propose",
    "as": "A",
    "data": {"firm": "一厂", "content": "加装护栏"},
}
#: Monday by day, and the night after it
EARLY = {"roster": "夜班", "person": "甲", "region": "东村", "from": "2026-03-02 08:00", "to": "2026-03-02 20:00"}
LATE = {"roster": "夜班", "person": "乙", "region": "东村", "from": "2026-03-02 20:00", "to": "2026-03-03 08:00"}


@cache
def setting(holder: str = "desk") -> Setting:
    """The procedure of the guide; its first task held by another party."""
    texts = guide_files(ROOT, "first-procedure", "people")
    name = "library/suggestion/procedure.yaml"
    said = "task: {holder: desk, within: $answer_within, handling: {superior: may act}}"
    assert said in texts[name]
    if holder != "desk":
        texts[name] = texts[name].replace(said, f"task: {{holder: {holder}, within: $answer_within}}")
    calendar = load_calendars(ROOT / "workflows/library/calendars")["cn"]
    return setting_of(resolve(load_library(texts), "village"), calendar)


def document(*when: dict[str, Any], then: dict[str, Any] | None = None, **besides: Any) -> ScenarioDocument:
    """What happens to one suggestion of 一厂 in 东村."""
    return ScenarioDocument.model_validate(
        {
            "scenario": "试",
            "in": "village",
            "units": {"一厂": {"region": "东村", "industry": "工贸"}},
            "people": PEOPLE,
            "given": [BEGUN],
            "when": list(when) or [{"until": "2026-03-02 10:00"}],
            "then": {"cases": {"A": then or {}}},
            **besides,
        }
    )


def run(*when: dict[str, Any], holder: str = "desk", **besides: Any) -> ScenarioResult:
    return run_scenario(setting(holder), document(*when, **besides))


def test_a_task_of_a_roster_goes_to_whoever_is_on_duty_at_the_moment_the_shift_changes():
    before = run({"until": "2026-03-02 19:59"}, holder="night", shifts=[EARLY, LATE], then={"holder": "甲"})
    after = run({"until": "2026-03-02 20:00"}, holder="night", shifts=[EARLY, LATE], then={"holder": "乙"})

    assert (before.differences, after.differences) == ((), ())


def test_when_a_role_ends_its_tasks_are_held_by_others_from_midnight_on_and_their_deadline_stays():
    leaving = {**PEOPLE, "甲": {**PEOPLE["甲"], "until": "2026-03-04"}}
    taken = {"by": "甲", "take": "received"}

    before = run(taken, {"until": "2026-03-03 23:59"}, people=leaving, then={"holder": "甲"})
    after = run(taken, {"until": "2026-03-04"}, people=leaving, then={"holder": "乙", "deadline": "2026-03-09"})

    assert (before.differences, after.differences) == ((), ())


def test_who_ends_begins_and_stands_in_meanwhile_holds_and_acts_from_then_on():
    result = run(
        {"at": "2026-03-03 08:00", "ends_role": "甲"},
        {"ends_role": "乙"},
        {"begins_role": "戊", "holds": {"role": "desk", "region": "东村"}},
        {"stands_in": "丙", "for": "戊", "until": "2026-03-05"},
        {"at": "2026-03-03 09:00", "by": "甲", "do": "answer", "data": {"reply": "同意"}, "fails": "not_your_task"},
        {"by": "丙", "do": "answer", "data": {"reply": "同意"}},
        then={"state": "visiting", "acted_for": ["戊"]},
    )

    assert result.differences == ()


def test_everything_about_people_that_is_not_so_is_told_with_both_values():
    result = run(
        {"by": "负责人", "urge": "received"},
        {"by": "甲", "copy": "received", "to": ["负责人"]},
        {"by": "甲", "recuse": "received", "reason": "近亲属"},
        then={
            "holders": [["甲", "乙"]],
            "urged": 2,
            "copies": [],
            "unread": [],
            "recused": ["乙"],
            "acted_for": ["甲"],
            "voices": {"desk": "consent"},
            "late": ["desk"],
        },
    )

    told = {
        "holders": ([["乙", "甲"]], [["乙"]]),
        "urged": (2, 1),
        "copies": ([], ["负责人"]),
        "unread": ([], ["负责人"]),
        "recused": (["乙"], ["甲"]),
        "acted_for": (["甲"], []),
        "voices": ({"desk": "consent"}, {}),
        "late": (["desk"], []),
    }
    found = {one.where.rpartition(".")[2]: (one.expected, one.got) for one in result.differences}
    assert {one.code for one in result.differences} == {"differs"}
    assert found == told


@pytest.mark.parametrize(
    "step",
    [
        {"by": "甲", "take": "visiting"},
        {"by": "甲", "vote": "answer"},
        {"by": "甲", "receive": "received"},
        {"by": "甲", "designate": True, "to": {"region": "西村"}},
        {"by": "甲", "opinion": "received", "says": "同意"},
    ],
)
def test_what_there_is_no_task_for_is_refused(step: dict[str, Any]):
    (difference,) = run(step).differences

    assert (difference.code, difference.where, difference.got) == ("refused", "when.0", "task_not_open")


def test_an_office_that_the_place_does_not_have_is_told():
    (difference,) = run({"by": "甲", "hand_over": "received", "to": {"region": "北村"}, "reason": "x"}).differences

    assert (difference.where, difference.got) == ("when.0", "unknown_title")


def test_an_organ_that_the_scenario_does_not_bring_is_told():
    (difference,) = run(powers=[{"body": "二厂", "matter": "入户回访"}]).differences

    assert difference == Difference(code="unknown_unit", where="powers.0.body", got="二厂")


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ({"take": "received"}, "missing_key"),
        ({"by": "甲", "take": "received", "urge": "received"}, "one_of"),
        ({"by": "甲", "transfer": "received", "to": "己", "reason": "x"}, "unknown_person"),
        ({"by": "甲", "invite": "occupant", "as": "张记"}, "missing_key"),
        ({"by": "甲", "invite": "occupant", "until": "2026-03-05"}, "missing_key"),
        ({"begins_role": "戊"}, "missing_key"),
        ({"stands_in": "丙"}, "missing_key"),
        ({"by": "张记", "do": "speak"}, "unknown_person"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused_when_read(step: dict[str, Any], code: str):
    with pytest.raises(ValidationError) as caught:
        document(step)

    assert [error["ctx"]["code"] for error in caught.value.errors()] == [code]
