"""Parties, people and a case of the sample, for tests of whom a party means."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import parties
from engine.core.case import Case, Signed
from engine.core.compiler import compile_procedure
from engine.core.definition import FieldSpec, PartySpec
from engine.core.directory import Directory
from engine.core.event import Holder
from engine.core.facts import Facts
from tests.offices import INDUSTRIES, REGIONS
from tests.samples import FIELDS, PARTIES, SAMPLE
from tests.worlds import (
    EVE,
    PAIR,
    PLACES,
    ROLES,
    UNITS,
    calendar,
    local,
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
