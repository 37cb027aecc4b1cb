"""How definitions write deadlines: what is refused, what a plan may replace, what a whole case makes of it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from engine.core import periods
from engine.core.calendar import Calendar
from engine.core.day_counts import DayCount
from engine.core.definition import DeadlineSpec, Procedure
from engine.core.loader import load_library
from engine.core.resolve import ResolvedPlace, resolve
from engine.errors import DefinitionErrors
from engine.proof.calendar_checks import wrong_calendars
from engine.proof.check import findings
from engine.proof.scenarios import run_scenarios
from tests.checks.test_guide import guide_files
from tests.worlds import calendar, local
from zhiben.composition import Application
from zhiben.settings import Settings

RULE = DayCount(id="law", title="法", workdays=(7,), basis=("law.1",), since="2021-07-15")
TASK = "task: {holder: desk, within: $answer_within}"
PROCEDURE = "library/suggestion/procedure.yaml"
LAW = """
day_counts:
  law: {title: 法, workdays: [7], basis: [law.1], since: 2021-07-15}
"""
CLAUSES = """
basis:
  law.1: {title: 七日是工作日, cites: 《法》第一条, certainty: memory, since: 2021-07-15}
"""
HOURS = ((time(9), time(12)), (time(13, 30), time(17, 30)))


def files(root: Path, **changes: str) -> dict[str, str]:
    """The guide's first procedure with another task in its first state, a day-count rule, and more files."""
    made = guide_files(root) | {"library/day_counts.yaml": LAW, "library/basis.yaml": CLAUSES}
    task = changes.pop("task", "")
    if task:
        assert TASK in made[PROCEDURE]
        made[PROCEDURE] = (
            made[PROCEDURE].replace(TASK, task).replace("reply:  ", "due_on: {title: 期限, date: true}\n  reply:  ")
        )
    return made | changes


def resolved(root: Path, **changes: str) -> ResolvedPlace:
    return resolve(load_library(files(root, **changes)), "village")


def first_deadline(procedure: Procedure) -> DeadlineSpec | None:
    return next(state for state in procedure.states if state.path == "received").tasks[0].deadline


def codes(root: Path, **changes: str) -> list[tuple[str, str]]:
    found = findings(load_library(files(root, **changes)))
    return [(one.code, one.place.path if one.place else "") for one in found if one.level == "error"]


@pytest.mark.parametrize(
    ("task", "spec"),
    [
        ("within: 7 days, count: law", DeadlineSpec(within="7 days", count=RULE)),
        (
            "within: 7 days, count: law, start: same_day, calendar: park",
            DeadlineSpec(within="7 days", start="same_day", count=RULE, calendar="park"),
        ),
        (
            "until: end of half-year, opens: 15 workdays before",
            DeadlineSpec(until="end of half-year", opens="15 workdays before"),
        ),
        (
            "whichever_first: [{within: 15 days, from: due_on}, {until: due_on, roll: next_workday}], count: law",
            DeadlineSpec(
                count=RULE,
                whichever_first=(
                    DeadlineSpec(within="15 days", since="due_on", count=RULE),
                    DeadlineSpec(until="due_on", roll="next_workday", count=RULE),
                ),
            ),
        ),
    ],
)
def test_a_deadline_is_read_with_its_rule_calendar_and_window(root: Path, task: str, spec: DeadlineSpec) -> None:
    place = resolved(root, task=f"task: {{holder: desk, {task}}}")

    assert first_deadline(place.procedures["suggestion"]) == spec


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("within: 7 days, count: nothing", "unknown_day_count"),
        ("within: 7 days, until: end of year", "one_of"),
        ("whichever_first: [{within: 7 days}]", "one_of"),
        ("whichever_first: [{within: 7 days}, {within: 8 days, until: due_on}]", "one_of"),
        ("whichever_first: [{within: 7 days}, {until: due_on}], within: 2 days", "one_of"),
        ("whichever_first: [{within: 7 days}, {until: due_on}], roll: next_workday", "unfitting_key"),
        ("whichever_first: [{within: 7 days}, {until: content}]", "wrong_field_kind"),
        ("whichever_first: [{within: 7 days}, {until: 3 workdays before}]", "point_needs_deadline"),
        ("undated: 随时, opens: 3 days before", "unfitting_key"),
        ("within: 7 days, opens: 3 days after", "window_opens_before"),
        ("within: 7 days, opens: end of month", "window_opens_before"),
        ("within: 7 days, opens: 3 dayz before", "unknown_point"),
        ("within: 7 work days", "unknown_span"),
    ],
)
def test_what_makes_no_sense_as_a_deadline_is_refused_at_its_place(root: Path, task: str, code: str) -> None:
    found = codes(root, task=f"task: {{holder: desk, {task}}}")

    assert [(one, where.startswith("states.received.task")) for one, where in found] == [(code, True)]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{title: 法, basis: [law.1], since: 2021-07-15}", "missing_key"),
        ("{title: 法, workdays: [7], since: 2021-07-15}", "missing_key"),
        ("{title: 法, workdays: up to ten days, basis: [law.1], since: 2021-07-15}", "wrong_value"),
        ("{title: 法, workdays: [7], basis: [law.1]}", "missing_key"),
    ],
)
def test_a_day_count_rule_says_something_and_by_which_clause_since_when(root: Path, rule: str, code: str) -> None:
    found = codes(root, **{"library/day_counts.yaml": f"day_counts:\n  law: {rule}\n"})

    assert code in {one for one, _ in found}


def test_a_rule_whose_clause_nobody_knows_is_refused(root: Path) -> None:
    task = "task: {holder: desk, within: 7 days, count: law}"

    assert codes(root, task=task, **{"library/basis.yaml": CLAUSES.replace("law.1", "law.2")}) == [
        ("unknown_clause", "states.received.task.count.0")
    ]


def test_a_place_may_count_by_a_rule_of_its_own(root: Path) -> None:
    own = LAW.replace("[7]", "up to 10 days")
    place = resolved(
        root,
        task="task: {holder: desk, within: 7 days, count: law}",
        **{"plans/village/day_counts.yaml": own},
    )

    spec = first_deadline(place.procedures["suggestion"])
    assert spec is not None
    assert spec.count is not None
    assert (spec.count.workdays, spec.count.up_to) == ((), 10)


def test_a_place_may_run_a_procedure_by_its_own_calendar(root: Path) -> None:
    village = files(root)["plans/village/place.yaml"] + "replace:\n  suggestion.calendar: park\n"
    place = resolved(root, **{"plans/village/place.yaml": village})
    cn = calendar()
    park = Calendar("park", cn.zone, cn.years, HOURS)

    assert place.procedures["suggestion"].calendar == "park"
    assert [one.code for one in wrong_calendars(place, {"cn": cn})] == ["calendar_not_found"]
    assert list(wrong_calendars(place, {"cn": cn, "park": park})) == []


def test_work_hours_need_a_calendar_that_has_some(root: Path) -> None:
    place = resolved(root, task="task: {holder: desk, within: 4 work hours, calendar: park}")
    cn = calendar()

    problems = list(wrong_calendars(place, {"cn": cn, "park": Calendar("park", cn.zone, cn.years)}))

    assert [(one.code, one.got) for one in problems] == [("calendar_without_hours", "park")]
    assert list(wrong_calendars(place, {"cn": cn, "park": Calendar("park", cn.zone, cn.years, HOURS)})) == []


SCENARIO = """
scenario: 按园区自己的日历
in: village
basis: [model.1]
units:
  一厂: {region: 示例镇, industry: 工贸}
people:
  经办: {role: desk, region: 示例镇}
given:
  - {at: 2026-09-30 16:30, by: 经办, start: suggestion, do: propose, as: A, data: {firm: 一厂, content: 加装护栏}}
when:
  - {until: 2026-10-09}
then:
  cases:
    A: {state: received, deadline: 2026-10-02, overdue: 1}
"""


def test_a_deadline_may_count_by_a_calendar_of_its_own(root: Path) -> None:
    place = resolved(
        root,
        task="task: {holder: desk, within: 12 work hours, calendar: park}",
        **{"library/suggestion/scenarios/silent.yaml": SCENARIO},
    )
    park = Calendar("park", calendar().zone, {}, HOURS)  # it works on the national holidays

    (result,) = run_scenarios(place, calendar(), {"park": park})

    assert list(result.differences) == []


def test_a_calendar_that_nobody_has_is_told_before_anything_runs(root: Path) -> None:
    library = load_library(files(root, task="task: {holder: desk, within: 2 workdays, calendar: park}"))

    assert [one.code for one in findings(library, calendars=lambda place: {"cn": calendar()})] == [
        "calendar_not_found",
        "still_open",
    ]


def test_a_plan_without_the_library_s_rules_cannot_name_them(root: Path) -> None:
    with pytest.raises(DefinitionErrors) as refused:
        resolved(root, task="task: {holder: desk, within: 7 days, count: penalty_law}")

    assert [(one.code, one.expected, one.got) for one in refused.value.problems] == [
        ("unknown_day_count", "one of law", "penalty_law")
    ]


def test_what_comes_again_may_open_some_days_before_each_end() -> None:
    spec = DeadlineSpec(within="1 month", opens="5 workdays before", count=RULE)
    start = local("2026-03-02 09:00")

    ends = [periods.end_of("1 month", spec, start, n, calendar()) for n in (1, 2)]

    assert [(one.opens_at, one.due_at) for one in ends] == [
        (local("2026-03-26 00:00"), local("2026-04-03 00:00")),
        (local("2026-04-24 00:00"), local("2026-05-03 00:00")),
    ]


def test_a_place_s_own_folder_of_calendars_goes_before_the_library_s(root: Path, tmp_path: Path) -> None:
    head = "calendar: cn\ntitle: 日历\ntimezone: Asia/Shanghai\n"
    texts = files(root) | {
        "library/calendars/cn.yaml": head,
        "library/calendars/park.yaml": head.replace(": cn", ": park"),
        "plans/model/calendars/cn.yaml": head + "hours: [08:00 to 16:00]\n",
        "plans/village/calendars/cn.yaml": head + "hours: [09:00 to 17:00]\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = Application(Settings(workflows=tmp_path, place="village", data=tmp_path / "data"), what="test")

    hours = {place: made.calendars_of(place)["cn"].hours[0] for place in ("village", "model")}

    assert hours == {"village": (time(9), time(17)), "model": (time(8), time(16))}
    assert list(made.calendars) == ["cn", "park"]
    assert made.calendars_of("nowhere")["cn"].hours == ()
