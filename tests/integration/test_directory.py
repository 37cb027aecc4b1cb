"""The directory in two times: what was so on a day, and what was known of it on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, EndRole, GrantRole, RecordUnits
from engine.runtime.projection import micros
from engine.runtime.reading import PageAsk, Reading
from engine.store.queries import CaseFilter
from engine.store.store import Store
from tests.districts import MASTER, District

MARCH, JUNE, AUGUST = date(2026, 3, 10), date(2026, 6, 10), date(2026, 8, 10)


@pytest.fixture
def district(store: Store) -> District:
    """A settled district on each database."""
    made = District(store)
    made.settle()
    return made


def industry_on(district: District, day: date, known_at: int | None = None) -> str:
    """The industry of U1 on a day, as known then."""
    with district.store.read() as reader:
        return reader.directory.entities("unit", ["U1"], day, known_at=known_at)["U1"].industry


def change(district: District, **row: str) -> None:
    """Tell something of U1."""
    told = {"id": "U1", "title": "一号厂", "region": "/s/t1/", **row}
    district.do(district.request(DIRECTORY, RecordUnits(units=(told,)), SYSTEM, medium="system"))


def test_a_unit_that_changes_from_a_day_on_was_what_it_was_before(district: District) -> None:
    change(district, industry="food", valid_from="2026-06-01")

    assert [industry_on(district, day) for day in (MARCH, JUNE)] == ["steel", "food"]


def test_what_is_told_of_some_days_leaves_the_days_after_them(district: District) -> None:
    change(district, industry="food", valid_from="2026-06-01", valid_to="2026-07-01")

    assert [industry_on(district, day) for day in (MARCH, JUNE, AUGUST)] == ["steel", "food", "steel"]


def test_what_was_known_before_a_correction_can_still_be_asked(district: District) -> None:
    before = micros(district.clock.now())
    district.clock.advance(timedelta(days=2))

    change(district, industry="food", valid_from="2026-01-01")

    assert industry_on(district, MARCH) == "food"
    assert industry_on(district, MARCH, known_at=before) == "steel"


def test_who_held_a_role_on_a_day_stays_so_after_the_role_ended(district: District) -> None:
    with district.store.read() as reader:
        holding = next(one for one in reader.directory.holdings() if one.person == "zhou")

    district.do(district.request(DIRECTORY, EndRole(holding=holding.id, valid_to="2026-03-05"), "lin"))

    with district.store.read() as reader:
        held = [one for one in reader.directory.holdings() if one.person == "zhou"]
    assert [one.holds_on(day) for one in held for day in (date(2026, 3, 4), date(2026, 3, 5))] == [True, False]


def test_a_role_granted_from_a_later_day_is_not_held_before(district: District) -> None:
    grant = GrantRole(person="zhou", role="office", region="/s/", valid_from="2026-06-01")

    district.do(district.request(DIRECTORY, grant, "lin"))

    with district.store.read() as reader:
        directory = district.service.directories.at(reader, reader.record.seq_of(DIRECTORY))
    held = [[one.role for one in directory.held_by("zhou", day)] for day in (MARCH, JUNE)]
    assert held == [["checker"], ["checker", "office"]]


def test_who_sees_no_cases_but_their_own_still_finds_the_units_where_they_work(district: District) -> None:
    district.do(
        district.request(
            DIRECTORY, GrantRole(person="new", role="scout", region="/s/t2/", valid_from="2026-01-01"), "lin"
        )
    )
    reading = Reading(
        store=district.store,
        catalog=district.catalog,
        directories=district.service.directories,
        clock=district.clock,
        master=MASTER,
    )

    units = reading.rows("new", "unit", MARCH, PageAsk())
    cases = reading.cases("new", CaseFilter(), PageAsk(), sort="opened_at", down=True)

    assert [row.id for row in units.items] == ["U2"]
    assert cases.items == ()
