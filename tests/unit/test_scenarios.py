"""The scenario runner: it plays what is written and tells what is not so."""

from __future__ import annotations

import pytest

from engine.core.language.scenario import ScenarioDocument
from engine.proof.comparison import Difference
from engine.proof.scenarios import Setting, run_scenario
from tests.worlds import ROLES, calendar, sample

PEOPLE = {
    "甲": {"role": "checker", "region": "一镇"},
    "乙": {"role": "checker", "region": "一镇", "industry": "钢铁"},
    "丙": {"role": "office"},
    "丁": {"role": "principal", "unit": "厂"},
    "戊": {"role": "clerk", "region": "全区"},
}
REPORT = {
    "at": "2026-09-30 10:00",
    "by": "乙",
    "start": "sample",
    "do": "report",
    "as": "H",
    "data": {"subject": "缺护栏", "unit": "厂", "place": "厂"},
}
CONFIRM = {"by": "乙", "do": "confirm", "data": {"level": "一般", "due_on": "2026-10-20"}, "evidence": ["signature"]}


def setting():
    return Setting(
        place="here",
        machines={"sample": sample()},
        roles=ROLES,
        regions={"/s/": "全区", "/s/t1/": "一镇"},
        industries={"steel": "钢铁"},
        calendar=calendar(),
    )


def run(*when, then=None, drafts=None, given=(REPORT,), people=None):
    document = ScenarioDocument.model_validate(
        {
            "scenario": "试",
            "in": "here",
            "units": {"厂": {"region": "一镇", "industry": "钢铁"}},
            "people": people or PEOPLE,
            "given": list(given),
            "when": list(when),
            "then": {"cases": {"H": then or {}}, **({"drafts": drafts} if drafts is not None else {})},
        }
    )
    return run_scenario(setting(), document)


def test_a_story_that_is_so_passes():
    photo = {"at": "2026-10-21 09:00", "by": "丁", "do": "apply", "evidence": ["photo"]}
    result = run(
        CONFIRM,
        {"until": "2026-10-21"},
        {"by": "乙", "read": "doing"},
        photo,
        {
            "at": "2026-10-22 09:00",
            "by": "乙",
            "do": "accept",
            "evidence": ["signature"],
            "fails": "separation_of_duties",
        },
        {"at": "2026-10-22 09:00", "by": "丁", "do": "accept", "fails": True},
        then={
            "state": "checking",
            "closed": None,
            "deadline": "2026-10-26",
            "holder": ["乙"],
            "queue": False,
            "fired": ["remind", "overdue"],
            "overdue": 1,
            "tasks": [""],
            "fields": {"level": "一般", "due_on": "2026-10-20"},
            "links": [],
            "reopened": 0,
        },
    )

    assert (result.passed, result.differences, result.entries) == (True, (), 6)


def test_every_key_that_is_not_so_is_told_with_both_values():
    result = run(
        CONFIRM,
        then={
            "state": ["opened"],
            "deadline": "2026-10-21",
            "holder": ["甲"],
            "overdue": 1,
            "fields": {"level": "重大"},
        },
    )

    where = "then.cases.H"
    assert result.differences == (
        Difference(code="differs", where=f"{where}.state", expected=["opened"], got=["doing"]),
        Difference(code="differs", where=f"{where}.deadline", expected="2026-10-21", got="2026-10-20"),
        Difference(code="differs", where=f"{where}.holder", expected=["甲"], got=["丁"]),
        Difference(code="differs", where=f"{where}.overdue", expected=1, got=0),
        Difference(code="differs", where=f"{where}.fields.level", expected="high", got="low"),
    )


def test_a_step_that_is_refused_ends_the_play():
    result = run({**CONFIRM, "by": "丁"}, {"until": "2026-10-21"}, then={"state": "nowhere"})

    (difference,) = result.differences
    assert (difference.code, difference.where, difference.got) == ("refused", "when.0", "not_your_task")


def test_a_step_that_should_have_been_refused_is_told():
    assert run({**CONFIRM, "fails": True}).differences == (
        Difference(code="not_refused", where="when.0", expected=True),
    )


def test_a_step_refused_for_another_reason_is_told():
    (difference,) = run({**CONFIRM, "evidence": [], "fails": "not_your_task"}).differences

    assert (difference.code, difference.expected, difference.got) == (
        "refused_otherwise",
        "not_your_task",
        "signature_missing",
    )


def test_an_answer_of_a_form_may_be_the_reason_that_is_expected():
    assert run({**CONFIRM, "data": {"level": "一般"}, "fails": "missing"}).passed


def test_approvals_drafts_and_reopening_are_played():
    refused = run(
        {"by": "乙", "do": "dismiss", "data": {"reason": "x"}},
        {"by": "丙", "refuse": "dismiss", "reason": "不成立"},
        {"by": "乙", "do": "dismiss", "data": {"reason": "y"}},
        {"by": "丙", "approve": "dismiss"},
        then={"state": "dropped", "closed": "mistaken", "deadline": None, "holder": [], "tasks": []},
    )
    drafted = run(
        {"until": "2026-10-14"},
        then={"skipped": [], "tasks": ["", "letter"]},
        drafts=[{"of": "H", "draft": "letter", "holder": "丙"}],
    )
    decided = run({"until": "2026-10-14"}, {"by": "丙", "decline": "letter", "reason": "已约见"}, drafts=[])
    issued = run({"until": "2026-10-14"}, {"by": "丙", "issue": "letter"}, drafts=[])

    assert [result.differences for result in (refused, drafted, decided, issued)] == [(), (), (), ()]


def test_a_draft_that_is_not_there_is_told():
    (difference,) = run({"until": "2026-10-02"}, drafts=[{"of": "H", "draft": "letter", "holder": "丙"}]).differences

    assert (difference.where, difference.got) == ("then.drafts", [])


def test_an_end_is_undone_and_a_case_claimed_and_triaged():
    again = run(
        CONFIRM,
        {"by": "丁", "do": "apply", "evidence": ["photo"]},
        {"by": "甲", "do": "accept", "evidence": ["signature"]},
        {"at": "2026-11-05", "by": "丙", "reopen": True, "data": {"reason": "有误", "due_on": "2026-12-31"}},
        people={**PEOPLE, "乙": {"role": "checker", "region": "一镇"}},
        then={"state": "doing", "reopened": 1, "deadline": "2026-12-31"},
    )
    claim = {
        "at": "2026-09-30",
        "by": "戊",
        "claim": "sample",
        "as": "H",
        "state": "doing",
        "opened": "2026-03-02",
        "number": "旧-1",
        "data": {"unit": "厂", "due_on": "2026-03-31"},
    }
    claimed = run(
        {"until": "2026-10-09"},
        {"at": "2026-10-09 10:00", "by": "丙", "triage": "2026-10-30", "reason": "清理"},
        given=(claim,),
        then={"fired": [], "deadline": "2026-10-30", "state": "doing"},
    )

    assert (again.differences, claimed.differences) == ((), ())


def test_a_late_entry_by_a_clerk_and_a_system_that_slept_are_played():
    late = {**REPORT, "at": "2026-10-02 09:00", "occurred": "2026-09-30 16:00", "entered_by": "戊"}

    result = run(
        {"until": "2026-10-12", "asleep": True}, given=(late,), then={"fired": ["remind", "overdue"], "overdue": 1}
    )

    assert result.differences == ()


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ({"甲": {"role": "nobody"}}, "unknown_role"),
        ({"甲": {"role": "checker", "region": "九镇"}}, "unknown_title"),
        ({"甲": {"role": "principal", "unit": "矿"}}, "unknown_unit"),
    ],
)
def test_what_the_place_does_not_have_is_told_before_anything_is_played(people, code):
    (difference,) = run({"until": "2026-10-02"}, people={**PEOPLE, **people}).differences

    assert (difference.code, difference.where.startswith("people.甲")) == (code, True)
