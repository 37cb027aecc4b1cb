"""Counts changed cases anew, in the background: what registers and boards read ahead of the cases themselves."""

from __future__ import annotations

from engine.runtime.registers import counted_fields
from engine.runtime.service import Service


def count_changed(service: Service) -> int:
    """Count some of the cases that have changed; how many notes of changes are gone, 0 = none is left to do."""
    with service.store.session() as session:
        if not session.tallies.waiting():
            return 0
        fields: dict[str, tuple[str, ...]] = {}
        for row in session.definitions.list():
            if row.procedure not in fields:
                fields[row.procedure] = counted_fields(service.catalog.machine(session, row.version))
        return session.tallies.fold(fields)
