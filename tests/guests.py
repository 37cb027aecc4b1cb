"""The sample procedure with a party that has no account."""

from __future__ import annotations

import msgspec

from engine.core.definition import ActionSpec, FieldSpec, FormItem, PartySpec, Procedure
from tests.samples import SAMPLE

TESTIFY = ActionSpec(
    id="testify",
    title="作出说明",
    by=("owner",),
    form=(FormItem(field="opinion", required=True),),
    late_entry="10 days",
)


def with_owner() -> Procedure:
    """The sample, in which the owner of the house may testify while a report is checked."""
    opened = next(state for state in SAMPLE.states if state.path == "opened")
    task = msgspec.structs.replace(opened.tasks[0], actions=(*opened.tasks[0].actions, TESTIFY))
    states = tuple(
        msgspec.structs.replace(state, tasks=(task, *state.tasks[1:])) if state.path == "opened" else state
        for state in SAMPLE.states
    )
    return msgspec.structs.replace(
        SAMPLE,
        states=states,
        fields=(*SAMPLE.fields, FieldSpec(id="owner_name", title="房屋所有人", kind="text")),
        parties=(*SAMPLE.parties, PartySpec(id="owner", title="房屋所有人", kind="guest", field="owner_name")),
        starts=(
            msgspec.structs.replace(SAMPLE.starts[0], form=(*SAMPLE.starts[0].form, FormItem(field="owner_name"))),
        ),
    )
