"""YAML is read in one way only, and everything keeps its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.core.yaml_source import MOST_BYTES, MOST_DEPTH, MOST_NODES, read
from engine.errors import DefinitionError, Place


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds with the fast parser and where it is not built."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


def refusal(text: str) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        read(text, file="a.yaml")
    return caught.value


def test_values_are_texts_whole_numbers_exact_fractions_flags_and_nothing() -> None:
    (node,) = read(
        "a: [1, -2, 1.50, true, false, null, ~, 2026-09-30, 3 workdays, thursday 17:00, 0]\nb: '12:30'\nc: \"no\"\n",
        file="a.yaml",
    )

    assert node.plain() == {
        "a": [1, -2, Decimal("1.50"), True, False, None, None, "2026-09-30", "3 workdays", "thursday 17:00", 0],
        "b": "12:30",
        "c": "no",
    }


def test_on_is_a_word_of_the_language_when_it_is_a_key() -> None:
    (node,) = read("on: {late: x}\n", file="a.yaml")

    assert node.plain() == {"on": {"late": "x"}}


def test_a_file_may_hold_several_documents_each_with_its_lines() -> None:
    first, second = read("a: 1\n---\nb:\n  c: 2\n", file="a.yaml")

    assert (first.plain(), second.plain()) == ({"a": 1}, {"b": {"c": 2}})
    assert second.map()["b"].map()["c"].place("b.c") == Place(file="a.yaml", line=4, column=6, path="b.c")
    assert second.map()["b"].key_place("c", "b.c") == Place(file="a.yaml", line=4, column=3, path="b.c")


def test_empty_files_and_comments_hold_nothing() -> None:
    assert read("", file="a.yaml") == []
    assert read("# nothing\n---\n# yet\n", file="a.yaml") == []


@pytest.mark.parametrize(
    ("text", "code", "line", "path"),
    [
        ("a: yes", "boolean_word", 1, "a"),
        ("a:\n  b: [x, Off]", "boolean_word", 2, "a.b.1"),
        ("a: True", "boolean_word", 1, "a"),
        ("no: 1", "boolean_word", 1, "no"),
        ("a: NULL", "null_word", 1, "a"),
        ("~: 1", "key_not_text", 1, "~"),
        ("a: 12:30", "sexagesimal", 1, "a"),
        ("a: 1:30:00", "sexagesimal", 1, "a"),
        ("a: 08:00", "sexagesimal", 1, "a"),
        ("a: 013", "unclear_number", 1, "a"),
        ("a: 0x1F", "unclear_number", 1, "a"),
        ("a: 1_000", "unclear_number", 1, "a"),
        ("a: 1e3", "unclear_number", 1, "a"),
        ("a: .inf", "unclear_number", 1, "a"),
        ("a: 1\nb: 2\na: 3", "duplicate_key", 3, "a"),
        ("a: {b: 1, b: 1}", "duplicate_key", 1, "a.b"),
        ("a: &x 1", "anchor", 1, "a"),
        ("a: *x", "alias", 1, "a"),
        ("a: !!python/object:os.system x", "tag", 1, "a"),
        ("a: !x {}", "tag", 1, "a"),
        ("<<: {a: 1}", "merge_key", 1, "<<"),
        ("a:\n\tb: 1", "tab", 2, ""),
        ("a: [1", "broken_yaml", 1, ""),
        ("a: 'x", "broken_yaml", 1, ""),
        ("a: b: c", "broken_yaml", 1, ""),
        ("a: \x00", "broken_yaml", 1, ""),
        ("%YAML 1.1\n---\na: 1", "directive", 1, ""),
        ("? [a]\n: b", "key_not_text", 1, ""),
        ("- 1", "not_a_map", 1, ""),
        ("hello", "not_a_map", 1, ""),
        ("{}", "not_a_map", 1, ""),
    ],
)
def test_what_readers_disagree_about_is_refused_with_its_place(text: str, code: str, line: int, path: str) -> None:
    error = refusal(text)

    assert (error.code, error.place and error.place.path) == (code, path)
    # Where a bracket or quote is never closed, the two parsers notice it on different lines.
    assert error.place is not None
    assert error.place.line == line or (code == "broken_yaml" and error.place.line <= line + 1)


def test_a_refusal_says_what_to_write_instead() -> None:
    assert str(refusal("a:\n  due: 12:30\n")) == (
        "a.yaml:2 a.due: sexagesimal: expected quotes around \"12:30\", got '12:30'"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: '" + "x" * MOST_BYTES + "'", "file_too_large"),
        ("a: " + "[" * (MOST_DEPTH + 5) + "]" * (MOST_DEPTH + 5), "too_deep"),
        ("a: " + "[" * 100_000, "too_deep"),
    ],
)
def test_what_is_too_large_or_too_deep_is_refused(text: str, code: str) -> None:
    assert refusal(text).code == code


@pytest.mark.parametrize("parser", ["libyaml"], indirect=True)
def test_more_values_than_any_definition_has_are_refused() -> None:
    assert refusal("a: [" + "1," * (MOST_NODES + 1) + "]").code == "too_many_nodes"


@given(st.dictionaries(st.text("abcxyz", min_size=2, max_size=5), st.text(max_size=20), min_size=1, max_size=5))
def test_quoted_texts_come_back_letter_for_letter(values: dict[str, str]) -> None:
    written = yaml.safe_dump(values, default_style='"', allow_unicode=False, width=1000)

    (node,) = read(written, file="a.yaml")

    assert node.plain() == values
