"""Deadlines of every kind through the one door and back out of the record, on both databases."""

from __future__ import annotations

from datetime import time

import msgspec
import pytest
from msgspec.structs import replace

from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.day_counts import CountedBy, DayCount
from engine.core.deadlines import rederived
from engine.core.definition import DeadlineSpec
from engine.errors import NotFound, NotPermitted
from engine.store.store import Store
from tests.districts import District, case
from tests.samples import OPENED, SAMPLE, with_state
from tests.worlds import calendar, local

LAW = DayCount(id="law", title="法", workdays=(7,), basis=("law.1",), since="2021-07-15")
PARK = Calendar("park", calendar().zone, calendar().years, ((time(9), time(12)), (time(13, 30), time(17, 30))))


def district(store: Store, spec: DeadlineSpec, *calendars: Calendar) -> District:
    """The sample district, its first task timed otherwise, with more calendars."""
    tasks = (replace(OPENED.tasks[0], deadline=spec),)
    made = District(store, procedure=with_state(SAMPLE, "opened", tasks=tasks))
    made.catalog.calendars |= {one.id: one for one in calendars}
    made.catalog.files |= {one.id: one for one in calendars}
    made.settle()
    return made


def reported(made: District) -> Case:
    """A case reported on Monday 2026-03-02 at 09:00, read from its snapshot as another process reads it."""
    made.do(made.start("C1"))
    with made.store.session() as session:
        (row,) = session.load([case("C1")]).values()
        return made.another_service().case_of(session, row)


def test_days_are_counted_by_the_law_that_the_definition_names(store: Store) -> None:
    (task,) = reported(district(store, DeadlineSpec(within="7 days", count=LAW))).tasks

    assert task.deadline is not None
    assert task.deadline.due_at == local("2026-03-12 00:00")
    assert task.deadline.derivation.counted == CountedBy(rule="law", read_as="7 workdays", basis=("law.1",))
    assert rederived(task.deadline, calendar()) == task.deadline


def test_a_deadline_counts_by_the_calendar_it_names_and_is_worked_out_again_by_that_one_only(store: Store) -> None:
    (task,) = reported(district(store, DeadlineSpec(within="10 work hours", calendar="park"), PARK)).tasks

    assert task.deadline is not None
    assert task.deadline.due_at == local("2026-03-03 12:00")
    assert (task.deadline.derivation.by_calendar, len(task.deadline.derivation.hours)) == ("park", 2)
    assert rederived(task.deadline, PARK) == task.deadline == rederived(task.deadline, calendar())


def test_a_calendar_that_is_not_there_refuses_the_act_and_writes_nothing(store: Store) -> None:
    made = district(store, DeadlineSpec(within="10 work hours", calendar="park"))

    with pytest.raises(NotFound) as refused:
        made.do(made.start("C1"))

    assert refused.value.code == "calendar_not_found"
    with made.store.session() as session:
        assert session.load([case("C1")]) == {}


def test_the_first_of_several_counts_and_all_of_them_are_on_record(store: Store) -> None:
    first = (DeadlineSpec(within="1 month"), DeadlineSpec(until="end of week 17:00"), DeadlineSpec(until="due_on"))
    (task,) = reported(district(store, DeadlineSpec(whichever_first=first))).tasks

    assert task.deadline is not None
    assert task.deadline.due_at == local("2026-03-08 17:00")
    kept = msgspec.json.decode(msgspec.json.encode(task.deadline), type=type(task.deadline))
    assert [one.derivation.rule for one in kept.derivation.whichever] == ["1 month", "end of week 17:00"]
    assert rederived(kept, calendar()) == task.deadline


def test_nothing_is_done_before_its_window_opens(store: Store) -> None:
    made = district(store, DeadlineSpec(until="end of month", opens="5 workdays before"))
    reported(made)

    with pytest.raises(NotPermitted) as early:
        made.do(made.confirm("C1"))
    made.clock.set(local("2026-03-24 00:00"))
    made.do(made.confirm("C1"))

    assert (early.value.code, early.value.data["opens"]) == ("window_not_open", "2026-03-23T16:00:00+00:00")
