"""A notice that moves very many deadlines: all of them, each once, with those between, whatever stops it (D28)."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.runtime.bulk import find_bulk, results
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.calendar_notice import by_holder
from engine.runtime.calendar_runs import NoticeRuns
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.notices import NoticeDistrict
from tests.samples import SAMPLE
from tests.worlds import local

#: In days.md; the suite of every change moves fewer.
D28 = 9_412


def filled(district: NoticeDistrict, count: int) -> list[str]:
    """Cases of a day, every fifth of them confirmed: its date was given by a person and moves with no calendar."""
    names = [f"N{n:05}" for n in range(count)]
    for start in range(0, count, 500):
        part = names[start : start + 500]
        district.service.execute([district.start(name, subject=f"事项{name}") for name in part])
        district.service.execute([district.confirm(name) for name in part[::5]])
    return names


def check_all(district: NoticeDistrict, count: int) -> None:
    """Publish the notice and see that every deadline is where it belongs, in one entry of its case."""
    fixed = len(range(0, count, 5))
    preview = district.notices.preview("lin", row := district.proposed())
    assert Counter(one.how for one in preview.moves) == {"later": count - fixed}
    assert (preview.open, dict(preview.stays)) == (count, {})
    wanted = by_holder(preview.moves)

    bulk = district.runs.begin("lin", row)

    assert (bulk.done, bulk.failed) == (count - fixed, 0)
    left = district.notices.preview("lin", district.notices.row("lin", row.id))
    assert (left.moves, dict(left.stays)) == ((), {"same": count - fixed})
    assert {one.seq for one in results(district.door, row.id)} == {2}
    with district.store.read() as reader:
        told = {person: len(reader.messages(Scope(person=person), limit=9).items) for person in wanted}
    assert told == dict.fromkeys(wanted, 1)


def test_hundreds_of_deadlines_follow_a_notice_and_their_holders_are_told_once(store: Store) -> None:
    district = NoticeDistrict(store)
    filled(district, 300)

    check_all(district, 300)


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_as_many_deadlines_as_the_district_has_follow_a_notice(store: Store) -> None:
    district = NoticeDistrict(store, procedure=replace(SAMPLE, same=None))  # nobody looks for former cases of one unit
    filled(district, D28)

    check_all(district, D28)


def test_a_run_that_was_stopped_goes_on_exactly_and_ends_once(sqlite_store: Store) -> None:
    district = NoticeDistrict(sqlite_store)
    names = filled(district, 40)
    row = district.runs.publish("lin", district.proposed(), medium="web")
    halted = BulkRuns(district.door, batch=3)
    runs = NoticeRuns(district.door, district.notices, halted)
    begun = runs.begin("lin", row)
    halted.stop(begun)
    halted.close()

    with_end = BulkRuns(district.door, batch=3, ended=lambda bulk: again.finish(bulk))
    again = NoticeRuns(district.door, district.notices, with_end)
    again.take_up()
    if (bulk := find_bulk(district.door, row.id)) is not None and bulk.status == "stopped":
        with_end.go_on(bulk)
    with_end.wait()
    with_end.close()

    moved = [name for n, name in enumerate(names) if n % 5]
    assert {district.task(name).deadline.due_at for name in moved} == {local("2027-01-05 00:00")}  # type: ignore[union-attr]
    assert district.notices.unsettled() == []


def test_a_crash_between_publishing_and_redating_is_made_good_when_the_server_starts(sqlite_store: Store) -> None:
    district = NoticeDistrict(sqlite_store)
    filled(district, 10)
    district.runs.publish("lin", district.proposed(), medium="web")

    assert district.runs.take_up() == 1
    assert district.notices.unsettled() == []
    assert district.notices.preview(SYSTEM, district.notices.years("lin")[1][0]).moves == ()


def test_the_clock_goes_on_by_the_new_deadlines(sqlite_store: Store) -> None:
    district = NoticeDistrict(sqlite_store)
    filled(district, 20)
    district.runs.begin("lin", district.proposed())

    district.clock.set(local("2027-01-04 12:00"))
    while fire_due(district.service):
        pass
    early = [district.task(f"N{n:05}").expired_at for n in range(20) if n % 5]
    district.clock.set(local("2027-01-05 00:00"))
    while fire_due(district.service):
        pass

    assert set(early) == {None}
    assert {district.task(f"N{n:05}").expired_at for n in range(20) if n % 5} == {local("2027-01-05 00:00")}
