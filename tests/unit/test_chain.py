"""Chains: every entry names the one before it, and whatever was changed afterwards is found by two verifiers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.chain import ChainFault, ChainReport, verify_chain
from engine.audit.entry import NO_LEAF, Uses, instant, leaf_hash, microseconds, parse_entry, write_entry
from engine.errors import Broken
from tests.verifier import Fault, Row, verify

MORNING = datetime(2026, 10, 9, 1, 30, tzinfo=UTC)
STREAM = "case/abc"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An entry as the store keeps it."""

    seq: int
    command_id: str
    recorded_at: int
    leaf: bytes
    bytes: bytes


def entry(seq: int, prev: bytes, **changed: Any) -> tuple[bytes, bytes]:
    told: dict[str, Any] = {
        "stream": STREAM,
        "seq": seq,
        "prev": prev,
        "command_id": f"c-{seq}",
        "act": "submit_action",
        "acted_by": "p-7",
        "entered_by": "p-9",
        "occurred_at": MORNING + timedelta(hours=seq),
        "recorded_at": MORNING + timedelta(hours=seq, microseconds=5),
        "medium": "web",
        "uses": Uses(procedure="0f" * 32, directory=12, calendar=("cn-2026@1",)),
        "events": [{"type": "fields_set", "v": 1, "values": {"说明": "配电箱无漏电保护", "n": seq}}],
    }
    return write_entry(**told | changed)


def chain(length: int, **changed: Any) -> list[Stored]:
    rows: list[Stored] = []
    for seq in range(1, length + 1):
        data, leaf = entry(seq, rows[-1].leaf if rows else NO_LEAF, **changed)
        rows.append(stored(seq, data, leaf))
    return rows


def stored(seq: int, data: bytes, leaf: bytes) -> Stored:
    head = parse_entry(data)
    return Stored(
        seq=seq, command_id=head.command.id, recorded_at=microseconds(head.recorded_at), bytes=data, leaf=leaf
    )


def second_opinion(rows: list[Stored], head: tuple[int, bytes]) -> list[Fault]:
    kind, _, name = STREAM.partition("/")
    return verify([Row(kind, name, row.seq, row.bytes, row.leaf) for row in rows], {(kind, name): head})


CHAIN = chain(4)
HEAD = (4, CHAIN[-1].leaf)


def test_the_exact_bytes_of_an_entry() -> None:
    data, leaf = entry(1, b"", device="phone-3", caused_by="case/xyz:9", late=True)

    assert data.decode() == (
        '{"acted_by":"p-7","caused_by":"case/xyz:9","command":{"act":"submit_action","id":"c-1"},"device":"phone-3",'
        '"entered_by":"p-9","events":[{"type":"fields_set","v":1,"values":{"n":1,"说明":"配电箱无漏电保护"}}],'
        '"late":true,"medium":"web","occurred_at":"2026-10-09T02:30:00.000000Z",'
        f'"prev":"{"0" * 64}","recorded_at":"2026-10-09T02:30:00.000005Z","seq":1,"stream":"case/abc",'
        f'"uses":{{"calendar":["cn-2026@1"],"directory":12,"procedure":"{"0f" * 32}"}},"v":1}}'
    )
    assert leaf == leaf_hash(data) == sha256(b"\x00" + data).digest()


def test_what_an_entry_does_not_say_is_left_out() -> None:
    data, _ = entry(1, b"", uses=None)

    assert set(json.loads(data)) == {
        "acted_by", "command", "entered_by", "events", "medium", "occurred_at", "prev", "recorded_at", "seq", "stream",
        "uses", "v",
    }  # fmt: skip
    assert (parse_entry(data).uses, parse_entry(data).late, parse_entry(data).device) == (Uses(), False, "")


def test_an_instant_is_written_in_utc_with_microseconds() -> None:
    china = timezone(timedelta(hours=8))

    assert instant(datetime(2026, 10, 9, 9, 30, tzinfo=china)) == "2026-10-09T01:30:00.000000Z"
    assert microseconds("1970-01-01T00:00:01.000002Z") == 1_000_002
    with pytest.raises(Broken, match="instant_without_zone"):
        instant(datetime(2026, 10, 9, 9, 30))  # noqa: DTZ001 - the naive one is what is refused


@pytest.mark.parametrize(("seq", "prev"), [(1, b"\x01" * 32), (2, NO_LEAF), (2, b""), (0, NO_LEAF), (2, b"\x01" * 31)])
def test_an_entry_that_does_not_continue_its_stream_is_never_written(seq: int, prev: bytes) -> None:
    with pytest.raises(Broken, match="entry_out_of_chain"):
        entry(seq, prev)


@pytest.mark.parametrize(
    ("found", "put", "code"),
    [
        (b'"v":1}', b'"v":2}', "entry_shape"),
        (b'"v":1}', b'"v":1.0}', "entry_shape"),
        (b'"seq":1,', b'"seq":1, ', "entry_not_canonical"),
        (b'"seq":1,', b'"seq":1,"seq":1,', "entry_not_canonical"),
        (b'"seq":1,', b'"seq":"1",', "entry_shape"),
        (b'"medium":"web"', b'"late":false,"medium":"web"', "entry_not_canonical"),
        (b'"medium":"web"', b'"medium":"web","mood":"good"', "entry_shape"),
        (b'"medium":"web",', b"", "entry_shape"),
        (b'"act":"submit_action"', b'"act":"submit_action","by":"x"', "entry_shape"),
        (b'"n":1', b'"n":1.5', "entry_not_canonical"),
        (b'"n":1', b'"n":9007199254740993', "entry_not_canonical"),
        (b"2026-10-09T02:30:00.000000Z", b"2026-10-09T02:30:00Z", "entry_shape"),
        (b"2026-10-09T02:30:00.000000Z", b"2026-13-09T02:30:00.000000Z", "entry_shape"),
        (b'"type":"fields_set",', b"", "entry_shape"),
        (b'"stream":"case/abc"', b'"stream":"case"', "entry_shape"),
        (b'"seq":1,', b'"seq":1', "entry_not_json"),
        ("说".encode(), b"\xff", "entry_not_json"),
        ("说".encode(), b"\\u8bf4", "entry_not_canonical"),
    ],
)
def test_other_bytes_than_the_one_form_are_not_an_entry(found: bytes, put: bytes, code: str) -> None:
    data, _ = entry(1, b"")
    assert data.count(found) >= 1

    with pytest.raises(Broken) as broken:
        parse_entry(data.replace(found, put, 1))

    assert broken.value.code == code


def test_an_untouched_chain_holds() -> None:
    assert verify_chain(STREAM, CHAIN, head=HEAD) == ChainReport(stream=STREAM, entries=4, head=HEAD[1].hex())
    assert second_opinion(CHAIN, HEAD) == []


def test_a_stream_without_entries_holds() -> None:
    assert verify_chain(STREAM, [], head=(0, b"")).holds
    assert second_opinion([], (0, b"")) == []


@given(st.integers(0, 3), st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_found_by_both_verifiers(row: int, place: int, change: int) -> None:
    data = bytearray(CHAIN[row].bytes)
    data[place % len(data)] ^= change
    rows = [*CHAIN[:row], replace(CHAIN[row], bytes=bytes(data)), *CHAIN[row + 1 :]]

    report = verify_chain(STREAM, rows, head=HEAD)

    assert report.fault is not None
    assert (report.fault.seq, report.fault.why) == (row + 1, "leaf_mismatch")
    assert second_opinion(rows, HEAD)[0].seq == row + 1


@given(st.integers(0, 3), st.integers(0, 31), st.integers(1, 255))
def test_one_changed_byte_of_a_leaf_is_found_by_both_verifiers(row: int, place: int, change: int) -> None:
    leaf = bytearray(CHAIN[row].leaf)
    leaf[place] ^= change
    rows = [*CHAIN[:row], replace(CHAIN[row], leaf=bytes(leaf)), *CHAIN[row + 1 :]]

    assert verify_chain(STREAM, rows, head=HEAD).fault is not None
    assert second_opinion(rows, HEAD)[0].seq == row + 1


@given(st.integers(0, 3), st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_found_although_its_leaf_was_made_to_fit(row: int, place: int, change: int) -> None:
    data = bytearray(CHAIN[row].bytes)
    data[place % len(data)] ^= change
    forged = replace(CHAIN[row], bytes=bytes(data), leaf=leaf_hash(bytes(data)))
    rows = [*CHAIN[:row], forged, *CHAIN[row + 1 :]]

    report = verify_chain(STREAM, rows, head=HEAD)

    assert report.fault is not None
    assert report.fault.seq in (row + 1, row + 2, 4)
    assert second_opinion(rows, HEAD) != []


ELSEWHERE = chain(1, stream="case/xyz")
UNSORTED = json.dumps(json.loads(CHAIN[0].bytes), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("rows", "seq", "why"),
    [
        (CHAIN[:1] + CHAIN[2:], 2, "gap"),
        (CHAIN[1:], 1, "gap"),
        ([CHAIN[0], CHAIN[2], CHAIN[1], CHAIN[3]], 2, "gap"),
        ([*CHAIN[:2], CHAIN[1], *CHAIN[2:]], 3, "gap"),
        (CHAIN[:3], 4, "head_mismatch"),
        ([], 1, "head_mismatch"),
        (chain(5), 5, "head_mismatch"),
        ([*CHAIN[:3], *chain(4, medium="api")[3:]], 4, "prev_mismatch"),
        (chain(4, medium="api"), 4, "head_mismatch"),
        (ELSEWHERE, 1, "wrong_stream"),
        ([CHAIN[0], replace(CHAIN[2], seq=2)], 2, "wrong_seq"),
        ([replace(CHAIN[0], bytes=UNSORTED, leaf=leaf_hash(UNSORTED))], 1, "not_canonical"),
    ],
)
def test_what_was_taken_out_put_in_or_exchanged_is_found(rows: list[Stored], seq: int, why: str) -> None:
    report = verify_chain(STREAM, rows, head=HEAD)

    assert report.fault is not None
    assert (report.fault.seq, report.fault.why) == (seq, why)
    assert second_opinion(rows, HEAD) != []


@pytest.mark.parametrize(
    ("changed", "expected", "got"),
    [
        ({"command_id": "c-9"}, "c-2", "c-9"),
        ({"recorded_at": 0}, str(CHAIN[1].recorded_at), "0"),
    ],
)
def test_a_column_that_tells_something_else_than_the_bytes_is_found(
    changed: dict[str, Any], expected: str, got: str
) -> None:
    rows = [CHAIN[0], replace(CHAIN[1], **changed), *CHAIN[2:]]

    assert verify_chain(STREAM, rows).fault == ChainFault(seq=2, why="row_mismatch", expected=expected, got=got)


def test_a_clock_that_was_set_back_is_told_but_breaks_no_chain() -> None:
    first, second = chain(2)
    data, leaf = entry(3, second.leaf, recorded_at=MORNING)

    report = verify_chain(STREAM, [first, second, stored(3, data, leaf)])

    assert (report.holds, report.went_back) == (True, (3,))


def test_a_cut_off_end_needs_the_head_to_be_seen() -> None:
    assert verify_chain(STREAM, CHAIN[:3]).holds
    assert not verify_chain(STREAM, CHAIN[:3], head=HEAD).holds


def test_the_second_verifier_finds_an_entry_whose_stream_is_gone() -> None:
    rows = [Row("case", "abc", row.seq, row.bytes, row.leaf) for row in CHAIN]

    assert verify(rows, {}) == [Fault("case/abc", 4, "no stream has this entry")]
