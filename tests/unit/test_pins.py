"""Which PINs may be chosen."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.runtime.pins import check_pin
from web.catalogues import sentence_of


def refused(pin: str, login: str = "") -> str:
    """The code of what a PIN is refused with; "" = it is not."""
    try:
        check_pin(pin, login=login)
    except BadInput as wrong:
        return wrong.code
    return ""


@pytest.mark.parametrize("pin", ["480317", "2719405", "90416285", "048213", "733915"])
def test_digits_without_a_pattern_may_be_chosen(pin: str) -> None:
    assert refused(pin) == ""


@pytest.mark.parametrize(
    ("code", "pins"),
    [
        ("pin_digits", ["", "48031a", "４８０３１７", "48 317", "-48031", "48031\n7"]),
        ("pin_length", ["48031", "480317265"]),
        ("pin_simple", ["000000", "12121212", "112211", "787787"]),
        ("pin_simple", ["123456", "654321", "890123", "13579135", "97531975", "86420864"]),
        ("pin_simple", ["123123", "24862486", "112233", "11144477", "123321", "4567654"]),
        ("pin_common", ["147258", "159357", "5201314", "520168", "789456"]),
    ],
)
def test_what_anybody_would_try_first_is_refused(code: str, pins: list[str]) -> None:
    assert {pin: refused(pin) for pin in pins} == dict.fromkeys(pins, code)


def test_digits_of_the_login_are_no_secret() -> None:
    assert refused("480317", "13548031724") == "pin_like_login"
    assert refused("480317", "13548031") == ""


@pytest.mark.parametrize("code", ["pin_digits", "pin_length", "pin_simple", "pin_common", "pin_like_login"])
def test_why_a_pin_is_refused_is_told(code: str) -> None:
    assert sentence_of(code)
