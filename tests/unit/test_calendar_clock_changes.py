"""Every change of the clocks of ten odd zones, 1986 to 2040: one instant for each local time, by a stated policy.

The policy (docs/guide/deadlines.md): a local time that does not exist is read with the offset before the change, so it
moves by the length of the gap; one that occurs twice is the first of the two; a day ends where the next one begins.
What a zone does is found by walking its offsets over UTC; local times are solved here by trying offsets, so that the
calendar's own way (`fold`) is not asked twice.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.calendar import Calendar
from engine.core.deadlines import add_months, add_span, derive, due_day
from engine.core.spans import Span

#: Summer times of half an hour (Lord Howe), of quarters (Chatham), at midnight (Sao Paulo, Tehran), backwards
#: (Casablanca: the month of fasting), new offsets for good (Kathmandu), and a day left out (Apia).
ZONES = (
    *("Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "America/New_York"),
    *("Europe/London", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran"),
)
FIRST, LAST = datetime(1985, 12, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=6)
DAY = timedelta(1)
LEFT_OUT = {("Pacific/Apia", date(2011, 12, 30))}


@cache
def calendar_of(key: str) -> Calendar:
    return Calendar("x", ZoneInfo(key), {})


@cache
def changes(key: str) -> tuple[tuple[datetime, timedelta, timedelta], ...]:
    """(instant, offset before, offset after) of every change, found by walking over UTC and halving."""
    zone = ZoneInfo(key)
    found = []
    marks = [FIRST + STEP * index for index in range((LAST - FIRST) // STEP + 1)]
    offsets = [offset(zone, mark) for mark in marks]
    for (low, before), (high, after) in pairwise(zip(marks, offsets, strict=True)):
        if before == after:
            continue
        begin, end = low, high
        while end - begin > timedelta(seconds=1):
            middle = begin + (end - begin) // 2
            begin, end = (middle, end) if offset(zone, middle) == before else (begin, middle)
        found.append((end.replace(microsecond=0), before, after))
    return tuple(found)


def offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    """The zone's offset at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None) - instant.replace(tzinfo=None)


def by_policy(key: str, local: datetime) -> datetime:
    """The instant of a local time, by the policy, from the list of changes alone."""
    known = changes(key)
    position = bisect_right([change for change, _, _ in known], local.replace(tzinfo=UTC))
    near = known[max(position - 2, 0) : position + 2]
    offsets = {before for _, before, _ in near} | {after for _, _, after in near}
    instants = sorted(local.replace(tzinfo=UTC) - one for one in offsets)
    true = [instant for instant in instants if instant.astimezone(ZoneInfo(key)).replace(tzinfo=None) == local]
    if true:
        return true[0]
    return next(
        local.replace(tzinfo=UTC) - before
        for change, before, after in near
        if change + before <= local.replace(tzinfo=UTC) < change + after
    )


def test_china_changed_its_clocks_in_six_summers() -> None:
    told = [(change, (after - before) // timedelta(hours=1)) for change, before, after in changes("Asia/Shanghai")]

    assert [(f"{change:%Y-%m-%d %H:%M}", hours) for change, hours in told] == [
        *(("1986-05-03 18:00", 1), ("1986-09-13 17:00", -1), ("1987-04-11 18:00", 1), ("1987-09-12 17:00", -1)),
        *(("1988-04-16 18:00", 1), ("1988-09-10 17:00", -1), ("1989-04-15 18:00", 1), ("1989-09-16 17:00", -1)),
        *(("1990-04-14 18:00", 1), ("1990-09-15 17:00", -1), ("1991-04-13 18:00", 1), ("1991-09-14 17:00", -1)),
    ]


def test_the_ten_zones_change_in_every_odd_way() -> None:
    jumps = {key: {(after - before) // timedelta(minutes=1) for _, before, after in changes(key)} for key in ZONES}

    assert jumps == {
        "Asia/Shanghai": {60, -60},
        "Australia/Lord_Howe": {30, -30},
        "Pacific/Apia": {60, -60, 24 * 60},
        "Pacific/Chatham": {60, -60},
        "America/New_York": {60, -60},
        "Europe/London": {60, -60},
        "Africa/Casablanca": {60, -60},
        "America/Sao_Paulo": {60, -60},
        "Asia/Kathmandu": {15},
        "Asia/Tehran": {60, -60},
    }
    assert sum(len(changes(key)) for key in ZONES) > 600


@pytest.mark.parametrize("key", ZONES)
def test_around_every_change_each_local_time_is_one_instant_by_the_policy(key: str) -> None:
    calendar, tick = calendar_of(key), timedelta.resolution
    locals_near = []
    for change, before, after in changes(key):
        low, high = sorted((change + one).replace(tzinfo=None) for one in (before, after))
        middle, hour = low + (high - low) / 2, timedelta(hours=1)
        locals_near += [low - tick, low, low + tick, middle, high - tick, high, high + tick, high + hour]

    told = {local: calendar.instant(local.date(), local.time()) for local in locals_near}

    assert told == {local: by_policy(key, local) for local in locals_near}


@pytest.mark.parametrize("key", ZONES)
def test_a_time_in_a_gap_moves_by_its_length_and_a_doubled_one_is_the_first(key: str) -> None:
    calendar = calendar_of(key)
    for change, before, after in changes(key):
        jump = after - before
        local = (change + min(before, after)).replace(tzinfo=None) + abs(jump) / 2  # in the gap, or doubled
        instant = calendar.instant(local.date(), local.time())
        shown = instant.astimezone(calendar.zone).replace(tzinfo=None)

        assert shown == (local + jump if jump > timedelta(0) else local)
        assert (instant >= change) == (jump > timedelta(0))


@pytest.mark.parametrize("key", ZONES)
def test_no_day_around_a_change_is_lost_or_overlaps_another(key: str) -> None:
    calendar = calendar_of(key)
    for change, before, after in changes(key):
        middle = calendar.local_day(change)
        days = [middle + DAY * index for index in range(-2, 3)]
        assert [calendar.end_of(day) for day in days[:-1]] == [calendar.instant(day) for day in days[1:]]
        for day in days:
            if (key, day) in LEFT_OUT:
                continue
            begin, end = calendar.instant(day), calendar.end_of(day)
            last = end - timedelta.resolution
            assert (calendar.local_day(begin), calendar.local_day(last), due_day(end, calendar)) == (day, day, day)
        whole = calendar.end_of(days[-1]) - calendar.instant(days[0])
        assert whole == timedelta(5) - (after - before)


def test_a_time_read_off_the_second_of_two_clocks_means_the_first_of_them_on_every_day() -> None:
    new_york = calendar_of("America/New_York")
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).astimezone(new_york.zone).time()  # 01:30 for the second time

    assert second.fold == 1
    assert new_york.instant(date(2026, 11, 1), second) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert new_york.instant(date(2027, 3, 14), second.replace(hour=2)) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_the_day_that_samoa_left_out_ends_before_it_could_begin() -> None:
    apia = calendar_of("Pacific/Apia")
    left_out = date(2011, 12, 30)

    assert apia.end_of(left_out - DAY) == apia.instant(left_out) == apia.end_of(left_out)
    assert apia.local_day(apia.instant(left_out)) == left_out + DAY


@pytest.mark.parametrize("key", ZONES)
def test_whole_days_are_due_at_local_midnight_and_hours_after_hours_whatever_the_clocks_do(key: str) -> None:
    calendar = calendar_of(key)
    for change, _, _ in changes(key):
        start = change - timedelta(hours=12)
        day = calendar.local_day(start)
        for amount in (1, 2, 30):
            due = derive(Span(amount, "day"), start, calendar)
            assert due.derivation.due_on == day + DAY * amount
            assert due.due_at == calendar.instant(day + DAY * (amount + 1))
        assert derive(Span(24, "hour"), start, calendar).due_at == start + timedelta(hours=24)
        month = derive(Span(1, "month"), start, calendar)
        assert month.derivation.due_on == add_months(day, 1) == add_span(day, Span(1, "month"), 1, calendar)


moments = st.tuples(
    st.sampled_from(ZONES), st.integers(0, 10_000), st.integers(-36 * 3_600_000_000, 36 * 3_600_000_000)
)


def check_near_a_change(at: tuple[str, int, int]) -> None:
    """All of it at once, at a random local time within a day and a half of a random change."""
    key, index, microseconds = at
    calendar, known = calendar_of(key), changes(key)
    change, before, after = known[index % len(known)]
    instant = change + timedelta(microseconds=microseconds)
    local = instant.astimezone(calendar.zone).replace(tzinfo=None)
    day = calendar.local_day(instant)

    assert day == local.date()
    assert calendar.instant(day) <= instant < calendar.end_of(day)
    told = calendar.instant(local.date(), local.time())
    assert told == by_policy(key, local)
    assert told in (instant, instant - abs(after - before))  # the second of two times reads as the first
    written = (change + before).replace(tzinfo=None) + timedelta(microseconds=microseconds)  # perhaps in a gap
    assert calendar.instant(written.date(), written.time()) == by_policy(key, written)
    assert calendar.end_of(written.date()) == calendar.instant(written.date() + DAY)
    assert calendar.instant(written.date()) == by_policy(key, datetime.combine(written.date(), time()))
    due = derive(Span(1, "day"), instant, calendar)
    assert calendar.local_day(due.due_at - timedelta.resolution) == due.derivation.due_on or (
        (key, due.derivation.due_on) in LEFT_OUT
    )


@given(moments)
def test_near_a_change_every_local_time_keeps_the_policy(at: tuple[str, int, int]) -> None:
    check_near_a_change(at)


@pytest.mark.nightly
@settings(max_examples=20_000)
@given(moments)
def test_near_a_change_twenty_thousand_local_times_keep_the_policy(at: tuple[str, int, int]) -> None:
    check_near_a_change(at)
