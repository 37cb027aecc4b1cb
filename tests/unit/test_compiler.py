"""A definition becomes a flat table of moves."""

from __future__ import annotations

import msgspec

from engine.core.compiler import STAY, compile_procedure, version_of
from engine.core.definition import (
    ActionSpec,
    DeadlineSpec,
    Procedure,
    TargetSpec,
    TaskSpec,
)
from engine.core.expression_types import ANY, DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType
from engine.core.machine import Branch, Move
from engine.core.scope_names import scope_names
from engine.runtime.catalog import procedure_bytes, read_procedure
from tests.charts import END, HOME, STOPPED, charted, leading, replace, task
from tests.samples import SAMPLE, with_action


def plain(branches: tuple[Branch, ...]) -> list[tuple[str, Move]]:
    return [(branch.guard.text if branch.guard else "", branch.move) for branch in branches]


def moved(target: str, left: str, *entered: str, leaves: tuple[str, ...] | None = None) -> Move:
    entered = entered or (target,)
    return Move(target=target, left=left, entered=entered, leaves=entered if leaves is None else leaves)


REVIEW = moved(
    "reviewing",
    "opened",
    "reviewing",
    "reviewing.left",
    "reviewing.left.asked",
    "reviewing.right",
    "reviewing.right.asked",
    leaves=("reviewing.left.asked", "reviewing.right.asked"),
)


def test_the_sample_becomes_this_table() -> None:
    machine = compile_procedure(SAMPLE)

    left, right = "reviewing.left.asked", "reviewing.right.asked"
    assert {key: plain(branches) for key, branches in machine.moves.items()} == {
        ("", "", "report"): [("", moved("opened", ""))],
        ("opened", "", "confirm"): [("level == 'high'", REVIEW), ("", moved("doing", "opened"))],
        ("opened", "", "dismiss"): [("", moved("dropped", "opened"))],
        ("doing", "", "apply"): [("", moved("checking", "doing"))],
        ("doing", "recheck", "take_over"): [("", moved("checking", "doing"))],
        ("checking", "", "accept"): [("", moved("done", "checking"))],
        ("checking", "", "fail"): [("", moved("doing", "checking"))],
        (left, "", "answer"): [("", moved("reviewing.left.given", left))],
        (left, "", "withdraw"): [("", moved("opened", "reviewing"))],
        (right, "", "answer"): [("", moved("reviewing.right.given", right))],
        ("done", "", "reopen"): [("", moved("doing", "done"))],
    }
    assert {path: plain(branches) for path, branches in machine.completions.items()} == {
        "reviewing": [("", moved("sorting", "reviewing"))],
        "sorting": [("urgent == True", moved("checking", "sorting")), ("", moved("doing", "sorting"))],
    }
    assert machine.expiries == {}
    assert set(machine.guards) == {"level == 'high'", "level != 'high'", "urgent == True", "today"}
    assert machine.ancestors["reviewing.left.asked"] == ("reviewing.left", "reviewing")
    assert machine.actions["doing", "recheck", "note"].id == "note"
    assert machine.actions["done", "", "reopen"].id == "reopen"
    assert list(machine.tasks) == [
        ("opened", ""),
        ("doing", ""),
        ("doing", "recheck"),
        ("checking", ""),
        ("reviewing.left.asked", ""),
        ("reviewing.right.asked", ""),
    ]


def test_a_version_is_the_hash_of_what_is_said_and_of_nothing_else() -> None:
    same = msgspec.json.decode(msgspec.json.encode(SAMPLE), type=Procedure)
    other = with_action(SAMPLE, "opened", "confirm", sign="click")

    assert compile_procedure(SAMPLE).version == version_of(same)
    assert version_of(SAMPLE) == "e0ed0aee02a80ac88edc457405163701ab68be8f49e68a44b05da8a94000a714"
    assert version_of(other) != version_of(SAMPLE)


def test_expressions_know_fields_properties_and_the_moment() -> None:
    files = ValueType("list", item=TEXT)

    assert scope_names(SAMPLE) == {
        "subject": TEXT,
        "unit": ENTITY,
        "place": ENTITY,
        "level": ValueType("choice", ("low", "high")),
        "urgent": FLAG,
        "cost": NUMBER,
        "due_on": DATE,
        "asked_until": DATE,
        "measures": TEXT,
        "reason": TEXT,
        "opinion": TEXT,
        "checked_on": DATE,
        "reporter": TEXT,
        "photos": files,
        **{
            f"{field}.{name}": kind
            for field in ("unit", "place")
            for name, kind in {
                "id": ENTITY,
                "title": TEXT,
                "region": TEXT,
                "industry": TEXT,
                "unit": ENTITY,
                "*": ANY,
            }.items()
        },
        "today": DATE,
        "late": FLAG,
        "on_site": FLAG,
        "case.id": ENTITY,
        "case.number": TEXT,
        "case.reopened": NUMBER,
        "case.extensions": NUMBER,
    }


def test_moves_leave_only_what_they_must() -> None:
    moves = compile_procedure(charted(*STOPPED)).moves

    def taken(state: str, action: str) -> Move:
        (branch,) = moves[state, "", action]
        return branch.move

    stopped, repair, guard = "work.stopped", "work.stopped.repair", "work.stopped.guard"
    all_stopped = (stopped, repair, f"{repair}.on", f"{repair}.on.first", guard, f"{guard}.posted")
    resting = (f"{repair}.on.first", f"{guard}.posted")
    assert taken("home", "stop") == moved("work", "home", "work", "work.under_way", leaves=("work.under_way",))
    assert taken("work.under_way", "stop") == moved(stopped, "work.under_way", *all_stopped, leaves=resting)
    assert taken(f"{repair}.on.first", "next") == moved(f"{repair}.on.second", f"{repair}.on.first")
    assert taken(f"{repair}.on.first", "skip") == moved(f"{repair}.over", f"{repair}.on")
    again = (f"{repair}.on", f"{repair}.on.first")
    assert taken(f"{repair}.on.second", "back") == moved(f"{repair}.on", f"{repair}.on", *again, leaves=again[1:])
    assert taken(f"{repair}.on.second", "resume") == moved("work.under_way", stopped)
    assert taken(f"{repair}.on.second", "give_up") == moved("end", "work")
    assert taken(f"{guard}.posted", "repost") == moved(f"{guard}.posted", f"{guard}.posted")
    assert taken(f"{guard}.posted", "anew") == moved(stopped, stopped, *all_stopped, leaves=resting)


def test_a_complete_container_is_left_whole() -> None:
    completions = compile_procedure(charted(*STOPPED)).completions

    assert {path: plain(branches) for path, branches in completions.items()} == {
        "work.stopped": [("", moved("home", "work"))],
        "work.stopped.repair.on": [("", moved("work.stopped.repair.over", "work.stopped.repair.on"))],
    }


def test_a_passed_deadline_may_lead_on() -> None:
    late = TaskSpec(
        holder="office",
        deadline=DeadlineSpec(within="2 workdays"),
        expiry_to="end",
        actions=(leading("finish", "end"),),
    )

    machine = compile_procedure(charted(replace(HOME, tasks=(late,)), END))

    assert machine.expiries == {("home", ""): moved("end", "home")}


def test_a_branch_without_a_state_stays() -> None:
    stay = ActionSpec(id="note", title="", to=(TargetSpec(state="end", when="size > 3"), TargetSpec(state="")))

    machine = compile_procedure(charted(replace(HOME, tasks=task(stay)), END))

    assert plain(machine.moves["home", "", "note"]) == [("size > 3", moved("end", "home")), ("", STAY)]


def test_choices_keep_their_order_when_a_procedure_is_stored_and_read_again() -> None:
    stored = procedure_bytes(SAMPLE)

    read = read_procedure(stored)

    assert read == SAMPLE
    assert [list(spec.choices) for spec in read.fields if spec.id == "level"] == [["low", "high"]]
