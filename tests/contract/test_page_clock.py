"""The clock of a demonstration: let run ahead from any page, unknown where the clock is the machine's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.errors import Conflict
from engine.store.store import Store
from tests.browsing import CSRF, headers_of
from tests.contract.api_fixtures import Api, opened
from web.app import create_app
from web.passing import Passage


class Journeys:
    """A fake of Passing that notes what is asked and arrives when it is told to."""

    def __init__(self, now: object) -> None:
        self.now = now
        self.asked: list[int] = []
        self.arrived = True

    def seen(self) -> Passage:
        """See Passing."""
        now = self.now()  # type: ignore[operator]
        return (
            Passage(now=now, fired=12) if self.arrived else Passage(now=now, until=now + timedelta(days=7), percent=30)
        )

    def begin(self, days: int) -> None:
        """See Passing."""
        if not self.arrived:
            raise Conflict("clock_under_way")
        self.asked.append(days)
        self.arrived = False


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    with opened(sqlite_store, tmp_path / "evidence") as api:
        yield api


@pytest.fixture
def journeys(api: Api) -> Journeys:
    return Journeys(api.district.clock.now)


@pytest.fixture
def client(api: Api, journeys: Journeys) -> TestClient:
    services = replace(api.services, passing=journeys)
    return TestClient(create_app(services), raise_server_exceptions=False, follow_redirects=False)


def test_pressing_lets_the_clock_run_and_leads_back_to_the_page(client: TestClient, journeys: Journeys) -> None:
    headers = {**headers_of("lin"), "Referer": "http://testserver/work?only=today"}

    answer = client.post("/clock", data={"days": "7", "_csrf": CSRF}, headers=headers)
    again = client.post("/clock", data={"days": "7", "_csrf": CSRF}, headers=headers)

    assert (answer.status_code, answer.headers["location"]) == (303, "/work?only=today")
    assert (again.status_code, journeys.asked) == (303, [7])


def test_while_it_runs_the_bar_tells_how_far_and_when_it_has_arrived_the_page_is_drawn_anew(
    client: TestClient, journeys: Journeys
) -> None:
    journeys.arrived = False
    way = client.get("/clock", headers=headers_of("lin"))
    journeys.arrived = True
    there = client.get("/clock", headers=headers_of("lin"))

    assert ("正在前进到" in way.text, 'value="30"' in way.text, "hx-refresh" in way.headers) == (True, True, False)
    assert ("前进一周" in there.text, "到期触发12项" in there.text, there.headers["hx-refresh"]) == (True, True, "true")


def test_a_page_elsewhere_is_not_where_it_leads_back_to(client: TestClient) -> None:
    headers = {**headers_of("lin"), "Referer": "http://elsewhere.test//evil"}

    answer = client.post("/clock", data={"days": "1", "_csrf": CSRF}, headers=headers)

    assert answer.headers["location"] == "/"


def test_strangers_and_other_sites_move_no_clock(client: TestClient, journeys: Journeys) -> None:
    stranger = client.post("/clock", data={"days": "1"})
    foreign = client.post("/clock", data={"days": "1"}, headers={**headers_of("lin"), "Origin": "http://evil.test"})

    assert (stranger.status_code, stranger.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert (foreign.status_code, journeys.asked) == (403, [])


def test_where_the_clock_is_the_machines_there_is_none_to_move(api: Api) -> None:
    answer = api.client.post("/clock", data={"days": "1", "_csrf": CSRF}, headers=headers_of("lin"))

    assert (answer.status_code, api.client.get("/clock", headers=headers_of("lin")).status_code) == (404, 404)
