"""Tables, checklists, signers and seals as an author writes them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.convert_fields import checklist_spec, field_spec, seal_spec, sign_level, sign_specs
from engine.core.definition import AnswerSpec, FieldSpec, GroupSpec, ItemSpec, SealSpec, SignSpec
from engine.core.language.acts import Action
from engine.core.language.field_acts import ChecklistDocument, Sealed, Signer
from engine.core.language.procedure import FieldEntry, Task

LIST: dict[str, Any] = {
    "checklist": "doors",
    "version": "2026-1",
    "title": "门",
    "answers": {"好": {"title": "好"}, "坏": {"title": "坏", "finding": True, "note": "required"}},
    "groups": {"ways": {"title": "通道", "items": {"front": "前门", "back": {"text": "后门", "help": "逐个试开"}}}},
}


def action(**told: Any) -> Action:
    return Action.model_validate({"title": "签", **told})


def code(model: Any, told: dict[str, Any]) -> str:
    """What our own validators say of a document that is wrong in one way."""
    with pytest.raises(ValidationError) as wrong:
        model.model_validate(told, context={"parameters": {}})
    (error,) = wrong.value.errors()
    return str(error["ctx"]["code"])


def test_a_table_is_written_as_its_columns():
    entry = FieldEntry.model_validate(
        {
            "title": "问题",
            "max": 5,
            "table": {
                "where": {"title": "部位", "text": True, "max": 20, "required": True},
                "grade": {"title": "等级", "choice": "levels"},
                "pictures": {"title": "照片", "photo": True, "many": True},
            },
        }
    )

    assert field_spec("findings", entry, {"levels": {"low": "低"}}) == FieldSpec(
        id="findings",
        title="问题",
        kind="table",
        maximum=5.0,
        columns=(
            FieldSpec(id="where", title="部位", kind="text", required=True, maximum=20.0),
            FieldSpec(id="grade", title="等级", kind="choice", options=(("low", "低"),)),
            FieldSpec(id="pictures", title="照片", kind="photo", many=True),
        ),
    )


def test_a_checklist_is_inlined_with_its_version():
    made = checklist_spec(ChecklistDocument.model_validate(LIST))

    assert (made.id, made.version) == ("doors", "2026-1")
    assert made.answers == (
        AnswerSpec(id="好", title="好"),
        AnswerSpec(id="坏", title="坏", finding=True, note=True),
    )
    assert made.groups == (
        GroupSpec(
            id="ways",
            title="通道",
            items=(ItemSpec(id="front", text="前门"), ItemSpec(id="back", text="后门", help="逐个试开")),
        ),
    )
    entry = FieldEntry.model_validate({"title": "表", "checklist": "doors"})
    assert field_spec("answers", entry, {}, {"doors": made}).checklist == made


def test_an_item_stands_once_in_a_checklist():
    again = {**LIST["groups"], "rest": {"title": "其他", "items": {"front": "前门"}}}

    assert code(ChecklistDocument, {**LIST, "groups": again}) == "duplicate_id"


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ({"title": "姓名", "text": True, "personal": True}, "personal_column"),
        ({"title": "部位", "text": True, "date": True}, "one_of"),
        ({"title": "部位", "text": True, "many": True}, "unfitting_key"),
    ],
)
def test_a_column_is_of_one_kind_and_never_personal_by_itself(column, found):
    assert code(FieldEntry, {"title": "表", "table": {"x": column}}) == found


def test_only_persons_hold_certificates():
    assert code(FieldEntry, {"title": "x", "text": True, "certificate": "licence"}) == "unfitting_key"


def test_a_level_alone_is_the_signature_of_who_acts():
    simple = action(sign="hand")

    assert (sign_level(simple), sign_specs(simple, "team")) == ("hand", ())


def test_two_officers_are_two_signatures_of_the_side_that_acts():
    two = action(sign="hand", officers=2)

    assert sign_level(two) == "none"
    assert sign_specs(two, "team") == (SignSpec(party="", level="hand", count=2),)


@pytest.mark.parametrize(("by", "holder"), [([], "team"), (["team"], "unit.principal")])
def test_in_a_list_of_signers_the_acting_side_is_who_may_act(by, holder):
    several = action(sign={"team": "hand", "unit": {"hand": True, "refused": "witness"}}, officers=2, by=by)

    assert sign_level(several) == "none"
    assert sign_specs(several, holder) == (
        SignSpec(party="", level="hand", count=2),
        SignSpec(party="unit", level="hand", refused="witness"),
    )


def test_a_signer_signs_at_one_level():
    assert code(Signer, {"hand": True, "scan": True}) == "one_of"


def test_what_hides_a_case_is_read_as_lists():
    told = Sealed.model_validate({"until": "enter", "from": "unit", "seen_by": ["office"]})

    assert seal_spec(told) == SealSpec(until=("enter",), hidden_from=("unit",), seen_by=("office",))


def test_a_deadline_counts_from_a_date_only_with_a_span():
    told = {"holder": "team", "from": "served_on"}

    assert Task.model_validate({**told, "within": "5 workdays"}).since == "served_on"
    assert code(Task, {**told, "until": "due_on"}) == "unfitting_key"


def test_only_set_has_a_condition_of_its_own():
    notify = {"to": "team", "text": "told"}

    assert action(do={"set": {"x": "today"}, "when": "late"}).do[0].when == "late"
    assert code(Action, {"title": "签", "do": {"notify": notify, "when": "late"}}) == "unfitting_key"
