"""What a definition says of passing tasks on and taking back must be possible; else it is refused when it is loaded."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    ApprovalSpec,
    AskSpec,
    HandlingSpec,
    MoveDeadline,
    PartySpec,
    Procedure,
    SealSpec,
    SignSpec,
    StartSpec,
    TargetSpec,
    UrgeSpec,
    VotesSpec,
)
from engine.core.directory import RolePower
from engine.core.handling_checks import check_superiors
from engine.errors import DefinitionErrors
from tests.holding import handled
from tests.samples import SAMPLE, with_action
from tests.worlds import ROLES

CONFIRM = "states.opened.actions.confirm.recall"
WITH_GUEST = replace(
    SAMPLE, parties=(*SAMPLE.parties, PartySpec(id="visitor", title="来访人", kind="guest", field="unit"))
)


def refused(procedure: Procedure) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)
    return [(problem.code, problem.data["path"]) for problem in wrong.value.problems]


def recalled(until: str = "until read", state: str = "opened", action: str = "confirm", **changes: Any) -> Procedure:
    return with_action(SAMPLE, state, action, recall=until, **changes)


@pytest.mark.parametrize("until", ["until read", "2 hours", "1 workday"])
def test_an_act_is_taken_back_until_it_is_read_or_within_a_span(until: str) -> None:
    compile_procedure(recalled(until))


HANDLINGS: dict[str, tuple[HandlingSpec, list[tuple[str, str]]]] = {
    "transferred to a party that is not there": (
        HandlingSpec(transfer=("nobody",)),
        [("unknown_party", "states.opened.task.handling.transfer")],
    ),
    "delegated to a role within a role": (
        HandlingSpec(delegate=("office.chief",)),
        [("party_without_roles", "states.opened.task.handling.delegate")],
    ),
    "copied to who never signs in": (
        HandlingSpec(copy=("visitor",)),
        [("wrong_party_kind", "states.opened.task.handling.copy")],
    ),
    "urged now and then": (
        HandlingSpec(urge=UrgeSpec(by=("office",), every="often")),
        [("unknown_span", "states.opened.task.handling.urge.every")],
    ),
    "urged by nobody, with a text that is not there": (
        HandlingSpec(urge=UrgeSpec(by=(), every="1 day", text="missing")),
        [
            ("missing_key", "states.opened.task.handling.urge.by"),
            ("unknown_text", "states.opened.task.handling.urge.text"),
        ],
    ),
}


@pytest.mark.parametrize("name", HANDLINGS)
def test_what_all_tasks_share_is_told_once(name: str) -> None:
    handling, expected = HANDLINGS[name]

    assert refused(handled(WITH_GUEST, handling)) == expected


RECALLS: dict[str, tuple[Procedure, list[tuple[str, str]]]] = {
    "no span": (recalled("a while"), [("unknown_span", CONFIRM)]),
    "an act that stays": (recalled(to=()), [("recall_impossible", CONFIRM)]),
    "an act that ends the case": (
        recalled(state="checking", action="accept"),
        [("recall_impossible", "states.checking.actions.accept.recall")],
    ),
    "what a second person consents to": (
        recalled(approve=ApprovalSpec(by="office", undated="x")),
        [("recall_impossible", CONFIRM)],
    ),
    "what is voted on": (
        recalled(votes=VotesSpec(by=("office",), undated="x")),
        [("recall_impossible", CONFIRM)],
    ),
    "what is bound to the deadline": (recalled(ask=AskSpec()), [("recall_impossible", CONFIRM)]),
    "what others sign": (
        recalled(sign="none", signs=(SignSpec(party="unit.principal", level="hand"),)),
        [("recall_impossible", CONFIRM)],
    ),
    "what moves a deadline": (recalled(do=(MoveDeadline(until="due_on"),)), [("recall_impossible", CONFIRM)]),
    "what starts a case": (
        recalled(do=(StartSpec(procedure="sample", action="report"),)),
        [("recall_impossible", CONFIRM)],
    ),
    "what opens a hidden case": (
        replace(recalled(), sealed=SealSpec(until=("confirm",), hidden_from=("unit",))),
        [("recall_impossible", CONFIRM)],
    ),
    "an act within parallel parts": (
        recalled(state="reviewing.left.asked", action="answer"),
        [("recall_impossible", "states.reviewing.left.asked.actions.answer.recall")],
    ),
    "the opening of a case": (
        replace(SAMPLE, starts=tuple(replace(one, recall="until read") for one in SAMPLE.starts)),
        [("recall_impossible", "starts.report.recall")],
    ),
}


@pytest.mark.parametrize("name", RECALLS)
def test_what_cannot_be_undone_is_not_to_be_taken_back(name: str) -> None:
    procedure, expected = RECALLS[name]

    found = refused(procedure)

    assert [one for one in found if one[0] in ("recall_impossible", "unknown_span")] == expected


def test_a_branch_that_ends_the_case_does_not_forbid_the_others() -> None:
    both = (TargetSpec(state="dropped", when="cost == 0"), *SAMPLE.states[0].tasks[0].actions[0].to)

    compile_procedure(recalled(to=both))


def test_superiors_act_only_where_a_role_has_one() -> None:
    flat = {name: RolePower(id=name, title=name) for name in ROLES}

    found = check_superiors(handled(SAMPLE), {}, flat)

    assert [(one.code, one.got) for one in found] == [("superior_of_nobody", "checker")]
    assert check_superiors(handled(SAMPLE), {}, ROLES) == check_superiors(SAMPLE, {}, flat) == []
