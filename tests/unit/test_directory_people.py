"""Who stands in, who supervises, who may as which organ, and why a task is somebody's."""

from __future__ import annotations

from datetime import date

import pytest

from engine.core.directory import (
    Considered,
    Directory,
    Holding,
    Power,
    Recusal,
    RolePower,
    Substitution,
    Succession,
)

DAY = date(2026, 3, 2)
JUNE = date(2026, 6, 1)
ROLES = {
    "checker": RolePower(id="checker", title="检查员", superior="office"),
    "office": RolePower(id="office", title="办公室", superior="leader"),
    "leader": RolePower(id="leader", title="领导"),
    "owner": RolePower(id="owner", title="负责人", superior="checker"),
}


def held(name: str, person: str, role: str, region: str = "", **more: object) -> Holding:
    """A holding, for ever unless told otherwise."""
    return Holding(id=name, person=person, role=role, region=region, **more)  # type: ignore[arg-type]


TOWN = held("h1", "chen", "checker", "/s/t1/")
COUNTY = held("h2", "zhou", "checker", "/s/")
STEEL = held("h3", "wang", "checker", "/s/", industry="steel")
OFFICE = held("h4", "lin", "office", "/s/")
LEADER = held("h5", "he", "leader", "/s/")
OWNER = held("h6", "qian", "owner", unit="U1")
PEOPLE = (TOWN, COUNTY, STEEL, OFFICE, LEADER, OWNER)


def directory(*holdings: Holding, **rows: object) -> Directory:
    """The people above, or these."""
    return Directory(version=1, holdings=holdings or PEOPLE, roles=ROLES, **rows)  # type: ignore[arg-type]


def stands(name: str, substitute: str, **more: object) -> Substitution:
    """Somebody stands in for chen."""
    return Substitution(id=name, person="chen", substitute=substitute, **more)  # type: ignore[arg-type]


# substitution ---------------------------------------------------------------------------------------------------


def test_who_stands_in_for_everything_does_so_in_every_role_and_procedure() -> None:
    whole = stands("s1", "zhou", valid_from=DAY, valid_to=JUNE)
    people = directory(substitutions=[whole])

    assert people.substitutes("chen", DAY) == (whole,)
    assert people.substitutes("chen", DAY, "checker", "leak") == (whole,)
    assert people.substitutes("chen", JUNE) == ()


def test_who_stands_in_for_one_role_or_procedure_does_so_in_no_other_and_not_where_there_is_none() -> None:
    by_role, by_procedure = stands("s1", "zhou", role="checker"), stands("s2", "lin", procedure="leak")
    people = directory(substitutions=[by_role, by_procedure])

    assert people.substitutes("chen", DAY, "checker", "leak") == (by_role, by_procedure)
    assert people.substitutes("chen", DAY, "office", "fire") == ()
    assert people.substitutes("chen", DAY) == ()


def test_everybody_knows_for_whom_they_stand_in() -> None:
    one = stands("s1", "zhou", role="checker")
    other = Substitution(id="s2", person="lin", substitute="zhou", valid_to=DAY)

    assert directory(substitutions=[one, other]).stands_in("zhou", DAY) == (one,)


def test_nobody_stands_in_for_whom_the_absent_person_stands_in() -> None:
    first = stands("s1", "zhou")
    second = Substitution(id="s2", person="zhou", substitute="lin")

    assert directory(substitutions=[first, second]).substitutes("chen", DAY) == (first,)


def test_a_substitution_told_anew_replaces_what_was_told_of_it() -> None:
    long, short = stands("s1", "zhou"), stands("s1", "zhou", valid_to=DAY)
    before = directory(substitutions=[long])

    after = before.changed(2, substitutions=[short])

    assert before.substitutes("chen", DAY) == (long,)
    assert after.substitutes("chen", DAY) == after.stands_in("zhou", DAY) == ()
    assert after.substitution("s1") == short


# superiors --------------------------------------------------------------------------------------------------------


def test_superiors_are_all_who_supervise_upwards() -> None:
    assert directory().superiors("chen", DAY) == {"lin", "he"}
    assert directory().superiors("lin", DAY) == {"he"}
    assert directory().superiors("he", DAY) == frozenset()


def test_superiors_of_somebody_in_a_unit_are_those_of_the_region_where_it_lies() -> None:
    assert directory().superiors("qian", DAY) == frozenset()
    assert directory().superiors("qian", DAY, "/s/t1/") == {"chen", "lin", "he"}
    assert directory().superiors("qian", DAY, "/s/t2/") == {"zhou", "lin", "he"}


def test_nobody_is_their_own_superior_even_where_they_hold_the_role_above() -> None:
    both = held("h7", "chen", "office", "/s/")

    assert directory(TOWN, both, LEADER).superiors("chen", DAY) == {"he"}


# explanation ------------------------------------------------------------------------------------------------------


def test_an_industry_named_beats_a_nearer_region_and_the_others_are_told_after_it() -> None:
    told = directory().explain("checker", "/s/t1/", "steel", "", DAY)

    assert told == (
        Considered(holding=STEEL, won=True, industry_exact=True, depth=2),
        Considered(holding=TOWN, won=False, industry_exact=False, depth=3),
        Considered(holding=COUNTY, won=False, industry_exact=False, depth=2),
    )


def test_in_a_unit_only_its_own_people_are_considered() -> None:
    told = directory().explain("owner", "/s/t1/", "steel", "U1", DAY)

    assert told == (Considered(holding=OWNER, won=True, industry_exact=False, depth=0),)
    assert directory().explain("owner", "/s/t1/", "steel", "U2", DAY) == ()


# powers -----------------------------------------------------------------------------------------------------------

BUREAU = held("h8", "chen", "checker", "/s/t1/", body="B1", valid_to=JUNE)
FINES = Power(id="p1", body="B1", matter="fire", documents=("fine", "order"), region="/s/", basis="§ 70")


def test_a_person_has_the_powers_of_the_organ_as_which_they_hold_a_role() -> None:
    people = directory(BUREAU, powers=[FINES])

    assert people.power_of("chen", "fire", DAY) == FINES
    assert people.power_of("chen", "fire", DAY, document="fine", region="/s/t1/") == FINES
    assert people.power_of("chen", "gas", DAY) is None
    assert people.power_of("chen", "fire", DAY, document="closure") is None
    assert people.power_of("chen", "fire", DAY, region="/x/") is None
    assert people.power_of("zhou", "fire", DAY) is None
    assert people.power_of("chen", "fire", JUNE) is None


def test_of_several_powers_the_one_of_the_nearest_region_is_told() -> None:
    near = Power(id="p2", body="B1", matter="fire", region="/s/t1/")

    assert directory(BUREAU, powers=[FINES, near]).power_of("chen", "fire", DAY, region="/s/t1/") == near


def test_powers_pass_to_the_organ_that_succeeds_and_leave_who_closed_without_one() -> None:
    merged = Succession(id="B1", successor="B2", how="merged", valid_from=date(2026, 5, 1))
    closed = Succession(id="B2", how="closed", valid_from=JUNE)
    heir = held("h9", "zhou", "checker", "/s/", body="B2")
    people = directory(BUREAU, heir, powers=[FINES], successions=[merged, closed])

    assert people.power_of("zhou", "fire", DAY) is None
    assert people.power_of("zhou", "fire", date(2026, 5, 1)) == FINES
    assert people.power_of("chen", "fire", date(2026, 5, 1)) == FINES
    assert people.bodies("chen", date(2026, 5, 1)) == ("B2",)
    assert people.power_of("zhou", "fire", JUNE) is None


# recusal ----------------------------------------------------------------------------------------------------------

KIN = Recusal(id="r1", person="chen", kind="kin", other="qian", valid_from=DAY, valid_to=JUNE)
OWN_UNIT = Recusal(id="r2", person="chen", kind="interest", unit="U1")


@pytest.mark.parametrize(
    ("person", "units", "persons", "day", "told"),
    [
        ("chen", [], ["qian"], DAY, KIN),
        ("qian", [], ["chen", "lin"], DAY, KIN),
        ("chen", [], ["qian"], JUNE, None),
        ("chen", ["U1"], [], JUNE, OWN_UNIT),
        ("chen", ["U2", ""], ["lin"], DAY, None),
        ("zhou", ["U1"], ["chen"], DAY, None),
    ],
)
def test_who_is_related_is_related_both_ways_while_it_lasts(
    person: str, units: list[str], persons: list[str], day: date, told: Recusal | None
) -> None:
    assert directory(recusals=[KIN, OWN_UNIT]).related(person, units, persons, day) == told


def test_who_is_related_to_a_unit_is_related_to_what_became_of_it() -> None:
    merged = Succession(id="U1", successor="U9", how="merged", valid_from=JUNE)
    people = directory(recusals=[OWN_UNIT], successions=[merged])

    assert people.related("chen", ["U9"], [], DAY) is None
    assert people.related("chen", ["U9"], [], JUNE) == OWN_UNIT
    assert people.related("chen", ["U1"], [], JUNE) == OWN_UNIT


# succession -------------------------------------------------------------------------------------------------------


def test_a_unit_lives_on_as_the_last_of_its_successors_from_each_one_s_day_on() -> None:
    first = Succession(id="U1", successor="U2", how="renamed", valid_from=DAY)
    second = Succession(id="U2", successor="U3", how="merged", valid_from=JUNE)
    people = directory(successions=[second, first])

    assert [people.successor("U1", day) for day in (date(2026, 3, 1), DAY, JUNE)] == ["U1", "U2", "U3"]
    assert people.successor("U7", DAY) == "U7"


def test_a_unit_closed_without_a_successor_lives_on_as_nothing() -> None:
    first = Succession(id="U1", successor="U2", how="merged")
    people = directory(successions=[first, Succession(id="U2", how="closed", valid_from=JUNE)])

    assert [people.successor("U1", day) for day in (DAY, JUNE)] == ["U2", ""]


def test_neighbours_are_told_in_the_order_in_which_they_are_asked() -> None:
    before = directory(neighbours={"/s/t1/": ("/s/t3/", "/s/t2/")})

    after = before.changed(2, neighbours={"/s/t1/": ()})

    assert (before.neighbours("/s/t1/"), before.neighbours("/s/t2/")) == (("/s/t3/", "/s/t2/"), ())
    assert after.neighbours("/s/t1/") == ()
