"""A field that is personal or confidential is asked and shown to its parties; nothing else may be made of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import PartySpec, Procedure, SetFields
from engine.errors import DefinitionErrors
from tests.samples import SAMPLE, with_action


def sealed(field: str, **how: Any) -> Procedure:
    """The sample with one more sealed field."""
    how = how or {"personal": True}
    fields = tuple(replace(spec, **how) if spec.id == field else spec for spec in SAMPLE.fields)
    return replace(SAMPLE, fields=fields)


def places(procedure: Procedure) -> set[str]:
    """Where a sealed value would be shown."""
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)
    assert {problem.code for problem in wrong.value.problems} == {"sealed_field_shown"}
    return {problem.data["path"] for problem in wrong.value.problems}


def test_the_sample_seals_who_reported_and_makes_nothing_else_of_it() -> None:
    assert compile_procedure(SAMPLE).fields["reporter"].personal


@pytest.mark.parametrize("how", [{"personal": True}, {"confidential": ("office",)}])
def test_a_sealed_field_is_no_title(how: dict[str, Any]) -> None:
    assert places(sealed("subject", **how)) == {"means.title"}


def test_a_sealed_field_says_neither_whose_case_it_is_nor_where_nor_which_are_alike() -> None:
    assert places(sealed("unit")) >= {"means.unit", "parties.unit.unit", "same.fields", "parties.checker.industry"}
    assert places(sealed("place")) >= {"means.place", "parties.office.region", "same.fields"}


def test_a_sealed_field_names_no_party() -> None:
    person = replace(
        next(spec for spec in SAMPLE.fields if spec.id == "opinion"), id="whom", kind="person", personal=True
    )
    party = PartySpec(id="whom", title="经办人", kind="person", field="whom")

    assert places(replace(SAMPLE, fields=(*SAMPLE.fields, person), parties=(*SAMPLE.parties, party))) == {
        "parties.whom.person"
    }


def test_a_sealed_field_is_no_deadline() -> None:
    assert places(sealed("due_on")) == {"states.doing.task.until"}
    assert places(sealed("asked_until")) == {"states.doing.actions.extend.do.0.deadline.until"}


def test_no_guard_and_no_other_field_reads_a_sealed_field() -> None:
    assert places(sealed("level")) == {
        "states.checking.actions.accept.on_site",
        "states.doing.tasks.recheck.actions.take_over.when",
    }
    assert places(sealed("urgent")) == {"states.sorting.then.to.0.when"}
    copied = with_action(SAMPLE, "opened", "confirm", do=(SetFields(values={"opinion": "reporter"}),))
    assert places(copied) == {"states.opened.actions.confirm.do.0.set.opinion"}
