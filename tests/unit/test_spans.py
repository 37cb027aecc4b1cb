"""Phrases of time: what they mean, and how a wrong one is refused."""

from __future__ import annotations

from datetime import date, time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.points import (
    Anchor,
    AnyPoint,
    DateOf,
    DayOf,
    EndOf,
    NthOf,
    Offset,
    OnDate,
    Weekday,
    WeekOf,
    parse_point,
)
from engine.core.spans import LARGEST, Span, parse_span
from engine.errors import DefinitionError, Place

POINTS: dict[str, AnyPoint] = {
    "deadline": Anchor(of="deadline"),
    "start": Anchor(of="start"),
    "3 workdays before": Offset(span=Span(3, "workday"), side="before"),
    "3 workdays before 09:00": Offset(span=Span(3, "workday"), side="before", at=time(9)),
    "7 workdays after": Offset(span=Span(7, "workday"), side="after"),
    "1 hour before": Offset(span=Span(1, "hour"), side="before"),
    "2 days after start": Offset(span=Span(2, "day"), side="after", of="start"),
    "end of month": EndOf(period="month"),
    "end of quarter": EndOf(period="quarter"),
    "end of year 17:00": EndOf(period="year", at=time(17)),
    "end of week": EndOf(period="week"),
    "end of half-year": EndOf(period="half-year"),
    "end of next month": EndOf(period="month", next=True),
    "day 15 of month": DayOf(number=15, period="month"),
    "day 15 of next month": DayOf(number=15, period="month", next=True),
    "day 92 of next quarter 12:00": DayOf(number=92, period="quarter", next=True, at=time(12)),
    "workday 10 of next month": DayOf(unit="workday", number=10, period="month", next=True),
    "last monday of month": NthOf(which="last", name="monday", period="month"),
    "second friday of next quarter": NthOf(which="second", name="friday", period="quarter", next=True),
    "last workday of quarter 17:00": NthOf(which="last", name="workday", period="quarter", at=time(17)),
    "last workday of week": NthOf(which="last", name="workday", period="week"),
    "01-31 of next year": DateOf(month=1, day=31, period="year", next=True),
    "12-31 of year": DateOf(month=12, day=31, period="year"),
    "last week of quarter": WeekOf(which="last", period="quarter"),
    "4 work hours before": Offset(span=Span(4, "work hour"), side="before"),
    "thursday": Weekday(name="thursday"),
    "thursday 17:00": Weekday(name="thursday", at=time(17)),
    "2026-10-12": OnDate(day=date(2026, 10, 12)),
    "2026-10-12 17:00": OnDate(day=date(2026, 10, 12), at=time(17)),
}


@pytest.mark.parametrize(
    ("phrase", "span"),
    [
        ("2 workdays", Span(2, "workday")),
        ("1 workday", Span(1, "workday")),
        ("10 days", Span(10, "day")),
        ("24 hours", Span(24, "hour")),
        ("30 minutes", Span(30, "minute")),
        ("2 weeks", Span(2, "week")),
        ("1 month", Span(1, "month")),
        ("1 quarter", Span(1, "quarter")),
        ("4 work hours", Span(4, "work hour")),
        ("1 half-year", Span(1, "half-year")),
        ("1 year", Span(1, "year")),
    ],
)
def test_a_span_is_a_number_and_a_unit(phrase: str, span: Span) -> None:
    assert parse_span(phrase) == span


@given(st.sampled_from(sorted(LARGEST)).flatmap(lambda u: st.builds(Span, st.integers(1, LARGEST[u]), st.just(u))))
def test_a_span_written_down_reads_back_as_itself(span: Span) -> None:
    assert parse_span(str(span)) == span
    assert msgspec.json.decode(msgspec.json.encode(span), type=Span) == span


@pytest.mark.parametrize(
    ("phrase", "nearest"),
    [
        ("3 dayz", "3 days"),
        ("3 workday", "3 workdays"),
        ("1 workdays", "1 workday"),
        ("3workdays", "3 workdays"),
        ("3 Workdays", "3 workdays"),
        ("03 days", "3 days"),
        ("3  days", "3 days"),
        (" 3 days ", "3 days"),
        ("3 work days", ""),
        ("3 work hour", "3 work hours"),
        ("1 works hours", "1 work hour"),
        ("2 halfyear", "2 half-years"),
        ("3个工作日", ""),
        ("３ days", ""),
        ("-3 days", "3 days"),
        ("2.5 days", ""),
        ("soon", ""),
        ("", ""),
        ("12345678 days", ""),
        ("3 days" * 1000, ""),
    ],
)
def test_an_unknown_span_is_refused_with_the_nearest_one(phrase: str, nearest: str) -> None:
    place = Place(file="plans/jizhou/hazard.yaml", line=41, column=9, path="states.review.deadline.within")

    with pytest.raises(DefinitionError) as refused:
        parse_span(phrase, place=place)

    assert (refused.value.code, refused.value.place) == ("unknown_span", place)
    assert refused.value.data == {"expected": 'a span like "3 workdays"', "got": phrase, "nearest": nearest}


def test_the_refusal_of_a_span_reads_as_one_line() -> None:
    place = Place(file="plans/jizhou/hazard.yaml", line=41, column=9, path="states.review.deadline.within")

    with pytest.raises(DefinitionError) as refused:
        parse_span("3 dayz", place=place)

    assert str(refused.value) == (
        "plans/jizhou/hazard.yaml:41 states.review.deadline.within: "
        "unknown_span: expected a span like \"3 workdays\", got '3 dayz'"
    )


@pytest.mark.parametrize("value", [None, 3, True, 750, ["3 days"], {"days": 3}])
def test_what_is_no_text_is_no_span(value: object) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_span(value)

    assert refused.value.data == {"expected": 'a span like "3 workdays"', "got": value, "nearest": ""}


@pytest.mark.parametrize("phrase", ["0 days", "0 workdays", "3661 days", "2501 workdays", "11 years", "9999999 hours"])
def test_a_span_of_nothing_or_of_more_than_ten_years_is_refused(phrase: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_span(phrase)

    unit = phrase.split()[1].removesuffix("s")
    assert refused.value.code == "span_out_of_range"
    assert refused.value.data == {"expected": f"1 to {LARGEST[unit]} {unit}s", "got": phrase}  # type: ignore[index]


@pytest.mark.parametrize(("phrase", "point"), POINTS.items())
def test_a_point_names_a_moment(phrase: str, point: AnyPoint) -> None:
    assert parse_point(phrase) == point
    assert str(point) == phrase
    assert msgspec.json.decode(msgspec.json.encode(point), type=AnyPoint) == point


@pytest.mark.parametrize(
    ("phrase", "nearest"),
    [
        ("3 workday before", "3 workdays before"),
        ("3 workdays befor", "3 workdays before"),
        ("end of quater", "end of quarter"),
        ("Thursday 17:00", "thursday 17:00"),
        ("thirsday", "thursday"),
        ("3 workdays", ""),
        ("3 workdays before start", ""),
        ("3 hours before 09:00", ""),
        ("deadline 09:00", ""),
        ("thursday 25:00", ""),
        ("thursday 7:00", ""),
        ("2026-02-30", ""),
        ("day 0 of next month", ""),
        ("day 32 of next month", ""),
        ("day 3 of week", ""),
        ("monday of month", ""),
        ("fifth monday of month", "first monday of month"),
        ("last monday of week", ""),
        ("second workday of month", ""),
        ("last work day of month", ""),
        ("last mondays of month", "last monday of month"),
        ("02-30 of year", ""),
        ("12-31 of month", ""),
        ("last week of week", ""),
        ("及时", ""),
    ],
)
def test_an_unknown_point_is_refused_with_the_nearest_one(phrase: str, nearest: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_point(phrase)

    assert refused.value.code == "unknown_point"
    assert (refused.value.got, refused.value.data["nearest"]) == (phrase, nearest)


def test_a_rung_of_no_days_is_refused() -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_point("0 workdays before")

    assert refused.value.code == "span_out_of_range"


@given(
    st.text(max_size=60)
    | st.from_regex(
        r"[0-9 ]{0,4}(day|workday|end of|thursday|last |12-31 of |work hour)[a-z0-9: -]{0,20}", fullmatch=True
    )
)
def test_no_text_breaks_the_reader_and_what_is_read_is_written_back(text: str) -> None:
    for parse in (parse_span, parse_point):
        try:
            read = str(parse(text))
        except DefinitionError as refused:
            nearest = refused.data.get("nearest")
            read = text if not nearest or str(parse(nearest)) == nearest else nearest
        assert read == text
