"""Substitutions, powers, shifts, recusals and successions in two times, through the one door, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import (
    SYSTEM,
    AnyAct,
    GrantRole,
    RecordPowers,
    RecordRecusals,
    RecordRegions,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
    RecordUnits,
)
from engine.core.directory import Directory, Power, Recusal, Shift, Substitution, Succession
from engine.core.directory_arranged import ArrangedRows
from engine.errors import ZhibenError
from engine.runtime.catalog import Directories
from engine.runtime.projection import micros
from engine.store.store import Store
from tests.districts import DISTRICT_ROLES, District

TODAY = date(2026, 3, 2)
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def district(store: Store) -> District:
    """A settled district on each database; reg keeps the directory of one town, root of all of it."""
    made = District(store)
    made.settle()
    for person, region in (("reg", "/s/t1/"), ("root", "")):
        grant = GrantRole(person=person, role="registrar", region=region, valid_from="2020-01-01")
        made.do(made.request(DIRECTORY, grant, SYSTEM))
    return made


def tell(district: District, act: AnyAct, by: str = "root", **more: Any) -> None:
    """Record something."""
    district.do(district.request(DIRECTORY, act, by, **more))


def refused(district: District, act: AnyAct, by: str, **more: Any) -> str:
    """The code with which it is refused, "" if it is recorded."""
    try:
        tell(district, act, by, **more)
    except ZhibenError as error:
        return error.code
    return ""


def believed(district: District, known_at: int | None = None) -> ArrangedRows:
    """All rows as believed at an instant."""
    with district.store.read() as reader:
        return reader.directory.arranged(known_at=known_at)


def directory(district: District) -> Directory:
    """The organisation as a process that begins now reads it."""
    with district.store.read() as reader:
        return Directories(DISTRICT_ROLES).at(reader, reader.record.seq_of(DIRECTORY))


def stand_in(substitute: str = "zhou", person: str = "chen", **more: Any) -> RecordSubstitutions:
    """Somebody stands in for somebody in March."""
    row = {"person": person, "substitute": substitute, "valid_from": "2026-03-02", "valid_to": "2026-04-01", **more}
    return RecordSubstitutions(substitutions=(row,))


# two times --------------------------------------------------------------------------------------------------------


def test_a_substitution_recorded_late_was_not_known_before(district: District) -> None:
    before = micros(district.clock.now())
    district.clock.advance(timedelta(days=2))

    tell(district, stand_in(role="checker", reason="住院", valid_from="2026-03-01"))

    now = directory(district).substitutes("chen", TODAY, "checker", "")
    assert now == (
        Substitution(
            id=now[0].id,
            person="chen",
            substitute="zhou",
            role="checker",
            reason="住院",
            valid_from=date(2026, 3, 1),
            valid_to=APRIL,
        ),
    )
    assert believed(district)["substitutions"] == list(now)
    assert believed(district, before)["substitutions"] == []


def test_a_substitution_that_ends_early_is_over_and_it_is_still_known_what_was_believed(district: District) -> None:
    tell(district, stand_in())
    before = micros(district.clock.now())
    district.clock.advance(timedelta(days=10))

    tell(district, stand_in(valid_to="2026-03-12"))

    day = date(2026, 3, 20)
    (then,) = believed(district, before)["substitutions"]
    (now,) = believed(district)["substitutions"]
    assert (then.id, then.valid_on(day), now.valid_on(day), now.valid_on(TODAY)) == (now.id, True, False, True)
    assert directory(district).substitutes("chen", day) == ()


def test_what_is_told_to_end_on_the_day_it_begins_never_was(district: District) -> None:
    tell(district, stand_in())

    tell(district, stand_in(valid_to="2026-03-02"))

    assert directory(district).substitutes("chen", TODAY) == ()
    assert refused(district, stand_in(person="tang", valid_to="2026-03-02"), "root") == "days_out_of_order"


def test_powers_are_those_of_the_organ_as_which_a_role_is_held(district: District) -> None:
    units = tuple({"id": name, "title": name, "region": "/s/"} for name in ("B1", "B2"))
    tell(district, RecordUnits(units=units))
    grant = GrantRole(person="ming", role="checker", region="/s/t1/", body="B1", valid_from="2026-01-01")
    tell(district, grant)
    power = {"body": "B1", "matter": "fire", "documents": ["order", "fine", "fine"], "region": "/s/", "basis": "70"}
    tell(district, RecordPowers(powers=({**power, "valid_from": "2026-02-01", "valid_to": "2026-05-01"},)))
    before = micros(district.clock.now())
    district.clock.advance(timedelta(days=1))

    tell(district, RecordSuccessions(successions=({"id": "B1", "successor": "B2", "how": "merged",
                                                   "valid_from": "2026-04-01"},)))  # fmt: skip

    found = directory(district)
    told = found.power_of("ming", "fire", TODAY, document="fine", region="/s/t1/")
    assert told == Power(
        id=told.id if told else "",
        body="B1",
        matter="fire",
        documents=("fine", "order"),
        region="/s/",
        basis="70",
        valid_from=date(2026, 2, 1),
        valid_to=MAY,
    )
    assert found.power_of("ming", "fire", APRIL) == told
    assert found.power_of("ming", "fire", MAY) is None
    assert (found.bodies("ming", TODAY), found.bodies("ming", APRIL)) == (("B1",), ("B2",))
    assert believed(district)["successions"] == [Succession(id="B1", successor="B2", how="merged", valid_from=APRIL)]
    assert believed(district, before)["successions"] == []


def test_shifts_are_kept_to_the_second_in_one_time_zone_and_found_by_the_hours_they_touch(district: District) -> None:
    night = {"roster": "leak", "person": "chen", "region": "/s/t1/", "begins": "2026-03-02T20:00:00.5+08:00"}
    tell(district, RecordShifts(shifts=({**night, "ends": "2026-03-03T08:00:00+08:00"},)), "reg")

    begins, ends = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    (found,) = believed(district)["shifts"]
    assert found == Shift(id=found.id, roster="leak", person="chen", region="/s/t1/", begins=begins, ends=ends)
    assert directory(district).on_duty("leak", "/s/t1/", begins) == ("chen",)
    with district.store.read() as reader:
        hours = [
            len(reader.directory.shifts(begins + timedelta(hours=first), begins + timedelta(hours=last)))
            for first, last in ((-2, 0), (-2, 1), (11, 13), (12, 13))
        ]
    assert hours == [0, 1, 1, 0]


def test_a_shift_given_to_somebody_else_ends_when_that_one_begins(district: District) -> None:
    night = {"roster": "leak", "person": "chen", "region": "/s/t1/", "begins": "2026-03-02T20:00:00+08:00"}
    tell(district, RecordShifts(shifts=({**night, "ends": "2026-03-03T08:00:00+08:00"},)))
    before = micros(district.clock.now())
    district.clock.advance(timedelta(hours=1))

    rest = {**night, "person": "zhou", "begins": "2026-03-02T23:00:00+08:00", "ends": "2026-03-03T08:00:00+08:00"}
    tell(district, RecordShifts(shifts=({**night, "ends": "2026-03-02T23:00:00+08:00"}, rest)))

    found = directory(district)
    hours = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (14, 15)]
    assert [found.on_duty("leak", "/s/t1/", at) for at in hours] == [("chen",), ("zhou",)]
    assert found.next_change("leak", "/s/t1/", hours[0]) == hours[1]
    assert [one.person for one in believed(district, before)["shifts"]] == ["chen"]


def test_a_recusal_holds_from_its_day_on_as_soon_as_it_is_recorded(district: District) -> None:
    row = {"person": "chen", "kind": "kin", "other": "wang", "valid_from": "2026-03-10"}
    tell(district, RecordRecusals(recusals=(row,)), "reg")

    found = directory(district)
    told = found.related("wang", [], ["chen"], date(2026, 3, 10))
    assert told == Recusal(
        id=told.id if told else "", person="chen", kind="kin", other="wang", valid_from=date(2026, 3, 10)
    )
    assert found.related("chen", [], ["wang"], TODAY) is None


def test_neighbours_of_a_region_stay_when_only_its_title_is_told(district: District) -> None:
    tell(district, RecordRegions(neighbours={"/s/t1/": ["/s/t2/"]}))

    tell(district, RecordRegions(regions={"/s/t1/": "第一镇"}))

    found = directory(district)
    assert (found.neighbours("/s/t1/"), found.regions["/s/t1/"]) == (("/s/t2/",), "第一镇")
    tell(district, RecordRegions(neighbours={"/s/t1/": []}))
    assert directory(district).neighbours("/s/t1/") == ()


# who may ------------------------------------------------------------------------------------------------------------

NIGHT = {"roster": "leak", "person": "chen", "begins": "2026-03-02T20:00:00+08:00", "ends": "2026-03-03T08:00:00+08:00"}
OWN = {"person": "chen", "kind": "interest", "unit": "U1"}


@pytest.mark.parametrize(
    ("act", "reg", "lin"),
    [
        (stand_in(), "", ""),
        (stand_in(person="tang"), "beyond_your_region", ""),
        (stand_in(person="mayor"), "beyond_your_region", ""),
        (stand_in(person="mayor", role="checker"), "", ""),
        (RecordRecusals(recusals=(OWN,)), "", ""),
        (RecordRecusals(recusals=({**OWN, "person": "tang"},)), "beyond_your_region", ""),
        (RecordShifts(shifts=(NIGHT,)), "beyond_your_region", "beyond_your_region"),
        (RecordShifts(shifts=({**NIGHT, "region": "/s/t1/"},)), "", ""),
        (RecordPowers(powers=({"body": "U1", "matter": "fire"},)), "", ""),
        (RecordPowers(powers=({"body": "U1", "matter": "fire", "region": "/s/"},)), "beyond_your_region", ""),
        (RecordPowers(powers=({"body": "U2", "matter": "fire"},)), "beyond_your_region", ""),
        (RecordSuccessions(successions=({"id": "U1", "how": "closed"},)), "", ""),
        (RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "merged"},)), "beyond_your_region", ""),
        (RecordRegions(neighbours={"/s/t1/": ["/s/t2/"]}), "", ""),
        (RecordRegions(neighbours={"/s/t2/": ["/s/t1/"]}), "beyond_your_region", ""),
        (GrantRole(person="x", role="checker", region="/s/t1/", body="U2", valid_from="2026-01-01"),
         "beyond_your_region", ""),
    ],
)  # fmt: skip
def test_nobody_arranges_anything_beyond_their_own_region(district: District, act: AnyAct, reg: str, lin: str) -> None:
    assert refused(district, act, "reg") == reg
    assert refused(district, act, "lin") == lin
    assert refused(district, act, "zhou") == "permission_missing"


def test_everybody_says_who_stands_in_for_them_and_to_whom_they_are_related(district: District) -> None:
    assert refused(district, stand_in("tang"), "chen") == ""
    assert refused(district, RecordRecusals(recusals=(OWN,)), "chen") == ""
    assert refused(district, stand_in("chen", "tang"), "chen") == "permission_missing"
    both = (stand_in().substitutions[0], stand_in("chen", "tang").substitutions[0])
    assert refused(district, RecordSubstitutions(substitutions=both), "chen") == "permission_missing"


def test_who_enters_for_others_enters_their_substitution_and_nobody_else_does(district: District) -> None:
    assert refused(district, stand_in("tang"), "chen", entered_by="clerk") == ""
    assert refused(district, stand_in("tang"), "chen", entered_by="zhou") == "may_not_enter_for_others"


def test_nobody_gives_away_days_that_are_past(district: District) -> None:
    tell(district, stand_in("tang", valid_from="2026-03-02"), "chen")
    district.clock.advance(timedelta(days=5))

    assert refused(district, stand_in("zhou", valid_from="2026-03-06"), "chen") == "own_days_past"
    assert refused(district, stand_in("tang", valid_to="2026-03-06"), "chen") == "own_days_past"
    assert refused(district, stand_in("tang", valid_to="2026-03-07"), "chen") == ""
    assert refused(district, stand_in("zhou", valid_from="2026-03-06"), "reg") == ""


def test_nobody_is_free_again_where_they_said_that_they_are_related(district: District) -> None:
    tell(district, RecordRecusals(recusals=(OWN,)), "chen")

    over = RecordRecusals(recusals=({**OWN, "valid_to": "2026-03-01"},))

    assert refused(district, over, "chen") == "recusal_ended_by_oneself"
    assert refused(district, over, "reg") == ""


# what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (RecordSubstitutions(substitutions=()), "too_many_rows"),
        (stand_in("chen"), "substitute_of_oneself"),
        (stand_in("nobody"), "person_unknown"),
        (stand_in(person="nobody"), "person_unknown"),
        (stand_in(role="nothing"), "role_unknown"),
        (stand_in(valid_to="2026-03-01"), "days_out_of_order"),
        (stand_in(valid_from="someday"), "not_a_date"),
        (stand_in(whole=True), "unknown_key"),
        (stand_in(id="an id"), "not_an_id"),
        (RecordSubstitutions(substitutions=stand_in().substitutions * 2), "told_twice"),
        (RecordPowers(powers=({"body": "U1"},)), "missing"),
        (RecordPowers(powers=({"body": "U1", "matter": "fire", "documents": "fine"},)), "not_a_list"),
        (RecordPowers(powers=({"body": "U1", "matter": "fire", "region": "/x/"},)), "region_unknown"),
        (RecordShifts(shifts=({**NIGHT, "roster": ""},)), "missing"),
        (RecordShifts(shifts=({**NIGHT, "begins": "2026-03-02T20:00:00"},)), "not_an_instant"),
        (RecordShifts(shifts=({**NIGHT, "begins": "0001-01-01T00:00:00+14:00"},)), "not_an_instant"),
        (RecordShifts(shifts=({**NIGHT, "ends": "2026-03-02T19:00:00+08:00"},)), "days_out_of_order"),
        (RecordShifts(shifts=({**NIGHT, "ends": "2026-03-09T20:00:01+08:00"},)), "shift_too_long"),
        (RecordRecusals(recusals=({**OWN, "other": "wang"},)), "unit_or_person"),
        (RecordRecusals(recusals=({**OWN, "unit": ""},)), "unit_or_person"),
        (RecordRecusals(recusals=({"person": "chen", "kind": "kin", "other": "chen"},)), "related_to_oneself"),
        (RecordRecusals(recusals=({**OWN, "kind": "friend"},)), "not_one_of"),
        (RecordSuccessions(successions=({"id": "U1", "how": "merged"},)), "successor_of_closed"),
        (RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "closed"},)), "successor_of_closed"),
        (RecordSuccessions(successions=({"id": "U1", "successor": "U1", "how": "renamed"},)),
         "succession_in_a_circle"),
        (RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "merged"},
                                        {"id": "U2", "successor": "U1", "how": "merged"})), "succession_in_a_circle"),
        (RecordRegions(neighbours={"/x/": ["/s/"]}), "region_unknown"),
        (RecordRegions(neighbours={"/s/": ["/x/"]}), "region_unknown"),
        (RecordRegions(neighbours={"/s/": ["/s/"]}), "told_twice"),
        (GrantRole(person="x", role="officer", unit="U1", body="U2", valid_from="2026-01-01"), "body_within_unit"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(district: District, act: AnyAct, code: str) -> None:
    assert refused(district, act, SYSTEM, medium="system") == code


def test_a_succession_that_would_close_a_circle_with_one_known_is_refused(district: District) -> None:
    tell(district, RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "merged"},)))

    back = RecordSuccessions(successions=({"id": "U2", "successor": "U1", "how": "renamed"},))

    assert refused(district, back, "root") == "succession_in_a_circle"


def test_the_id_of_a_row_tells_it_again_but_never_becomes_another_row(district: District) -> None:
    tell(district, stand_in(id="leave"))

    assert refused(district, stand_in("tang", id="leave"), "root") == "id_of_another"
    assert refused(district, stand_in("chen", "tang", id="leave"), "tang") == "id_of_another"
    tell(district, stand_in(id="leave", valid_to="2026-03-05"))
    assert [(one.id, one.valid_to) for one in believed(district)["substitutions"]] == [("leave", date(2026, 3, 5))]
