"""A case that is left alone goes the way that its ladder says, and whoever asks is told it day by day."""

from __future__ import annotations

import json
from functools import cache

import pytest
from click.testing import CliRunner, Result

from engine.core.compiler import compile_procedure
from engine.core.deadlines import due_day
from engine.core.event import DeadlineExpired, RungFired
from engine.core.resolve import resolve
from engine.proof.idle import Course, Idle, idle
from tests.definitions import name
from tests.worlds import calendar, local
from zhiben.cli import main
from zhiben.composition import Application
from zhiben.settings import Settings


@cache
def left_alone(procedure: str) -> Idle:
    """From a Monday, the second of March 2026, to the end of May."""
    with Application(Settings(), what="test") as made:
        place = resolve(made.library, name("sample"))
    machines = {one: compile_procedure(text) for one, text in place.procedures.items()}
    start, until = local("2026-03-02 10:00"), local("2026-06-01 00:00")
    return idle(place, machines, procedure, calendar(), start=start, until=until)


def course_of(found: Idle, *states: str) -> Course:
    return next(one for one in found.courses if one.states == tuple(sorted(states)))


def first_days(course: Course, task: int) -> dict[str, str]:
    """On which local day each rung of a task was first due, and the last day of its deadline."""
    found: dict[str, str] = {}
    for event in (event for written in course.entries for event in written.events):
        if isinstance(event, RungFired) and event.task == task:
            found.setdefault(event.rung, calendar().local_day(event.due_at).isoformat())
        elif isinstance(event, DeadlineExpired) and event.task == task:
            found["last day"] = due_day(event.due_at, calendar()).isoformat()
    return found


def test_a_report_that_nobody_looks_at_is_late_after_two_workdays_and_pressed_three_later() -> None:
    course = course_of(left_alone(name("hazard")), name("reported"))

    assert first_days(course, 1) == {
        name("late"): "2026-03-05",
        name("press"): "2026-03-09",
        "last day": "2026-03-04",
    }
    assert course.ends_in == (name("reported"),)


def test_a_rectification_that_nobody_works_on_climbs_the_whole_ladder_over_a_holiday() -> None:
    course = course_of(left_alone(name("hazard")), name("rectifying"))

    assert first_days(course, 2) == {
        name("remind"): "2026-03-31",
        name("overdue"): "2026-04-04",
        name("letter"): "2026-04-09",  # the third workday after it, 4 to 6 April being days off, has passed
        name("circular"): "2026-04-15",
        name("interview"): "2026-04-20",
        name("expose"): "2026-04-27",
        "last day": "2026-04-03",
    }


@pytest.mark.parametrize(
    ("procedure", "unreached"),
    [("hazard", ()), ("visit", ()), ("joint_case", ("countersigning", "disposing", "issuing"))],
)
def test_states_that_plain_answers_do_not_lead_to_are_named(procedure: str, unreached: tuple[str, ...]) -> None:
    assert left_alone(name(procedure)).unreached == tuple(sorted(name(one) for one in unreached))


def simulate(*args: str) -> Result:
    days = ("--from", "2026-03-02", "--to", "2026-05-31")
    return CliRunner().invoke(main, ["simulate", "--place", name("sample"), *days, *args])


def test_the_command_tells_each_state_and_what_comes_again_once() -> None:
    told = simulate(name("visit"))

    assert told.exit_code == 0, told.output
    assert "停在“待移交”" in told.output
    assert told.output.count("超期催办") <= 1


def test_the_command_gives_programs_the_same_as_json() -> None:
    told = json.loads(simulate(name("visit"), "--json").stdout)

    (course,) = told["procedures"][name("visit")]["courses"]
    assert course["states"] == [name("passing")]


def test_the_command_plays_the_duties_of_a_unit_whose_attributes_are_told() -> None:
    told = simulate("--unit", "status=正常", "--unit", "high_risk=true")

    assert told.exit_code == 0, told.output
    assert "2026-04-01 至 2026-04-30  2026-04-30到期  应履行1  没人办则逾期1" in told.output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("nothing_like_it",), "没有"),
        (("--set", "level"), "="),
        (("--from", "2026-06-01"), "2026-06-01"),
    ],
)
def test_the_command_says_what_it_cannot_play(args: tuple[str, ...], says: str) -> None:
    told = simulate(*args)

    assert told.exit_code != 0
    assert says in told.output
