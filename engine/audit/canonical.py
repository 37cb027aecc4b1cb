"""The one byte form of a value: JSON by RFC 8785, reached by sorting keys because all that would differ is refused.

RFC 8785 sorts keys by UTF-16 code units and writes numbers as ECMAScript does; sorting UTF-8 and writing integers as
they are gives the same bytes where no key goes beyond U+FFFF and no number is a float or beyond 2^53 - 1. Decimals and
larger numbers travel as strings. `check_value` is for the door: it names what is wrong and where. `canonical` is for
the hot path and needs no walk in Python: the same rules are kept by the decoder's types and the encoder's options.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import GenericAlias
from typing import Any

import msgspec
import orjson

from engine.errors import BadInput, Broken

#: Bytes of one canonical value; an entry of a log of tiles has a 16-bit length (C2SP tlog-tiles).
MOST_BYTES = 65_535
#: Containers within containers; an entry's own envelope and events use seven.
MOST_DEPTH = 10
#: Values, keys not counted, that `check_value` looks at before it gives up.
MOST_VALUES = 20_000
#: The largest integer that every reader of JSON keeps exactly.
MOST_INTEGER = 2**53 - 1

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def _plain(depth: int) -> Any:
    """The type of plain values down to a depth; the decoder walks it in C, twenty times faster than Python."""
    scalar = str | int | bool | None
    plain: Any = scalar
    for _ in range(depth):
        plain = scalar | GenericAlias(list, (plain,)) | GenericAlias(dict, (str, plain))
    return plain


class _Holder(msgspec.Struct, gc=False):
    value: _plain(MOST_DEPTH)  # type: ignore[valid-type]


def canonical(value: object) -> bytes:
    """The exact bytes of a plain value (dict, list, str, int, bool, None); Broken names what has no such form."""
    try:
        msgspec.convert({"value": value}, _Holder)
        written = orjson.dumps(value, option=_OPTIONS)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as exc:
        fault = next(faults(value), ("value_kind", ""))
        raise Broken(fault[0], at=fault[1]) from exc
    if len(written) > MOST_BYTES:
        raise Broken("value_too_large", at="", bytes=len(written), most=MOST_BYTES)
    # A character beyond U+FFFF begins with one of F0 to F4 in UTF-8: allowed in values, so look whether it is in a key.
    if b"\xf0" in written or b"\xf1" in written or b"\xf2" in written or b"\xf3" in written or b"\xf4" in written:
        for code, at in faults(value):
            raise Broken(code, at=at)
    return written


def check_value(value: object, *, field: str = "", most_bytes: int = MOST_BYTES) -> None:
    """Refuse a value from outside that has no canonical form; BadInput tells the code and the path within it."""
    for code, at in faults(value):
        raise BadInput(code, field=".".join(filter(None, (field, at))))
    size = len(orjson.dumps(value, option=_OPTIONS))
    if size > most_bytes:
        raise BadInput("value_too_large", field=field, bytes=size, most=most_bytes)


def faults(value: object) -> Iterator[tuple[str, str]]:
    """What keeps a value from having a canonical form: codes with dotted paths, in no promised order."""
    waiting: list[tuple[object, str, int]] = [(value, "", 0)]
    seen = 0
    while waiting:
        one, at, depth = waiting.pop()
        seen += 1
        if seen > MOST_VALUES:
            yield "value_too_large", at
            return
        kind = type(one)
        if kind is dict or kind is list or kind is tuple:
            if depth >= MOST_DEPTH:
                yield "value_too_deep", at
                continue
            if isinstance(one, dict):
                yield from _bad_keys(one, at)
                waiting += [(inner, f"{at}.{key}" if at else str(key), depth + 1) for key, inner in one.items()]
            elif isinstance(one, list | tuple):
                waiting += [(inner, f"{at}.{n}" if at else str(n), depth + 1) for n, inner in enumerate(one)]
        elif code := _bad_scalar(one):
            yield code, at


def _bad_keys(container: dict[Any, Any], at: str) -> Iterator[tuple[str, str]]:
    for key in container:
        if type(key) is not str:
            yield "value_key_not_text", at
        elif not key.isascii() and (max(key) > "\uffff" or not _whole(key)):
            yield "value_key_letters", at


def _bad_scalar(one: object) -> str:
    if one is None or one is True or one is False:
        return ""
    if type(one) is str:
        return "" if one.isascii() or _whole(one) else "value_half_character"
    if type(one) is int:
        return "" if -MOST_INTEGER <= one <= MOST_INTEGER else "value_integer_too_large"
    return "value_float" if isinstance(one, float) else "value_kind"


def _whole(text: str) -> bool:
    """Whether a text has no half of a surrogate pair, which no UTF-8 can say."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
