"""Tasks that come again as long as a state lasts: one for each period, counted from its beginning."""

from __future__ import annotations

import pytest

from engine.core import event as ev
from engine.core.case import Task
from engine.core.deadlines import due_day
from engine.errors import NotPermitted
from engine.proof.play import World
from tests.linked_samples import things, world
from tests.worlds import calendar, local


def watched(at: str = "2026-01-31 09:00") -> World:
    """A watch W over A, which nobody mends."""
    play = world(at=at)
    things(play, "A")
    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")
    return play


def monthly(play: World) -> list[Task]:
    return [task for task in play.case("W").tasks if task.spec == "monthly"]


def due(task: Task) -> str:
    assert task.deadline is not None
    return due_day(task.deadline.due_at, calendar()).isoformat()


def numbered(play: World) -> list[tuple[int, str]]:
    return [(task.period.n, due(task)) for task in monthly(play) if task.period]


def test_the_first_period_begins_with_the_state_and_its_end_is_the_deadline() -> None:
    play = watched()

    assert numbered(play) == [(1, "2026-02-28")]


def test_periods_are_counted_from_the_beginning_so_that_they_do_not_drift() -> None:
    play = watched()

    for day in ("2026-02-10", "2026-03-10", "2026-04-10"):
        play.advance(local(f"{day} 09:00"))
        play.submit("lin", "W", "report_month")

    # one month after 31 January is 28 February, but two months after it are 31 March
    assert numbered(play) == [(4, "2026-05-31")]
    ends = [due_of(event) for event in play.events("W") if isinstance(event, ev.TaskOpened) and event.period]
    assert ends == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


def due_of(event: ev.TaskOpened) -> str:
    assert event.deadline is not None
    return due_day(event.deadline.due_at, calendar()).isoformat()


def test_nobody_reports_for_a_period_before_it_begins() -> None:
    play = watched()
    play.submit("lin", "W", "report_month")

    with pytest.raises(NotPermitted) as refused:
        play.submit("lin", "W", "report_month")

    assert refused.value.code == "period_not_begun"
    assert "report_month" not in [offer.action for offer in play.offers("lin", "W")]


def test_what_is_late_stays_open_and_is_escalated_while_the_next_one_runs() -> None:
    play = watched()

    play.advance(local("2026-03-05 09:00"))

    late, current = monthly(play)
    assert (late.fired, late.expired_at is not None) == (("press",), True)
    assert numbered(play) == [(1, "2026-02-28"), (2, "2026-03-31")]
    assert current.expired_at is None

    play.submit("lin", "W", "report_month", task=late.n)
    assert numbered(play) == [(2, "2026-03-31")]


def test_periods_that_ended_while_the_system_was_off_fall_together() -> None:
    play = watched()

    play.advance(local("2026-07-10 09:00"), asleep=True)

    assert numbered(play) == [(1, "2026-02-28"), (6, "2026-07-31")]
    current = monthly(play)[1]
    assert current.period is not None
    assert current.period.passed_over == 4


def test_one_that_was_late_when_the_state_ended_is_recorded_as_missed() -> None:
    play = watched()
    play.advance(local("2026-03-05 09:00"))
    numbers = [task.n for task in monthly(play)]

    play.submit("chen", "A", "mend")

    ended = {e.task: e.how for e in play.events("W") if isinstance(e, ev.TaskEnded)}
    assert [ended[n] for n in numbers] == ["missed", "left"]


def test_an_effect_opens_a_task_in_the_state_to_which_its_action_leads() -> None:
    play = watched()

    assert [task.spec for task in play.case("W").tasks] == ["", "monthly", "receipt"]

    play.submit("lin", "W", "sign")
    assert [task.spec for task in play.case("W").tasks] == ["", "monthly"]
