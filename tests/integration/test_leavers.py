"""The officer in charge leaves (D04): 63 tasks move to persons named, each with its reason; both databases."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, EndRole, GrantRole, RecordPersons
from engine.errors import NotFound, NotPermitted
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.leavers import LEAVER, Given, Leavers, requests_of
from engine.runtime.rehold import Rehold
from engine.runtime.verification import verify_all
from engine.runtime.writer import DirectDoor
from engine.store.store import Store
from tests.districts import MASTER, PHOTO, SCAN, SIGNATURE, District
from tests.integration.looking import entries
from tests.integration.test_verification import Shelf

TASKS = 63
KEY = "0123456789abcdef01234567"


@pytest.fixture
def town(store: Store) -> District:
    """63 cases that the principal of a unit must deal with; two officers of it could take them over."""
    made = District(store)
    made.settle()
    named = RecordPersons(persons=({"id": "song", "name": "宋某"},))
    held = GrantRole(person="song", role="officer", unit="U1", valid_from="2020-01-01")
    for act in (named, held):
        made.do(made.request(DIRECTORY, act, SYSTEM, medium="system"))
    names = [f"L{n:02}" for n in range(TASKS)]
    made.service.execute([made.start(name) for name in names])
    made.service.execute([made.confirm(name) for name in names])
    return made


def leavers(town: District) -> Leavers:
    """What reads them."""
    return Leavers(
        store=town.store,
        catalog=town.catalog,
        directories=town.service.directories,
        clock=town.clock,
        master=MASTER,
    )


def given(town: District, items: list[Given], reason: str = "调离") -> BulkRuns:
    """The operation, run to its end."""
    runs = BulkRuns(DirectDoor(town.another_service), batch=20)
    runs.begin(KEY, purpose=LEAVER, requests=requests_of(items, reason, "lin"), person="lin", reason=reason)
    runs.wait()
    return runs


def suggested(town: District) -> list[Given]:
    """Each task with the successor that is suggested."""
    told = leavers(town).held("lin", "wang")
    return [Given(case=one.case.id, task=one.task.n, to=one.suggested) for one in told.tasks]


def test_everything_that_lies_with_somebody_is_told_with_a_successor_for_each(town: District) -> None:
    told = leavers(town).held("lin", "wang")

    assert (len(told.tasks), told.more) == (TASKS, False)
    assert {one.candidates for one in told.tasks} == {("li", "song")}
    assert Counter(one.suggested for one in told.tasks) == {"li": 32, "song": 31}
    assert (told.names["song"], told.loads) == ("宋某", {})
    assert leavers(town).people("lin", ["wang", "li", "nobody"]) == {"wang": TASKS}


def test_whoever_holds_a_task_already_is_suggested_before_others(town: District) -> None:
    town.do(town.start("new"))

    (left,) = leavers(town).held("lin", "chen").tasks

    assert (left.beside, left.suggested) == (("mayor", "zhou"), "mayor")


def test_63_tasks_move_each_to_somebody_named_with_the_reason_and_the_record_verifies(town: District) -> None:
    items = suggested(town)

    runs = given(town, items, reason="王某调任，自3月3日起")

    row = runs.row("lin", LEAVER, KEY)
    assert (row.status, row.done, row.failed) == ("closed", TASKS, 0)
    for item in items:
        last = entries(town, item.case)[-1]
        assert (last["acted_by"], last["medium"], last["command"]["id"].startswith(f"bulk:{KEY}:")) == (
            "lin",
            "bulk",
            True,
        )
        (event,) = last["events"]
        assert event["given"] == {**event["given"], "person": item.to, "by": "lin", "reason": "王某调任，自3月3日起"}
        assert (event["type"], event["how"], event["holder"]["persons"]) == ("holder_changed", "leaver", [item.to])
    assert leavers(town).held("lin", "wang").tasks == ()
    assert findings(town) == ()


def test_what_was_given_stays_with_whom_it_was_given_when_the_leaver_is_gone(town: District) -> None:
    given(town, suggested(town))
    before = leavers(town).people("lin", ["li", "song"])

    directory = leavers(town).directory()
    for one in directory.ever_held("wang"):
        end = EndRole(holding=one.id, valid_to="2026-03-02")
        town.do(town.request(DIRECTORY, end, SYSTEM, medium="system"))
    while Rehold().step(town.service):
        pass

    assert before == leavers(town).people("lin", ["li", "song"]) == {"li": 32, "song": 31}
    assert findings(town) == ()


def test_what_cannot_be_given_is_told_and_holds_up_no_other(town: District) -> None:
    first, second, *rest = suggested(town)
    wrong = [Given(case=first.case, task=first.task, to="qian"), Given(case=second.case, task=99, to="li")]

    runs = given(town, [*wrong, *rest])

    row = runs.row("lin", LEAVER, KEY)
    failed = {one.stream: one.code for one in runs.failed(KEY)}
    assert (row.done, row.failed) == (TASKS - 2, 2)
    assert failed == {f"case/{first.case}": "not_of_the_parties", f"case/{second.case}": failed[f"case/{second.case}"]}
    left = leavers(town).held("lin", "wang").tasks
    assert sorted(one.case.id for one in left) == sorted((first.case, second.case))


def test_a_second_click_is_the_same_operation(town: District) -> None:
    items = suggested(town)
    runs = given(town, items)

    again = runs.begin(KEY, purpose=LEAVER, requests=[], person="lin", reason="")

    assert (again.done, len(entries(town, items[0].case))) == (TASKS, 3)


def test_only_whoever_may_reassign_sees_what_lies_with_others(town: District) -> None:
    for ask in (lambda: leavers(town).held("chen", "wang"), lambda: leavers(town).people("chen", ["wang"])):
        with pytest.raises(NotPermitted):
            ask()
    with pytest.raises(NotFound):
        leavers(town).held("lin", "nobody")


def findings(town: District) -> tuple[Any, ...]:
    """What an examination of the whole record finds."""
    shelf = Shelf(SIGNATURE.sha256, PHOTO.sha256, SCAN.sha256)
    today = town.catalog.calendar().local_day(town.clock.now())
    return verify_all(town.store, town.catalog, shelf, leavers(town).directory(), today).findings
