"""Who signed what in the cases that have to do with a case: separation of duties reaches across links."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from engine.core.case import FOLD_VERSION
from engine.core.command import Stream
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.store.links import Links
from engine.store.record import Record

Signed = dict[str, tuple[tuple[str, str], ...]]


class Linking(Protocol):
    """A session, or a reader."""

    @property
    def links(self) -> Links:
        """Links between cases."""

    @property
    def record(self) -> Record:
        """Entries."""


def signed_in(source: Linking, cases: Iterable[str]) -> Signed:
    """Case -> (action, person) of all who signed in it; none is locked, each as it was last committed or written."""
    wanted = tuple(dict.fromkeys(cases))
    if not wanted:
        return {}
    found: Signed = {}
    for name, (data, fold_version) in source.links.snapshots(wanted).items():
        case = read_snapshot(data) if fold_version == FOLD_VERSION else replay(source.record, Stream("case", name))
        found[name] = tuple((one.action, one.person) for one in case.signed)
    return found
