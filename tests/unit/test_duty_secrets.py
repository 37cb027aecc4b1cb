"""An obligation of a unit tells the unit how it stands: what meets it must hide nothing from it."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.definition_parts import SealSpec
from engine.core.duty_documents import ResolvedDuty, duty_of
from engine.core.yaml_source import read as read_yaml
from tests.duties import ROUND
from tests.unit.test_recurrence_in_duties import DUTY


def read(**changes: object) -> ResolvedDuty:
    """The duty over a procedure with these changes."""
    (node,) = read_yaml(DUTY.replace("EVERY", "due: day 5 of next month"), file="inspect.yaml")
    procedure = replace(ROUND, **changes)
    return duty_of(node, "sample", {"round": procedure}, ("principal",), ("sample.9",), {})


def test_what_a_unit_owes_is_not_met_by_a_case_that_is_hidden_from_it() -> None:
    told = read(sealed=SealSpec(until=("finish",), hidden_from=("unit",)))

    assert [(one.code, str(one.place)) for one in told.problems] == [
        ("met_in_secret", "inspect.yaml:10 start.procedure")
    ]
    assert read().problems == ()
