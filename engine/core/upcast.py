"""Events to plain dicts and back: stored events always name `type` and `v`, and every released `v` stays readable.

When the shape of an event changes, its `v` rises in `event.py`, a pure function from the old dict to the dict of v + 1
joins UPCASTERS, and the golden file of the old version stays in the tests for ever. Stored bytes are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

import msgspec

from engine.core.event import AnyEvent
from engine.errors import Broken

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

#: (type, v) -> the function that makes the dict of v + 1.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("action_taken", 1): dict,  # nothing could be taken back
    ("draft_issued", 1): dict,  # neither number nor service was recorded
    ("role_granted", 1): dict,  # no role was held as an organ
    ("task_opened", 1): dict,  # no task came again
    ("task_opened", 2): dict,  # nothing was handed over, nobody voted
}


class _Events(msgspec.Struct, gc=False):
    """Holds the list, so that its decoder is built once."""

    events: list[AnyEvent]


def _versions() -> dict[str, int]:
    found: dict[str, int] = {}
    for kind in get_args(AnyEvent):
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        found[str(kind.__struct_config__.tag)] = int(fields["v"].default)
    return found


#: type of event -> its present version
VERSIONS: Mapping[str, int] = _versions()


def encode_events(events: Iterable[AnyEvent]) -> list[dict[str, Any]]:
    """The events as plain values with `type` and `v`, ready to be stored; defaults are left out, `v` never is."""
    listed = list(events)
    plain: list[dict[str, Any]] = msgspec.to_builtins(listed, str_keys=True)
    for one, event in zip(plain, listed, strict=True):
        one["v"] = event.v
    return plain


def decode_events(
    stored: Sequence[dict[str, Any]],
    *,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    versions: Mapping[str, int] = VERSIONS,
) -> list[AnyEvent]:
    """Today's events of stored dicts of any released version; Broken for an unknown type or version or a wrong shape.

    `stored` is not changed. `upcasters` and `versions` are arguments for tests.
    """
    today = [
        one if versions.get(one.get("type", "")) == one.get("v", 0) else _lift(one, upcasters, versions)
        for one in stored
    ]
    try:
        return msgspec.convert({"events": today}, _Events).events
    except msgspec.ValidationError as exc:
        raise Broken("event_unreadable", reason=str(exc)) from exc


def _lift(
    one: dict[str, Any], upcasters: Mapping[tuple[str, int], Upcaster], versions: Mapping[str, int]
) -> dict[str, Any]:
    kind, v = one.get("type", ""), one.get("v", 0)
    if kind not in versions:
        raise Broken("event_unknown", type=kind, v=v)
    if type(v) is not int or not 1 <= v <= versions[kind]:
        raise Broken("event_version", type=kind, v=v, newest=versions[kind])
    lifted = dict(one)
    while v < versions[kind]:
        step = upcasters.get((kind, v))
        if step is None:
            raise Broken("event_version", type=kind, v=v, newest=versions[kind])
        v += 1
        lifted = {**step(lifted), "type": kind, "v": v}
    return lifted
