"""Whom a party means: left out, taken the place of, on duty, succeeded, assigned."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core import parties
from engine.core.case import Case
from engine.core.case_people import Assigned, Given
from engine.core.definition import PartySpec, RecusedSpec
from engine.core.directory import Holding, Recusal, Shift, Succession
from engine.core.event import Holder
from tests.parties import AT, BESIDE, CASE, CHECKER, DAY, FINDER, FOUND, facts, found, machine, resolve
from tests.samples import PARTIES
from tests.worlds import (
    PAIR,
    local,
    own_task,
    reported,
    world,
)

# left out ------------------------------------------------------------------------------------------------------------


def test_a_party_means_those_of_its_role():
    assert resolve(CHECKER) == found(("chen", "zhou"))


@pytest.mark.parametrize("other", ["finder", "checker"])
def test_whoever_is_of_another_party_or_acted_as_it_is_left_out(other):
    assert resolve(replace(CHECKER, excepts=(other,))) == found(("zhou",))


def test_whoever_is_of_the_unit_is_left_out():
    both = (*PAIR, Holding(id="20", person="zhou", role="officer", unit="U1"))

    assert resolve(replace(CHECKER, excepts=("unit",)), holdings=both) == found(("chen",))


def test_whoever_said_that_they_are_biased_is_left_out_of_every_party():
    case = replace(FOUND, recused=("zhou",))

    assert resolve(CHECKER, case=case) == found(("chen",))
    assert resolve(replace(CHECKER, excepts=("finder",)), case=case) == found(())


RECUSED = {
    "kin of the unit": (Recusal(id="R", person="zhou", kind="kin", unit="U1"), (), "kin"),
    "kin of who reported": (Recusal(id="R", person="chen", kind="kin", other="zhou"), (), "kin"),
    "of the unit": (None, (Holding(id="20", person="zhou", role="officer", unit="U1"),), "own_unit"),
    "of what became of the unit": (None, (Holding(id="20", person="zhou", role="officer", unit="U9"),), "own_unit"),
    "superior of who reported": (None, (Holding(id="20", person="zhou", role="office", region="/s/"),), "superiors"),
}


@pytest.mark.parametrize("name", RECUSED)
def test_whoever_is_too_near_is_left_out_on_the_grounds_named_and_no_others(name):
    row, more, ground = RECUSED[name]
    spec = RecusedSpec(of=("unit", "finder"), grounds=(ground,))
    others = RecusedSpec(of=("unit",), grounds=tuple({"kin", "own_unit", "superiors"} - {ground}))
    known = {
        "holdings": (*PAIR, *more),
        "recusals": (row,) if row else (),
        "successions": (Succession(id="U1", successor="U9", how="merged", valid_from=date(2026, 1, 1)),),
    }

    # Who reported is concerned themself.
    assert resolve(replace(CHECKER, recused=spec), **known) == found(())
    assert resolve(replace(CHECKER, recused=others), **known) == found(("chen", "zhou"))
    left = parties.left_out(machine(replace(CHECKER, recused=spec)), FOUND, facts(**known), "fresh", DAY)
    assert left == (("chen", ("recused", "own_unit")), ("zhou", ("recused", ground)))


def test_whoever_the_case_names_as_concerned_decides_nothing():
    witness = PartySpec(id="witness_of", title="见证人", kind="person", field="witness")
    case = replace(CASE, fields={**CASE.fields, "witness": "zhou"})
    spec = RecusedSpec(of=("witness_of",), grounds=("kin",))

    assert resolve(replace(CHECKER, recused=spec), witness, case=case) == found(("chen",))


def test_an_outsider_that_a_field_names_as_a_unit_counts_as_that_unit():
    owner = PartySpec(id="owner", title="业主", kind="guest", field="unit")
    spec = RecusedSpec(of=("owner",), grounds=("kin",))
    kin = Recusal(id="R", person="zhou", kind="kin", unit="U1")

    assert resolve(replace(CHECKER, recused=spec), owner, case=CASE, recusals=(kin,)) == found(("chen",))


# in the place of others ----------------------------------------------------------------------------------------------

ALONE = tuple(one for one in PAIR if one.person != "zhou")
THIRD = Holding(id="80", person="sun", role="checker", region="/s/t3/")


def test_where_all_of_a_party_are_left_out_the_neighbours_take_their_place():
    fresh = replace(CHECKER, excepts=("finder",), none="beside")

    assert resolve(fresh, BESIDE, holdings=ALONE) == found(("tang",), region="/s/t2/", by_way_of="beside")


def test_the_next_neighbour_comes_where_all_of_the_first_are_left_out():
    fresh = replace(CHECKER, excepts=("finder",), none="beside")
    case = replace(FOUND, recused=("tang",))

    holder = resolve(fresh, BESIDE, case=case, holdings=(*ALONE, THIRD))

    assert holder == found(("sun",), region="/s/t3/", by_way_of="beside")


def test_those_above_both_are_no_neighbours():
    county = Holding(id="81", person="ma", role="checker", region="/s/")
    holdings = (*(one for one in ALONE if one.person != "tang"), county)

    holder = resolve(replace(CHECKER, excepts=("finder",), none="beside"), BESIDE, holdings=holdings)

    assert holder == found(("he", "lin"), queue="pool")


def test_only_the_neighbours_own_people_are_of_them():
    county = Holding(id="81", person="ma", role="checker", region="/s/")
    known, at_hand = machine(BESIDE), facts((*PAIR, county))

    of_it = [
        one for one in ("chen", "zhou", "tang", "ma") if parties.belongs(known, FOUND, at_hand, "beside", one, DAY)
    ]

    assert of_it == ["tang"]


def test_where_there_are_no_neighbours_either_the_queue_has_it():
    holdings = tuple(one for one in ALONE if one.person != "tang")

    holder = resolve(replace(CHECKER, excepts=("finder",), none="beside"), BESIDE, holdings=holdings)

    assert holder == found(("he", "lin"), queue="pool")


def test_whoever_takes_the_place_of_a_party_is_left_out_for_its_reasons_too():
    case = replace(CASE, signed=(replace(FINDER, person="lin", party="office"),))
    holdings = tuple(one for one in PAIR if one.role != "checker")

    holder = resolve(replace(CHECKER, excepts=("finder",), none="pool"), case=case, holdings=holdings)

    assert holder == found(("he",), queue="pool")


def test_a_neighbour_who_is_left_out_of_the_party_makes_way_for_the_queue():
    case = replace(CASE, signed=(FINDER, replace(FINDER, person="tang")))

    holder = resolve(replace(CHECKER, excepts=("finder",), none="beside"), BESIDE, case=case, holdings=ALONE)

    assert holder == found(("he", "lin"), queue="pool")


def test_whoever_takes_the_place_of_a_party_is_of_it_and_nobody_else_of_theirs():
    fresh = replace(CHECKER, excepts=("finder",), none="beside")
    known = machine(fresh, BESIDE)

    def of_it(person, holdings):
        return parties.belongs(known, FOUND, facts(holdings), "fresh", person, DAY)

    assert [of_it(person, ALONE) for person in ("chen", "tang", "lin")] == [False, True, False]
    assert [of_it(person, PAIR) for person in ("chen", "zhou", "tang", "lin")] == [False, True, False, False]


# on duty -------------------------------------------------------------------------------------------------------------


def test_a_roster_means_who_is_on_duty_at_the_instant():
    duty = PartySpec(id="duty", title="值班", kind="roster", roster="night", region="place.region", none="pool")
    shifts = (
        Shift(id="n1", roster="night", person="chen", begins=local("2026-09-30 08:00"), ends=local("2026-09-30 20:00")),
        Shift(id="n2", roster="night", person="zhou", begins=local("2026-09-30 20:00"), ends=local("2026-10-01 08:00")),
    )

    on_duty = [
        resolve(duty, shifts=shifts, at=local(at)).persons
        for at in ("2026-09-30 08:00", "2026-09-30 19:59", "2026-09-30 20:00", "2026-10-01 08:00")
    ]

    assert on_duty == [("chen",), ("chen",), ("zhou",), ("he", "lin")]


# what became of units ------------------------------------------------------------------------------------------------


def test_a_unit_that_is_no_more_lives_on_in_who_succeeds_it():
    holdings = (*(one for one in PAIR if one.unit != "U1"), Holding(id="90", person="bai", role="principal", unit="U9"))
    became = (
        Succession(id="U1", successor="U5", how="renamed", valid_from=date(2026, 1, 1)),
        Succession(id="U5", successor="U9", how="merged", valid_from=date(2026, 5, 1)),
    )
    unit = PARTIES[0]

    after = resolve(unit, reference="unit.principal", holdings=holdings, successions=became)
    nobody = resolve(unit, reference="unit.principal", holdings=holdings)

    assert after == Holder(party="unit.principal", persons=("bai",), role="principal", unit="U9")
    assert nobody == Holder(party="unit.principal", persons=(), role="principal", unit="U1")
    assert parties.belongs(machine(), CASE, facts(holdings, successions=became), "unit", "bai", DAY)
    assert not parties.belongs(machine(), CASE, facts(holdings), "unit", "bai", DAY)


def test_a_unit_closed_without_a_successor_has_nobody():
    holdings = tuple(one for one in PAIR if one.unit != "U1")
    closed = (Succession(id="U1", how="closed", valid_from=date(2026, 1, 1)),)

    holder = resolve(PARTIES[0], reference="unit.principal", holdings=holdings, successions=closed)

    assert holder == Holder(party="unit.principal", persons=(), role="principal", unit="U1")


# assigned ------------------------------------------------------------------------------------------------------------


def test_a_party_that_was_assigned_means_others_in_this_case():
    office = Assigned(how="received", region="/s/t2/", industry="steel", by="tang", at=AT)
    person = Assigned(how="transferred", person="lin", by="chen", at=AT)

    assert resolve(CHECKER, case=replace(CASE, assigned={"fresh": office})) == found(("tang",), region="/s/t2/")
    assert resolve(CHECKER, case=replace(CASE, assigned={"fresh": person})) == Holder(
        party="fresh", persons=("lin",), role="checker"
    )


def test_an_assigned_person_who_has_left_or_is_left_out_makes_way_for_who_takes_the_place():
    gone = Assigned(how="transferred", person="stranger", by="chen", at=AT)
    finder = replace(gone, person="chen")
    fresh = replace(CHECKER, excepts=("finder",), none="pool")

    for assigned in (gone, finder):
        holder = resolve(fresh, case=replace(FOUND, assigned={"fresh": assigned}))
        assert (holder.persons, holder.queue) == (("he", "lin"), "pool")


def test_a_task_given_to_who_is_left_out_since_comes_back_to_the_party():
    fresh = replace(CHECKER, excepts=("finder",))
    task = replace(
        own_task(played()), holder=found(("zhou",)), given=Given(person="chen", how="transferred", by="zhou", at=AT)
    )

    holder = parties.holder_of(machine(fresh), FOUND, facts(), task, DAY)

    assert holder == found(("zhou",))


def played() -> Case:
    """A case that was just reported."""
    play = world()
    return play.case(reported(play))
