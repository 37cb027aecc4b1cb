"""Tables and checklists: every cell is read by its column, every question is answered, every fault has its place."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.command import EvidenceRef
from engine.core.definition import FormItem
from engine.core.form_tables import checked, counted
from engine.core.forms import read_form
from engine.errors import BadInput
from tests.visits import FIELDS

_BY_ID = {field.id: field for field in FIELDS}
ALL = {"front": "good", "back": "none", "vault": "good"}


def read(field: str, value: Any, *evidence: EvidenceRef, partial: bool = False) -> Any:
    form = (FormItem(field=field, partial=partial),)
    return read_form(_BY_ID, form, {field: value}, evidence=evidence).get(field)


def faults(field: str, value: Any, *evidence: EvidenceRef, partial: bool = False) -> list[dict[str, Any]]:
    with pytest.raises(BadInput) as refused:
        read(field, value, *evidence, partial=partial)
    assert refused.value.code == "form_refused"
    problems: list[dict[str, Any]] = refused.value.data["problems"]
    return problems


def photo(field: str, digest: str = "a" * 64) -> EvidenceRef:
    return EvidenceRef(sha256=digest, kind="photo", size=1, media_type="image/jpeg", field=field)


def test_rows_hold_canonical_values_and_leave_out_what_is_empty():
    rows = [
        {"where": "  东门 ", "grade": "high", "cost": "12.50", "by": "2026-04-01", "fixed": False, "owner": "U2"},
        {"where": "西门", "grade": "", "cost": None},
    ]

    assert read("findings", rows) == [
        {"where": "东门", "grade": "high", "cost": "12.5", "by": "2026-04-01", "fixed": False, "owner": "U2"},
        {"where": "西门"},
    ]


@pytest.mark.parametrize("empty", [None, []])
def test_a_table_without_rows_is_an_empty_answer(empty):
    assert read("findings", empty) is None


def test_every_fault_of_a_table_is_told_with_its_row_and_column():
    rows = [{"where": "东门", "cost": "-1"}, {"grade": "higher"}, "row", {"where": "x", "why": "y"}]

    assert faults("findings", rows[:3]) == [
        {"field": "findings.0.cost", "row": 1, "column": "金额", "code": "too_small", "minimum": 0},
        {"field": "findings.1.where", "row": 2, "column": "部位", "code": "missing"},
        {
            "field": "findings.1.grade", "row": 2, "column": "等级", "code": "not_a_choice", "choices": ["low", "high"],
        },
        {"field": "findings.2", "row": 3, "code": "not_a_row"},
    ]  # fmt: skip
    assert faults("findings", rows[3:]) == [{"field": "findings.0", "row": 1, "code": "unknown_field", "column": "why"}]


def test_a_table_takes_no_more_rows_than_it_says_and_no_text():
    assert faults("findings", [{"where": "x"}] * 4) == [
        {"field": "findings", "code": "too_many_rows_here", "maximum": 3}
    ]
    assert faults("findings", "rows") == [{"field": "findings", "code": "not_a_table"}]


def test_photos_of_a_cell_come_with_the_command_for_that_cell():
    rows = [{"where": "东门"}, {"where": "西门", "pictures": ["a" * 64]}]

    assert read("findings", rows, photo("findings.1.pictures"))[1]["pictures"] == ["a" * 64]
    assert [one["code"] for one in faults("findings", rows, photo("findings.0.pictures"))] == ["file_missing"]


def test_a_passed_item_is_kept_like_any_other_with_note_and_photos_where_given():
    answers = {
        "front": "good",
        "back": {"answer": "bad", "note": " 上锁 ", "photos": ["a" * 64]},
        "vault": {"answer": "none"},
    }

    assert read("answers", answers, photo("answers.back")) == {
        "front": {"answer": "good"},
        "back": {"answer": "bad", "note": "上锁", "photos": ["a" * 64]},
        "vault": {"answer": "none"},
    }


def test_every_item_must_be_answered_unless_the_form_takes_a_part():
    some = {"front": "good", "back": ""}

    assert faults("answers", some) == [
        {"field": "answers.back", "item": "后门", "code": "unanswered"},
        {"field": "answers.vault", "item": "库房", "code": "unanswered"},
    ]
    assert read("answers", some, partial=True) == {"front": {"answer": "good"}}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("fine", "not_a_choice"),
        (3, "not_an_answer"),
        ({"answer": "good", "mark": 1}, "not_an_answer"),
        ({"answer": "bad"}, "note_missing"),
        ({"answer": "bad", "note": "  "}, "note_missing"),
        ({"answer": "good", "photos": ["a" * 64]}, "file_missing"),
    ],
)
def test_an_answer_that_is_none_of_the_declared_is_refused_at_its_item(answer, code):
    assert [(one["field"], one["code"]) for one in faults("answers", {**ALL, "back": answer})] == [
        ("answers.back", code)
    ]


def test_an_item_that_the_list_does_not_have_is_refused():
    assert faults("answers", {**ALL, "side": "good"}) == [{"field": "answers.side", "code": "unknown_item"}]
    assert faults("answers", ["good"]) == [{"field": "answers", "code": "not_a_checklist"}]


def test_guards_count_answers_and_rows():
    answers = read("answers", {"front": "good", "back": {"answer": "bad", "note": "上锁"}}, partial=True)

    assert checked(_BY_ID["answers"], answers) == {"answered": 2, "failed": 1, "missing": 1}
    assert checked(_BY_ID["answers"], None) == {"answered": 0, "failed": 0, "missing": 3}
    assert (counted([{"fixed": True}, {"fixed": False}, {}], "fixed"), counted([{}, {}], "count")) == (1, 2)
    assert counted(None, "count") == 0


def test_a_field_of_several_persons_asks_for_as_many_as_it_says():
    assert faults("team", ["chen"]) == [{"field": "team", "code": "too_few", "minimum": 2}]
    assert read("team", ["chen", "zhou"]) == ["chen", "zhou"]
