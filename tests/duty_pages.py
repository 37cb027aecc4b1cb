"""A year of one duty over several units behind the interface: done, late, missed, made up, excused, left and open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.core.command import ExemptObligation, GrantRole, RecordPersons, RecordUnits
from engine.runtime.duty_facts import duty_stream
from engine.store.store import Store
from tests.contract.api_fixtures import Api, opened
from tests.duties import ROUND, Duties, duty, unit_row

#: Four units of high risk, each with a principal `p-<id>`; D lies in another town, E does not operate.
UNITS: dict[str, dict[str, Any]] = {
    "A": {"high_risk": True},
    "B": {"high_risk": True},
    "C": {"high_risk": False},
    "D": {"high_risk": True},
    "E": {"operating": False},
}
_ELSEWHERE = {"D": {"region": "/s/t2/", "industry": "steel"}}
_TITLES = {"A": "恒盛化工", "B": "金峰铸造", "C": "春雨食品", "D": "长河仓储", "E": "旧址"}


def at(month: int, day: int, hour: int = 1) -> datetime:
    """An instant of 2026 in UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


@contextmanager
def duty_world(store: Store, folder: Path) -> Iterator[tuple[Api, Duties]]:
    """On 12 May 2026: March done, missed and excused; April done late, made up or missed; May begun or open."""
    with opened(store, folder, procedure=ROUND) as api:
        duties = Duties(api.district)
        rows = tuple(
            {**unit_row(name, **more), "title": _TITLES[name], **_ELSEWHERE.get(name, {})}
            for name, more in UNITS.items()
        )
        duties.directory(RecordUnits(units=rows))
        duties.directory(RecordPersons(persons=tuple({"id": f"p-{name}", "name": f"p-{name} 某"} for name in UNITS)))
        for name in UNITS:
            duties.directory(GrantRole(person=f"p-{name}", role="principal", unit=name, valid_from="2020-01-01"))
        duties.publish(duty())
        _lived(duties)
        yield api, duties


def _lived(duties: Duties) -> None:
    excused = ExemptObligation(subject="D", period="2026-03", until=at(3, 31).date(), reason="停产检修")
    duties.district.do(duties.district.request(duty_stream("inspect"), excused, "tang"))
    duties.done("A", "2026-03")
    duties.pass_to(at(4, 12))
    duties.done("A", "2026-04")
    duties.done("B", "2026-03")
    duties.district.do(duties.begin("B", "2026-04"))
    duties.pass_to(at(5, 4))
    duties.district.do(duties.end("B-2026-04", by="p-B"))
    duties.pass_to(at(5, 12))
    duties.district.do(duties.begin("B", "2026-05"))
