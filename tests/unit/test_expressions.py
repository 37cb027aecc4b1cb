"""Guards say what an officer can say with a form in hand, and nothing else; whatever goes wrong means deny."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core.expression_functions import FUNCTIONS
from engine.core.expression_types import ANY, DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType, to_json
from engine.core.expressions import compile_expression
from engine.core.scope_names import scope_names
from engine.errors import DefinitionError, ExpressionError
from tests.samples import SAMPLE

#: What refusing one text may cost: its work is counted, so that a busy machine changes nothing.
MANY_CALLS = 30_000

NAMES: Mapping[str, ValueType] = {
    "level": ValueType("choice", ("一般", "重大")),
    "grades": ValueType("list", item=ValueType("choice", ("一般", "重大"))),
    "数量": NUMBER,
    "count": NUMBER,
    "note": TEXT,
    "due": DATE,
    "today": DATE,
    "urgent": FLAG,
    "unit": ENTITY,
    "unit.*": ANY,
    "unit.region": TEXT,
    "photos": ValueType("list", item=TEXT),
    "case.reopened": NUMBER,
}
SCOPE: Mapping[str, Any] = {
    "level": "重大",
    "grades": ["一般"],
    "数量": 3,
    "count": "12.50",
    "note": "锅炉房",
    "due": "2026-09-30",
    "today": date(2026, 10, 12),
    "urgent": None,
    "unit": "u1",
    "unit.high_risk": True,
    "unit.staff": 120,
    "unit.rate": 0.1,
    "unit.kind": "经营",
    "unit.founded": "2001-05-01",
    "unit.nothing": None,
    "unit.region": "/sample/town01/",
    "photos": ["a", "b"],
    "case.reopened": 0,
}
HOSTILE = [
    json.loads(line)
    for line in Path(__file__).with_name("hostile_expressions.txt").read_text("utf-8").splitlines()
    if not line.startswith("//")
]


def value_of(text: str, **scope: Any) -> Any:
    return compile_expression(text, NAMES).evaluate({**SCOPE, **scope})


def holds(text: str, **scope: Any) -> Any:
    return compile_expression(text, NAMES, expects=FLAG).evaluate({**SCOPE, **scope})


@pytest.mark.parametrize(
    "text",
    [
        "level == '重大'",
        "'重大' == level",
        "level in ['重大', '一般']",
        "level not in ('一般',)",
        "数量 >= 3 and due < today",
        "0 < 数量 <= 3 < 4",
        "count == 12.5",
        "count * 2 - 1 == 24",
        "count / 数量 > 4.1",
        "-数量 < 0",
        "not urgent",
        "urgent == False",
        "urgent == None",
        "unit.high_risk",
        "unit.staff > 100 or unit.nothing == None",
        "unit.rate == 0.1",
        "unit.kind == '经营'",
        "unit.founded < '2002-01-01'",
        "unit.founded <= due",
        "unit.nothing != 3",
        "startswith(unit.region, '/sample/')",
        "'a' in photos",
        "unit.kind not in photos",
        "case.reopened == 0",
        "len(note) == 3 and len(photos) == 2",
        "days(due, today) == 12",
        "add_days(due, 12) == today",
        "year(today) == 2026 and quarter(today) == 4 and month(due) == 9 and day(due) == 30 and weekday(today) == 1",
        "min(数量, count) == 3 and max(due, today) == today and abs(0 - 3) == 数量",
        "round(12.345, 2) == 12.35 and round(2.5) == 3 and floor(-1.5) == -2 and ceil(1.2) == 2",
        "contains(note, '锅炉') and endswith(note, '房') and lower('ABC') == 'abc' and upper('a') == 'A'",
        "filled(level) and empty(urgent) and not empty(photos)",
        "any_of(grades, ['一般', '重大']) and not all_of(grades, ['一般', '重大'])",
        "coalesce(level, '一般') == '重大'",
        "coalesce(urgent, True)",
        "ｃｏｕｎｔ > 1",
        "  数量 == 3  ",
        "note == '锅炉房#1' or 数量 == 3",
    ],
)
def test_what_a_form_can_show_a_guard_can_ask(text: str) -> None:
    assert holds(text) is True


@pytest.mark.parametrize(
    ("text", "value", "kept"),
    [
        ("today", date(2026, 10, 12), "2026-10-12"),
        ("add_days(due, 1)", date(2026, 10, 1), "2026-10-01"),
        ("数量 + 1", 4, 4),
        ("count + 0.5", Decimal("13.00"), 13),
        ("count", Decimal("12.50"), "12.5"),
        ("1 / 4", Decimal("0.25"), "0.25"),
        ("level", "重大", "重大"),
        ("None", None, None),
        ("photos", ("a", "b"), ["a", "b"]),
        ("数量 > 1", True, True),
    ],
)
def test_a_computed_value_is_kept_as_entries_keep_values(text: str, value: Any, kept: Any) -> None:
    assert value_of(text) == value
    assert to_json(value_of(text)) == kept


def test_an_expression_names_what_it_reads() -> None:
    expression = compile_expression("unit.high_risk and 数量 > 1 or unit.high_risk", NAMES)

    assert expression.names == {"unit.high_risk", "数量"}


@pytest.mark.parametrize(
    ("text", "code", "column", "data"),
    [
        ("level == '重打'", "undeclared_choice", 10, {"nearest": "重大"}),
        ("数量 > 1 and 数辆 > 2", "unknown_name", 12, {"name": "数辆", "nearest": "数量"}),
        ("  数量 > 1 and lenn(note) > 2", "unknown_function", 14, {"name": "lenn", "nearest": "len"}),
        ("note == 3", "type_mismatch", 9, {"found": "number"}),
        ("'重大' < level", "unordered_type", 1, {"found": "choice"}),
        ("due < '10月1日'", "not_a_date", 7, {}),
        ("数量 ** 2", "expression_not_allowed", 1, {"found": "Pow"}),
        ("urgent if urgent else urgent", "expression_not_allowed", 1, {"found": "IfExp"}),
        ("len()", "wrong_arguments", 1, {"name": "len"}),
        ("(数量 > 1", "expression_syntax", 1, {}),
        ("数量 >", "expression_syntax", 4, {}),
        ("数量 > 1 # 大", "expression_character", 8, {}),
        ("数量 > 1\nor True", "expression_character", 7, {}),
        ("数量 > 10000000000000000", "number_too_large", 6, {}),
        ("", "expression_empty", 1, {}),
        ("数量", "type_mismatch", 1, {"found": "number"}),
    ],
)
def test_a_wrong_text_is_refused_with_the_column_and_what_was_probably_meant(
    text: str, code: str, column: int, data: dict[str, Any]
) -> None:
    with pytest.raises(DefinitionError) as refused:
        compile_expression(text, NAMES, expects=FLAG, path="states.opened.when")

    told = refused.value.data
    assert (refused.value.code, told["column"], told["path"], told["got"]) == (code, column, "states.opened.when", text)
    assert {key: told[key] for key in data} == data


@pytest.mark.parametrize(
    ("text", "scope", "why"),
    [
        ("数量 > 1", {"数量": None}, "unset"),
        ("due < today", {"due": None}, "unset"),
        ("数量 + 1 == 1", {"数量": None}, "unset"),
        ("len(note) == 0", {"note": None}, "unset"),
        ("数量 / 0 == 1", {}, "division_by_zero"),
        ("数量 * 1000000000000000 > 1", {}, "number_out_of_range"),
        ("count > 1", {"count": "1e999999"}, "number_out_of_range"),
        ("count > 1", {"count": "NaN"}, "not_a_number"),
        ("count > 1", {"count": True}, "not_a_number"),
        ("note == 'a'", {"note": {"vault": "r1", "commitment": "00"}}, "not_a_text"),
        ("note != 'a'", {"note": {"vault": "r1", "commitment": "00"}}, "not_a_text"),
        ("unit.staff > 1", {"unit.staff": "many"}, "not_a_number"),
        ("unit.staff == unit.kind", {}, "type_mismatch"),
        ("unit.high_risk == unit.staff", {}, "type_mismatch"),
        ("unit.staff", {}, "not_a_flag"),
        ("due < today", {"due": "2026-W01-1"}, "not_a_date"),
        ("'a' in photos", {"photos": None}, "not_a_list"),
        ("add_days(due, 99999) == today", {}, "number_out_of_range"),
        ("round(1.5, 99) == 1", {}, "number_out_of_range"),
    ],
)
def test_what_cannot_be_computed_is_denied_and_told_without_the_value(
    text: str, scope: dict[str, Any], why: str
) -> None:
    with pytest.raises(ExpressionError) as denied:
        holds(text, **scope)

    assert (denied.value.code, denied.value.data) == ("expression_failed", {"text": text, "why": why})
    assert denied.value.__cause__ is None


def test_a_name_missing_from_the_scope_is_denied() -> None:
    with pytest.raises(ExpressionError) as denied:
        compile_expression("数量 > 1", NAMES).evaluate({})

    assert denied.value.data == {"text": "数量 > 1", "why": "name_missing"}


@pytest.mark.parametrize("text", ["level == '重大'", "level != '一般'", "level in ['重大']", "urgent", "unit.nothing"])
def test_nothing_filled_in_never_equals_a_value(text: str) -> None:
    assert holds(text, level=None, urgent=None) is ("!=" in text)


@contextmanager
def calls_counted() -> Iterator[Counter[str]]:
    """Count the calls of Python and C functions."""
    calls: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, arg: calls.update((event,)))
    try:
        yield calls
    finally:
        sys.setprofile(before)


def test_the_hostile_texts_are_as_many_as_promised() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) >= 300


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_refused_at_once(text: str) -> None:
    names = scope_names(SAMPLE)

    with calls_counted() as calls, pytest.raises(DefinitionError):
        compile_expression(text, names, expects=FLAG)

    assert sum(calls.values()) < MANY_CALLS


def test_hostile_texts_take_no_memory_to_speak_of() -> None:
    names = scope_names(SAMPLE)
    tracemalloc.start()

    for text in HOSTILE:
        with pytest.raises(DefinitionError):
            compile_expression(text, names, expects=FLAG)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


WORDS = (
    *NAMES, *FUNCTIONS, "and", "or", "not", "in", "is", "if", "else", "lambda", "for", "==", "!=", "<", ">=", "+", "-",
    "*", "/", "**", "%",
    "(", ")", "[", "]", "{", "}", ",", ".", ":", ":=", "=", "'", '"', "f'", "'重大'", "'2026-10-12'", "1",
    "0.5", "1e308", "True", "None", "...", "__class__", "\\", "#", "\n", "\x00", " ", "　", "\u202e", "\ud800",
)  # fmt: skip
fuzz = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=14).map("".join),
)
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.decimals(),
    st.sampled_from(["重大", "1e999999", "2026-10-12", "12.5"]), st.lists(st.text(max_size=5), max_size=3),
)  # fmt: skip


@given(fuzz, st.dictionaries(st.sampled_from([*SCOPE]), anything))
@example("unit.a == unit.b", {"unit.a": float("nan")})
def test_no_text_and_no_value_breaks_out_of_the_two_errors(text: str, scope: dict[str, Any]) -> None:
    try:
        expression = compile_expression(text, NAMES)
    except DefinitionError:
        return
    try:
        expression.evaluate(scope)
    except ExpressionError:
        return


operands = st.sampled_from(
    [
        "level",
        "数量",
        "count",
        "note",
        "due",
        "today",
        "urgent",
        "unit",
        "unit.x",
        "photos",
        "grades",
        "'重大'",
        "1",
        "0.5",
    ]
)


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: "({} {} {})".format(*parts)),
        inner.map("not {}".format),
        st.tuples(st.sampled_from([*FUNCTIONS]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    )


@given(st.recursive(operands, _calls, max_leaves=8), st.dictionaries(st.sampled_from([*SCOPE, "unit.x"]), anything))
def test_well_formed_texts_give_a_value_or_one_of_the_two_errors(text: str, scope: dict[str, Any]) -> None:
    try:
        value = compile_expression(text, NAMES, expects=FLAG).evaluate({**SCOPE, **scope})
    except (DefinitionError, ExpressionError):
        return
    assert isinstance(value, bool)


Pair = tuple[str, Any]
numbers: st.SearchStrategy[Pair] = st.one_of(
    st.integers(0, 50).map(lambda number: (str(number), Fraction(number))),
    st.just(("数量", Fraction(3))),
    st.just(("count", Fraction(25, 2))),
)


def _sum(left: Pair, right: Pair, operator: str) -> Pair:
    results = {"+": left[1] + right[1], "-": left[1] - right[1], "*": left[1] * right[1]}
    return f"({left[0]} {operator} {right[0]})", results[operator]


def _compare(left: Pair, right: Pair, operator: str) -> Pair:
    results = {
        "==": left[1] == right[1],
        "!=": left[1] != right[1],
        "<": left[1] < right[1],
        "<=": left[1] <= right[1],
        ">": left[1] > right[1],
        ">=": left[1] >= right[1],
    }
    return f"{left[0]} {operator} {right[0]}", results[operator]


sums = st.recursive(numbers, lambda inner: st.builds(_sum, inner, inner, st.sampled_from("+-*")), max_leaves=5)
comparisons = st.builds(_compare, sums, sums, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(lambda a, b: (f"({a[0]}) and ({b[0]})", a[1] and b[1]), inner, inner),
        st.builds(lambda a, b: (f"({a[0]}) or ({b[0]})", a[1] or b[1]), inner, inner),
        inner.map(lambda a: (f"not ({a[0]})", not a[1])),
    ),
    max_leaves=5,
)


@given(conditions)
def test_arithmetic_and_logic_mean_what_they_mean_at_school(condition: Pair) -> None:
    text, expected = condition
    if len(text) > 500:
        return

    assert holds(text) is expected
