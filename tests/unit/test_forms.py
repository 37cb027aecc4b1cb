"""A form is read whole: canonical values, or every problem by field, never the value itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.core.command import EvidenceRef
from engine.core.definition import FieldKind, FieldSpec, FormItem
from engine.core.forms import read_claimed, read_form
from engine.errors import BadInput

SHA, OTHER = "a" * 64, "b" * 64
FIELDS = {
    spec.id: spec
    for spec in (
        FieldSpec(id="subject", title="事项", kind="text", required=True, minimum=2, maximum=10),
        FieldSpec(id="story", title="经过", kind="text", long=True),
        FieldSpec(id="cost", title="金额", kind="number", minimum=0, maximum=1_000_000),
        FieldSpec(id="any", title="数", kind="number"),
        FieldSpec(id="day", title="日期", kind="date"),
        FieldSpec(id="level", title="等级", kind="choice", options=(("一般", "一般"), ("重大", "重大"))),
        FieldSpec(id="levels", title="等级", kind="choice", options=(("一般", "一般"), ("重大", "重大")), many=True),
        FieldSpec(id="urgent", title="紧急", kind="flag"),
        FieldSpec(id="unit", title="单位", kind="unit"),
        FieldSpec(id="place", title="场所", kind="place"),
        FieldSpec(id="person", title="人", kind="person"),
        FieldSpec(id="photos", title="照片", kind="photo", many=True, minimum=1, maximum=3),
        FieldSpec(id="paper", title="文件", kind="file"),
        FieldSpec(id="signed", title="签名", kind="signature"),
    )
}
ALL = tuple(FormItem(field=name) for name in FIELDS)


def file(sha256: str, kind: str, field: str) -> EvidenceRef:
    return EvidenceRef(sha256=sha256, kind=kind, size=1, media_type="image/png", field=field)


def read(name: str, value: Any, *evidence: EvidenceRef) -> Any:
    """The canonical value of one optional field, None if it is left out."""
    return read_form(
        {name: FieldSpec(**{**_plain(FIELDS[name]), "required": False})},
        (FormItem(field=name),),
        {name: value},
        evidence=evidence,
    ).get(name)


def _plain(spec: FieldSpec) -> dict[str, Any]:
    return {key: getattr(spec, key) for key in spec.__struct_fields__}


def problems(name: str, value: Any, *evidence: EvidenceRef) -> list[dict[str, Any]]:
    with pytest.raises(BadInput) as refused:
        read(name, value, *evidence)
    assert refused.value.code == "form_refused"
    found: list[dict[str, Any]] = refused.value.data["problems"]
    return found


def test_a_form_becomes_canonical_values_in_its_own_order() -> None:
    data = {
        "unit": "91350100M000100Y43",
        "subject": "  锅炉房 ",
        "story": "一\r\n二",
        "cost": "12.50",
        "day": "2026-09-30",
        "level": "重大",
        "levels": ["重大", "一般"],
        "urgent": False,
        "photos": [OTHER, SHA],
        "paper": SHA,
        "person": None,
        "place": "",
    }
    evidence = (file(SHA, "photo", "photos"), file(OTHER, "photo", "photos"), file(SHA, "file", "paper"))

    values = read_form(FIELDS, ALL, data, evidence=evidence)

    assert list(values.items()) == [
        ("subject", "锅炉房"),
        ("story", "一\n二"),
        ("cost", "12.5"),
        ("day", "2026-09-30"),
        ("level", "重大"),
        ("levels", ["重大", "一般"]),
        ("urgent", False),
        ("unit", "91350100M000100Y43"),
        ("photos", [OTHER, SHA]),
        ("paper", [SHA]),
    ]


def test_all_problems_are_told_at_once() -> None:
    data = {"cost": -1, "day": "30.09.2026", "level": "特大", "colour": "red", "photos": [SHA]}
    form = (*ALL, FormItem(field="story", required=True), FormItem(field="story"))

    with pytest.raises(BadInput) as refused:
        read_form(FIELDS, form, data, evidence=(file(SHA, "photo", "sketch"),))

    assert refused.value.data["problems"] == [
        {"field": "colour", "code": "unknown_field"},
        {"field": "sketch", "code": "unknown_field"},
        {"field": "subject", "code": "missing"},
        {"field": "story", "code": "missing"},
        {"field": "cost", "code": "too_small", "minimum": 0},
        {"field": "day", "code": "not_a_date"},
        {"field": "level", "code": "not_a_choice", "choices": ["一般", "重大"]},
        {"field": "photos", "code": "file_missing"},
    ]


def test_a_flood_of_unknown_fields_is_answered_briefly() -> None:
    with pytest.raises(BadInput) as refused:
        read_form(FIELDS, (), {f"{n}{'x' * 500}": 1 for n in range(5000)})

    told = refused.value.data["problems"]
    assert len(told) == 100
    assert max(len(problem["field"]) for problem in told) == 80


def test_an_answer_to_a_question_of_another_form_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        read_form(FIELDS, (FormItem(field="cost"),), {"cost": 1, "level": "重大"})

    assert refused.value.data["problems"] == [{"field": "level", "code": "unknown_field"}]


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("subject", "e\u0301te\u0301", "été"),
        ("subject", "锅炉\u200b房\ufeff", "锅炉房"),
        ("subject", "   ", None),
        ("subject", "👨\u200d🚒 火", "👨\u200d🚒 火"),
        ("story", "一\t二\n三", "一\t二\n三"),
        ("any", 3, 3),
        ("any", 3.0, 3),
        ("any", -0.0, 0),
        ("any", 0.1, "0.1"),
        ("any", "1234.500", "1234.5"),
        ("any", "+007", 7),
        ("any", "１２．５", "12.5"),
        ("any", 10**15, 10**15),
        ("any", 1e15, 10**15),
        ("any", "-0.000", 0),
        ("any", "", None),
        ("cost", 0, 0),
        ("cost", 1_000_000, 1_000_000),
        ("day", "2024-02-29", "2024-02-29"),
        ("day", "", None),
        ("level", "", None),
        ("levels", [], None),
        ("levels", ["重大", "", None], ["重大"]),
        ("urgent", True, True),
        ("photos", [], None),
        ("photos", None, None),
    ],
)
def test_what_people_type_gets_its_one_written_form(name: str, given: Any, value: Any) -> None:
    found = read(name, given)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("subject", 1, {"code": "not_a_text"}),
        ("subject", "甲", {"code": "too_short", "minimum": 2}),
        ("subject", "甲" * 11, {"code": "too_long", "maximum": 10}),
        ("subject", "一\n二", {"code": "control_character"}),
        ("subject", "一\x00二", {"code": "control_character"}),
        ("subject", "一\u202e二", {"code": "control_character"}),
        ("subject", "一\ud800二", {"code": "control_character"}),
        ("story", "一\x1b二", {"code": "control_character"}),
        ("story", "字" * 20_001, {"code": "too_long", "maximum": 20_000}),
        ("story", "字" * 1_000_000, {"code": "too_long", "maximum": 20_000}),
        ("any", True, {"code": "not_a_number"}),
        ("any", "1e5", {"code": "not_a_number"}),
        ("any", "1,000", {"code": "not_a_number"}),
        ("any", "十", {"code": "not_a_number"}),
        ("any", float("nan"), {"code": "not_a_number"}),
        ("any", float("inf"), {"code": "not_a_number"}),
        ("any", 1e-30, {"code": "not_a_number"}),
        ("any", "0.0000000001", {"code": "not_a_number"}),
        ("any", 10**15 + 1, {"code": "too_large", "maximum": 10**15}),
        ("any", 1e300, {"code": "too_large", "maximum": 10**15}),
        ("any", -(10**400), {"code": "too_large", "maximum": 10**15}),
        ("any", [1], {"code": "not_a_number"}),
        ("cost", -0.5, {"code": "too_small", "minimum": 0}),
        ("cost", "1000000.01", {"code": "too_large", "maximum": 1_000_000}),
        ("day", "2026-02-30", {"code": "not_a_date"}),
        ("day", "2026-9-3", {"code": "not_a_date"}),
        ("day", "20260903", {"code": "not_a_date"}),
        ("day", "2026-W01-1", {"code": "not_a_date"}),
        ("day", "２０２６-09-03", {"code": "not_a_date"}),
        ("day", 20260903, {"code": "not_a_date"}),
        ("day", "0026-09-03", {"code": "date_out_of_range", "minimum": 1949, "maximum": 2149}),
        ("level", ["重大"], {"code": "not_a_choice", "choices": ["一般", "重大"]}),
        ("levels", "重大", {"code": "not_a_list"}),
        ("levels", ["重大", "重大"], {"code": "repeated"}),
        ("levels", ["重大"] * 101, {"code": "too_many", "maximum": 100}),
        ("urgent", "true", {"code": "not_a_flag"}),
        ("urgent", 1, {"code": "not_a_flag"}),
        ("unit", 5, {"code": "not_an_id"}),
        ("unit", "a b", {"code": "not_an_id"}),
        ("place", "a\n", {"code": "not_an_id"}),
        ("person", "x" * 101, {"code": "not_an_id"}),
        ("person", {"id": "x"}, {"code": "not_an_id"}),
        ("photos", "../etc", {"code": "not_a_file"}),
        ("photos", {"sha256": SHA}, {"code": "not_a_file"}),
        ("photos", [1], {"code": "not_a_file"}),
        ("photos", [SHA.upper()], {"code": "not_a_file"}),
        ("photos", [SHA, SHA], {"code": "repeated"}),
        ("photos", [f"{n:064x}" for n in range(4)], {"code": "too_many", "maximum": 3}),
        ("paper", [SHA, OTHER], {"code": "too_many", "maximum": 1}),
        ("signed", [SHA], {"code": "file_missing"}),
    ],
)
def test_what_cannot_be_meant_is_refused_without_repeating_it(name: str, value: Any, problem: dict[str, Any]) -> None:
    assert problems(name, value) == [{"field": name, **problem}]


def test_a_file_counts_only_for_the_field_and_as_the_kind_it_came_for() -> None:
    assert read("signed", SHA, file(SHA, "signature", "signed")) == [SHA]
    assert problems("signed", SHA, file(SHA, "photo", "signed")) == [
        {"field": "signed", "code": "wrong_kind_of_file", "expected": "signature"}
    ]
    assert problems("paper", SHA, file(SHA, "file", "signed")) == [
        {"field": "signed", "code": "unknown_field"},
        {"field": "paper", "code": "file_missing"},
    ]


def test_a_record_taken_over_may_name_any_field_and_leave_out_any_but_brings_no_files() -> None:
    assert read_claimed(FIELDS, {"level": "重大", "cost": 5.5}) == {"cost": "5.5", "level": "重大"}
    with pytest.raises(BadInput) as refused:
        read_claimed(FIELDS, {"photos": [SHA], "colour": 1, "day": "soon"})
    assert refused.value.data["problems"] == [
        {"field": "colour", "code": "unknown_field"},
        {"field": "day", "code": "not_a_date"},
        {"field": "photos", "code": "file_not_claimable"},
    ]


json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.sampled_from(["重大", SHA])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=2)),
    max_leaves=5,
)
KINDS: tuple[FieldKind, ...] = ("text", "number", "date", "choice", "flag", "unit", "place", "person", "file", "photo")


@given(st.sampled_from(KINDS), st.booleans(), st.booleans(), json_values)
def test_whatever_comes_in_leaves_as_bytes_both_writers_agree_on_or_is_refused(
    kind: FieldKind, many: bool, long: bool, value: Any
) -> None:
    spec = FieldSpec(id="x", title="", kind=kind, many=many, long=long, options=(("重大", "重大"),))
    evidence = (file(SHA, kind, "x"),)

    try:
        once = read_form({"x": spec}, (FormItem(field="x"),), {"x": value}, evidence=evidence)
    except BadInput as refused:
        assert {problem["field"] for problem in refused.data["problems"]} == {"x"}  # noqa: PT017
        return

    again = read_form({"x": spec}, (FormItem(field="x"),), once, evidence=evidence)
    assert again == once
    assert orjson.dumps(once, option=orjson.OPT_SORT_KEYS) == rfc8785.dumps(once)
