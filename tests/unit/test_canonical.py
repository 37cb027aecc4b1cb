"""Exact bytes: the same as RFC 8785 for all that is let in, and all that would differ is refused."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.canonical import MOST_DEPTH, MOST_INTEGER, canonical, check_value
from engine.audit.commitment import commit, verify_commitment
from engine.errors import BadInput, Broken

SALT = bytes(range(16))

letters = st.characters(exclude_categories=["Cs"])
keys = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=8)
scalars = st.none() | st.booleans() | st.integers(-MOST_INTEGER, MOST_INTEGER) | st.text(letters, max_size=20)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))
anything = st.recursive(
    scalars | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
)


def depth(value: object) -> int:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inner), default=0)
    return 0


@given(values.filter(lambda value: depth(value) <= MOST_DEPTH))
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    check_value(value)

    assert canonical(value) == rfc8785.dumps(value)


@given(anything)
def test_what_is_let_in_at_the_door_is_written_as_rfc_8785_and_nothing_else_is_written(value: Any) -> None:
    try:
        check_value(value)
    except BadInput:
        with pytest.raises(Broken):
            canonical(value)
    else:
        assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        ({"cost": 1.0}, "value_float", "data.cost"),
        ({"cost": -0.0}, "value_float", "data.cost"),
        ({"cost": float("nan")}, "value_float", "data.cost"),
        ({"rows": [{"n": 2**53}]}, "value_integer_too_large", "data.rows.0.n"),
        ({"n": -(2**53)}, "value_integer_too_large", "data.n"),
        ({"n": 2**80}, "value_integer_too_large", "data.n"),
        ({"\U0001f525": 1}, "value_key_letters", "data"),
        ({"\ud800": 1}, "value_key_letters", "data"),
        ({1: 1}, "value_key_not_text", "data"),
        ({"text": "a\udc00"}, "value_half_character", "data.text"),
        ({"blob": b"a"}, "value_kind", "data.blob"),
        ({"set": {1}}, "value_kind", "data.set"),
        ({"text": "隐" * 30_000}, "value_too_large", "data"),
        ({"rows": [0] * 40_000}, "value_too_large", None),
    ],
)
def test_a_value_without_one_written_form_is_refused_with_its_place(value: Any, code: str, field: str | None) -> None:
    with pytest.raises(BadInput) as refused:
        check_value(value, field="data")
    with pytest.raises(Broken) as broken:
        canonical(value)

    assert refused.value.code == code
    assert field is None or refused.value.field == field
    assert broken.value.code == code


def test_a_value_that_holds_itself_is_refused() -> None:
    value: dict[str, Any] = {}
    value["again"] = value

    with pytest.raises(BadInput, match="value_too_deep"):
        check_value(value)
    with pytest.raises(Broken, match="value_too_deep"):
        canonical(value)


def test_characters_beyond_the_basic_plane_are_let_in_as_values() -> None:
    value = {"name": "𠮷野", "note": "\U0010ffff"}

    check_value(value)

    assert canonical(value) == rfc8785.dumps(value)


def test_a_commitment_is_the_hash_of_salt_length_salt_and_value() -> None:
    assert commit(SALT, "13900000000") == "74eeff21a61dce87581ff4c836c73faaf483c4645ca81485c528f3515d5ec810"


def test_a_commitment_opens_to_its_value_only() -> None:
    commitment = commit(SALT, {"name": "张三"})

    assert verify_commitment(commitment, SALT, {"name": "张三"})
    assert not verify_commitment(commitment, SALT, {"name": "李四"})
    assert not verify_commitment(commitment, bytes(16), {"name": "张三"})
    assert not verify_commitment(commitment, SALT, 1.0)
    assert not verify_commitment("隐", SALT, {"name": "张三"})


def test_a_piece_of_the_value_cannot_be_passed_off_as_salt() -> None:
    commitment = commit(SALT, 123)

    assert not verify_commitment(commitment, SALT + b"1", 23)


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(256)])
def test_a_salt_that_can_be_guessed_is_refused(salt: bytes) -> None:
    with pytest.raises(Broken, match="salt_length"):
        commit(salt, "13900000000")
