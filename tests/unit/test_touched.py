"""What changes of the directory touch: persons, roles, units and regions to be looked at anew, and no less."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from engine.core.directory import Directory, Holding, Succession
from engine.core.event import AnyEvent, RoleEnded, RoleGranted, RowsRecorded
from engine.core.touched import Touched, peers, people_of, with_neighbours

REGIONS = {"/s/": "区", "/s/t1/": "一镇", "/s/t1/v1/": "一村", "/s/t2/": "二镇", "/s/t3/": "三镇"}
ORGANISATION = Directory(
    version=1,
    holdings=(
        Holding(id="1", person="chen", role="checker", region="/s/t1/"),
        Holding(id="2", person="lin", role="checker", region="/s/"),
        Holding(id="3", person="tang", role="checker", region="/s/t2/"),
        Holding(id="4", person="old", role="checker", region="/s/t1/", valid_to=date(2020, 1, 1)),
        Holding(id="5", person="wang", role="principal", unit="U1"),
        Holding(id="6", person="qian", role="principal", unit="U2"),
        Holding(id="7", person="chen", role="office", region="/s/"),
    ),
    regions=REGIONS,
    neighbours={"/s/t1/": ("/s/t2/", "/s/t3/")},
    successions=[Succession(id="U1", successor="U2", how="merged", valid_from=date(2026, 1, 1))],
)


def touched(*events: AnyEvent) -> dict[str, Any]:
    """What events touch, nothing left out."""
    found = Touched()
    for event in events:
        found.event(event, ORGANISATION)
    return {name: value for name, value in asdict(found).items() if value}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            RoleGranted(holding="9", person="new", role="checker", region="/s/t1/", valid_from="2026-01-01"),
            {"persons": {"new"}, "roles": {"checker": {"/s/t1/"}}},
        ),
        (
            RoleGranted(holding="9", person="new", role="officer", unit="U1", valid_from="2026-01-01"),
            {"persons": {"new"}, "units": {"U1"}},
        ),
        (RoleEnded(holding="3", valid_to="2026-01-01"), {"persons": {"tang"}, "roles": {"checker": {"/s/t2/"}}}),
        (RoleEnded(holding="unknown", valid_to="2026-01-01"), {}),
        (
            RowsRecorded(table="recusal", rows=({"id": "r", "person": "chen", "other": "wang"},)),
            {"persons": {"chen", "wang"}, "roles": {"checker": {"/s/t1/"}, "office": {"/s/"}}, "units": {"U1"}},
        ),
        (RowsRecorded(table="succession", rows=({"id": "U1", "successor": "U2"},)), {"units": {"U1", "U2"}}),
        (RowsRecorded(table="unit", rows=({"id": "U1"},)), {"entities": {"U1"}}),
        (RowsRecorded(table="place", rows=({"id": "P1"},)), {"places": {"P1"}}),
        (RowsRecorded(table="shift", rows=({"id": "s", "region": "/s/t1/"},)), {"regions": {"/s/t1/"}}),
        (RowsRecorded(table="region", rows=({"id": "/s/t1/"},)), {"regions": {"/s/t1/"}}),
        (RowsRecorded(table="person", rows=({"id": "chen"},)), {}),
        (RowsRecorded(table="substitution", rows=({"id": "s", "person": "chen"},)), {}),
        (RowsRecorded(table="certificate", rows=({"id": "c", "person": "chen"},)), {}),
    ],
)
def test_each_kind_of_change_touches_what_it_may_concern(event: AnyEvent, told: dict[str, Any]) -> None:
    assert touched(event) == told


def test_tasks_of_a_role_may_lie_with_whoever_has_or_had_it_there_above_or_below() -> None:
    assert peers("checker", ["/s/t1/v1/"], ORGANISATION) == ("chen", "lin", "old")
    assert peers("checker", ["/s/"], ORGANISATION) == ("chen", "lin", "old", "tang")
    assert peers("unknown", ["/s/"], ORGANISATION) == ()


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        (["/s/t2/"], ("/s/t2/", "/s/t3/")),  # who stood in for the first town may be another now
        (["/s/t1/v1/"], ("/s/t1/v1/", "/s/t2/", "/s/t3/")),
        (["/s/"], ("/s/",)),
        (["/s/t1/", "/s/t1/v1/"], ("/s/t1/", "/s/t2/", "/s/t3/")),
        ([], ()),
    ],
)
def test_regions_bring_those_that_stand_in_with_them_and_none_twice(regions: list[str], told: tuple[str, ...]) -> None:
    assert with_neighbours(regions, ORGANISATION) == told


def test_tasks_of_a_unit_may_lie_with_its_people_and_with_those_of_its_successor() -> None:
    assert people_of(["U1"], ORGANISATION, date(2025, 12, 31)) == ("wang",)
    assert people_of(["U1"], ORGANISATION, date(2026, 1, 1)) == ("qian", "wang")
