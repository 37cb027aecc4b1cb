"""Incidents: what went wrong, kept until a person has looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from engine.core.command import Stream
from engine.store.parts import Run
from engine.store.schema import FOREVER, incident
from engine.store.views import IncidentRow


class Incidents:
    """Records, lists and closes incidents."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def record(self, code: str, stream: Stream, *, command: str, data: Mapping[str, Any], at: int) -> int:
        """Record one; data must be JSON. An open one of the same code and command is kept as it is. Its number."""
        same = (incident.c.code == code) & (incident.c.command == command) & (incident.c.closed_at == FOREVER)
        known = self._run(select(incident.c.id).where(same).limit(1)).scalar_one_or_none()
        if known is not None:
            return int(known)
        row = {
            "code": code,
            "kind": stream.kind,
            "stream": stream.id,
            "command": command,
            "data": orjson.dumps(data, option=orjson.OPT_SORT_KEYS),
            "at": at,
            "closed_at": FOREVER,
            "closed_by": "",
        }
        return int(self._run(insert(incident).values(row).returning(incident.c.id)).scalar_one())

    def close(self, number: int, *, by: str, at: int) -> bool:
        """A person has dealt with it; False if it was closed before."""
        live = (incident.c.id == number) & (incident.c.closed_at == FOREVER)
        return self._run(update(incident).where(live).values(closed_at=at, closed_by=by)).rowcount == 1


def incident_row(row: Any) -> IncidentRow:
    """A row of the table as told outside."""
    return IncidentRow(
        id=row.id,
        code=row.code,
        stream=Stream(row.kind, row.stream),
        command=row.command,
        data=orjson.loads(row.data),
        at=row.at,
        closed_at=None if row.closed_at == FOREVER else row.closed_at,
        closed_by=row.closed_by,
    )
