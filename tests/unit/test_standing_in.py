"""Who stands in for whom, and who may not even then."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core import permission
from engine.core.definition import HandlingSpec, PartySpec
from engine.core.directory import Substitution
from engine.core.event import ActedFor
from engine.core.permission import Standing
from engine.errors import NotPermitted
from tests.parties import CHECKER, DAY, facts
from tests.samples import OPENED, PARTIES, SAMPLE, with_state
from tests.worlds import (
    HOLDINGS,
    applied,
    confirmed,
    own_task,
    reported,
    world,
)

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
