"""A place runs its plan with what it decided; what the plan leaves open cannot be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from engine.core import definition as neutral
from engine.core.compiler import version_of
from engine.core.directory import RolePower
from engine.core.language.documents import DOCUMENTS
from engine.core.loader import load_library
from engine.core.prepare import machines
from engine.core.provenance import place_of
from engine.core.resolve import ResolvedPlace, left_open, resolve
from engine.errors import DefinitionErrors
from engine.runtime.definitions import read_texts
from scripts.make_schema import schemas

BASE = read_texts(Path(__file__).with_name("faulty") / "base")
LEAK, PLAN, PLACE = "library/leak.yaml", "plans/north/plan.yaml", "plans/mill/place.yaml"


def resolved(**changes: tuple[str, str]) -> ResolvedPlace:
    """The place, with texts of its files replaced."""
    files = {"leak": LEAK, "plan": PLAN, "place": PLACE}
    texts = dict(BASE)
    for name, (old, new) in changes.items():
        assert old in texts[files[name]]
        texts[files[name]] = texts[files[name]].replace(old, new)
    return resolve(load_library(texts), "mill")


def state(place: ResolvedPlace, path: str) -> neutral.StateSpec:
    return next(one for one in place.procedures["leak"].states if one.path == path)


def test_a_plan_that_leaves_values_open_cannot_be_run_and_the_clause_is_told() -> None:
    with pytest.raises(DefinitionErrors) as caught:
        resolve(load_library(BASE), "north")

    assert [(one.code, str(one.place), one.data) for one in caught.value.problems] == [
        (
            "still_open",
            "plans/north/plan.yaml:12 open.leak.look_within",
            {
                "expected": "a value that a place decides",
                "got": "尽快",
                "plan": "north",
                "parameter": "look_within",
                "of": "leak",
                "clause": "第三条",
                "says": "尽快",
            },
        ),
        (
            "still_open",
            "plans/north/plan.yaml:13 open.push.push_at",
            {
                "expected": "a value that a place decides",
                "got": "适时",
                "plan": "north",
                "parameter": "push_at",
                "of": "push",
                "clause": "第三条",
                "says": "适时",
            },
        ),
    ]


def test_what_a_place_decides_stands_where_the_plan_was_silent_with_the_silent_clause_as_basis() -> None:
    (task,) = state(resolved(), "told").tasks

    assert (task.holder, task.deadline, task.ladder) == (
        "mender",
        neutral.DeadlineSpec(within="2 workdays", basis=("north.3",)),
        "push",
    )


def test_ladders_and_the_texts_they_use_are_inside_the_procedure() -> None:
    procedure = resolved().procedures["leak"]

    assert procedure.ladders == (
        neutral.LadderSpec(
            id="push",
            title="催办",
            basis=("north.3",),
            rungs=(
                neutral.RungSpec(id="nudge", title="提醒", at="deadline", to=("holder",), text="hurry", every="1 day"),
                neutral.RungSpec(
                    id="notice",
                    title="通知",
                    at="3 workdays after",
                    to=("mender",),
                    text="to_sign",
                    draft="通知",
                    by="boss",
                    issue_within="1 day",
                ),
            ),
        ),
    )
    assert [text.id for text in procedure.texts] == ["again", "hurry", "to_sign", "通知"]


def test_a_plan_replaces_named_elements() -> None:
    assert state(resolved(), "mending").title == "抢修中"
    assert resolved().procedures["leak"].states[0].title == "待查看"


def test_a_place_replaces_what_its_plan_has_replaced() -> None:
    place = resolved(place=("roles:", "replace: {leak.states.mending.title: 修缮中}\nroles:"))

    assert state(place, "mending").title == "修缮中"


def test_null_takes_an_element_away() -> None:
    place = resolved(plan=("  push.basis", "  leak.states.mending.actions.drop: null\n  push.basis"))

    assert [action.id for action in state(place, "mending").tasks[0].actions] == ["mend", "ask"]


def test_a_shared_action_is_taken_over_and_may_be_told_differently() -> None:
    place = resolved()

    first = next(action for action in state(place, "told").tasks[0].actions if action.id == "drop")
    second = next(action for action in state(place, "mending").tasks[0].actions if action.id == "drop")
    assert first == neutral.ActionSpec(
        id="drop",
        title="不用修",
        form=(neutral.FormItem(field="cause", required=True),),
        to=(neutral.TargetSpec(state="dropped"),),
        approve=neutral.ApprovalSpec(
            by="boss", not_by=("mender",), deadline=neutral.DeadlineSpec(within="2 days"), ladder="push"
        ),
    )
    assert (second.title, second.approve) == ("不修了", first.approve)


def test_states_within_regions_are_known_by_their_paths() -> None:
    place = resolved()

    assert [(one.path, one.kind) for one in place.procedures["leak"].states] == [
        ("told", "simple"),
        ("mending", "simple"),
        ("closed_off", "parallel"),
        ("closed_off.pipe", "nested"),
        ("closed_off.pipe.dug", "simple"),
        ("closed_off.pipe.filled", "final"),
        ("closed_off.water", "nested"),
        ("closed_off.water.shut", "simple"),
        ("closed_off.water.running", "final"),
        ("done", "final"),
        ("dropped", "final"),
    ]
    (dug,) = state(place, "closed_off.pipe.dug").tasks
    assert (dug.undated, dug.actions[0].to) == ("视天气", (neutral.TargetSpec(state="closed_off.pipe.filled"),))


def test_roles_are_titled_as_the_plan_and_the_place_call_them() -> None:
    assert resolved().roles == {
        "boss": RolePower(id="boss", title="北区主管", sees="all", may=frozenset({"start", "triage"})),
        "fixer": RolePower(id="fixer", title="磨坊街修理工", sees="region"),
        "owner": RolePower(id="owner", title="房主", sees="unit", may=frozenset({"start"})),
    }


def test_regions_industries_clauses_and_scenarios_come_with_the_place() -> None:
    place = resolved()

    assert (place.regions, place.industries) == ({"/mill/": "磨坊街"}, {"homes": "住宅"})
    assert sorted(place.clauses) == ["law.water.1", "north.2", "north.3"]
    assert [one.scenario for one in place.scenarios] == ["无人查看"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("states.told.actions.look.to.0.when", "library/leak.yaml:41"),
        ("states.told.task.within", "plans/mill/place.yaml:6"),
        ("states.mending.title", "plans/north/plan.yaml:15"),
        ("states.closed_off.regions.pipe.states.dug.task.holder", "library/leak.yaml:65"),
        ("states.closed_off.pipe.dug.task.holder", "library/leak.yaml:65"),
        ("ladders.push.rungs.notice.at", "plans/mill/place.yaml:7"),
        ("states.told.nowhere.at.all", "library/leak.yaml:34"),
    ],
)
def test_every_element_is_found_where_it_was_written(path: str, told: str) -> None:
    place = place_of(resolved().provenance["leak"], path)

    assert str(place) == f"{told} {path}"


def test_the_version_changes_with_a_decided_value_and_with_nothing_else() -> None:
    before = version_of(resolved().procedures["leak"])

    assert version_of(resolved().procedures["leak"]) == before
    assert version_of(resolved(place=("by: 街道办", "by: 街道")).procedures["leak"]) == before
    assert version_of(resolved(leak=("procedure: leak", "# a remark\nprocedure: leak")).procedures["leak"]) == before
    assert version_of(resolved(place=("2 workdays", "3 workdays")).procedures["leak"]) != before


def test_a_resolved_place_compiles() -> None:
    assert sorted(machines(resolved())) == ["leak"]


def test_nothing_of_an_unknown_name_is_resolved() -> None:
    with pytest.raises(DefinitionErrors) as caught:
        resolve(load_library(BASE), "mil")

    assert [(one.code, one.data["nearest"]) for one in caught.value.problems] == [("unknown_place", "mill")]


def test_the_places_of_this_repository_run_and_its_plans_alone_do_not(root: Path) -> None:
    library = load_library(read_texts(root / "workflows"))

    assert library.problems == ()
    for place in library.places:
        machines(resolve(library, place))
    for plan in library.plans:
        assert left_open(library, plan)
        with pytest.raises(DefinitionErrors):
            resolve(library, plan)


def test_the_schemas_in_workflows_are_up_to_date(root: Path) -> None:
    folder = root / "workflows" / "schema"

    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == schemas()


def test_what_the_loader_reads_the_schemas_allow(root: Path) -> None:
    made = {kind: validator_for(json.loads(schemas()[f"{kind}.json"])) for kind in DOCUMENTS}

    for texts in (BASE, read_texts(root / "workflows")):
        for document in load_library(texts).documents:
            errors = [error.message for error in made[document.kind].iter_errors(document.node.plain())]
            assert errors == []
