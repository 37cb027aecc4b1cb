"""Clocks that stand still, in both databases: no timer is armed, nothing is due, and it all comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.command import Answer
from engine.errors import NotPermitted
from engine.runtime.projection import from_micros
from engine.runtime.registers import RegisterAsk
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import District
from tests.integration.test_worker import kinds, timers
from tests.ledgers import registers_of
from tests.unit.test_stopping import procedure_of
from tests.worlds import local


@pytest.fixture
def district(store: Store) -> District:
    made = District(store, procedure=procedure_of("5 workdays"))
    made.settle()
    made.do(made.start("a"))
    made.do(made.confirm("a"))  # Monday 2 March: due on the 9th
    return made


def line(district: District) -> tuple[object, str, int]:
    """When the case is due as its register has it, its light, and how many cases are late or soon."""
    registers = registers_of(district)
    (found,) = registers.page("lin", "all_cases", RegisterAsk()).lines
    totals = registers.counts("lin", "all_cases", RegisterAsk()).totals
    return found.head.register.due_at, found.light, totals["overdue"] + totals["soon"]


def test_a_stopped_clock_leaves_no_timer_and_no_due_date_and_is_armed_again_where_it_goes_on(district):
    armed = [(timer.rung, from_micros(timer.fire_at)) for timer in timers(district)]
    before = line(district)
    district.clock.advance(timedelta(days=2))

    district.do(district.act("a", 2, "halt", "chen", reason="等专家"))
    stopped = timers(district)
    district.clock.advance(timedelta(days=30))
    assert fire_due(district.service) == 0
    still = line(district)
    district.do(district.act("a", 2, "go_on", "chen"))

    assert armed == [("remind", local("2026-03-06 00:00"))]
    assert (stopped, still) == ([], (None, "none", 0))
    assert from_micros(before[0]) == local("2026-03-10 00:00")
    assert [(timer.rung, from_micros(timer.fire_at)) for timer in timers(district)] == [
        ("remind", local("2026-04-08 00:00"))
    ]
    assert kinds(district, "a")["deadline_expired"] == 0
    assert from_micros(line(district)[0]) == local("2026-04-10 00:00")  # three workdays after the 3rd: 7, 8 and 9 April


def test_what_is_refused_while_the_clock_stands_still_changes_nothing(district):
    district.do(district.act("a", 2, "halt", "chen", reason="等专家"))
    entries = sum(kinds(district, "a").values())

    with pytest.raises(NotPermitted) as refused:
        district.do(district.act("a", 2, "extend", "wang", asked_until="2026-04-30", reason="雨"))

    assert refused.value.code == "clock_stopped"
    assert sum(kinds(district, "a").values()) == entries


def test_an_answer_given_twice_stops_a_clock_once(district):
    request = district.act("a", 2, "halt", "chen", reason="等专家")

    first: Answer = district.do(request)
    again: Answer = district.do(request)

    assert first == again
    assert kinds(district, "a")["clock_stopped"] == 1
