"""Listed supervision from outside, on both databases: proposed, published, served, waited for, accepted, delisted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store import migrate
from tests.contract.hazard_api import UNIT, Client, Office, opened
from tests.databases import postgres_database
from tests.definitions import name, named


class People:
    """Everybody at the API, each with one client, and the worker behind it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._clients: dict[str, Client] = {}

    def __call__(self, person: str) -> Client:
        """The client of a person."""
        if person not in self._clients:
            self._clients[person] = self._office.as_(person)
        return self._clients[person]

    def work(self) -> None:
        """Let the worker do what is due."""
        self._office.made.worker.drain()


@pytest.fixture(params=["sqlite", "postgresql"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    """The application on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'zhiben.db'}"
        migrate.upgrade(url)
        with opened(tmp_path, url) as made:
            yield People(made)
        return
    with postgres_database(request.getfixturevalue("pg_server")) as url:
        migrate.upgrade(url)
        with opened(tmp_path, url) as made:
            yield People(made)


def confirmed(people: People, place: str) -> str:
    """A major hazard being rectified."""
    case = people("jin").report(place=place, level="重大")
    people("sun").done(case, "confirm", level="重大", standard="判定标准第4条", rectify_by="2026-05-29")
    people("sun").done(case, "tell")
    return case


def written_off(people: People, case: str) -> None:
    """The hazard is rectified and accepted."""
    people("qin").done(case, "apply", remedies="已更换")
    people("song").done(case, "accept", opinion="合格")
    people.work()


def begun(client: Client, start: str, files: list[Any], **data: Any) -> str:
    """A listing; the id of its case."""
    body = {
        "procedure": name("listed_supervision"),
        "action": name(start),
        "data": named(unit=UNIT, place="罐区", description="长期未改", **data),
        "evidence": files,
    }
    answer = client.post("/cases", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"].removeprefix("case/"))


def states(people: People, case: str) -> list[str]:
    """Where a case stands."""
    found: list[str] = [task["state"] for task in people("an").get(f"/cases/{case}")["tasks"]]
    return sorted(set(found))


def listed(people: People, *hazards: str) -> str:
    """A listing over hazards, published and served."""
    case = begun(people("an"), "propose", [], hazards=list(hazards), reason="久拖不改")
    people("lu").done(case, "approve_listing", level="县级", demand="限期整改", supervise_until="2026-05-29")
    people("an").done(case, "announce", published="网站")
    people("an").done(case, "serve")
    people.work()
    return case


def test_a_listing_waits_for_all_its_hazards_and_is_told_of_each(people: People) -> None:
    first, second = confirmed(people, "罐区"), confirmed(people, "泵房")
    case = listed(people, first, second)
    assert states(people, case) == [name("rectifying")]

    written_off(people, first)
    assert states(people, case) == [name("rectifying")]
    written_off(people, second)

    assert states(people, case) == [name("accepting")]
    rows = people("an").get(f"/cases/{case}/links")["items"]
    assert [(one["title"], one["back"], one["case"]["id"]) for one in rows] == [
        ("督办的隐患", False, one) for one in sorted((first, second))
    ]
    (back,) = people("gao").get(f"/cases/{first}/links")["items"]
    assert (back["title"], back["back"], back["case"]["id"]) == ("挂牌督办", True, case)


def test_a_city_listing_stays_when_the_district_has_delisted(people: People) -> None:
    hazard = confirmed(people, "罐区")
    here, an = listed(people, hazard), people("an")
    above = begun(
        an,
        "record_external",
        [{**an.upload("scan"), "kind": "scan"}],
        hazards=[hazard],
        level="市级",
        listing_body="市安委会",
        listing_number="市安委〔2026〕7号",
        listing_day="2026-03-01",
        supervise_until="2026-06-30",
    )
    people.work()
    written_off(people, hazard)

    assert (states(people, here), states(people, above)) == ([name("accepting")], [name("reporting_above")])
    linked = an.get(f"/cases/{hazard}/links")["items"]
    assert sorted(one["case"]["id"] for one in linked) == sorted((here, above))


def test_a_hazard_proposes_its_own_listing(people: People) -> None:
    hazard = confirmed(people, "罐区")

    people("sun").done(hazard, "propose_listing", reason="久拖不改")
    people.work()

    (back,) = people("sun").get(f"/cases/{hazard}/links")["items"]
    made = people("lu").get(f"/cases/{back['case']['id']}")
    assert [task["state"] for task in made["tasks"]] == [name("proposed")]
    entries = people("sun").get(f"/cases/{back['case']['id']}/entries")["items"]
    assert entries[0]["acted_by"]["id"] == "sun"
