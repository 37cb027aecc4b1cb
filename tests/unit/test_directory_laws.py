"""Laws of the directory over random organisations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.core.directory import (
    Directory,
    Holding,
    Power,
    Recusal,
    RolePower,
    Shift,
    Substitution,
    Succession,
)

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
days = st.sampled_from([date(2026, 3, 1), DAY, date(2026, 3, 3), date(2026, 3, 4)])
persons = st.sampled_from("abcde")
units = st.sampled_from(["U1", "U2", "U3", "U4"])
regions = st.sampled_from(["", "/", "/s/", "/s/t1/", "/s/t2/", "/s/t1/v/"])
ids = st.integers(0, 9).map(str)
roles = st.fixed_dictionaries({role: st.sampled_from(["", "r1", "r2", "r3"]) for role in ("r1", "r2", "r3")}).map(
    lambda told: {one: RolePower(id=one, title=one, superior=above) for one, above in told.items()}
)
holdings = st.lists(
    st.builds(
        Holding,
        id=ids,
        person=persons,
        role=st.sampled_from(["r1", "r2", "r3"]),
        region=regions,
        industry=st.sampled_from(["", "steel"]),
        unit=st.sampled_from(["", "", "U1"]),
        valid_from=st.just(DAY),
    ),
    unique_by=lambda one: one.id,
    max_size=10,
)
successions = st.lists(
    st.builds(
        Succession,
        id=units,
        successor=st.sampled_from(["", "U1", "U2", "U3", "U4"]),
        how=st.just("merged"),
        valid_from=days,
    ),
    unique_by=lambda one: one.id,
)
shifts = st.lists(
    st.builds(
        lambda name, person, region, begins, hours: Shift(
            id=name,
            roster="night",
            person=person,
            region=region,
            begins=NOW + timedelta(hours=begins),
            ends=NOW + timedelta(hours=begins + hours),
        ),
        ids,
        persons,
        regions,
        st.integers(0, 20),
        st.integers(1, 10),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)
hours = st.integers(-2, 32).map(lambda hour: NOW + timedelta(hours=hour))
substitutions = st.lists(
    st.builds(Substitution, id=ids, person=persons, substitute=persons, valid_from=days), unique_by=lambda one: one.id
)
recusals = st.lists(
    st.builds(Recusal, id=ids, person=persons, kind=st.just("kin"), unit=units, other=persons, valid_from=days),
    unique_by=lambda one: one.id,
)
powers = st.lists(
    st.builds(Power, id=ids, body=units, matter=st.just("m"), region=regions, valid_from=days),
    unique_by=lambda one: one.id,
)


@given(holdings, roles, persons, regions)
def test_nobody_supervises_themselves_however_roles_supervise_each_other(
    held: list[Holding], powers_of: dict[str, RolePower], person: str, region: str
) -> None:
    directory = Directory(version=1, holdings=held, roles=powers_of)

    superiors = directory.superiors(person, DAY, region)

    assert person not in superiors
    assert superiors <= {one.person for one in held}


@given(holdings, regions, st.sampled_from(["", "steel", "food"]), st.sampled_from(["", "U1"]))
def test_the_explanation_tells_first_exactly_who_holds(
    held: list[Holding], region: str, industry: str, unit: str
) -> None:
    directory = Directory(version=1, holdings=held)

    told = directory.explain("r1", region, industry, unit, DAY)

    won = [one.won for one in told]
    assert tuple(sorted({one.holding.person for one in told if one.won})) == directory.holders(
        "r1", region, industry, unit, DAY
    )
    assert won == sorted(won, reverse=True)
    assert {one.holding.person for one in told} == {
        person for person in "abcde" if directory.fits(person, "r1", region, industry, unit, DAY)
    }


@given(successions, units, days)
def test_the_last_successor_is_found_even_where_rows_form_a_circle(
    told: list[Succession], unit: str, day: date
) -> None:
    directory = Directory(version=1, successions=told)
    after = {one.id: one.successor for one in told if one.valid_on(day)}

    chain = [unit]
    while chain[-1] in after and after[chain[-1]] not in chain:
        chain.append(after[chain[-1]])

    assert directory.successor(unit, day) == chain[-1]


@given(shifts, regions, hours)
def test_only_the_nearest_region_is_on_duty(told: list[Shift], region: str, at: datetime) -> None:
    reaching = [one for one in told if one.begins <= at < one.ends and region.startswith(one.region)]
    deepest = max((len(one.region) for one in reaching), default=0)

    on_duty = Directory(version=1, shifts=told).on_duty("night", region, at)

    assert on_duty == tuple(sorted({one.person for one in reaching if len(one.region) == deepest}))


@given(shifts, regions, hours)
def test_until_the_next_change_whoever_is_on_duty_is_alone_so(told: list[Shift], region: str, at: datetime) -> None:
    directory = Directory(version=1, shifts=told)
    now, then = directory.on_duty("night", region, at), directory.next_change("night", region, at)

    hourly = [at + timedelta(hours=passed) for passed in range(1, 40)]
    before = [one for one in hourly if then is None or one < then]

    assert {directory.on_duty("night", region, one) for one in before} <= {now, ()}
    assert then is None or directory.on_duty("night", region, then) not in {now, ()}


@given(
    st.tuples(holdings, substitutions, recusals, powers, shifts, successions),
    st.tuples(holdings, substitutions, recusals, powers, shifts, successions),
)
def test_a_directory_that_is_told_more_is_the_one_made_of_all_that_was_told(
    first: tuple[list[object], ...], second: tuple[list[object], ...]
) -> None:
    names = ("holdings", "substitutions", "recusals", "powers", "shifts", "successions")
    told = Directory(version=1, **dict(zip(names, first, strict=True)))  # type: ignore[arg-type]
    told = told.changed(2, **dict(zip(names, second, strict=True)))  # type: ignore[arg-type]
    whole = {name: [*one, *other] for name, one, other in zip(names, first, second, strict=True)}
    made = Directory(version=2, **whole)  # type: ignore[arg-type]

    assert everything(told) == everything(made)


def everything(directory: Directory) -> object:
    """What decisions can learn of it."""
    return (
        [(directory.held_by(one, DAY), directory.stands_in(one, DAY)) for one in "abcde"],
        [directory.substitutes(one, DAY) for one in "abcde"],
        [directory.related(one, ["U1", "U2"], ["a", "b"], DAY) for one in "abcde"],
        [directory.power_of(one, "m", DAY) for one in "abcde"],
        [directory.successor(one, DAY) for one in ("U1", "U2", "U3", "U4")],
        [directory.on_duty("night", "/s/t1/", NOW + timedelta(hours=passed)) for passed in range(30)],
        [directory.explain(one, "/s/t1/", "steel", "", DAY) for one in ("r1", "r2", "r3")],
        [directory.within("U1", DAY), [directory.holding(str(one)) for one in range(10)]],
    )
