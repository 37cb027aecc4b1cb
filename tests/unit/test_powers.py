"""An act that needs a power is refused to whom has none: by body, matter, document, region and day (D21)."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core.definition import PowerSpec
from engine.core.directory import Certificate, Directory, Holding, Power, Substitution, Succession
from engine.core.starts import startable
from engine.errors import NotPermitted
from tests.offices import INDUSTRIES, REGIONS
from tests.samples import REPORT, SAMPLE, with_action
from tests.worlds import PAIR, ROLES, reported, wait, world

#: Whoever checks the first town does so as the town's own team; those of the committee walk about as the office.
HOLDINGS = tuple(
    replace(one, body="TEAM" if one.person in ("chen", "zhou") else "OFFICE") if not one.unit else one for one in PAIR
)
ORDER = PowerSpec(matter="safety", document="order")
POWER = Power(
    id="W1",
    body="TEAM",
    matter="safety",
    documents=("order", "record"),
    region="/s/t1/",
    valid_from=date(2026, 1, 1),
    valid_to=date(2027, 1, 1),
)
#: To inspect needs the power; to report a walk does not.
INSPECT = replace(REPORT, id="inspect", title="检查", power=ORDER, by=("checker", "office"))
PROCEDURE = replace(with_action(SAMPLE, "opened", "confirm", power=ORDER), starts=(REPORT, INSPECT))
DAY = date(2026, 9, 30)


def at_work(*powers: Power, holdings: tuple[Holding, ...] = HOLDINGS, at: str = "2026-09-30 10:00", **more):
    """The world in which confirming, and inspecting, need a power."""
    play = world(at, procedure=PROCEDURE)
    play.directory = directory(*powers, holdings=holdings, **more)
    return play


def directory(*powers: Power, holdings: tuple[Holding, ...] = HOLDINGS, **more) -> Directory:
    return Directory(
        version=1, holdings=holdings, roles=ROLES, regions=REGIONS, industries=INDUSTRIES, powers=powers, **more
    )


def confirm(play, case, by="chen"):
    play.submit(by, case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))


def inspect(play, by):
    return play.start(by, "sample", "inspect", {"subject": "缺护栏", "unit": "U1", "place": "P1"})


def refused_for(do) -> dict:
    with pytest.raises(NotPermitted) as refused:
        do()
    return {"code": refused.value.code, **refused.value.data}


def offered(play, person, case):
    return [offer.action for offer in play.offers(person, case) if offer.kind == "act"]


def test_with_the_power_of_their_body_they_act():
    play = at_work(POWER)
    case = reported(play)

    assert offered(play, "chen", case) == ["confirm", "dismiss"]
    confirm(play, case)

    assert play.case(case).leaves() == ("doing",)


LACKING = {
    "no power at all": (),
    "another body": (replace(POWER, body="OFFICE"),),
    "another matter": (replace(POWER, matter="fire"),),
    "another document": (replace(POWER, documents=("record",)),),
    "another region": (replace(POWER, region="/s/t2/"),),
    "not yet": (replace(POWER, valid_from=date(2026, 10, 1)),),
    "not any more": (replace(POWER, valid_to=date(2026, 9, 30)),),
}


@pytest.mark.parametrize("name", LACKING)
def test_without_the_power_nothing_is_offered_and_the_act_is_refused(name):
    play = at_work(*LACKING[name])
    case = reported(play)
    before = play.case(case)

    assert refused_for(lambda: confirm(play, case)) == {
        "code": "no_power",
        "person": "chen",
        "matter": "safety",
        "on": "2026-09-30",
    }
    assert (play.case(case), offered(play, "chen", case)) == (before, ["dismiss"])


@pytest.mark.parametrize(
    "power",
    [
        replace(POWER, documents=()),
        replace(POWER, region=""),
        replace(POWER, region="/s/"),
        replace(POWER, valid_to=date(2026, 10, 1)),
    ],
)
def test_a_power_of_all_documents_of_a_wider_region_or_to_the_last_day_is_enough(power):
    play = at_work(power)
    case = reported(play)

    confirm(play, case)

    assert play.case(case).leaves() == ("doing",)


def test_whoever_holds_no_role_as_a_body_has_no_power():
    play = at_work(POWER, holdings=PAIR)
    case = reported(play)

    assert refused_for(lambda: confirm(play, case))["code"] == "no_power"


def test_the_power_counts_on_the_day_of_the_act():
    play = at_work(replace(POWER, valid_to=date(2026, 10, 9)))
    case = reported(play)
    wait(play, "2026-10-09 09:00")

    assert refused_for(lambda: confirm(play, case)) == {
        "code": "no_power",
        "person": "chen",
        "matter": "safety",
        "on": "2026-10-09",
    }


def test_a_power_passes_to_who_succeeds_the_body_and_on():
    successions = (
        Succession(id="OLD", successor="MIDDLE", how="renamed", valid_from=date(2026, 3, 1)),
        Succession(id="MIDDLE", successor="TEAM", how="merged", valid_from=date(2026, 6, 1)),
    )
    play = at_work(replace(POWER, body="OLD"), successions=successions)
    case = reported(play)

    confirm(play, case)

    assert play.case(case).leaves() == ("doing",)


def test_a_body_that_was_closed_without_a_successor_leaves_its_power_to_nobody():
    play = at_work(POWER, successions=(Succession(id="TEAM", how="closed", valid_from=date(2026, 9, 1)),))
    case = reported(play)

    assert refused_for(lambda: confirm(play, case))["code"] == "no_power"


def test_an_inspection_needs_the_power_and_a_walk_does_not():
    play = at_work(POWER)

    assert refused_for(lambda: inspect(play, "lin")) == {
        "code": "no_power",
        "person": "lin",
        "matter": "safety",
        "on": "2026-09-30",
    }
    assert play.cases == {}
    reported(play, by="lin")
    inspect(play, "chen")

    assert sorted(play.cases) == ["C1", "C2"]


def test_an_inspection_in_another_town_needs_the_power_there():
    play = at_work(replace(POWER, body="OFFICE", region="/s/t2/"))

    assert refused_for(lambda: inspect(play, "lin"))["code"] == "no_power"
    play.start("lin", "sample", "inspect", {"subject": "缺护栏", "unit": "U2", "place": "P2"})

    assert [case.region for case in play.cases.values()] == ["/s/t2/"]


def test_what_may_be_begun_is_shown_as_it_is_decided():
    machine = world(procedure=PROCEDURE).machine_of("sample")

    shown = {
        person: [action.id for action in startable(machine, directory(POWER), person, DAY)]
        for person in ("chen", "lin", "li", "wang", "clerk", "stranger")
    }

    assert shown == {
        "chen": ["report", "inspect"],
        "lin": ["report"],
        "li": ["report"],
        "wang": [],
        "clerk": [],
        "stranger": [],
    }


def test_a_start_that_asks_for_a_certificate_is_shown_to_who_holds_one():
    procedure = replace(SAMPLE, starts=(replace(REPORT, certificate="enforcement"),))
    machine = world(procedure=procedure).machine_of("sample")
    certificate = Certificate(id="Z1", person="chen", kind="enforcement", valid_to=date(2026, 12, 31))

    known = directory(certificates=(certificate,))

    assert [action.id for action in startable(machine, known, "chen", DAY)] == ["report"]
    assert startable(machine, known, "zhou", DAY) == ()


def test_whoever_stands_in_for_another_is_shown_what_that_one_may_begin_and_no_more():
    row = Substitution(id="S1", person="chen", substitute="tang", role="checker", procedure="sample")
    machine = world(procedure=PROCEDURE).machine_of("sample")
    tang = tuple(one for one in HOLDINGS if one.person != "tang")

    clerk = directory(POWER, substitutions=(replace(row, substitute="wang"),))
    other = directory(POWER, substitutions=(replace(row, substitute="wang", procedure="other"),))

    assert [one.id for one in startable(machine, clerk, "wang", DAY)] == ["report"]
    assert startable(machine, other, "wang", DAY) == ()
    assert [
        one.id for one in startable(machine, directory(POWER, holdings=tang, substitutions=(row,)), "tang", DAY)
    ] == ["report"]


def test_a_substitute_needs_the_power_and_so_does_whose_place_they_take():
    row = Substitution(id="S1", person="chen", substitute="lin")
    without = at_work(POWER, substitutions=(row,))
    case = reported(without)
    assert refused_for(lambda: confirm(without, case, by="lin"))["person"] == "lin"

    other = at_work(replace(POWER, body="OFFICE"), substitutions=(row,))
    case = reported(other)
    assert refused_for(lambda: confirm(other, case, by="lin"))["person"] == "chen"

    both = at_work(POWER, replace(POWER, id="W2", body="OFFICE"), substitutions=(row,))
    case = reported(both)
    confirm(both, case, by="lin")

    assert both.case(case).leaves() == ("doing",)
