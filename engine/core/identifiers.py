"""Registration numbers that carry their own check digit."""

from __future__ import annotations

import re
import unicodedata

from engine.errors import BadInput

# GB 32100-2015: 31 characters, without I, O, S, V, Z, which are mistaken for digits and other letters.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
SHAPE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")


def credit_code_check(body: str) -> str:
    """The 18th character of the unified social credit code whose first 17 are `body` (GB 32100-2015, 5.5)."""
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def credit_code(text: str) -> str:
    """The unified social credit code in its one written form; BadInput says whether length, letters or check fail.

    Full-width letters, blanks, hyphens and lower case are forgiven, since people paste codes from anywhere.
    Only the 18th character is checked, not the check digit of the organisation code inside (GB 11714).
    """
    code = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != 18:
        raise BadInput("credit_code_length", got=text, length=len(code))
    if not SHAPE.fullmatch(code):
        raise BadInput("credit_code_letters", got=text)
    expected = credit_code_check(code[:17])
    if code[17] != expected:
        raise BadInput("credit_code_check", got=text, expected=expected)
    return code


def is_id(text: object, most: int = 100) -> bool:
    """Whether a text can name something: visible characters without a blank, not too many."""
    return isinstance(text, str) and 0 < len(text) <= most and text.isprintable() and " " not in text
