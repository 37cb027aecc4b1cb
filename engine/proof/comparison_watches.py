"""What watches found, compared with what a scenario says they find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.core import event as ev
from engine.core.language.scenario import WatchThen
from engine.proof.play import World


def unlike(world: World, then: Sequence[WatchThen]) -> Iterator[tuple[str, Any, Any]]:
    """(where, what is said, what was found) of everything that differs; only what is said is compared."""
    found = [_told(world, name, event) for name, event in world.findings]
    if len(found) != len(then):
        yield "then.watches", len(then), [f"{one['watch']} {one['subject']}" for one in found]
        return
    for n, (said, got) in enumerate(zip(then, found, strict=True)):
        for key in ("watch", "subject", "light", "counts", "started"):
            expected = getattr(said, key)
            if expected is not None and expected != got[key]:
                yield f"then.watches.{n}.{key}", expected, got[key]


def _told(world: World, name: str, event: ev.WatchFound | ev.WatchCleared) -> dict[str, Any]:
    subject = world.directory.regions.get(event.subject, event.subject)
    found = isinstance(event, ev.WatchFound)
    return {
        "watch": name,
        "subject": subject,
        "light": event.light if isinstance(event, ev.WatchFound) else "out",
        "counts": dict(event.counts),
        "started": len(event.started) if isinstance(event, ev.WatchFound) and found else 0,
    }
