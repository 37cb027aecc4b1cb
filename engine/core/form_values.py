"""One answer of a form read by the kind of its field; None stands for an empty answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.core.calendar import FIRST_YEAR, LAST_YEAR
from engine.core.command import EvidenceRef
from engine.core.definition import FieldSpec
from engine.core.expression_types import LARGEST_NUMBER, canonical_number, read_date

MOST_CHARACTERS = 2_000
MOST_CHARACTERS_LONG = 20_000
MOST_FILES = 20
_LONGEST_ID = 100
# Digits after the point: money and coordinates need fewer than nine.
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,9})?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
# What pasting from office programs leaves behind and nobody sees: soft hyphen, zero-width space, joiner mark, BOM.
_LITTER = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))
# Emoji and some scripts are written with these; all other format characters can turn a text around.
_JOINERS = "\u200c\u200d"


class Problem(Exception):
    """One answer that cannot be taken; `data` says what its code needs (a limit), never the value."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code, self.data = code, data


def read_text(spec: FieldSpec, value: Any) -> str | None:
    """NFC, line ends as \\n and only in long texts, blanks around it cut."""
    if not isinstance(value, str):
        raise Problem("not_a_text")
    ceiling = MOST_CHARACTERS_LONG if spec.long else MOST_CHARACTERS
    most = ceiling if spec.maximum is None else min(int(spec.maximum), ceiling)
    if len(value) > 4 * ceiling:  # normalising costs time, too
        raise Problem("too_long", maximum=most)
    clean = value if value.isprintable() else value.replace("\r\n", "\n").translate(_LITTER)
    text = unicodedata.normalize("NFC", clean).strip()
    allowed = _JOINERS + ("\n\t" if spec.long else "")
    if not text.isprintable():
        for character in text:
            if character not in allowed and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
                raise Problem("control_character")
    if not text:
        return None
    if len(text) > most:
        raise Problem("too_long", maximum=most)
    if spec.minimum is not None and len(text) < spec.minimum:
        raise Problem("too_short", minimum=int(spec.minimum))
    return text


def read_number(spec: FieldSpec, value: Any) -> int | str | None:
    """An int where it is whole and safe in JSON (below 2^53), else the canonical decimal string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Problem("not_a_number")
    if isinstance(value, int):
        number = Decimal(value) if abs(value) <= LARGEST_NUMBER else _beyond()
    else:
        text = unicodedata.normalize("NFKC", value[:60]).strip() if isinstance(value, str) else _plain(value)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise Problem("not_a_number")
        number = Decimal(text)
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        _beyond()
    if spec.minimum is not None and number < Decimal(repr(spec.minimum)):
        raise Problem("too_small", minimum=spec.minimum)
    if spec.maximum is not None and number > Decimal(repr(spec.maximum)):
        raise Problem("too_large", maximum=spec.maximum)
    return canonical_number(number)


def _beyond() -> Decimal:
    raise Problem("too_large", maximum=LARGEST_NUMBER)


def _plain(value: float) -> str:
    """The shortest digits of a float, without exponent."""
    number = Decimal(repr(value))
    if not number.is_finite() or number.adjusted() < -20:
        raise Problem("not_a_number")
    return format(number if number.adjusted() <= 20 else _beyond(), "f")


def read_day(spec: FieldSpec, value: Any) -> str | None:
    """A date as `yyyy-mm-dd`, of the years the calendar answers for."""
    if value == "":
        return None
    day = read_date(value) if isinstance(value, str) else None
    if day is None:
        raise Problem("not_a_date")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Problem("date_out_of_range", minimum=FIRST_YEAR, maximum=LAST_YEAR)
    return day.isoformat()


def read_choice(spec: FieldSpec, value: Any) -> str | None:
    """The id of one of the declared choices."""
    if value == "":
        return None
    if not isinstance(value, str) or unicodedata.normalize("NFC", value) not in spec.choices:
        raise Problem("not_a_choice", choices=list(spec.choices))
    return unicodedata.normalize("NFC", value)


def read_flag(spec: FieldSpec, value: Any) -> bool:
    """True or False, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise Problem("not_a_flag")
    return value


def read_id(spec: FieldSpec, value: Any) -> str | None:
    """The id of a unit, place or person; whether there is one is for the directory to say."""
    if value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_ID:
        raise Problem("not_an_id")
    if not value.isprintable() or " " in value or value != unicodedata.normalize("NFC", value):
        raise Problem("not_an_id")
    return value


def read_digests(spec: FieldSpec, value: Any, evidence: Sequence[EvidenceRef]) -> list[str] | None:
    """Digests of stored files, each of which came with the command for this field and as its kind."""
    if value in (None, "", []):
        return None
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in given):
        raise Problem("not_a_file")
    default = MOST_FILES if spec.many else 1
    most = default if spec.maximum is None else min(int(spec.maximum), MOST_FILES)
    if len(given) > most:
        raise Problem("too_many", maximum=most)
    if spec.minimum is not None and len(given) < spec.minimum:
        raise Problem("too_few", minimum=int(spec.minimum))
    if len(set(given)) != len(given):
        raise Problem("repeated")
    kinds = {ref.sha256: ref.kind for ref in evidence}
    for digest in given:
        if digest not in kinds:
            raise Problem("file_missing")
        if kinds[digest] != spec.kind:
            raise Problem("wrong_kind_of_file", expected=spec.kind)
    return list(given)
