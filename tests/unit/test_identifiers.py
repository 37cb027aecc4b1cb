"""Registration numbers are believed only when their check digit agrees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.identifiers import ALPHABET, credit_code, credit_code_check
from engine.errors import BadInput

# The first is the example of GB 32100-2015 itself, the others stand on public company pages.
PUBLISHED = ("91350100M000100Y43", "9144030071526726XG", "914403001922038216", "91330100799655058B")

bodies = st.tuples(
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_are_accepted(code: str) -> None:
    assert credit_code(code) == code


@pytest.mark.parametrize("typed", [" 91350100m000100y43 ", "91350100-M000100Y-43", "９１３５０１００M000100Y43"])
def test_a_code_pasted_from_anywhere_gets_its_one_written_form(typed: str) -> None:
    assert credit_code(typed) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("typed", "code", "data"),
    [
        ("91350100M000100Y4", "credit_code_length", {"length": 17}),
        ("", "credit_code_length", {"length": 0}),
        ("91350100M000100Y44", "credit_code_check", {"expected": "3"}),
        ("91350100I000100Y43", "credit_code_letters", {}),
        ("9135O100M000100Y43", "credit_code_letters", {}),
        ("甲1350100M000100Y43", "credit_code_letters", {}),
    ],
)
def test_a_wrong_code_is_refused_with_what_is_wrong(typed: str, code: str, data: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        credit_code(typed)

    assert (refused.value.code, refused.value.data) == (code, {"field": "", "got": typed, **data})


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_mistyped_character_never_passes(body: str, place: int, letter: str) -> None:
    code = body + credit_code_check(body)
    mistyped = code[:place] + letter + code[place + 1 :]
    if mistyped == code:
        assert credit_code(mistyped) == code
        return

    with pytest.raises(BadInput):
        credit_code(mistyped)


@given(bodies, st.integers(0, 16))
def test_two_neighbours_that_changed_places_never_pass(body: str, place: int) -> None:
    code = body + credit_code_check(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped == code:
        assert credit_code(swapped) == code
        return

    with pytest.raises(BadInput):
        credit_code(swapped)
