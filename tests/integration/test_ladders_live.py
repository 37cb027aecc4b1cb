"""Ladders of the running system: a pause that ends while the workers are off, drafts, repeats (D30)."""

from __future__ import annotations

from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core.command import PauseLadder
from engine.core.definition import PauseSpec
from engine.core.upcast import decode_events
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import District, case
from tests.samples import SAMPLE, SLOW
from tests.worlds import local

PAUSE = PauseSpec(by=("office",), most="5 workdays", times=2, missed="fire")


def told(store: Store, name: str) -> list[tuple[str, str, int, int]]:
    """What the clock did in a case: event, rung, the system's own lateness in hours, repeats that fell together."""
    with store.read() as reader:
        entries = [parse_entry(row.bytes) for row in reader.record.entries(case(name), after=0, limit=1000)]
    return [
        (type(event).__name__, getattr(event, "rung", ""), event.system_late // 3600, getattr(event, "coalesced", 0))
        for entry in entries
        if entry.medium == "timer"
        for event in decode_events(entry.events)
        if hasattr(event, "system_late")
    ]


def test_after_three_days_without_workers_each_missed_rung_comes_once_and_in_order(store: Store) -> None:
    ladder = replace(SLOW, pause=PAUSE)
    district = District(store, procedure=replace(SAMPLE, ladders=(ladder,)))
    district.settle()
    district.clock.set(local("2026-03-02 09:00"))
    district.do(district.start("a"))
    for day in (3, 5, 6):  # due on Wednesday the 4th: reminded, overdue on Thursday and Friday
        district.clock.set(local(f"2026-03-0{day} 09:00"))
        while fire_due(district.service):
            pass
    pause = PauseLadder(task=1, until="2026-03-07", reason="周末检修")
    district.do(district.request(case("a"), pause, "lin"))
    before = len(told(store, "a"))

    district.clock.set(local("2026-03-11 09:00"))
    while fire_due(district.service):
        pass

    assert told(store, "a")[before:] == [
        ("LadderResumed", "", 3 * 24 + 9, 0),
        ("RungFired", "overdue", 2 * 24 + 9, 2),
        ("RungFired", "letter", 2 * 24 + 9, 0),
    ]
