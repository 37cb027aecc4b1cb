"""What procedures say of each other is checked when they are loaded: no vain wait, no form filled by half."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ActionSpec,
    FieldSpec,
    LinkCases,
    LinkSpec,
    OpenTask,
    Procedure,
    ReactionSpec,
    SealSpec,
    StartSpec,
    StateSpec,
    TargetSpec,
    WaitSpec,
)
from engine.core.link_checks import check_together
from engine.errors import DefinitionErrors
from tests.linked_samples import mend, watch, with_act


def alone(procedure: Procedure) -> list[tuple[str, str]]:
    """Code and place of what is wrong with one procedure by itself."""
    try:
        compile_procedure(procedure)
    except DefinitionErrors as wrong:
        return [(one.code, str(one.data["path"])) for one in wrong.problems]
    return []


def together(*procedures: Procedure) -> list[tuple[str, str, str]]:
    """Procedure, code and place of what procedures say of each other that is not so."""
    machines = {one.id: compile_procedure(one) for one in procedures}
    return [
        (name, one.code, str(one.data["path"])) for name, found in check_together(machines).items() for one in found
    ]


def acting(*effects: Any, to: str = "") -> Procedure:
    """The watch with an action of those effects."""
    targets = (TargetSpec(state=to),) if to else ()
    first, *rest = watch().states
    act = ActionSpec(id="act", title="动作", by=("office",), do=tuple(effects), to=targets)
    return watch(states=(with_act(first, act), *rest))


def starting(**changes: Any) -> StartSpec:
    """A start of a thing to mend that is sound unless changed."""
    sound = {
        "procedure": "mend",
        "action": "report",
        "link": "watches",
        "values": {"unit": "unit", "what": "'修'"},
    }
    return StartSpec(**(sound | changes))


def test_the_samples_are_sound() -> None:
    assert (alone(watch()), alone(mend(proposes=True)), together(watch(), mend(proposes=True))) == ([], [], [])


DO = "states.watching.actions.act.do.0"


@pytest.mark.parametrize(
    ("effect", "found"),
    [
        (LinkCases(how="sees", field="things"), ("unknown_link", f"{DO}.link.how")),
        (LinkCases(how="watches", field="unit"), ("wrong_field_kind", f"{DO}.link.field")),
        (OpenTask(task="gone"), ("unknown_task", f"{DO}.open")),
        (starting(link="sees"), ("unknown_link", f"{DO}.start.link")),
        (starting(values={"unit": "units"}), ("unknown_name", f"{DO}.start.with.unit")),
    ],
)
def test_an_effect_on_other_cases_names_what_its_procedure_has(effect: Any, found: tuple[str, str]) -> None:
    assert alone(acting(effect)) == [found]


@pytest.mark.parametrize(
    ("effect", "found"),
    [
        (starting(values={"unit": "unit"}), ("child_field_missing", f"{DO}.start")),
        (starting(values={"unit": "unit", "what": "'修'", "size": "1"}), ("unknown_field", f"{DO}.start.with.size")),
        (starting(values={"unit": "unit", "what": "1"}), ("type_mismatch", f"{DO}.start.with.what")),
        (starting(action="begin"), ("unknown_action", f"{DO}.start.action")),
    ],
)
def test_the_form_of_a_case_that_is_begun_is_filled_when_the_definition_is_loaded(
    effect: StartSpec, found: tuple[str, str]
) -> None:
    assert together(acting(effect), mend()) == [("watch", *found)]


def test_a_personal_field_is_not_filled_from_outside() -> None:
    fields = tuple(replace(one, personal=True) if one.id == "what" else one for one in mend().fields)
    child = mend(fields=fields, title_field="")

    assert together(acting(starting()), child) == [
        ("watch", "sealed_field_shown", "states.watching.actions.add.do.0.each.with.what"),
        ("watch", "sealed_field_shown", f"{DO}.start.with.what"),
    ]


def test_a_case_that_is_hidden_is_not_begun_by_another_that_would_tell_of_it() -> None:
    hidden = mend(sealed=SealSpec(until=("mend",), hidden_from=("unit",)))

    found = together(watch(), hidden)

    assert found == [("watch", "sealed_told", "states.watching.actions.add.do.0.each")]


def test_a_start_that_needs_a_signature_is_not_made_by_another_case() -> None:
    starts = tuple(replace(one, sign="hand") for one in mend().starts)

    found = together(watch(), mend(starts=starts))

    assert found == [("watch", "child_needs_evidence", "states.watching.actions.add.do.0.each.action")]


def test_a_procedure_that_is_not_there_can_be_neither_linked_nor_named() -> None:
    assert together(watch()) == [
        ("watch", "unknown_procedure", "links.watches.to.0"),
        ("watch", "unknown_procedure", "fields.things.case"),
    ]


def test_a_link_leads_where_its_kind_may() -> None:
    elsewhere = (LinkSpec(id="watches", title="", back="", to=("other",), many=True),)

    assert alone(watch(links=elsewhere)) == [
        ("link_leads_elsewhere", "starts.begin.do.0.link.field"),
        ("link_leads_elsewhere", "states.watching.actions.add.do.0.each.start"),
    ]


def test_a_field_of_many_cases_is_not_linked_as_one() -> None:
    one = (LinkSpec(id="watches", title="", back="", to=("mend",)),)

    assert alone(watch(links=one)) == [
        ("link_of_one", "starts.begin.do.0.link.field"),
        ("link_of_one", "states.watching.actions.add.do.0.each.link"),
    ]


@pytest.mark.parametrize(
    ("wait", "found"),
    [
        (WaitSpec(link="watches", how_many="all", ends=("完成",)), ("wait_may_never_end", "states.watching.wait")),
        (WaitSpec(link="watches", how_many="any"), ("wait_may_never_end", "states.watching.wait")),
        (
            WaitSpec(link="watches", how_many="all", ends=("完成", "不算", "消失")),
            ("unknown_ending", "states.watching.wait.end.2"),
        ),
    ],
)
def test_a_wait_that_may_never_end_is_refused_unless_somebody_can_go_on(wait: WaitSpec, found: tuple[str, str]) -> None:
    assert together(watch(wait=wait), mend()) == [("watch", *found)]
    helped = acting(to="accepting")
    first, *rest = helped.states
    assert [
        one
        for one in together(replace(helped, states=(replace(first, wait=wait), *rest)), mend())
        if one[1] == "wait_may_never_end"
    ] == []


def test_only_a_state_without_states_inside_waits_and_reacts() -> None:
    inner = StateSpec(path="box.in", title="", kind="final")
    box = StateSpec(
        path="box",
        title="",
        kind="nested",
        initial="in",
        children=("in",),
        then=(TargetSpec(state="done"),),
        wait=WaitSpec(link="watches", how_many="all"),
        on=(ReactionSpec(link="watches", when="any_ended"),),
    )
    first, *rest = watch().states
    states = (replace(first, then=(TargetSpec(state="box"),)), *rest, box, inner)

    found = alone(watch(states=states))

    assert ("wait_needs_leaf", "states.box.wait") in found
    assert ("reaction_needs_leaf", "states.box.on") in found


def test_starts_that_lead_to_themselves_are_refused() -> None:
    back = StartSpec(procedure="watch", action="begin", values={"unit": "unit"})
    starts = tuple(replace(one, do=(back,)) for one in mend().starts)
    begin = replace(watch().starts[0], do=(starting(),))

    found = together(watch(starts=(begin,)), mend(starts=starts))

    assert found == [
        ("watch", "starts_in_a_circle", "starts.begin.do"),
        ("mend", "starts_in_a_circle", "starts.report.do"),
    ]


def test_a_field_of_the_kind_case_says_of_which_procedure() -> None:
    field = FieldSpec(id="other", title="", kind="case")

    assert alone(mend(fields=(*mend().fields, field))) == [("procedure_missing", "fields.other")]


def test_the_engines_own_links_keep_their_names() -> None:
    same = LinkSpec(id="same", title="", back="", to=("mend",))

    assert alone(mend(links=(same,))) == [("reserved_name", "links.same")]


def test_a_recurring_task_has_a_span() -> None:
    first, *rest = watch().states
    own, receipt, monthly = first.tasks
    odd = replace(monthly, every="1 moon")

    found = alone(watch(states=(replace(first, tasks=(own, receipt, odd)), *rest)))

    assert found == [("unknown_span", "states.watching.tasks.monthly.every")]
