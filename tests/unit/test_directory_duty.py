"""Duty rosters: who is on duty where, and when somebody else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.core.directory import Directory, Shift


def at(hour: int) -> datetime:
    """So many hours after a midnight."""
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)


def shift(name: str, person: str, begins: int, ends: int, region: str = "", roster: str = "night") -> Shift:
    """A shift between two hours."""
    return Shift(id=name, roster=roster, person=person, region=region, begins=at(begins), ends=at(ends))


def on_duty(*shifts: Shift) -> Directory:
    """A directory of nothing but shifts."""
    return Directory(version=1, shifts=shifts)


def test_who_is_on_duty_is_so_from_the_first_instant_and_no_more_at_the_last() -> None:
    roster = on_duty(shift("s1", "chen", 8, 16), shift("s2", "zhou", 16, 24), shift("s3", "lin", 8, 24, roster="day"))

    assert [roster.on_duty("night", "/s/", at(hour)) for hour in (7, 8, 15, 16, 24)] == [
        (),
        ("chen",),
        ("chen",),
        ("zhou",),
        (),
    ]


def test_two_on_duty_are_told_in_order() -> None:
    roster = on_duty(shift("s1", "zhou", 0, 24), shift("s2", "chen", 8, 16))

    assert roster.on_duty("night", "/s/", at(9)) == ("chen", "zhou")


def test_the_nearest_region_on_duty_wins_and_the_county_stands_by_where_a_town_has_nobody() -> None:
    roster = on_duty(shift("s1", "he", 0, 24), shift("s2", "lin", 0, 24, "/s/"), shift("s3", "chen", 8, 16, "/s/t1/"))

    assert roster.on_duty("night", "/s/t1/", at(9)) == ("chen",)
    assert roster.on_duty("night", "/s/t1/", at(17)) == ("lin",)
    assert roster.on_duty("night", "/s/t2/", at(9)) == ("lin",)
    assert roster.on_duty("night", "/x/", at(9)) == ("he",)


def test_the_next_change_is_when_somebody_else_is_on_duty_not_when_nobody_is() -> None:
    roster = on_duty(shift("s1", "chen", 0, 8), shift("s2", "chen", 8, 16), shift("s3", "zhou", 20, 24))

    assert [roster.next_change("night", "/s/", at(hour)) for hour in (-1, 0, 8, 17, 20, 30)] == [
        at(0),
        at(20),
        at(20),
        at(20),
        None,
        None,
    ]


def test_who_leaves_others_alone_on_duty_is_a_change() -> None:
    roster = on_duty(shift("s1", "chen", 0, 24), shift("s2", "zhou", 0, 12))

    assert roster.next_change("night", "/s/", at(1)) == at(12)


def test_a_shift_told_anew_replaces_what_was_told_of_it() -> None:
    before = on_duty(shift("s1", "chen", 0, 24))

    after = before.changed(2, shifts=[shift("s1", "chen", 0, 12), shift("s2", "zhou", 12, 24)])

    assert before.on_duty("night", "/s/", at(13)) == ("chen",)
    assert after.on_duty("night", "/s/", at(13)) == ("zhou",)
