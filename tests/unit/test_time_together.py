"""Stops, pauses, extensions, drafts, periods, notices, recalls, triage and sleep in one case, in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import event as ev
from engine.core.definition import DeadlineSpec
from tests.time_together import ACTS, DATED_BACK, Course, year
from tests.worlds import of_type, wait

WHICHEVER = DeadlineSpec(
    whichever_first=(DeadlineSpec(within="10 workdays"), DeadlineSpec(within="16 days"), DeadlineSpec(until="due_on"))
)
DEADLINES = (
    DeadlineSpec(within="12 workdays"),
    DeadlineSpec(within="15 days", roll="next_workday"),
    DeadlineSpec(within="300 hours"),
    DeadlineSpec(within="8 workdays", since="due_on"),
    DeadlineSpec(within="12 workdays", opens="4 workdays before"),
    WHICHEVER,
)
WORKDAYS = DEADLINES[0]

_days = st.frozensets(st.integers(0, 40), max_size=7)
ANY_STEP = st.one_of(
    st.tuples(st.sampled_from(("wait", "wait", "sleep")), st.integers(1, 150)),
    st.tuples(st.sampled_from(ACTS), st.just(0)),
    st.tuples(st.sampled_from(DATED_BACK), st.integers(0, 40)),
    st.tuples(_days, _days),
)
STEPS = st.lists(ANY_STEP, min_size=8, max_size=26)


def played(deadline: DeadlineSpec, missed: str, steps: list, *, claimed: bool = False) -> Course:
    """A course after its steps; a pair of sets of days is a year that is published."""
    course = Course(deadline, missed, claimed=claimed)
    published = 0
    for what, amount in steps:
        if isinstance(what, frozenset):
            published += 1
            course.publish(year(published, what, amount))
        else:
            course.step(what, amount)
    course.check_whole()
    return course


@settings(max_examples=80)
@given(
    deadline=st.sampled_from(DEADLINES), missed=st.sampled_from(("fire", "skip")), claimed=st.booleans(), steps=STEPS
)
def test_no_deadline_is_lost_or_doubled_and_no_rung_comes_twice_whatever_happens_together(
    deadline: DeadlineSpec, missed: str, claimed: bool, steps: list
) -> None:
    played(deadline, missed, steps, claimed=claimed)


# examples that were faults once -----------------------------------------------------------------------------------


def test_a_ladder_chosen_anew_while_clock_and_ladder_wait_arms_nothing() -> None:
    played(WORKDAYS, "skip", [("up", 0), ("pause", 0), ("halt", 0), ("down", 0), ("wait", 300)])


def test_what_counts_from_the_start_of_a_task_does_not_come_again_when_an_earlier_date_counts() -> None:
    course = played(WHICHEVER, "fire", [("up", 0), ("wait", 69), ("due", 0), ("wait", 48)])

    fired = [event.rung for event in of_type(course.play.events(course.case), ev.RungFired) if event.task == 2]
    assert fired == ["note", "early"]


def test_nor_when_the_deadline_is_extended() -> None:
    course = played(WORKDAYS, "fire", [("up", 0), ("wait", 69), ("extend", 0), ("consent", 0), ("wait", 600)])

    fired = [event.rung for event in of_type(course.play.events(course.case), ev.RungFired) if event.task == 2]
    assert fired.count("note") == 1


def test_a_rung_that_only_a_notice_put_into_the_past_is_passed_over_though_another_is_armed() -> None:
    steps = [("wait", 418), ("sleep", 142), (frozenset({5, 6, 16, 24, 39}), frozenset({2, 29}))]
    played(DEADLINES[1], "skip", [*steps, (frozenset(), frozenset()), ("wait", 90)])


def test_a_deadline_that_had_passed_and_is_taken_back_climbs_on_by_the_calendar_of_today() -> None:
    steps = [("wait", 299), ("wait", 100), ("examine", 0), (frozenset({0, 13, 27}), frozenset()), ("recall", 0)]
    played(WHICHEVER, "skip", steps)


def test_what_was_done_before_triage_and_is_taken_back_after_it_is_armed() -> None:
    steps = [("wait", 177), ("examine", 0), ("triage", 0), ("wait", 10), ("recall", 0)]
    course = played(WHICHEVER, "fire", steps, claimed=True)

    assert course.done["recall"] == 1
    assert [task.n for task in course.tasks if task.alarm is None and task.deadline is not None] == []


def test_a_deadline_that_passed_during_a_pause_does_not_pass_again_when_the_case_is_back() -> None:
    steps = [("wait", 380), ("pause", 0), ("wait", 60), ("examine", 0), ("wait", 10), ("come_back", 0), ("wait", 200)]
    course = played(WORKDAYS, "fire", steps)

    own = [event for event in of_type(course.play.events(course.case), ev.TaskOpened) if event.state == "doing"]
    numbers = {event.task for event in own if not event.spec}
    expired = [event for event in of_type(course.play.events(course.case), ev.DeadlineExpired) if event.task in numbers]
    assert len(expired) == 1


def test_a_pause_that_ended_while_the_clock_stood_still_is_nobodys_lateness() -> None:
    course = played(WORKDAYS, "fire", [("pause", 0), ("halt", 0), ("wait", 400), ("go_on", 0)])

    assert [event.system_late for event in of_type(course.play.events(course.case), ev.LadderResumed)] == [0]


def test_periods_go_on_as_they_were_when_the_act_that_ended_them_is_taken_back() -> None:
    course = played(WORKDAYS, "fire", [("wait", 100), ("examine", 0), ("wait", 20), ("recall", 0)])
    wait(course.play, "2026-12-31 10:00")

    (task,) = [one for one in course.tasks if one.period is not None and one.period.n == 3]
    assert task.period is not None
    assert task.period.begins.isoformat() == "2026-12-28T16:00:00+00:00"


def test_a_paused_ladder_that_is_taken_back_waits_for_the_deadline_that_a_notice_moved_meanwhile() -> None:
    steps = [("wait", 600), ("pause", 0), ("examine", 0), (frozenset({10}), frozenset()), ("recall", 0)]
    course = played(DeadlineSpec(within="20 workdays"), "fire", steps)

    task = next(one for one in course.tasks if not one.spec)
    assert task.alarm is not None
    assert (task.alarm.rung, task.alarm.at.isoformat()) == ("expiry", "2027-01-12T16:00:00+00:00")


def test_of_several_deadlines_that_stood_still_the_first_counts_as_each_counts_itself() -> None:
    """Twenty days end on 3 January, fourteen workdays on the 4th; stopped over New Year, the workdays end first."""
    spec = DeadlineSpec(whichever_first=(DeadlineSpec(within="20 days"), DeadlineSpec(within="14 workdays")))
    course = played(spec, "fire", [(frozenset(range(3)), frozenset()), ("halt", 0), ("wait", 624), ("go_on", 0)])

    task = next(one for one in course.tasks if not one.spec)
    assert task.deadline is not None
    told = task.deadline.derivation
    assert (told.rule, told.due_on.isoformat()) == ("14 workdays", "2027-01-28")
    assert [one.derivation.due_on.isoformat() for one in told.whichever] == ["2027-01-29", "2027-01-28"]
    assert len(told.stops) == 1


def test_an_extension_of_a_claimed_case_starts_no_ladder_before_triage() -> None:
    course = played(WORKDAYS, "fire", [("extend", 0), ("consent", 0), ("wait", 500)], claimed=True)

    assert of_type(course.play.events(course.case), ev.RungFired, ev.DeadlineExpired) == []
    course.step("triage", 0)
    assert next(one.alarm for one in course.tasks if not one.spec) is not None


def test_of_a_ladder_climbed_only_since_the_clock_stands_still_what_lay_before_that_is_passed_over() -> None:
    course = played(WORKDAYS, "fire", [("wait", 70), ("halt", 0), ("up", 0), ("wait", 30), ("go_on", 0), ("wait", 5)])

    task = next(one for one in course.tasks if not one.spec)
    assert (task.ladder, task.fired, task.skipped) == ("steep", (), ("note",))


def test_a_clock_that_had_run_out_before_it_was_held_goes_on_with_the_ladder_of_now() -> None:
    """While the case is away its level rises: what comes before the deadline on the other ladder has been passed."""
    steps = [("wait", 500), ("examine", 0), ("up", 0), ("wait", 30), ("come_back", 0), ("wait", 100)]
    course = played(WORKDAYS, "fire", steps)

    task = next(one for one in course.tasks if not one.spec)
    assert (course.done["up"], task.ladder, task.skipped) == (1, "steep", ("note", "early"))
    assert not {"note", "early"}.intersection(task.fired)


def test_a_date_that_is_filled_in_while_the_clock_stands_still_counts_if_it_comes_first() -> None:
    course = played(WHICHEVER, "fire", [("halt", 0), ("wait", 24), ("due", 0), ("wait", 24), ("go_on", 0)])

    task = next(one for one in course.tasks if not one.spec)
    assert task.deadline is not None
    assert (task.deadline.derivation.rule, task.deadline.derivation.due_on.isoformat()) == ("2026-12-21", "2026-12-23")


def test_deadlines_keep_the_stops_they_had_when_another_becomes_known() -> None:
    course = played(WHICHEVER, "fire", [("halt", 0), ("wait", 48), ("go_on", 0), ("wait", 1), ("due", 0)])

    task = next(one for one in course.tasks if not one.spec)
    assert task.deadline is not None
    told = [(one.derivation.start.isoformat(), len(one.derivation.stops)) for one in task.deadline.derivation.whichever]
    assert told == [("2026-12-14", 1), ("2026-12-14", 1), ("2026-12-16", 0)]


def test_what_was_reached_before_a_clock_stopped_does_not_come_again_when_it_is_extended_meanwhile() -> None:
    steps = [("up", 0), ("wait", 69), ("extend", 0), ("halt", 0), ("consent", 0), ("wait", 30), ("go_on", 0)]
    course = played(WORKDAYS, "fire", [*steps, ("wait", 100)])

    fired = [event.rung for event in of_type(course.play.events(course.case), ev.RungFired) if event.task == 2]
    assert (course.done["extend"], course.done["consent"], fired.count("note")) == (1, 1, 1)


def test_triage_while_the_clock_stands_still_skips_what_was_reached_before() -> None:
    steps = [("up", 0), ("wait", 70), ("halt", 0), ("triage", 0), ("wait", 50), ("go_on", 0), ("wait", 3)]
    course = played(WORKDAYS, "fire", steps, claimed=True)

    task = next(one for one in course.tasks if not one.spec)
    assert (course.done["go_on"], task.fired, task.skipped) == (1, (), ("note",))


def test_a_claimed_deadline_that_ran_out_before_triage_is_recorded_as_passed_when_the_case_is_back() -> None:
    steps = [("wait", 400), ("examine", 0), ("triage", 0), ("wait", 50), ("come_back", 0), ("wait", 3)]
    course = played(WORKDAYS, "fire", steps, claimed=True)

    task = next(one for one in course.tasks if not one.spec)
    assert (course.done["come_back"], task.expired_at is not None) == (1, True)
