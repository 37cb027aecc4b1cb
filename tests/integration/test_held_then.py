"""Who held what on any past day: what the table answers is what the entries alone say, over a year of the district."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.runtime.held import held_at
from engine.runtime.projection import micros
from engine.runtime.replay import bytes_of
from engine.store.queries import CaseFilter
from engine.store.reader import Reader
from tests.districts import case
from zhiben.cli import main
from zhiben.composition import Application
from zhiben.settings import Settings

ALL = Scope(person=SYSTEM, everything=True)
#: Fourteen instants of the year, at odd hours, the last second of it among them.
INSTANTS = [
    *(
        datetime.combine(date(2026, 1, 1) + timedelta(days=day), time(hour, 17), UTC)
        for day, hour in zip(Random(2026).sample(range(364), 13), range(0, 24, 2), strict=False)
    ),
    datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),
]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fortieth of the district's year."""
    folder = tmp_path_factory.mktemp("year") / "demo"
    result = CliRunner().invoke(main, ["demo", "--no-serve", "--json", "--one-in", "40", "--folder", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_who_held_what_on_any_past_day_equals_the_fold_of_the_entries(year: Path) -> None:
    with Application(Settings(data=year), what="test") as application, application.store.read() as reader:
        written = {name: list(bytes_of(reader.record, case(name))) for name in _all(reader)}
        persons: set[str] = set()
        told: dict[datetime, dict[str, set[tuple[str, int]]]] = {}
        for at in INSTANTS:
            told[at] = defaultdict(set)
            for name, entries in written.items():
                for task, holders in held_at(entries, at).items():
                    for person in holders:
                        told[at][person].add((name, task))
            persons |= set(told[at])

        for at in INSTANTS:
            for person in persons:
                found = reader.held.by_person(ALL, person, micros(at), limit=5_000)
                assert {(one.case, one.task) for one in found} == told[at][person], (at, person)

    assert sum(len(some) for some in told[INSTANTS[-1]].values()) > 0
    assert len(persons) > 10


def _all(reader: Reader) -> list[str]:
    """The ids of all cases."""
    found: list[str] = []
    after = ""
    while True:
        page = reader.cases(ALL, CaseFilter(), sort="opened_at", down=False, limit=500, after=after)
        found += [view.id for view in page.items]
        after = page.after
        if not after:
            return found
