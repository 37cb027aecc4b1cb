"""A serving process is killed under load, again and again: what it acknowledged stands, once, as it was told."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.campaign import LEAST, Campaign
from tests.crash.ground import settle
from tests.databases import postgres_database

#: Twenty kills on every change, ten on each database; two hundred on each at night.
KILLS, KILLS_AT_NIGHT = 10, 200


def judge(folder: Path, database: str, kills: int, *, seed: int) -> None:
    """Kill so many times and find nothing wrong."""
    report = Campaign(settle(folder, database), seed=seed).run(kills)

    assert report.faults == ()
    assert report.acknowledged >= kills * LEAST
    assert report.in_flight >= kills


@pytest.mark.timeout(800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_acknowledged_command_is_lost_or_doubled_when_the_server_is_killed(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _kill(database, tmp_path, request, KILLS, seed=2026)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_none_is_lost_or_doubled_in_two_hundred_kills(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _kill(database, tmp_path, request, KILLS_AT_NIGHT, seed=2027)


def _kill(database: str, folder: Path, request: pytest.FixtureRequest, kills: int, *, seed: int) -> None:
    with ExitStack() as held:
        url = ""
        if database == "postgresql":
            url = held.enter_context(postgres_database(request.getfixturevalue("pg_server")))
        judge(folder, url, kills, seed=seed)
