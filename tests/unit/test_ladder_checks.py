"""What `zhiben check` refuses of ladders: rungs out of order, pauses without limit, parties and states that are not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ApprovalSpec,
    CalmSpec,
    DeadlineSpec,
    LadderChoice,
    MoveDeadline,
    Notify,
    PauseSpec,
    Procedure,
    RungSpec,
)
from engine.core.language.ladder import LadderDocument
from engine.core.language.procedure import Task
from engine.errors import DefinitionErrors
from tests.samples import OPENED, SAMPLE, SLOW, with_state

PAUSE = PauseSpec(by=("office",), most="5 workdays", times=2, missed="fire")
AT = "ladders.slow"


def refused(procedure: Procedure) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)
    return [(problem.code, problem.data["path"]) for problem in wrong.value.problems]


def slow(**changes: Any) -> Procedure:
    return replace(SAMPLE, ladders=(replace(SLOW, **changes),))


def rung(**changes: Any) -> Procedure:
    """The sample whose letter is another."""
    return slow(rungs=(*SLOW.rungs[:2], replace(SLOW.rungs[2], **changes)))


def at(*points: str) -> Procedure:
    return slow(rungs=tuple(RungSpec(id=f"r{n}", title="x", at=point) for n, point in enumerate(points)))


SIGNED = ApprovalSpec(by="office", undated="随时")


@pytest.mark.parametrize(
    ("procedure", "problems"),
    [
        (at("1 workday before", "3 workdays before"), [("rungs_out_of_order", f"{AT}.rungs.r1.at")]),
        (at("deadline", "1 day before"), [("rungs_out_of_order", f"{AT}.rungs.r1.at")]),
        (at("3 workdays after", "2 workdays after"), [("rungs_out_of_order", f"{AT}.rungs.r1.at")]),
        (at("1 week after", "6 days after"), [("rungs_out_of_order", f"{AT}.rungs.r1.at")]),
        (at("2 days after start", "1 day after start"), [("rungs_out_of_order", f"{AT}.rungs.r1.at")]),
        (slow(pause=replace(PAUSE, most="")), [("pause_without_limit", f"{AT}.pause")]),
        (slow(pause=replace(PAUSE, times=0)), [("pause_without_limit", f"{AT}.pause")]),
        (slow(pause=replace(PAUSE, by=("mayor",))), [("unknown_party", f"{AT}.pause.by")]),
        (slow(pause=replace(PAUSE, most="soon")), [("unknown_span", f"{AT}.pause.most")]),
        (slow(calms=CalmSpec(on=("nothing",))), [("unknown_action", f"{AT}.calms.on")]),
        (slow(calms=CalmSpec(on=("apply",), back_to="no")), [("unknown_rung", f"{AT}.calms.back_to")]),
        (slow(calms=CalmSpec(on=("apply",), back_to="remind")), [("calms_before_deadline", f"{AT}.calms.back_to")]),
        (rung(approve=replace(SIGNED, by="mayor")), [("unknown_party", f"{AT}.rungs.letter.approve.by")]),
        (
            rung(approve=replace(SIGNED, undated="")),
            [("deadline_missing", f"{AT}.rungs.letter.approve")],
        ),
        (rung(ladder="slow"), [("ladder_climbs_itself", f"{AT}.rungs.letter.ladder")]),
        (rung(ladder="none"), [("unknown_ladder", f"{AT}.rungs.letter.ladder")]),
        (rung(enter="nowhere"), [("unknown_target", f"{AT}.rungs.letter.enter")] * 5),
        (rung(do=(Notify(to=("mayor",), text="told"),)), [("unknown_party", f"{AT}.rungs.letter.do.0.notify.to")]),
        (rung(do=(MoveDeadline(until="due_on"),)), [("no_deadline_to_move", f"{AT}.rungs.letter.do.0")]),
        (rung(id="resume"), [("reserved_name", f"{AT}.rungs.resume")]),
        (rung(draft="", by="", times=2), [("missing_key", f"{AT}.rungs.letter.every")]),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(procedure, problems):
    assert refused(procedure) == problems


@pytest.mark.parametrize(
    "points",
    [
        ("3 workdays before", "1 day before", "deadline", "deadline", "1 workday after", "2 days after"),
        ("5 workdays after", "6 days after"),
        ("1 day after start", "3 workdays before", "7 workdays after"),
        ("2 weeks after", "10 workdays after", "1 month after"),
    ],
)
def test_rungs_whose_order_depends_on_days_off_are_left_to_the_calendar(points):
    compile_procedure(at(*points))


@pytest.mark.parametrize(
    ("choices", "problems"),
    [
        (
            (LadderChoice(ladder="slow", when="level == 'high'"),),
            [("no_otherwise", "states.opened.task.ladder")],
        ),
        (
            (LadderChoice(ladder="slow"), LadderChoice(ladder="slow", when="urgent")),
            [("branch_never_taken", "states.opened.task.ladder.0"), ("no_otherwise", "states.opened.task.ladder")],
        ),
        (
            (LadderChoice(ladder="fast", when="urgent == True"), LadderChoice(ladder="slow")),
            [("unknown_ladder", "states.opened.task.ladder.0.ladder")],
        ),
        (
            (LadderChoice(ladder="slow", when="colour == 'red'"), LadderChoice(ladder="slow")),
            [("unknown_name", "states.opened.task.ladder.0.when")],
        ),
    ],
)
def test_of_several_ladders_exactly_one_is_climbed(choices, problems):
    tasks = (replace(OPENED.tasks[0], ladder="", ladders=choices),)

    assert refused(with_state(SAMPLE, "opened", tasks=tasks)) == problems


def test_a_task_without_deadline_chooses_no_ladder():
    choices = (LadderChoice(ladder="slow", when="urgent == True"), LadderChoice(ladder="slow"))
    tasks = (replace(OPENED.tasks[0], ladder="", ladders=choices, deadline=None, undated="不急"),)

    assert refused(with_state(SAMPLE, "opened", tasks=tasks)) == [
        ("ladder_without_deadline", "states.opened.task.ladder")
    ]


def test_a_state_that_only_a_rung_leads_to_is_reached():
    state = replace(OPENED, path="seized", tasks=(replace(OPENED.tasks[0], deadline=DeadlineSpec(within="1 day")),))
    letter = RungSpec(id="seize", title="提级", at="3 workdays after", enter="seized")
    procedure = replace(SAMPLE, states=(*SAMPLE.states, state), ladders=(replace(SLOW, rungs=(letter,)),))

    machine = compile_procedure(procedure)

    assert machine.climbs["opened", "", "slow", "seize"].leaves == ("seized",)


DRAFT = {
    "title": "函告", "at": "deadline", "draft": "letter", "by": "office", "to": "unit", "text": "told",
    "issue_within": "1 day", "if_over": "withdraw",
}  # fmt: skip


@pytest.mark.parametrize("missing", ["if_over", "issue_within", "by"])
def test_what_becomes_of_a_draft_is_always_said(missing):
    document = {
        "ladder": "l",
        "title": "l",
        "basis": [],
        "rungs": {"a": {k: v for k, v in DRAFT.items() if k != missing}},
    }

    with pytest.raises(ValueError, match="missing_key"):
        LadderDocument.model_validate(document)
    assert LadderDocument.model_validate({**document, "rungs": {"a": DRAFT}}).rungs["a"].if_over == "withdraw"


def test_one_ladder_is_written_as_its_name_alone():
    one = Task.model_validate({"holder": "unit", "within": "1 day", "ladder": "slow", "basis": []})

    assert [(entry.ladder, entry.when) for entry in one.ladder] == [("slow", None)]
