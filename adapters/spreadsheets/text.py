"""How texts from spreadsheets are compared: headers, choices, names."""

from __future__ import annotations

import re
import unicodedata

# Controls that no cell needs, and the marks that turn the direction of what follows (they forge log lines and names).
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def normal(text: str) -> str:
    """A name in the form in which names are looked up: NFKC (full-width brackets, digits), single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def same(text: str) -> str:
    """A header or choice in the form in which two of them are compared: no blanks, no case, no asterisk, no colon."""
    return "".join(normal(text).split()).casefold().strip("*:")


def column_letters(index: int) -> str:
    """The letters a spreadsheet shows above the column `index`, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
