"""Whom a party means: left out, taken the place of, on duty, succeeded, assigned; and who stands in for whom."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import parties, permission
from engine.core.case import Case, Signed
from engine.core.case_people import Assigned, Given
from engine.core.compiler import compile_procedure
from engine.core.definition import FieldSpec, HandlingSpec, PartySpec, RecusedSpec
from engine.core.directory import Directory, Holding, Recusal, Shift, Substitution, Succession
from engine.core.event import ActedFor, Holder
from engine.core.facts import Facts
from engine.core.permission import Standing
from engine.errors import NotPermitted
from tests.offices import INDUSTRIES, REGIONS
from tests.samples import FIELDS, OPENED, PARTIES, SAMPLE, with_state
from tests.worlds import (
    EVE,
    HOLDINGS,
    PAIR,
    PLACES,
    ROLES,
    UNITS,
    applied,
    calendar,
    confirmed,
    local,
    own_task,
    reported,
    world,
)

AT = local(EVE)
DAY = AT.date()
CHECKER = PartySpec(
    id="fresh", title="复核人", kind="role", role="checker", region="place.region", industry="unit.industry"
)
BESIDE = replace(CHECKER, id="beside", beside=True, none="pool")
NEIGHBOURS = {"/s/t1/": ("/s/t2/", "/s/t3/"), "/s/t2/": ("/s/t1/",)}
CASE = Case(
    id="C1",
    seq=1,
    procedure="sample",
    version="1",
    number="S-1",
    region="/s/t1/",
    unit="U1",
    place="P1",
    opened_at=AT,
    fields={"unit": "U1", "place": "P1", "opinion": "zhou"},
)
FINDER = Signed(action="report", person="chen", party="checker", at=AT)
FOUND = replace(CASE, signed=(FINDER,))


def machine(*more: PartySpec):
    """The sample with some parties more, or otherwise."""
    ids = {one.id for one in more}
    fields = (*FIELDS, FieldSpec(id="witness", title="见证人", kind="person"))
    kept = tuple(one for one in PARTIES if one.id not in ids)
    return compile_procedure(replace(SAMPLE, fields=fields, parties=(*kept, *more)))


def facts(holdings=PAIR, at=AT, **more) -> Facts:
    directory = Directory(
        version=1,
        holdings=holdings,
        roles=more.pop("roles", ROLES),
        regions=REGIONS,
        industries=INDUSTRIES,
        neighbours=NEIGHBOURS,
        **more,
    )
    return Facts(directory=directory, calendar=calendar(), at=at, units=UNITS, places=PLACES)


def resolve(party: PartySpec, *others: PartySpec, case: Case = FOUND, reference: str = "", **known) -> Holder:
    return parties.resolve(machine(party, *others), case, facts(**known), reference or party.id, DAY)


def found(persons: tuple[str, ...], **more) -> Holder:
    """The checkers who were found for the steel of the first town."""
    told = {"party": "fresh", "role": "checker", "region": "/s/t1/", "industry": "steel", **more}
    return Holder(persons=persons, **told)


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


# who stands in for whom ----------------------------------------------------------------------------------------------

STANDS_IN = Substitution(id="S", person="zhou", substitute="tang")


def stands(person: str, *rows: Substitution, fresh: PartySpec = CHECKER, superior: bool = False, **known):
    """How a person stands towards the first task of a case, which a party of checkers holds."""
    tasks = (replace(OPENED.tasks[0], holder=fresh.id, handling=HandlingSpec(superior=superior)),)
    procedure = with_state(SAMPLE, "opened", tasks=tasks)
    play = world(procedure=replace(procedure, parties=(*PARTIES, fresh)))
    case = replace(play.case(reported(play)), **known.pop("case", {}))
    return permission.standing(
        play.machine_of("sample"), case, facts(substitutions=rows, **known), None, own_task(case), person, DAY
    )


def test_whoever_holds_it_acts_for_themself():
    assert stands("zhou", replace(STANDS_IN, substitute="zhou", person="chen")) == Standing("fresh")


@pytest.mark.parametrize(
    ("row", "stands_for"),
    [
        (STANDS_IN, "zhou"),
        (replace(STANDS_IN, role="checker", procedure="sample"), "zhou"),
        (replace(STANDS_IN, role="office"), None),
        (replace(STANDS_IN, procedure="other"), None),
        (replace(STANDS_IN, valid_to=DAY), None),
        (replace(STANDS_IN, valid_from=date(2026, 10, 1)), None),
        (replace(STANDS_IN, person="lin"), None),
    ],
)
def test_a_substitute_acts_within_role_procedure_and_days(row, stands_for):
    expected = Standing("fresh", stands_for=stands_for) if stands_for else None

    assert stands("tang", row) == expected


def test_nobody_stands_in_for_a_substitute():
    second = Substitution(id="S2", person="tang", substitute="lin")

    assert stands("lin", STANDS_IN, second) is None


def test_whoever_is_left_out_themself_does_not_stand_in_either():
    row = replace(STANDS_IN, substitute="chen")
    fresh = replace(CHECKER, excepts=("finder",))

    assert stands("chen", row, fresh=fresh) is None
    assert stands("tang", STANDS_IN, fresh=fresh) == Standing("fresh", stands_for="zhou")
    assert stands("tang", STANDS_IN, case={"recused": ("tang",)}) is None


def test_what_a_substitute_begins_says_in_whose_place():
    play = world()
    play.directory = facts(substitutions=(replace(STANDS_IN, substitute="wang"),)).directory

    case = reported(play, by="wang")

    assert ActedFor(task=0, persons=("zhou",), how="substitution") in play.events(case)
    assert [(one.action, one.person, one.party) for one in play.case(case).signed] == [("report", "wang", "checker")]


def test_separation_of_duties_is_tested_on_whose_place_is_taken_too():
    play = world()
    case = applied(play, confirmed(play))
    play.directory = facts(substitutions=(replace(STANDS_IN, person="chen"),)).directory
    act = {"evidence": (play.file("signature"),), "on_site": True}

    with pytest.raises(NotPermitted) as refused:
        play.submit("tang", case, "accept", **act)

    # The finder may not accept, nor who stands in for the finder.
    assert (refused.value.code, refused.value.data["party"]) == ("separation_of_duties", "finder")
    play.directory = facts(substitutions=(STANDS_IN,)).directory
    play.submit("tang", case, "accept", **act)
    assert play.case(case).closed == "completed"


def test_the_superior_acts_instead_where_they_may_unless_they_are_left_out():
    assert stands("lin") is None
    assert stands("lin", superior=True) == Standing("fresh", superior=True)
    assert stands("lin", superior=True, case={"recused": ("lin",)}) is None
    assert stands("wang", superior=True) is None


def test_whose_place_is_taken_may_not_be_asked_to_consent_to_their_own():
    play = world(holdings=HOLDINGS)
    case = reported(play, by="lin")
    play.submit("zhou", case, "dismiss", {"reason": "x"})
    row = Substitution(id="S", person="lin", substitute="tang")
    play.directory = facts(HOLDINGS, substitutions=(row,)).directory

    # The finder may not consent; nor may who stands in for the finder.
    assert play.offers("tang", case) == ()
    play.directory = facts(HOLDINGS, substitutions=(replace(row, person="he"),)).directory
    assert [(offer.kind, offer.stands_for) for offer in play.offers("tang", case)] == [("consent", ""), ("refuse", "")]


# whatever the organisation -------------------------------------------------------------------------------------------

PEOPLE = tuple("abcdef")
TOWNS = ("/s/t1/", "/s/t2/", "/s/t3/")
_HOLDINGS = st.lists(
    st.builds(
        Holding,
        id=st.integers(0, 10**6).map(str),
        person=st.sampled_from(PEOPLE),
        role=st.sampled_from(("checker", "office")),
        region=st.sampled_from((*TOWNS, "/s/")),
        industry=st.sampled_from(("", "steel", "food")),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)
_INSIDE = st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(
    lambda names: [Holding(id=f"u{name}", person=name, role="officer", unit="U1") for name in names]
)
_KIN = st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(
    lambda names: [Recusal(id=f"k{name}", person=name, kind="kin", unit="U1") for name in names]
)
SELLER = PartySpec(id="seller", title="", kind="role", role="checker", region="place.region", none="pool")
ACCEPTOR = replace(
    CHECKER,
    id="acceptor",
    excepts=("unit", "finder", "seller"),
    recused=RecusedSpec(of=("unit",), grounds=("kin", "own_unit", "superiors")),
    none="beside",
)
RANDOM = compile_procedure(
    replace(SAMPLE, parties=(*(one for one in PARTIES if one.id != "acceptor"), SELLER, ACCEPTOR, BESIDE))
)


@given(
    holdings=_HOLDINGS,
    inside=_INSIDE,
    kin=_KIN,
    biased=st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True),
    acted=st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True),
)
def test_nobody_left_out_ever_holds_and_a_queue_with_people_is_never_passed_by(holdings, inside, kin, biased, acted):
    signed = tuple(Signed(action="report", person=one, party="seller", at=AT) for one in acted)
    case = replace(CASE, signed=signed, recused=tuple(biased))
    known = facts((*holdings, *inside), recusals=kin)

    seller = parties.resolve(RANDOM, case, known, "seller", DAY)
    acceptor = parties.resolve(RANDOM, case, known, "acceptor", DAY)

    near = {*acted, *(one.person for one in inside), *(one.person for one in kin)}
    assert set(biased).isdisjoint((*seller.persons, *acceptor.persons))
    assert near.isdisjoint(acceptor.persons)
    queue = set(known.directory.holders("office", "/s/t1/", "", "", DAY)) - set(biased)
    assert seller.persons or not queue
    assert acceptor.persons or not queue - near
    assert seller.persons or seller.queue == "pool"
    assert acceptor.persons or acceptor.queue == "pool"
    for person in PEOPLE:
        held = person in acceptor.persons
        assert not held or parties.belongs(RANDOM, case, known, "acceptor", person, DAY)


@given(
    holdings=_HOLDINGS,
    substitute=st.sampled_from(PEOPLE),
    absent=st.sampled_from(PEOPLE),
    acted=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
)
def test_nobody_is_seller_and_acceptor_at_once_nor_by_standing_in(holdings, substitute, absent, acted):
    signed = tuple(Signed(action="report", person=one, party="seller", at=AT) for one in acted)
    case = replace(CASE, signed=signed)
    rows = (Substitution(id="S", person=absent, substitute=substitute),)
    known = facts(holdings, substitutions=rows)
    action = replace(SAMPLE.states[2].tasks[0].actions[1], by=("acceptor",), when="")

    for person in PEOPLE:
        found = permission.standing(RANDOM, case, known, action, None, person, DAY)
        assert found is None or not {person, found.stands_for}.intersection(acted)


@given(holdings=_HOLDINGS, biased=st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))
def test_a_neighbour_holds_no_such_role_at_home(holdings, biased):
    known = facts(holdings)
    case = replace(CASE, recused=tuple(biased))

    holder = parties.resolve(RANDOM, case, known, "beside", DAY)

    if not holder.queue:
        at_home = {one for one in PEOPLE if known.directory.fits(one, "checker", "/s/t1/", "steel", "", DAY)}
        assert holder.region in NEIGHBOURS["/s/t1/"]
        assert at_home.isdisjoint(holder.persons)
