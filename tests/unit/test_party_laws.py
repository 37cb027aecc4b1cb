"""Whom a party means in random organisations: nobody who is left out, and never nobody while somebody is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import parties, permission
from engine.core.case import Signed
from engine.core.compiler import compile_procedure
from engine.core.definition import PartySpec, RecusedSpec
from engine.core.directory import Holding, Recusal, Substitution
from tests.parties import AT, BESIDE, CASE, CHECKER, DAY, NEIGHBOURS, facts
from tests.samples import PARTIES, SAMPLE

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
