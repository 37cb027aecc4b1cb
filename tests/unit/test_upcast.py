"""Every event ever released stays readable: golden files, versions, upcasters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.core.event import AnyEvent, CaseClosed, StateLeft
from engine.core.upcast import UPCASTERS, VERSIONS, decode_events, encode_events
from engine.errors import Broken

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "events"
FILES = sorted(path.name for path in GOLDEN.glob("*.json"))


def golden(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("name", FILES)
def test_an_event_of_a_golden_file_is_read_whole(name: str) -> None:
    stored = golden(name)
    (event,) = decode_events([stored])

    assert name == f"{stored['type']}.v{stored['v']}.json"
    if stored["v"] == VERSIONS[stored["type"]]:
        assert json.loads(json.dumps(encode_events([event])[0])) == stored


@pytest.mark.parametrize("name", FILES)
def test_a_golden_file_says_something_in_every_field(name: str) -> None:
    stored = golden(name)
    (event,) = decode_events([stored])
    defaults = {field.name: field.default for field in msgspec.structs.fields(event) if field.name != "v"}

    if stored["v"] == VERSIONS[stored["type"]]:
        assert [key for key, default in defaults.items() if getattr(event, key) == default] == []


def test_every_event_has_a_golden_file_of_each_version() -> None:
    wanted = {f"{kind}.v{v}.json" for kind, newest in VERSIONS.items() for v in range(1, newest + 1)}

    assert set(FILES) == wanted
    assert len(VERSIONS) == len(get_args(AnyEvent))


def test_every_older_version_has_an_upcaster() -> None:
    assert set(UPCASTERS) == {(kind, v) for kind, newest in VERSIONS.items() for v in range(1, newest)}


def test_stored_events_always_name_type_and_version() -> None:
    assert encode_events([StateLeft(state="a", activation=1), CaseClosed(how="b", state="c")]) == [
        {"type": "state_left", "v": 1, "state": "a", "activation": 1},
        {"type": "case_closed", "v": 1, "how": "b", "state": "c"},
    ]


def test_an_event_of_an_older_version_is_lifted_step_by_step() -> None:
    stored = [{"type": "state_left", "v": 1, "name": "a"}, {"type": "state_left", "v": 2, "state": "b"}]
    upcasters = {
        ("state_left", 1): lambda one: {"state": one["name"]},
        ("state_left", 2): lambda one: {**one, "activation": 1},
    }

    read = decode_events(stored, upcasters=upcasters, versions={"state_left": 3})

    assert read == [StateLeft(v=3, state="a", activation=1), StateLeft(v=3, state="b", activation=1)]
    assert stored == [{"type": "state_left", "v": 1, "name": "a"}, {"type": "state_left", "v": 2, "state": "b"}]


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ({"type": "state_melted", "v": 1}, "event_unknown"),
        ({"v": 1, "state": "a", "activation": 1}, "event_unknown"),
        ({"type": "state_left", "v": 2, "state": "a", "activation": 1}, "event_version"),
        ({"type": "state_left", "v": 0, "state": "a", "activation": 1}, "event_version"),
        ({"type": "state_left", "v": "1", "state": "a", "activation": 1}, "event_version"),
        ({"type": "state_left", "state": "a", "activation": 1}, "event_version"),
        ({"type": "state_left", "v": 1, "state": "a"}, "event_unreadable"),
        ({"type": "state_left", "v": 1, "state": "a", "activation": "1"}, "event_unreadable"),
    ],
)
def test_an_event_that_nobody_can_have_written_is_an_incident(stored: dict[str, Any], code: str) -> None:
    with pytest.raises(Broken, match=code):
        decode_events([stored])


def test_a_version_without_its_upcaster_is_an_incident() -> None:
    with pytest.raises(Broken, match="event_version"):
        decode_events([{"type": "state_left", "v": 1, "state": "a", "activation": 1}], versions={"state_left": 2})
