"""Parties that cannot be meant are refused: circles, nobody in the end, guests who hold, offices nobody may refuse."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import (
    DeadlineSpec,
    HandlingSpec,
    HandOverSpec,
    PartySpec,
    Procedure,
    RecusedSpec,
)
from engine.errors import DefinitionErrors
from tests.samples import OPENED, SAMPLE, with_state


def with_party(**spec: Any) -> Procedure:
    return replace(SAMPLE, parties=(*SAMPLE.parties, PartySpec(title="", **spec)))


def with_hand_over(spec: HandOverSpec) -> Procedure:
    return with_state(SAMPLE, "opened", tasks=(replace(OPENED.tasks[0], handling=HandlingSpec(hand_over=spec)),))


REFUSED: dict[str, tuple[Procedure, list[tuple[str, str]]]] = {
    "parties that take each other's place": (
        replace(
            SAMPLE,
            parties=(
                *SAMPLE.parties,
                PartySpec(id="crew", title="甲", kind="role", role="crew", none="gang"),
                PartySpec(id="gang", title="乙", kind="role", role="gang", none="crew"),
            ),
        ),
        [
            ("no_queue_in_the_end", "parties.crew.none"),
            ("parties_in_a_circle", "parties.crew"),
            ("no_queue_in_the_end", "parties.gang.none"),
            ("parties_in_a_circle", "parties.gang"),
        ],
    ),
    "parties that leave each other out": (
        replace(
            SAMPLE,
            parties=(
                *SAMPLE.parties,
                PartySpec(id="first", title="甲", kind="actor", actions=("report",), excepts=("second",)),
                PartySpec(id="second", title="乙", kind="actor", actions=("accept",), excepts=("first",)),
            ),
        ),
        [("parties_in_a_circle", "parties.first"), ("parties_in_a_circle", "parties.second")],
    ),
    "a party that leaves out whom nobody knows": (
        with_party(id="crew", kind="role", role="crew", excepts=("judge",)),
        [("unknown_party", "parties.crew.except")],
    ),
    "a party recused from a role": (
        with_party(id="crew", kind="role", role="crew", recused=RecusedSpec(of=("office",), grounds=("kin",))),
        [("wrong_party_kind", "parties.crew.recused.of")],
    ),
    "neighbours of a person": (
        with_party(id="owner", kind="actor", actions=("report",), beside=True),
        [("wrong_party_kind", "parties.owner.beside")],
    ),
    "a party that follows what has no office": (
        with_party(id="crew", kind="role", role="crew", follows="unit"),
        [("wrong_party_kind", "parties.crew.follows")],
    ),
    "a roster without a name": (with_party(id="duty", kind="roster"), [("missing_key", "parties.duty.roster")]),
    "a guest whom no field names": (
        with_party(id="owner", kind="guest", field="nobody"),
        [("unknown_field", "parties.owner.guest")],
    ),
    "a task that a guest holds": (
        with_state(
            with_party(id="owner", kind="guest", field="subject"),
            "opened",
            tasks=(replace(OPENED.tasks[0], holder="owner"),),
        ),
        [("guest_holds_nothing", "states.opened.task.holder")],
    ),
    "a designation that is nobody's": (
        with_party(
            id="lost", kind="queue", role="office", designate=DeadlineSpec(within="1 workday"), designate_by="judge"
        ),
        [("unknown_party", "parties.lost.designate.by")],
    ),
    "a designation of what is no queue": (
        with_party(id="crew", kind="role", role="crew", designate=DeadlineSpec(within="1 workday")),
        [("wrong_party_kind", "parties.crew.designate")],
    ),
    "a hand-over that nobody may refuse, of what is no role": (
        with_hand_over(HandOverSpec(party="finder", receive_undated="未定期限")),
        [
            ("wrong_party_kind", "states.opened.task.handling.hand_over.party"),
            ("missing_key", "states.opened.task.handling.hand_over.grounds"),
        ],
    ),
    "a hand-over whose receiver would designate themself": (
        with_hand_over(
            HandOverSpec(
                party="checker",
                receive=DeadlineSpec(within="1 workday"),
                grounds=(("not_ours", "不属本部门"),),
                designate_by="checker",
            )
        ),
        [
            ("deadline_missing", "states.opened.task.handling.hand_over.designate"),
            ("designates_for_itself", "states.opened.task.handling.hand_over.designate.by"),
        ],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_definition_is_refused_for(name):
    procedure, problems = REFUSED[name]

    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)

    assert [(problem.code, problem.data["path"]) for problem in wrong.value.problems] == problems


def test_a_party_may_end_in_a_queue_by_way_of_others():
    crew = PartySpec(id="crew", title="", kind="role", role="crew", none="gang", excepts=("finder", "office"))
    gang = PartySpec(id="gang", title="", kind="role", role="crew", region="place.region", beside=True, none="pool")

    machine = compile_procedure(replace(SAMPLE, parties=(*SAMPLE.parties, crew, gang)))

    assert machine.parties["crew"].none == "gang"
