"""The organisation of any day, as believed at any time, as one person may see it; on both databases."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.command import (
    SYSTEM,
    AnyAct,
    EndRole,
    GrantRole,
    RecordPowers,
    RecordRecusals,
    RecordRegions,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
    RecordUnits,
)
from engine.core.directory import Holding, Scope
from engine.core.upcast import decode_events
from engine.errors import NotFound
from engine.runtime.catalog import holdings_told
from engine.runtime.organisation import Body, Organisations, RegionNode
from engine.runtime.projection import micros
from engine.store.store import Store
from tests.districts import MASTER, District

MARCH, JUNE = date(2026, 3, 2), date(2026, 6, 1)


@pytest.fixture
def district(store: Store) -> District:
    """A settled district on each database, with two organs in the county and one in a town."""
    made = District(store)
    made.settle()
    units = [("B1", "消防大队", "/s/"), ("B2", "应急局", "/s/"), ("B3", "二镇安监站", "/s/t2/")]
    tell(made, RecordUnits(units=tuple({"id": one, "title": title, "region": where} for one, title, where in units)))
    tell(made, GrantRole(person="ming", role="checker", region="/s/t1/", body="B1", valid_from="2026-01-01"))
    tell(made, GrantRole(person="hong", role="checker", region="/s/t2/", body="B3", valid_from="2026-01-01"))
    return made


def tell(district: District, act: AnyAct) -> None:
    """Record something."""
    district.do(district.request(DIRECTORY, act, SYSTEM, medium="system"))


def organisations(district: District) -> Organisations:
    """What reads it."""
    return Organisations(
        store=district.store,
        catalog=district.catalog,
        directories=district.service.directories,
        clock=district.clock,
        master=MASTER,
    )


def people(nodes: tuple[RegionNode, ...]) -> dict[str, list[str]]:
    """Who holds roles as no organ, by region."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        found[node.path] = sorted({one.person for one in node.holdings})
        found |= people(node.children)
    return found


def test_the_tree_tells_regions_organs_and_people_where_they_are(district: District) -> None:
    tell(district, RecordRegions(neighbours={"/s/t1/": ["/s/t2/"]}))

    seen = organisations(district).organisation("lin", MARCH)

    (county,) = seen.regions
    assert (county.path, county.title, [one.path for one in county.children]) == (
        "/s/",
        "示范区",
        ["/s/t1/", "/s/t2/"],
    )
    assert county.children[0].neighbours == ("/s/t2/",)
    assert people(seen.regions) == {
        "/s/": ["clerk", "he", "lin", "mayor"],
        "/s/t1/": ["chen", "mayor", "zhou"],
        "/s/t2/": ["tang"],
    }
    # nobody holds a role as B2, so that it is not known as an organ
    assert [body.id for body in county.bodies] == ["B1"]
    (ming,) = county.bodies[0].holdings
    assert county.bodies[0] == Body(id="B1", title="消防大队", region="/s/", successor="B1", holdings=(ming,))
    assert (ming.person, ming.body, ming.region) == ("ming", "B1", "/s/t1/")
    assert seen.names["chen"] == "chen 某"
    assert {"wang", "li", "qian"}.isdisjoint(one.person for one in seen.holdings)


def test_a_reader_sees_where_they_work_and_nothing_of_people_elsewhere(district: District) -> None:
    tell(district, RecordSubstitutions(substitutions=({"person": "chen", "substitute": "zhou"},)))
    tell(district, RecordSubstitutions(substitutions=({"person": "tang", "substitute": "hong"},)))

    town, unit = (organisations(district).organisation(person, MARCH) for person in ("zhou", "li"))

    assert people(town.regions) == {"/s/": [], "/s/t1/": ["chen", "mayor", "zhou"]}
    assert [body.id for body in town.bodies] == ["B1"]
    assert [one.person for one in town.substitutions] == ["chen"]
    assert unit.regions == ()
    assert sorted(one.person for one in unit.holdings) == ["li", "wang"]
    assert unit.units == {"U1": "一号厂"}


def test_a_past_day_is_shown_as_it_was_and_as_it_was_believed(district: District) -> None:
    reading = organisations(district)
    zhou = next(one for one in reading.organisation("lin", MARCH).holdings if one.person == "zhou")
    before = district.clock.now()
    district.clock.advance(timedelta(days=100))  # 2026-06-10
    tell(district, EndRole(holding=zhou.id, valid_to="2026-04-01"))
    tell(
        district, RecordUnits(units=({"id": "B1", "title": "消防救援局", "region": "/s/", "valid_from": "2026-05-01"},))
    )
    merged = {"id": "B1", "successor": "B2", "how": "merged", "valid_from": "2026-05-20"}
    tell(district, RecordSuccessions(successions=(merged,)))

    march, june = reading.organisation("lin", MARCH), reading.organisation("lin", JUNE)
    then = reading.organisation("lin", JUNE, known_at=before)

    assert [any(one.person == "zhou" for one in seen.holdings) for seen in (march, june, then)] == [True, False, True]
    assert [seen.bodies[0].title for seen in (march, june, then)] == ["消防大队", "消防救援局", "消防大队"]
    assert [seen.bodies[0].successor for seen in (march, june, then)] == ["B1", "B2", "B1"]
    assert [[one.id for one in seen.successions] for seen in (march, june, then)] == [[], ["B1"], []]
    assert (june.known_at, then.known_at) == (district.clock.now(), before)


def test_powers_duty_and_recusals_stand_beside_the_tree(district: District) -> None:
    tell(district, RecordPowers(powers=({"body": "B1", "matter": "fire", "valid_to": "2026-06-01"},)))
    night = {"roster": "leak", "begins": "2026-03-02T20:00:00+08:00", "ends": "2026-03-03T08:00:00+08:00"}
    tell(district, RecordShifts(shifts=({**night, "person": "chen", "region": "/s/t1/"},
                                        {**night, "person": "tang", "region": "/s/t2/"},
                                        {**night, "person": "lin", "region": "/s/"})))  # fmt: skip
    tell(district, RecordRecusals(recusals=({"person": "chen", "kind": "kin", "other": "wang"},)))
    reading = organisations(district)

    days = [date(2026, 3, day) for day in (1, 2, 3, 4)]
    assert [sorted(one.person for one in reading.organisation("zhou", day).shifts) for day in days] == [
        [],
        ["chen", "lin"],
        ["chen", "lin"],
        [],
    ]
    assert sorted(one.person for one in reading.shifts("lin", "leak", MARCH, MARCH)) == ["chen", "lin", "tang"]
    assert reading.shifts("lin", "fire", MARCH, JUNE) == ()
    assert [len(reading.organisation("tang", day).powers) for day in (MARCH, JUNE)] == [1, 0]
    counts = {person: reading.organisation(person, MARCH).recusals for person in ("chen", "zhou", "lin")}
    assert counts == {"chen": 1, "zhou": 0, "lin": 1}


def test_a_person_s_roles_are_told_with_when_each_was_believed(district: District) -> None:
    reading = organisations(district)
    settled = district.clock.now()
    zhou = next(one for one in reading.organisation("lin", MARCH).holdings if one.person == "zhou")
    district.clock.advance(timedelta(days=10))
    ended = district.clock.now()
    tell(district, EndRole(holding=zhou.id, valid_to="2026-03-05"))

    times = reading.person_history("chen", "zhou")

    assert [(one.holding.valid_to, one.recorded_from, one.recorded_to) for one in times] == [
        (date(9999, 12, 31), settled, ended),
        (date(2026, 3, 5), ended, None),
    ]
    assert reading.person_history("zhou", "zhou") == times
    with pytest.raises(NotFound):
        reading.person_history("tang", "zhou")
    with pytest.raises(NotFound):
        reading.person_history("lin", "nobody")


@pytest.mark.parametrize("seed", range(4))
def test_who_held_what_on_any_day_is_what_the_entries_up_to_then_tell(district: District, seed: int) -> None:
    rng, instants = random.Random(seed), [district.clock.now()]
    for _ in range(12):
        district.clock.advance(timedelta(days=rng.randrange(1, 40)))
        with district.store.session() as session:
            held = [one.id for one in session.directory.holdings()]
        month = f"20{rng.randrange(20, 27)}-{rng.randrange(1, 13):02}"
        if rng.random() < 0.5:
            person, body = rng.choice(("ming", "hong", "chen")), rng.choice(("", "B1", "B2"))
            act: AnyAct = GrantRole(person=person, role="checker", region="/s/t1/", body=body, valid_from=f"{month}-01")
        else:
            act = EndRole(holding=rng.choice(held), valid_to="2027-01-01" if month < "2026-01" else f"{month}-15")
        tell(district, act)
        instants.append(district.clock.now())

    for at in instants:
        for day in (date(2021, 6, 1), MARCH, JUNE, date(2026, 12, 31), date(2027, 6, 1)):
            assert stored(district, at, day) == folded(district, at, day)


def stored(district: District, at: datetime, day: date) -> list[Holding]:
    """Who held what on a day as the tables tell that it was believed at an instant."""
    with district.store.read() as reader:
        found = reader.directory.holdings(known_at=micros(at))
        seen = reader.organisation.holdings(Scope(person="", everything=True), day, micros(at))
    assert seen == [one for one in found if one.holds_on(day) and not one.unit]
    return [one for one in found if one.holds_on(day)]


def folded(district: District, at: datetime, day: date) -> list[Holding]:
    """The same from nothing but the entries recorded by then."""
    with district.store.read() as reader:
        entries = [parse_entry(row.bytes) for row in reader.record.entries(DIRECTORY, after=0, limit=1000)]
    events = [
        event
        for entry in entries
        if datetime.fromisoformat(entry.recorded_at).astimezone(UTC) <= at
        for event in decode_events(entry.events)
    ]
    told = holdings_told(events).values()
    return sorted((one for one in told if one.holds_on(day)), key=lambda one: one.id)
