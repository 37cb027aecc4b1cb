"""Ladders: when rungs fire, which are skipped, and how repeats go on."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.definition import LadderSpec, RungSpec
from engine.core.event import Alarm
from engine.core.ladders import EXPIRY, first_alarm, next_alarm, passed, rung_of, schedule
from tests.samples import SLOW
from tests.worlds import calendar, local

START = local("2026-09-30 10:00")
DUE = local("2026-10-10 00:00")
MOMENTS = (
    (local("2026-10-08 00:00"), "remind"),
    (DUE, EXPIRY),
    (DUE, "overdue"),
    (local("2026-10-13 00:00"), "letter"),
)


def test_rungs_are_ordered_by_moment_and_the_expiry_comes_before_its_rung():
    assert schedule(SLOW, DUE, START, calendar()) == MOMENTS


def test_without_ladder_the_expiry_alone_is_watched():
    assert schedule(None, DUE, START, calendar()) == ((DUE, EXPIRY),)


def test_rungs_of_one_instant_keep_the_order_of_the_ladder():
    rungs = tuple(RungSpec(id=name, title=name, at="deadline") for name in "zya")
    ladder = LadderSpec(id="l", title="l", rungs=rungs)

    assert [rung for _, rung in schedule(ladder, DUE, START, calendar())] == [EXPIRY, "z", "y", "a"]


def test_a_rung_may_count_from_the_start():
    ladder = LadderSpec(id="l", title="l", rungs=(RungSpec(id="r", title="r", at="2 hours after start"),))

    assert schedule(ladder, DUE, START, calendar())[0] == (local("2026-09-30 12:00"), "r")


def test_rungs_that_lay_before_the_start_are_skipped_the_expiry_never():
    assert passed(MOMENTS, local("2026-10-07 23:59")) == ()
    assert passed(MOMENTS, local("2026-10-08 00:00")) == ("remind",)
    assert passed(MOMENTS, local("2026-12-01 00:00")) == ("remind", "overdue", "letter")


def test_the_first_alarm_is_the_earliest_rung_that_is_not_done():
    assert first_alarm(MOMENTS, ("remind",), 4, START) == Alarm(rung=EXPIRY, at=DUE, epoch=4)


def test_an_alarm_armed_after_its_moment_says_since_when_it_could_fire():
    monday = local("2026-10-12 09:00")

    assert first_alarm(MOMENTS, (), 1, monday) == Alarm(rung="remind", at=MOMENTS[0][0], epoch=1, armed_at=monday)


def test_where_everything_is_done_nothing_is_armed():
    assert first_alarm(MOMENTS, ("remind", EXPIRY, "overdue", "letter"), 1, START) is None


def following(rung, at, fired, *, now=None, skipped=(), covered=None, armed_at=None, ladder=SLOW):
    alarm = Alarm(rung=rung, at=local(at), epoch=7, armed_at=armed_at)
    moments = schedule(ladder, DUE, START, calendar())
    reached = {**(covered or {}), rung: local(now) if now else local(at)}
    return next_alarm(ladder, moments, fired, skipped, reached, alarm, calendar())


def test_rungs_follow_each_other():
    assert following("remind", "2026-10-08 00:00", ("remind",)) == (Alarm(rung=EXPIRY, at=DUE, epoch=8), 0)


def test_a_repeated_rung_comes_again_each_workday_until_the_next_rung():
    fired = ("remind", EXPIRY, "overdue")

    friday = following("overdue", "2026-10-10 00:00", fired)  # Saturday, worked; the next workday is Monday
    monday = following("overdue", "2026-10-12 00:00", fired)
    tuesday = following("overdue", "2026-10-13 00:00", fired)

    assert [(alarm.rung, alarm.at, again) for alarm, again in (friday, monday, tuesday)] == [
        ("overdue", local("2026-10-12 00:00"), 0),
        ("overdue", local("2026-10-13 00:00"), 0),
        ("letter", local("2026-10-13 00:00"), 0),
    ]


def test_after_the_last_rung_repeats_go_on():
    alarm, again = following("letter", "2026-10-13 00:00", ("remind", EXPIRY, "overdue", "letter"))

    assert (alarm.rung, alarm.at, again) == ("overdue", local("2026-10-14 00:00"), 0)


def test_repeats_missed_are_counted_and_come_once():
    alarm, again = following("overdue", "2026-10-10 00:00", ("remind", EXPIRY, "overdue"), now="2026-10-16 09:00")

    assert (alarm.rung, alarm.at, again) == ("letter", local("2026-10-13 00:00"), 5)


def test_repeats_that_were_covered_are_not_made_up_for_again():
    alarm, again = following(
        "letter",
        "2026-10-13 00:00",
        ("remind", EXPIRY, "overdue", "letter"),
        covered={"overdue": local("2026-10-16 09:00")},
    )

    assert (alarm.rung, alarm.at, again) == ("overdue", local("2026-10-19 00:00"), 0)


def test_a_skipped_rung_does_not_repeat():
    skipped = ("remind", "overdue", "letter")

    assert following(EXPIRY, "2026-10-10 00:00", (EXPIRY,), skipped=skipped) == (None, 0)


def test_an_alarm_that_could_not_be_armed_before_says_so_for_those_after_it_too():
    monday = local("2026-10-14 09:00")

    overdue, _ = following(EXPIRY, "2026-10-10 00:00", ("remind", EXPIRY), armed_at=monday)
    later, _ = following(
        "letter", "2026-10-13 00:00", ("remind", EXPIRY, "overdue", "letter"), armed_at=local("2026-10-13 09:00")
    )

    assert (overdue.rung, overdue.armed_at, later.at, later.armed_at) == (
        "overdue",
        monday,
        local("2026-10-14 00:00"),
        None,
    )


@pytest.mark.parametrize(
    ("every", "at"), [("24 hours", "2026-10-11 00:00"), ("1 day", "2026-10-11 00:00"), ("1 week", "2026-10-17 00:00")]
)
def test_repeats_count_in_hours_days_or_weeks(every, at):
    ladder = LadderSpec(id="l", title="l", rungs=(RungSpec(id="overdue", title="x", at="deadline", every=every),))

    alarm, _ = following("overdue", "2026-10-10 00:00", (EXPIRY, "overdue"), ladder=ladder)

    assert alarm.at == local(at)


def test_a_rung_is_found_by_its_id():
    assert rung_of(SLOW, "letter") is SLOW.rungs[2]
    assert (rung_of(SLOW, "nothing"), rung_of(None, "letter")) == (None, None)


@given(delays=st.lists(st.integers(min_value=0, max_value=10 * 24 * 60), min_size=1, max_size=30))
def test_however_late_the_clock_rungs_come_in_order_and_none_twice(delays):
    """Each alarm is handled some minutes late; what goes off is what a punctual clock would have fired, coalesced."""
    moments = schedule(SLOW, DUE, START, calendar())
    alarm, now, fired, covered, seen = first_alarm(moments, (), 1, START), START, (), {}, []
    for delay in delays:
        now = max(now, alarm.at) + timedelta(minutes=delay)
        fired = fired if alarm.rung in fired else (*fired, alarm.rung)
        following, again = next_alarm(SLOW, moments, fired, (), {**covered, alarm.rung: now}, alarm, calendar())
        if again:
            covered[alarm.rung] = now
        seen.append((alarm.at, alarm.rung, again))
        assert following.epoch == alarm.epoch + 1
        alarm = following

    assert [at for at, _, _ in seen] == sorted(at for at, _, _ in seen)
    assert len({(at, rung) for at, rung, _ in seen}) == len(seen)
    repeats = [(at, again) for at, rung, again in seen if rung == "overdue"]
    for (at, again), (following_at, _) in pairwise(repeats):
        last = calendar().local_day(at)
        assert following_at == calendar().instant(calendar().workday_after(last, again + 1))
