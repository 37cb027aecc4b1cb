"""Changes of the directory, of the day and of shifts reach open tasks within a turn of the worker; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, select, update

from engine.core.command import (
    SYSTEM,
    GrantRole,
    RecordPersons,
    RecordRecusals,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
    RecordUnits,
    TransferTask,
)
from engine.core.definition import HandlingSpec, PartySpec, Procedure
from engine.runtime.projection import micros
from engine.runtime.rehold import Rehold
from engine.runtime.verification import verify_all
from engine.store.schema import case_value, task
from engine.store.store import Store
from tests.districts import SeededDice, case
from tests.integration.organisations import Organisation, Shelf, made
from tests.samples import SAMPLE, with_state


@pytest.fixture
def town(store: Store) -> Organisation:
    """Case A lies with the three checkers of the first town."""
    organisation = made(store)
    organisation.do(organisation.start("A"))
    assert organisation.held("A") == {1: ("chen", "mayor", "zhou")}
    return organisation


def test_when_a_role_ends_its_tasks_lie_with_the_others_after_one_turn(town: Organisation) -> None:
    town.end("chen", "2026-03-02")

    town.turn()

    assert town.held("A") == {1: ("mayor", "zhou")}
    last = town.entries("A")[-1]
    assert (last["acted_by"], last["medium"], last["command"]["id"].partition(":")[0]) == (SYSTEM, "system", "rehold")
    assert [(one["type"], one["how"], one["holder"]["persons"]) for one in last["events"]] == [
        ("holder_changed", "directory", ["mayor", "zhou"])
    ]


def test_when_nobody_is_left_the_task_goes_to_the_queue_and_comes_back_with_the_next_one(town: Organisation) -> None:
    for person in ("chen", "zhou", "mayor"):
        town.end(person, "2026-03-02")
    town.turn()
    in_queue = town.held("A")

    town.join("new", "checker", "/s/t1/")
    town.turn()

    assert (in_queue, town.held("A")) == ({1: ("he", "lin")}, {1: ("new",)})


def test_a_new_holder_of_a_role_finds_the_tasks_that_are_open(town: Organisation) -> None:
    town.join("new", "checker", "/s/t1/")

    assert town.turn() == 1
    assert town.held("A") == {1: ("chen", "mayor", "new", "zhou")}


def test_a_role_that_begins_or_ends_on_a_later_day_counts_from_that_midnight(town: Organisation) -> None:
    town.join("new", "checker", "/s/t1/", since="2026-03-03")
    town.end("zhou", "2026-03-03")
    town.turn()
    before = town.held("A")

    town.clock.advance(timedelta(hours=14, minutes=59))  # 23:59
    town.turn()
    late = town.held("A")
    town.clock.advance(timedelta(minutes=1))
    town.turn()

    assert before == late == {1: ("chen", "mayor", "zhou")}
    assert town.held("A") == {1: ("chen", "mayor", "new")}


def test_tasks_that_nobody_holds_and_no_queue_has_are_counted(town: Organisation) -> None:
    town.do(town.confirm("A"))
    town.turn()
    with town.store.read() as reader:
        before = reader.lag().unheld

    town.end("wang", "2026-03-02")
    town.turn()

    with town.store.read() as reader:
        assert (before, reader.lag().unheld, town.held("A")) == (0, 1, {2: ("",)})


def test_people_of_a_unit_come_and_go(town: Organisation) -> None:
    town.do(town.confirm("A"))
    town.turn()
    assert town.held("A") == {2: ("wang",)}

    town.join("song", "principal", unit="U1")
    town.turn()
    assert town.held("A") == {2: ("song", "wang")}
    town.end("wang", "2026-03-02")
    town.turn()

    assert town.held("A") == {2: ("song",)}


def test_a_unit_that_was_merged_is_represented_by_its_successor(town: Organisation) -> None:
    town.do(town.confirm("A"))
    for person in ("wang", "li"):
        town.end(person, "2026-03-02")
    row = {"id": "U1", "successor": "U2", "how": "merged", "valid_from": "2026-03-02"}
    town.tell(RecordSuccessions(successions=(row,)))

    town.turn()

    assert town.held("A") == {2: ("qian",)}


def test_a_unit_of_another_industry_has_other_supervisors(town: Organisation) -> None:
    town.tell(GrantRole(person="tang", role="checker", region="/s/t1/", industry="food", valid_from="2026-01-01"))
    town.turn()
    assert town.held("A") == {1: ("chen", "mayor", "zhou")}

    town.tell(RecordUnits(units=({"id": "U1", "title": "一号厂", "region": "/s/t1/", "industry": "food"},)))
    town.turn()

    assert town.held("A") == {1: ("tang",)}


def test_a_transferred_task_stays_where_it_is_until_that_person_leaves(store: Store) -> None:
    (tasks,) = (state.tasks for state in SAMPLE.states if state.path == "opened")
    passed_on = tuple(replace(one, handling=HandlingSpec(transfer=("office",))) for one in tasks)
    town = made(store, with_state(SAMPLE, "opened", tasks=passed_on))
    town.do(town.start("A"))
    town.do(town.request(case("A"), TransferTask(task=1, to="lin", reason="下乡"), "chen"))
    town.join("new", "checker", "/s/t1/")
    town.turn()
    assert town.held("A") == {1: ("lin",)}

    town.end("lin", "2026-03-02")
    town.turn()

    assert town.held("A") == {1: ("chen", "mayor", "new", "zhou")}


# shifts -------------------------------------------------------------------------------------------------------------


def on_duty() -> Procedure:
    """The sample, whose reports are looked at by whoever is on duty."""
    party = PartySpec(id="duty", title="值班", kind="roster", roster="watch", region="place.region", none="pool")
    parties = (*SAMPLE.parties, party)
    (tasks,) = (state.tasks for state in SAMPLE.states if state.path == "opened")
    return with_state(replace(SAMPLE, parties=parties), "opened", tasks=(replace(tasks[0], holder="duty"),))


def shift(name: str, person: str, begins: str, ends: str) -> dict[str, str]:
    """A shift on Monday the second, or to the morning after, in the first town."""
    told = {"roster": "watch", "person": person, "region": "/s/t1/", "id": name}
    return {**told, "begins": f"2026-03-{begins}+08:00", "ends": f"2026-03-{ends}+08:00"}


def test_at_eight_in_the_evening_the_task_lies_with_the_night_shift(store: Store) -> None:
    town = made(store, on_duty())
    day = shift("day", "chen", "02T08:00:00", "02T20:00:00")
    night = shift("night", "zhou", "02T20:00:00", "03T08:00:00")
    town.tell(RecordShifts(shifts=(day, night)))
    town.do(town.start("A"))
    town.turn()
    town.clock.advance(timedelta(hours=10, minutes=59))
    assert (town.turn(), town.held("A")) == (0, {1: ("chen",)})

    town.clock.advance(timedelta(minutes=1))
    town.turn()
    at_night = town.held("A")
    town.clock.advance(timedelta(hours=12))
    town.turn()

    assert at_night == {1: ("zhou",)}
    assert town.held("A") == {1: ("he", "lin", "mayor")}  # nobody is on duty: it is in the queue
    assert town.entries("A")[-1]["events"][0]["how"] == "directory"


def test_a_shift_that_is_told_anew_counts_at_once(store: Store) -> None:
    town = made(store, on_duty())
    town.tell(RecordShifts(shifts=(shift("day", "chen", "02T08:00:00", "02T20:00:00"),)))
    town.do(town.start("A"))

    instead = (shift("day", "chen", "02T08:00:00", "02T08:30:00"), shift("ill", "zhou", "02T08:30:00", "02T20:00:00"))
    town.tell(RecordShifts(shifts=instead))
    town.turn()

    assert town.held("A") == {1: ("zhou",)}


# substitutes --------------------------------------------------------------------------------------------------------


def standing_in(**limits: str) -> RecordSubstitutions:
    """The clerk stands in for chen on Tuesday and Wednesday."""
    row = {"id": "s", "person": "chen", "substitute": "tang", "valid_from": "2026-03-03", "valid_to": "2026-03-05"}
    return RecordSubstitutions(substitutions=({**row, **limits},))


def test_from_midnight_on_a_substitute_finds_the_tasks_of_the_day_and_for_whom(town: Organisation) -> None:
    town.tell(standing_in())
    seen = [town.work_of("tang")]

    for days in (1, 2):
        town.clock.advance(timedelta(days=days))
        town.turn()
        seen.append(town.work_of("tang"))

    assert seen == [[], [("A", 1, "chen")], []]


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({"role": "checker"}, [("A", 1, "chen")]),
        ({"role": "office"}, []),
        ({"procedure": "sample"}, [("A", 1, "chen")]),
        ({"procedure": "other"}, []),
        ({"role": "checker", "procedure": "sample"}, [("A", 1, "chen")]),
    ],
)
def test_a_substitution_reaches_its_role_and_procedure_only(
    town: Organisation, limits: dict[str, str], found: list[tuple[str, int, str]]
) -> None:
    town.tell(standing_in(**limits))
    town.clock.advance(timedelta(days=1))

    assert town.work_of("tang") == found


def test_whoever_holds_a_task_and_stands_in_for_another_holder_finds_it_once_as_their_own(town: Organisation) -> None:
    town.tell(standing_in(substitute="zhou"))
    other = {"id": "t", "person": "mayor", "substitute": "tang", "valid_from": "2026-03-03", "valid_to": "2026-03-05"}
    town.tell(RecordSubstitutions(substitutions=(other,)), standing_in(id="u"))
    town.clock.advance(timedelta(days=1))

    assert town.work_of("zhou") == [("A", 1, "zhou")]
    assert town.work_of("tang") == [("A", 1, "chen")]


# rounds -------------------------------------------------------------------------------------------------------------


def test_what_does_not_concern_a_case_is_not_asked_of_it(town: Organisation) -> None:
    town.turn()

    town.join("far", "checker", "/s/t2/")
    town.tell(RecordPersons(persons=({"id": "chen", "name": "陈 某某"},)))
    looked = town.turn()

    assert looked == 0
    assert len(town.entries("A")) == 1


def test_nothing_is_written_where_nothing_changed(town: Organisation) -> None:
    recusal = {"id": "r", "person": "chen", "kind": "kin", "other": "wang", "valid_from": "2026-03-01"}
    town.tell(RecordRecusals(recusals=(recusal,)))

    assert town.turn() == 1
    assert len(town.entries("A")) == 1


def test_a_round_that_was_stopped_goes_on_where_it_was_whoever_goes_on(town: Organisation) -> None:
    for name in "BCDE":
        town.do(town.start(name))
    town.end("chen", "2026-03-02")
    first, second = Rehold(together=2), Rehold(together=2)

    with town.store.read() as reader:
        idle = reader.lag()
    looked = [first.step(town.service), second.step(town.another_service(SeededDice("second")))]
    with town.store.read() as reader:
        lag = reader.lag()
    between = [town.held(name)[1] for name in "ABCDE"]
    looked += [second.step(town.service), first.step(town.service), second.step(town.service)]

    assert looked == [2, 2, 1, 0, 0]
    assert (idle.holders, idle.holders_left) == (None, 0)
    assert (lag.holders, lag.holders_left) == (micros(town.clock.now()), 1)
    assert between == [("mayor", "zhou")] * 4 + [("chen", "mayor", "zhou")]
    assert town.held("E") == {1: ("mayor", "zhou")}
    assert [len(town.entries(name)) for name in "ABCDE"] == [2] * 5


def test_several_workers_look_at_each_case_once(town: Organisation) -> None:
    names = [f"W{n}" for n in range(12)]
    for name in names:
        town.do(town.start(name))
    town.end("chen", "2026-03-02")
    services = [town.another_service(SeededDice(f"worker {n}")) for n in range(4)]

    def work(service: Any) -> int:
        mine, looked = Rehold(together=2), 0
        for _ in range(20):
            looked += mine.step(service)
        return looked

    with ThreadPoolExecutor(4) as threads:
        looked = sum(threads.map(work, services))
    # who found the round taken has asked in vain: whatever is left, one of them finishes
    looked += work(services[0])

    assert looked == 13
    assert [len(town.entries(name)) for name in names] == [2] * 12
    assert all(town.held(name) == {1: ("mayor", "zhou")} for name in names)


def test_rows_of_an_older_program_are_written_anew_by_the_first_round(store: Store) -> None:
    town = Organisation(store)
    town.settle()
    town.do(town.start("A"))
    with store.session() as session:
        session.run(update(task).values(role="", asked_region=""))
        session.run(delete(case_value).where(case_value.c.field == ".concerned"))

    town.turn()

    with store.session() as session:
        rows = session.run(select(task.c.person, task.c.role, task.c.asked_region).order_by(task.c.person)).all()
    assert [tuple(row) for row in rows] == [(one, "checker", "/s/t1/") for one in ("chen", "mayor", "zhou")]
    assert len(town.entries("A")) == 1


def test_the_record_of_a_case_whose_holders_changed_verifies(town: Organisation) -> None:
    town.end("chen", "2026-03-02")
    town.turn()

    today = town.catalog.calendar().local_day(town.clock.now())
    report = verify_all(town.store, town.catalog, Shelf(), town.directory(), today)

    assert (report.cases, report.findings) == (1, ())
