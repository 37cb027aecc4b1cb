"""A second verifier of chains, from the description alone: standard library only, no code of the engine.

It reads JSON with its own rules (no float, no key twice), writes it again by RFC 8785 with its own writer and compares.
Rows are (kind, id, seq, bytes, leaf); heads are {(kind, id): (seq, leaf)} as the streams themselves tell them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn

REQUIRED = {
    "v", "stream", "seq", "prev", "command", "acted_by", "entered_by", "occurred_at", "recorded_at", "medium", "uses",
    "events",
}  # fmt: skip
OPTIONAL = {"device", "caused_by", "late"}
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Row(NamedTuple):
    """One entry as it is stored."""

    kind: str
    id: str
    seq: int
    data: bytes
    leaf: bytes


class Fault(NamedTuple):
    """What is wrong, and where."""

    stream: str
    seq: int
    why: str


def verify(rows: Iterable[Row], heads: Mapping[tuple[str, str], tuple[int, bytes]] | None = None) -> list[Fault]:
    """All faults of all streams; rows of one stream come in order of seq, streams may be mixed."""
    last: dict[tuple[str, str], tuple[int, bytes]] = {}
    faults: list[Fault] = []
    for row in rows:
        key = row.kind, row.id
        seq, leaf = last.get(key, (0, bytes(32)))
        faults += [Fault("/".join(key), row.seq, why) for why in _entry(row, seq + 1, leaf)]
        last[key] = row.seq, bytes(row.leaf)
    for key, head in (heads or {}).items():
        if last.get(key, (0, bytes(32))) != (head[0], bytes(head[1]) or bytes(32)):
            faults.append(Fault("/".join(key), head[0], "the stream's head is not the last entry"))
    if heads is not None:
        faults += [
            Fault("/".join(key), seq, "no stream has this entry") for key, (seq, _) in last.items() if key not in heads
        ]
    return faults


def _entry(row: Row, seq: int, prev: bytes) -> Iterable[str]:
    if row.seq != seq:
        yield f"seq {seq} was to come"
    if sha256(b"\x00" + row.data).digest() != row.leaf:
        yield "the leaf is not the hash of the bytes"
    try:
        told = json.loads(row.data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no, parse_constant=_no)
        if not isinstance(told, dict) or write(told).encode("utf-8") != row.data:
            yield "the bytes are not in canonical form"
    except (ValueError, RecursionError) as exc:
        yield f"the bytes cannot be read: {exc}"
        return
    if not isinstance(told, dict) or not told.keys() >= REQUIRED or told.keys() - REQUIRED - OPTIONAL:
        yield "an entry has other keys"
        return
    if (told["v"], told["stream"], told["seq"]) != (1, f"{row.kind}/{row.id}", row.seq):
        yield "the bytes tell another version, stream or seq"
    if told["prev"] != prev.hex():
        yield "the entry before is another one"
    if not all(isinstance(event, dict) and {"type", "v"} <= event.keys() for event in told["events"]):
        yield "an event without type or version"


def write(value: Any) -> str:
    """RFC 8785 for what entries may hold: objects, arrays, text, integers up to 2^53 - 1, true, false, null."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{write(key)}:{write(inner)}" for key, inner in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    raise ValueError(f"no canonical form for {value!r}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no(written: str) -> NoReturn:
    raise ValueError(f"{written} is not an integer")
