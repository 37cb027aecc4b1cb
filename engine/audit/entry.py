"""Entry v1: one command and its events as exact bytes, each naming the leaf hash of the one before it in its stream.

Keys, sorted in the bytes: `v` 1, `stream` "case/abc", `seq` from 1, `prev` hex leaf hash of the entry before (64 zeros
for the first), `command` {id, act}, `acted_by`, `entered_by`, `occurred_at`, `recorded_at` (RFC 3339, UTC,
microseconds, Z), `medium`, `uses` {procedure, directory, calendar}, `events` [{type, v, ...}]; and only where they
say something: `device`, `caused_by`, `late` (true: entered afterwards, 补录). The stored bytes are the truth: they
are hashed as they are (RFC 6962: SHA-256 of 0x00 and the bytes) and never written again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec
import orjson

from engine.audit.canonical import canonical
from engine.errors import Broken

#: The leaf hash that stands for "no entry before this one".
NO_LEAF = bytes(32)

_HEX = r"\A[0-9a-f]{64}\Z"
_STREAM = r"\A[a-z]+/[^\s/](?:[^\s]*[^\s])?\Z"
_INSTANT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Text = Annotated[str, msgspec.Meta(min_length=1)]
Instant = Annotated[str, msgspec.Meta(pattern=_INSTANT)]


class CommandHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which command an entry carried out; what it asked for is in the events."""

    id: Text
    #: name of what was asked: "submit_action"
    act: Text


class Uses(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """By which versions of things outside the stream it was decided; what was not used is left out."""

    #: hash of the resolved procedure
    procedure: str = ""
    #: seq of the directory stream
    directory: int = 0
    #: versions of calendar years
    calendar: tuple[str, ...] = ()


class EntryHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An entry without its events."""

    v: Literal[1]
    stream: Annotated[str, msgspec.Meta(pattern=_STREAM)]
    seq: Annotated[int, msgspec.Meta(ge=1)]
    #: lower-case hex
    prev: Annotated[str, msgspec.Meta(pattern=_HEX)]
    command: CommandHead
    #: person id of the signatory
    acted_by: Text
    #: person id of who typed
    entered_by: Text
    occurred_at: Instant
    recorded_at: Instant
    medium: Text
    device: str = ""
    #: the entry that caused it: "case/abc:7"
    caused_by: str = ""
    late: bool = False
    uses: Uses


class Entry(EntryHead, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A whole entry as its bytes say it."""

    #: each with `type` and `v`; read by the upcasters of the core
    events: list[dict[str, Any]]


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, section 2.1: the hash of one leaf."""
    return sha256(b"\x00" + data).digest()


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z; a naive datetime is Broken. Sorts as the instants do."""
    if at.tzinfo is None:
        raise Broken("instant_without_zone", at=str(at))
    written: str = msgspec.to_builtins(at if at.tzinfo is UTC else at.astimezone(UTC))
    return written if len(written) == 27 else written[:19] + ".000000Z"  # without microseconds when they are zero


def microseconds(written: str) -> int:
    """Microseconds since 1970 of an instant as `instant` writes it."""
    return (datetime.fromisoformat(written) - _EPOCH) // _MICROSECOND


def write_entry(
    *,
    stream: str,
    seq: int,
    prev: bytes,
    command_id: str,
    act: str,
    acted_by: str,
    entered_by: str,
    occurred_at: datetime,
    recorded_at: datetime,
    medium: str,
    events: Sequence[dict[str, Any]],
    uses: Uses | None = None,
    device: str = "",
    caused_by: str = "",
    late: bool = False,
) -> tuple[bytes, bytes]:
    """The exact bytes of a new entry and its leaf hash; `prev` is the leaf before, NO_LEAF (or b"") for seq 1.

    `events` are plain (type, v, …) as the core encodes them. Broken when seq and prev disagree or a value has no
    canonical form; BadInput never: what came from outside was checked at the door.
    """
    before = prev or NO_LEAF
    if len(before) != 32 or seq < 1 or (seq == 1) != (before == NO_LEAF):
        raise Broken("entry_out_of_chain", stream=stream, seq=seq, prev=prev.hex())
    value: dict[str, Any] = {
        "v": 1,
        "stream": stream,
        "seq": seq,
        "prev": before.hex(),
        "command": {"id": command_id, "act": act},
        "acted_by": acted_by,
        "entered_by": entered_by,
        "occurred_at": instant(occurred_at),
        "recorded_at": instant(recorded_at),
        "medium": medium,
        "uses": msgspec.to_builtins(uses) if uses else {},
        "events": events,
    }
    if device:
        value["device"] = device
    if caused_by:
        value["caused_by"] = caused_by
    if late:
        value["late"] = True
    data = canonical(value)
    return data, sha256(b"\x00" + data).digest()


def parse_entry(data: bytes) -> Entry:
    """Read stored bytes strictly: the one canonical form of an Entry v1 and nothing else, or Broken with why.

    Codes: `entry_not_json`, `entry_shape` (missing, unknown or wrong key), `entry_not_canonical` (right content, other
    bytes: order, blanks, a key twice, a default spelled out, a float).
    """
    try:
        plain = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise Broken("entry_not_json", reason=str(exc)) from exc
    try:
        entry = msgspec.convert(plain, Entry)
    except msgspec.ValidationError as exc:
        raise Broken("entry_shape", reason=str(exc)) from exc
    for event in entry.events:
        if not (type(event.get("v")) is int and type(event.get("type")) is str and event["v"] >= 1 and event["type"]):
            raise Broken("entry_shape", reason="an event without type or v")
    if not (_is_instant(entry.occurred_at) and _is_instant(entry.recorded_at)):
        raise Broken("entry_shape", reason="no such instant")
    try:
        same = canonical(msgspec.to_builtins(entry)) == data
    except Broken as exc:
        raise Broken("entry_not_canonical", reason=exc.code, **exc.data) from exc
    if not same:
        raise Broken("entry_not_canonical", reason="other bytes for the same content")
    return entry


def _is_instant(written: str) -> bool:
    if not re.match(_INSTANT, written):
        return False
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True
