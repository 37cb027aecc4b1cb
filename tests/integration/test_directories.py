"""The directory that a process keeps up with is the one that it would read anew; nobody reads everything again."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import (
    SYSTEM,
    AnyAct,
    EndRole,
    GrantRole,
    RecordPlaces,
    RecordPowers,
    RecordRecusals,
    RecordRegions,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
    RecordUnits,
)
from engine.core.directory import Directory
from engine.runtime.catalog import Directories
from engine.store.schema import DIRECTORY as TABLES
from engine.store.store import Store
from tests.districts import DISTRICT_ROLES, District, SeededDice

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSONS = ("chen", "zhou", "wang", "new1", "new2")
REGIONS = ("/s/", "/s/t1/", "/s/t2/")


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


def told(directory: Directory, units: dict[str, str]) -> object:
    """Everything that decisions can learn of a directory."""
    roles = sorted(DISTRICT_ROLES)
    days = (date(2019, 1, 1), DAY, date(2030, 1, 1))
    return (
        [(person, directory.held_by(person, day)) for person in PERSONS for day in days],
        [(person, directory.scope(person, day), directory.known(person)) for person in PERSONS for day in days],
        [directory.holders(role, region, "steel", "", day) for role in roles for region in REGIONS for day in days],
        [directory.holders(role, "", "", unit, day) for role in roles for unit in ("U1", "U2") for day in days],
        [directory.within(unit, day) for unit in ("U1", "U2") for day in days],
        [directory.substitutes(person, day) + directory.stands_in(person, day) for person in PERSONS for day in days],
        [directory.related(person, ("U1",), ("zhou",), day) for person in PERSONS for day in days],
        [directory.power_of(person, "fire", day) for person in PERSONS for day in days],
        [directory.successor(unit, day) for unit in ("U1", "U2") for day in days],
        [directory.on_duty("leak", region, NOON) for region in REGIONS],
        [directory.neighbours(region) for region in REGIONS],
        (directory.version, directory.regions, directory.industries),
        units,
    )


def act(rng: random.Random, held: list[str]) -> AnyAct:
    """Something that changes the directory."""
    match rng.randrange(12):
        case 0 | 1:
            unit = rng.choice(("U1", "U2", ""))
            region = "" if unit else rng.choice(REGIONS)
            role, person = rng.choice(("checker", "officer", "office")), rng.choice(PERSONS)
            body = "" if unit else rng.choice(("", "U1", "U2"))
            return GrantRole(person=person, role=role, region=region, unit=unit, body=body, valid_from="2020-01-01")
        case 2 if held:
            return EndRole(holding=rng.choice(held), valid_to=rng.choice(("2025-01-01", "2027-01-01")))
        case 3:
            return RecordRegions(regions={"/s/t1/": f"镇{rng.random()}"}, industries={"steel": f"钢{rng.random()}"})
        case 4:
            return RecordPlaces(places=({"id": "P1", "title": f"车间{rng.random()}", "region": "/s/t1/"},))
        case 5 | 6 | 7 | 8 | 9 | 10:
            return arrangement(rng)
    return RecordUnits(units=({"id": "U1", "title": f"厂{rng.random()}", "region": rng.choice(REGIONS)},))


def arrangement(rng: random.Random) -> AnyAct:
    """Something besides roles; often told again with another end."""
    person, other = rng.sample(("chen", "zhou", "wang"), 2)
    end = rng.choice(("2025-01-01", "2027-01-01", "2031-01-01"))
    days = {"valid_from": "2019-01-01", "valid_to": end}
    match rng.randrange(6):
        case 0:
            return RecordSubstitutions(substitutions=({"person": person, "substitute": other, **days},))
        case 1:
            return RecordRecusals(recusals=({"person": person, "kind": "kin", "other": other, **days},))
        case 2:
            unit = rng.choice(("U1", "U2"))
            return RecordPowers(powers=({"body": unit, "matter": "fire", "documents": ["fine"], **days},))
        case 3:
            hours = rng.choice(("11:00", "13:00"))
            return RecordShifts(
                shifts=({"roster": "leak", "person": person, "region": rng.choice(REGIONS),
                         "begins": "2026-03-02T10:00:00Z", "ends": f"2026-03-02T{hours}:00Z"},)
            )  # fmt: skip
        case 4:
            return RecordRegions(neighbours={"/s/t1/": rng.choice(([], ["/s/t2/"], ["/s/", "/s/t2/"]))})
    return RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "merged", **days},))


@pytest.mark.parametrize("seed", range(8))
def test_what_a_process_keeps_up_with_is_what_it_would_read_anew(district: District, seed: int) -> None:
    rng, kept = random.Random(seed), Directories(DISTRICT_ROLES)
    writer = district.another_service(SeededDice(f"writer{seed}"))

    for _ in range(8):
        with district.store.session() as session:
            held = [one.id for one in session.directory.holdings()]
        requests = [district.request(DIRECTORY, act(rng, held), SYSTEM) for _ in range(rng.randrange(1, 5))]
        outcomes = writer.execute(requests)
        with district.store.read() as reader:
            version = reader.record.seq_of(DIRECTORY)
            found = []
            for directories in (kept, writer.directories, Directories(DISTRICT_ROLES)):
                directory = directories.at(reader, version)
                entities = directories.entities(reader, version, "unit", ("U1", "U2", "none"), DAY)
                entities |= directories.entities(reader, version, "place", ("P1",), DAY)
                found.append(told(directory, {name: one.title for name, one in entities.items()}))
        assert len(outcomes) == len(requests)
        assert found[0] == found[2]
        assert found[1] == found[2]


def test_keeping_up_reads_what_was_recorded_since_and_nothing_else(district: District) -> None:
    kept = Directories(DISTRICT_ROLES)
    with district.store.read() as reader:
        first = kept.at(reader, reader.record.seq_of(DIRECTORY))
    grant = GrantRole(person="new1", role="officer", unit="U1", valid_from="2020-01-01")
    district.do(district.request(DIRECTORY, grant, SYSTEM))
    with district.store.session() as session:
        # rows that no entry tells of: whoever read everything again would see them gone
        session.run(TABLES["holding"].delete())

    with district.store.read() as reader:
        second = kept.at(reader, reader.record.seq_of(DIRECTORY))

    assert first.held_by("new1", DAY) == ()
    assert [one.unit for one in second.held_by("new1", DAY)] == ["U1"]
    assert second.held_by("chen", DAY) == first.held_by("chen", DAY) != ()
