"""A calendar published since leads running deadlines, ladders and alarms after it: rules, and laws on random years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.calendar import Calendar, CalendarYear
from engine.core.case import Task
from engine.core.definition import DeadlineSpec, LadderSpec, Procedure, RungSpec
from engine.core.spans import Span
from engine.errors import NotPermitted
from engine.proof.play import World
from engine.runtime.calendar_years import with_year
from tests.holding import handled
from tests.samples import OPENED, SAMPLE, with_action, with_state
from tests.worlds import calendar, local, of_type, own_task, reported, wait, world

EVE = "2026-12-30 10:00"


def year(holidays: dict[str, str], makeups: dict[str, str] | None = None, version: int = 1) -> CalendarYear:
    """What was published for 2027."""
    return CalendarYear(
        year=2027,
        version=f"cn-2027@{version}",
        status="official",
        title="国办2027",
        source="国办发明电〔2026〕9号",
        holidays={date.fromisoformat(day): name for day, name in holidays.items()},
        workdays={date.fromisoformat(day): name for day, name in (makeups or {}).items()},
    )


NEW_YEAR = year({f"2027-01-0{n}": "元旦" for n in (1, 2, 3)}, {"2027-01-16": "元旦"})
#: People work on a Saturday in January, and nobody had expected it.
MADE_UP = year({}, {"2027-01-02": "元旦"})


def dated(spec: DeadlineSpec, procedure: Procedure = SAMPLE) -> Procedure:
    """The procedure with another deadline of its first task."""
    return with_state(procedure, "opened", tasks=(replace(OPENED.tasks[0], deadline=spec),))


def published(play: World, what: CalendarYear = NEW_YEAR) -> None:
    """From now on the world counts by that year."""
    play.calendar = with_year(play.calendar, what)


def redate(play: World, case: str) -> tuple[ev.AnyEvent, ...]:
    """Lead a case after the calendar."""
    return play.do(cmd.SYSTEM, case, cmd.RedateCase(calendar="cn", year=2027))


def due(task: Task) -> str:
    """The local day a task is due on."""
    assert task.deadline is not None
    return task.deadline.derivation.due_on.isoformat()


def test_a_deadline_moves_with_both_workings_and_the_notice() -> None:
    play = world(EVE)
    case = reported(play)
    was = own_task(play.case(case)).deadline
    published(play)

    (event,) = of_type(redate(play, case), ev.DeadlineRedated)

    assert (event.was, event.deadline.derivation.due_on) == (was, date(2027, 1, 4))
    assert (event.version, event.title, event.source) == ("cn-2027@1", "国办2027", "国办发明电〔2026〕9号")
    assert own_task(play.case(case)).deadline == event.deadline


def test_nobody_but_the_engine_moves_deadlines_so() -> None:
    play = world(EVE)
    case = reported(play)

    with pytest.raises(NotPermitted, match="system_only"):
        play.do("lin", case, cmd.RedateCase(calendar="cn", year=2027))


def test_a_year_that_confirms_a_deadline_takes_the_mark_of_the_foreseen_from_it() -> None:
    play = world("2026-12-31 10:00")
    case = reported(play)
    assert due(own_task(play.case(case))) == "2027-01-04"
    published(play, year({}))

    (event,) = of_type(redate(play, case), ev.DeadlineRedated)

    assert event.was.due_at == event.deadline.due_at
    assert (event.was.derivation.provisional, event.deadline.derivation.provisional) == (True, False)


def test_another_version_of_a_year_that_changes_nothing_of_it_leaves_a_deadline_as_it_is() -> None:
    play = world(EVE)
    case = reported(play)
    published(play)
    redate(play, case)
    published(play, replace(NEW_YEAR, version="cn-2027@2"))

    assert redate(play, case) == ()


def test_a_rung_that_has_fired_does_not_fire_again_and_the_next_waits_for_the_new_deadline() -> None:
    play = world(EVE)
    case = reported(play)
    wait(play, "2026-12-31 10:00")
    assert own_task(play.case(case)).fired == ("remind",)
    published(play)

    redate(play, case)
    wait(play, "2027-01-04 12:00")

    task = own_task(play.case(case))
    assert task.fired == ("remind",)
    assert task.alarm is not None
    assert (task.alarm.rung, task.alarm.at) == ("expiry", local("2027-01-05 00:00"))
    wait(play, "2027-01-05 00:00")
    assert own_task(play.case(case)).fired == ("remind", "overdue")


def test_a_rung_whose_moment_has_passed_by_the_move_is_passed_over_and_named() -> None:
    ladder = LadderSpec(
        id="slow", title="进展缓慢", rungs=(RungSpec(id="remind", title="提醒", at="1 workday before", to=("holder",)),)
    )
    play = world("2026-12-31 10:00", dated(DeadlineSpec(within="3 workdays"), replace(SAMPLE, ladders=(ladder,))))
    case = reported(play)  # due on Tuesday 5 January, to be reminded of on Monday
    wait(play, "2027-01-03 10:00")
    published(play, MADE_UP)  # due on Monday now: the moment of the reminder was Saturday

    (event,) = of_type(redate(play, case), ev.DeadlineRedated)

    assert (due(own_task(play.case(case))), event.passed) == ("2027-01-04", ("remind",))
    wait(play, "2027-01-04 12:00")
    assert own_task(play.case(case)).fired == ()


def test_a_deadline_that_lies_in_the_past_now_is_recorded_as_passed_and_the_delay_is_not_the_holders() -> None:
    play = world("2026-12-31 10:00")
    case = reported(play)
    wait(play, "2027-01-04 10:00")
    assert due(own_task(play.case(case))) == "2027-01-04"
    published(play, MADE_UP)

    redate(play, case)
    assert due(own_task(play.case(case))) == "2027-01-02"
    wait(play, "2027-01-04 10:30")

    (expired,) = of_type(play.events(case), ev.DeadlineExpired)
    assert (expired.due_at, expired.system_late) == (local("2027-01-03 00:00"), 0)


def test_what_was_missed_stays_missed() -> None:
    play = world(EVE)
    case = reported(play)
    wait(play, "2027-01-02 10:00")
    before = own_task(play.case(case))
    published(play)

    redate(play, case)

    after = own_task(play.case(case))
    assert before.expired_at == local("2027-01-02 00:00")
    assert (after.deadline, after.expired_at, after.fired) == (before.deadline, before.expired_at, before.fired)


def test_what_is_taken_back_is_due_by_the_calendar_that_was_published_meanwhile() -> None:
    play = world(EVE, with_action(handled(SAMPLE), "opened", "confirm", recall="2 days"))
    case = reported(play)
    signature = (play.file("signature"),)
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2027-03-20"}, evidence=signature)
    published(play)
    redate(play, case)

    play.do("chen", case, cmd.RecallAction(reason="填错了"))

    task = own_task(play.case(case))
    assert (task.state, due(task)) == ("opened", "2027-01-04")
    assert redate(play, case) == ()


# laws -------------------------------------------------------------------------------------------------------------

FIRST = date(2027, 1, 1)
_days = st.integers(0, 59).map(lambda n: FIRST + timedelta(n))


@st.composite
def years(draw: st.DrawFn) -> CalendarYear:
    """Days off and made up in the first two months of a year, as they come."""
    off = draw(st.sets(_days, max_size=14))
    made_up = {day for day in draw(st.sets(_days, max_size=6)) if day.weekday() >= 5} - off
    return CalendarYear(
        year=2027,
        version="cn-2027@1",
        status=draw(st.sampled_from(("official", "provisional"))),
        title="甲",
        source="乙",
        holidays=dict.fromkeys(off, "节"),
        workdays=dict.fromkeys(made_up, "节"),
    )


rules = st.one_of(
    st.integers(1, 20).map(lambda n: DeadlineSpec(within=str(Span(n, "workday")))),
    st.integers(1, 30).map(lambda n: DeadlineSpec(within=str(Span(n, "day")), roll="next_workday")),
    st.integers(1, 30).map(lambda n: DeadlineSpec(within=str(Span(n, "day")), roll="previous_workday")),
    st.integers(1, 72).map(lambda n: DeadlineSpec(within=str(Span(n, "hour")))),
    st.sampled_from(("thursday", "end of month", "day 5 of next month")).map(
        lambda point: DeadlineSpec(until=point, roll="next_workday")
    ),
)
starts = st.integers(0, 40).map(
    lambda n: datetime(2026, 12, 5, 9, tzinfo=ZoneInfo("Asia/Shanghai")) + timedelta(days=n)
)


def ran(spec: DeadlineSpec, start: datetime, counts_by: Calendar, until: datetime) -> tuple[World, str]:
    """A case reported at an instant, left alone until another."""
    play = world(f"{start:%Y-%m-%d %H:%M}", dated(spec))
    play.calendar = counts_by
    case = reported(play)
    play.advance(until)
    return play, case


@settings(max_examples=60, deadline=None)
@given(spec=rules, start=starts, what=years(), after=st.integers(0, 20))
def test_a_deadline_is_what_it_would_be_had_the_calendar_been_known_and_twice_changes_nothing(
    spec: DeadlineSpec, start: datetime, what: CalendarYear, after: int
) -> None:
    until = start + timedelta(days=after)
    play, case = ran(spec, start, calendar(), until)
    missed = own_task(play.case(case)).expired_at
    known, same = ran(spec, start, with_year(calendar(), what), start)
    published(play, what)

    redate(play, case)
    once = play.case(case)

    assert redate(play, case) == ()
    assert play.case(case) == once
    found, wanted = own_task(once).deadline, own_task(known.case(same)).deadline
    assert found is not None
    assert wanted is not None
    if missed is None:
        told = (found.due_at, found.derivation.due_on, found.derivation.provisional)
        assert told == (wanted.due_at, wanted.derivation.due_on, wanted.derivation.provisional)
    else:
        assert own_task(once).expired_at == missed == found.due_at


@settings(max_examples=40, deadline=None)
@given(spec=rules, start=starts, what=years(), after=st.integers(0, 20))
def test_no_rung_fires_twice_for_a_deadline_whatever_moves_it(
    spec: DeadlineSpec, start: datetime, what: CalendarYear, after: int
) -> None:
    play, case = ran(spec, start, calendar(), start + timedelta(days=after))
    published(play, what)
    redate(play, case)
    play.advance(datetime(2027, 3, 20, tzinfo=start.tzinfo))

    events = of_type(play.events(case), ev.RungFired, ev.DeadlineExpired)
    once = [event.rung for event in events if isinstance(event, ev.RungFired) and event.rung in ("remind", "letter")]
    assert len([event for event in events if isinstance(event, ev.DeadlineExpired) and event.task == 1]) == 1
    assert len(once) == len(set(once))
