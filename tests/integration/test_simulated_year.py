"""A year of the sample district's register, played under the virtual clock: every count equals one made by hand.

The numbers of the right-hand sides come from the register as a spreadsheet, `datetime` and the notice of the State
Council typed below; nothing of the engine's calendar, rhythms or guards is asked for them.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from engine.core.definition_duties import DutySpec, PopulationSpec, RhythmSpec
from engine.core.directory import Directory, Entity
from engine.core.recurrence import Rhythm
from engine.proof.duty_year import DutiesPlayed, play_duties
from tests.worlds import calendar
from zhiben.story.samples import make_samples

YEAR = [date(2026, 1, 1) + timedelta(n) for n in range(365)]


def _days(*ranges: tuple[str, str]) -> set[date]:
    found = set()
    for first, last in ranges:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        found |= {begin + timedelta(n) for n in range((end - begin).days + 1)}
    return found


#: 国务院办公厅 2025-11-04
HOLIDAYS = _days(
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)  # fmt: skip
MADE_UP = {date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
WORKDAYS = [day for day in YEAR if day in MADE_UP or (day.weekday() < 5 and day not in HOLIDAYS)]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entity]:
    """The 300 rows of the register, slips of the pen included, each a unit of its own."""
    folder = tmp_path_factory.mktemp("register")
    make_samples(folder)
    rows = list(load_workbook(folder / "units.xlsx", read_only=True).active.iter_rows(values_only=True))
    top = next(n for n, row in enumerate(rows) if row and row[0] == "单位名称")
    heads = [str(name) for name in rows[top]]
    found = {}
    for n, row in enumerate(rows[top + 1 :]):
        told = dict(zip(heads, row, strict=True))
        staff = str(told["从业人数"] or "")
        attributes = {
            "high_risk": told["是否高危"] in ("是", "高危", "1", "√"),
            "operating": told["状态"] == "正常",
            "staff": int(staff) if staff.isdecimal() else 0,
        }
        found[f"unit{n:03d}"] = Entity(
            id=f"unit{n:03d}", title=str(told["单位名称"]), region="/sample/", attributes=attributes
        )
    assert len(found) == 300
    return found


def duty(name: str, where: str, *rhythms: RhythmSpec, missed_at: str = "10 days after") -> DutySpec:
    return DutySpec(
        id=name,
        title=name,
        plan="sample",
        calendar="cn",
        population=PopulationSpec(kind="units", where=where),
        rhythms=rhythms,
        by="unit.principal",
        procedure="round",
        action="begin",
        missed_at=missed_at,
        joins="this",
    )


DUTIES = (
    duty("team", "unit.operating and unit.high_risk", RhythmSpec(rhythm=Rhythm(period="workday"))),
    duty("post", "unit.high_risk", RhythmSpec(rhythm=Rhythm(period="day")), missed_at="2 days after"),
    duty("report", "unit.operating", RhythmSpec(rhythm=Rhythm(period="week", due="thursday 17:00"))),
    duty(
        "lead",
        "unit.operating",
        RhythmSpec(when="unit.high_risk", rhythm=Rhythm(period="month")),
        RhythmSpec(rhythm=Rhythm(period="quarter", due="day 15 of next quarter", holiday="next_workday")),
    ),
    duty(
        "drill",
        "unit.operating and unit.staff >= 20",
        RhythmSpec(when="unit.high_risk", rhythm=Rhythm(period="half-year")),
        RhythmSpec(rhythm=Rhythm(period="year")),
    ),
)


@pytest.fixture(scope="module")
def played(register: dict[str, Entity]) -> DutiesPlayed:
    """From the first day of 2026 to the end of the last."""
    here = calendar()
    directory = Directory(version=1, regions={"/sample/": "示范区"})
    start, until = here.instant(YEAR[0]), here.end_of(YEAR[-1])
    return play_duties(DUTIES, here, directory, register, start=start, until=until)


def how_many(register: dict[str, Entity], **wanted: bool) -> int:
    return sum(all(unit.attributes[key] is value for key, value in wanted.items()) for unit in register.values())


def test_each_duty_has_as_many_windows_as_the_year_has_periods(played: DutiesPlayed) -> None:
    weeks = {day.isocalendar()[:2] for day in YEAR}

    assert Counter((one.duty, one.rhythm) for one in played.windows) == {
        ("team", 0): len(WORKDAYS),
        ("post", 0): 365,
        ("report", 0): len(weeks),
        ("lead", 0): 12,
        ("lead", 1): 4,
        ("drill", 0): 2,
        ("drill", 1): 1,
    }
    assert len(WORKDAYS) == 248


def test_in_every_window_exactly_those_of_its_population_are_obliged(
    played: DutiesPlayed, register: dict[str, Entity]
) -> None:
    dangerous = how_many(register, operating=True, high_risk=True)
    calm = how_many(register, operating=True, high_risk=False)
    large = [unit for unit in register.values() if unit.attributes["operating"] and unit.attributes["staff"] >= 20]

    found = {(one.duty, one.rhythm): one.obliged for one in played.windows}
    assert found == {
        ("team", 0): dangerous,
        ("post", 0): how_many(register, high_risk=True),
        ("report", 0): dangerous + calm,
        ("lead", 0): dangerous,
        ("lead", 1): calm,
        ("drill", 0): sum(unit.attributes["high_risk"] for unit in large),
        ("drill", 1): sum(not unit.attributes["high_risk"] for unit in large),
    }
    assert all(one.obliged == found[one.duty, one.rhythm] for one in played.windows)
    assert 0 < dangerous < calm
    assert 0 < found["drill", 0] < found["drill", 1]


def test_whatever_is_due_within_the_year_is_late_and_once_its_grace_is_over_missed(played: DutiesPlayed) -> None:
    over = calendar().end_of(YEAR[-1])
    for one in played.windows:
        grace = 1 if one.duty == "post" else 9
        assert one.late == (one.obliged if one.deadline.due_at < over else 0), one
        assert one.missed == (one.obliged if one.due_on + timedelta(grace) < YEAR[-1] else 0), one


def test_every_window_is_due_on_the_day_that_its_rhythm_names(played: DutiesPlayed) -> None:
    found = {name: [one.due_on for one in played.windows if one.duty == name] for name in ("team", "post", "report")}
    assert found["team"] == WORKDAYS
    assert found["post"] == YEAR
    assert found["report"] == [day for day in YEAR if day.weekday() == 3]

    lead = {(one.rhythm, one.period): one.due_on for one in played.windows if one.duty == "lead"}
    assert {day for (rhythm, _), day in lead.items() if rhythm == 0} == {
        date(2026, month, monthrange(2026, month)[1]) for month in range(1, 13)
    }
    # 15 April, 15 July and 15 October are workdays; so is 15 January 2027, of a year not published yet
    assert [day for (rhythm, _), day in sorted(lead.items()) if rhythm == 1] == [
        date(2026, 4, 15), date(2026, 7, 15), date(2026, 10, 15), date(2027, 1, 15),
    ]  # fmt: skip


def test_an_end_of_the_year_is_the_last_day_of_december_to_its_end(played: DutiesPlayed) -> None:
    (window,) = [one for one in played.windows if (one.duty, one.rhythm) == ("drill", 1)]

    assert window.due_on == date(2026, 12, 31)
    assert window.deadline.due_at == calendar().end_of(date(2026, 12, 31))
    assert (window.late, window.missed) == (0, 0)
