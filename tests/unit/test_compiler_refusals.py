"""A definition that cannot be meant is refused, with everything that is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    ApprovalSpec,
    AskSpec,
    DeadlineSpec,
    FieldSpec,
    FormItem,
    LadderSpec,
    MoveDeadline,
    Notify,
    PartySpec,
    Procedure,
    RungSpec,
    SameSpec,
    SetFields,
    StateSpec,
    TargetSpec,
    TaskSpec,
)
from engine.errors import DefinitionErrors
from tests.charts import END, HOME, STOPPED, charted, leading, replace, task
from tests.samples import OPENED, SAMPLE, SLOW, with_action, with_state


def refused(procedure: Procedure) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)
    return [(problem.code, problem.data["path"]) for problem in wrong.value.problems]


def home(*actions: ActionSpec, **more: Any) -> StateSpec:
    return replace(HOME, tasks=task(leading("finish", "end"), *actions, **more))


AUTOMATIC = StateSpec(path="passing", title="", then=(TargetSpec(state="home"),))
CHARTS: dict[str, tuple[Procedure, list[tuple[str, str]]]] = {
    "an unknown target": (
        charted(home(leading("go", "hme")), END),
        [("unknown_target", "states.home.actions.go.to.0.state")],
    ),
    "a state nobody comes to": (
        charted(HOME, replace(HOME, path="island"), END),
        [("unreachable_state", "states.island")],
    ),
    "a state without a way out": (
        charted(
            home(leading("go", "trap")), StateSpec(path="trap", title="", tasks=task(ActionSpec(id="a", title=""))), END
        ),
        [("no_exit", "states.trap")],
    ),
    "a circle without an end": (
        charted(
            home(leading("go", "one")),
            StateSpec(path="one", title="", tasks=task(leading("go", "two"))),
            StateSpec(path="two", title="", tasks=task(leading("go", "one"))),
            END,
        ),
        [("no_way_to_the_end", "states.one"), ("no_way_to_the_end", "states.two")],
    ),
    "half a parallel state entered": (
        charted(
            *(
                replace(state, tasks=task(leading("jump", "work.stopped.repair.over")))
                if state.path == "home"
                else state
                for state in STOPPED
            )
        ),
        [("target_inside_region", "states.home.actions.jump.to.0.state")],
    ),
    "one region left for its sister": (
        with_state(
            charted(*STOPPED),
            "work.stopped.guard.posted",
            tasks=task(leading("relieve", "work.stopped.guard.relieved"), leading("x", "work.stopped.repair.over")),
        ),
        [("target_inside_region", "states.work.stopped.guard.posted.actions.x.to.0.state")],
    ),
    "no first state": (
        with_state(charted(*STOPPED), "work", initial=""),
        [("initial_missing", "states.work.initial")],
    ),
    "a region that cannot end": (
        charted(
            *(
                replace(state, children=("on",)) if state.path == "work.stopped.repair" else state
                for state in STOPPED
                if state.path != "work.stopped.repair.over"
            )
        ),
        [("never_complete", "states.work.stopped.repair")],
    ),
    "the same state twice": (charted(HOME, HOME, END), [("duplicate_id", "states.home")]),
    "a state nobody contains": (
        charted(HOME, END, StateSpec(path="home.inner", title="", kind="final")),
        [("unknown_state", "states.home.inner")],
    ),
    "a parallel state without a way on": (
        with_state(charted(*STOPPED), "work.stopped", then=()),
        [("no_exit", "states.work.stopped")],
    ),
    "a region that leaves by itself": (
        with_state(charted(*STOPPED), "work.stopped.guard", then=(TargetSpec(state="home"),)),
        [("region_with_then", "states.work.stopped.guard")],
    ),
    "a complete state that goes on inside itself": (
        with_state(
            charted(*STOPPED), "work.stopped.repair.on", then=(TargetSpec(state="work.stopped.repair.on.first"),)
        ),
        [("target_inside_itself", "states.work.stopped.repair.on.then.to.0.state")],
    ),
    "a task of a container": (
        with_state(charted(*STOPPED), "work", tasks=task()),
        [("container_with_task", "states.work")],
    ),
    "an end without its kind": (
        charted(HOME, replace(END, final="")),
        [("kind_of_closing_missing", "states.end.final")],
    ),
    "an end with a task": (charted(HOME, replace(END, tasks=task())), [("final_with_more", "states.end")]),
    "two states that pass a case on to each other": (
        charted(
            home(leading("go", "passing")),
            replace(AUTOMATIC, then=(TargetSpec(state="passed"),)),
            replace(
                AUTOMATIC, path="passed", then=(TargetSpec(state="home", when="size > 1"), TargetSpec(state="passing"))
            ),
            END,
        ),
        [("endless_branches", "states.passing.then"), ("endless_branches", "states.passed.then")],
    ),
    "a parallel state that needs nobody and comes back to itself": (
        charted(
            home(leading("go", "both")),
            StateSpec(
                path="both",
                title="",
                kind="parallel",
                children=("a", "b"),
                then=(TargetSpec(state="home", when="size > 1"), TargetSpec(state="both")),
            ),
            StateSpec(path="both.a", title="", kind="nested", initial="x", children=("x", "y")),
            StateSpec(path="both.a.x", title="", then=(TargetSpec(state="both.a.y"),)),
            StateSpec(path="both.a.y", title="", kind="final"),
            StateSpec(path="both.b", title="", kind="nested", initial="y", children=("y",)),
            StateSpec(path="both.b.y", title="", kind="final"),
            END,
        ),
        [("endless_branches", "states.both.then"), ("endless_branches", "states.both.a.x.then")],
    ),
    "no branch where a state must go on by itself": (
        charted(
            home(leading("go", "passing")), replace(AUTOMATIC, then=(TargetSpec(state="home", when="size > 1"),)), END
        ),
        [("no_otherwise", "states.passing.then.to")],
    ),
    "a branch that is never taken": (
        charted(home(leading("go", "end", "home")), END),
        [("branch_never_taken", "states.home.actions.go.to.1")],
    ),
    "a guard that names what is not there": (
        charted(home(ActionSpec(id="go", title="", to=(TargetSpec(state="end", when="sise > 1"),))), END),
        [("unknown_name", "states.home.actions.go.to.0.when")],
    ),
    "a task without deadline and without a reason": (
        charted(replace(HOME, tasks=(TaskSpec(holder="office", actions=(leading("finish", "end"),)),)), END),
        [("deadline_missing", "states.home.task")],
    ),
    "no state at all": (charted(), [("missing_key", "states")]),
}


@pytest.mark.parametrize("fault", CHARTS)
def test_a_chart_is_refused_for(fault: str) -> None:
    procedure, problems = CHARTS[fault]

    assert refused(procedure) == problems


CONFIRM = OPENED.tasks[0].actions[0]


def on_confirm(**changes: Any) -> Procedure:
    return with_action(SAMPLE, "opened", "confirm", **changes)


def on_task(**changes: Any) -> Procedure:
    return with_state(SAMPLE, "opened", tasks=(replace(OPENED.tasks[0], **changes),))


def on_slow(**changes: Any) -> Procedure:
    return replace(SAMPLE, ladders=(replace(SLOW, rungs=(replace(SLOW.rungs[0], **changes), *SLOW.rungs[1:])),))


def with_field(**field: Any) -> Procedure:
    return replace(SAMPLE, fields=(*SAMPLE.fields, FieldSpec(title="", **field)))


def with_party(**party: Any) -> Procedure:
    return replace(SAMPLE, parties=(*SAMPLE.parties, PartySpec(title="", **party)))


AT = "states.opened.actions.confirm"
REFERENCES: dict[str, tuple[Procedure, list[tuple[str, str]]]] = {
    "a condition on a choice nobody declared": (
        on_confirm(when="level == 'hihg'"),
        [("undeclared_choice", f"{AT}.when")],
    ),
    "a condition where to act that is none": (on_confirm(on_site="cost + 1"), [("type_mismatch", f"{AT}.on_site")]),
    "a form that asks for an unknown field": (
        on_confirm(form=(FormItem(field="levle"),)),
        [("unknown_field", f"{AT}.form")],
    ),
    "a form that asks twice": (
        on_confirm(form=(FormItem(field="level"), FormItem(field="level"))),
        [("duplicate_id", f"{AT}.form")],
    ),
    "an unknown party": (on_confirm(by=("chekcer",)), [("unknown_party", f"{AT}.by")]),
    "a role within a role": (on_confirm(not_by=("office.leader",)), [("party_without_roles", f"{AT}.not_by")]),
    "evidence of an unknown kind": (on_confirm(evidence=("video",)), [("unknown_word", f"{AT}.evidence")]),
    "a span nobody can count": (on_confirm(late_entry="2 dayz"), [("unknown_span", f"{AT}.late_entry")]),
    "a value of the wrong type": (
        on_confirm(do=(SetFields(values={"due_on": "cost"}),)),
        [("type_mismatch", f"{AT}.do.0.set.due_on")],
    ),
    "a value outside of the choices": (
        on_confirm(do=(SetFields(values={"level": "'top'"}),)),
        [("undeclared_choice", f"{AT}.do.0.set.level")],
    ),
    "a value for a file": (
        on_confirm(do=(SetFields(values={"photos": "'a'"}),)),
        [("wrong_field_kind", f"{AT}.do.0.set")],
    ),
    "a deadline moved to what is no date": (
        on_confirm(do=(MoveDeadline(until="cost"),)),
        [("wrong_field_kind", f"{AT}.do.0.deadline.until")],
    ),
    "an unknown text": (
        on_confirm(do=(Notify(to=("office",), text="tolled"),)),
        [("unknown_text", f"{AT}.do.0.notify.text")],
    ),
    "an approval without deadline or reason": (
        on_confirm(approve=ApprovalSpec(by="office")),
        [("deadline_missing", f"{AT}.approve")],
    ),
    "a late request without an approval in time": (
        on_confirm(ask=AskSpec(late_by="office")),
        [("late_without_approval", f"{AT}.ask.late.approve")],
    ),
    "a deadline by a field that is no date": (
        on_task(deadline=DeadlineSpec(until="cost")),
        [("wrong_field_kind", "states.opened.task.until")],
    ),
    "a deadline both ways": (
        on_task(deadline=DeadlineSpec(until="due_on", within="2 days")),
        [("deadline_missing", "states.opened.task")],
    ),
    "a deadline before itself": (
        on_task(deadline=DeadlineSpec(until="3 workdays before")),
        [("point_needs_deadline", "states.opened.task.until")],
    ),
    "a ladder nobody declared": (on_task(ladder="slwo"), [("unknown_ladder", "states.opened.task.ladder")]),
    "a ladder without a deadline": (
        on_task(deadline=None, undated="none"),
        [("ladder_without_deadline", "states.opened.task.ladder")],
    ),
    "an expiry that opens nothing": (
        on_task(expiry_opens="recheck"),
        [("unknown_task", "states.opened.at_expiry.open")],
    ),
    "an expiry that leads nowhere": (on_task(expiry_to="nowhere"), [("unknown_target", "states.opened.at_expiry.to")]),
    "a holder nobody declared": (on_task(holder="nobody"), [("unknown_party", "states.opened.task.holder")]),
    "only a task to be opened": (on_task(id="more"), [("own_task_missing", "states.opened.task")]),
    "a rung at no point of the deadline": (
        on_slow(at="end of quarter"),
        [("point_is_no_rung", "ladders.slow.rungs.remind.at")],
    ),
    "a draft nobody issues": (on_slow(draft="letter"), [("draft_without_owner", "ladders.slow.rungs.remind")]),
    "a rung for nobody": (on_slow(to=("holders",)), [("unknown_party", "ladders.slow.rungs.remind.to")]),
    "two ladders of one name": (
        replace(
            SAMPLE, ladders=(SLOW, LadderSpec(id="slow", title="", rungs=(RungSpec(id="a", title="", at="deadline"),)))
        ),
        [("duplicate_id", "ladders")],
    ),
    "a choice without choices": (with_field(id="grade", kind="choice"), [("choices_missing", "fields.grade")]),
    "a field with the name of the moment": (with_field(id="today", kind="date"), [("reserved_name", "fields.today")]),
    "a field for readers nobody knows": (
        with_field(id="tip", kind="text", confidential=("judge",)),
        [("unknown_party", "fields.tip.confidential")],
    ),
    "a party of a field that is no unit": (
        with_party(id="owner", kind="unit", field="level"),
        [("wrong_field_kind", "parties.owner.unit")],
    ),
    "a party of an act nobody can do": (
        with_party(id="author", kind="actor", actions=("writes",)),
        [("unknown_action", "parties.author.actor")],
    ),
    "a party whose queue is none": (
        with_party(id="crew", kind="role", role="crew", none="office"),
        [("no_queue_in_the_end", "parties.crew.none")],
    ),
    "a party looked up by what is not there": (
        with_party(id="crew", kind="role", role="crew", region="level.region"),
        [("unknown_name", "parties.crew.region")],
    ),
    "a start for nobody": (
        replace(SAMPLE, starts=(replace(SAMPLE.starts[0], by=()),)),
        [("missing_key", "starts.report.by")],
    ),
    "no start": (replace(SAMPLE, starts=()), [("unknown_action", "parties.finder.actor"), ("missing_key", "starts")]),
    "a return by an unknown field": (
        replace(SAMPLE, same=SameSpec(fields=("palce",), within="1 month")),
        [("unknown_field", "same.fields")],
    ),
    "a title that is a date": (replace(SAMPLE, title_field="due_on"), [("wrong_field_kind", "means.title")]),
}


@pytest.mark.parametrize("fault", REFERENCES)
def test_a_definition_is_refused_for(fault: str) -> None:
    procedure, problems = REFERENCES[fault]

    assert refused(procedure) == problems


def test_everything_that_is_wrong_is_told_at_once_with_what_was_probably_meant() -> None:
    procedure = replace(on_confirm(by=("chekcer",), late_entry="2 dayz"), title_field="subjekt")

    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)

    assert [(one.code, one.got, one.data["nearest"]) for one in wrong.value.problems] == [
        ("unknown_field", "subjekt", "subject"),
        ("unknown_party", "chekcer", "checker"),
        ("unknown_span", "2 dayz", "2 days"),
    ]
