"""The directory examined: rows that decisions stand on against what the entries tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.audit.entry import parse_entry
from engine.core.command import Stream
from engine.core.directory_told import REPLACED, arranged_told, certificate_told
from engine.core.event import AnyEvent, RowsRecorded
from engine.core.upcast import decode_events
from engine.runtime.catalog import holdings_told
from engine.runtime.findings import Finding
from engine.store.reader import Reader
from engine.store.records import EntryRow


def directory_findings(reader: Reader, stream: Stream, rows: Sequence[EntryRow]) -> Iterator[Finding]:
    """Rows believed that no entry tells so, and rows told that are not believed: rows decide who may do what."""
    events = [event for row in rows for event in decode_events(parse_entry(row.bytes).events)]
    told_roles = holdings_told(events)
    roles = {holding.id: holding for holding in reader.directory.holdings()}
    for name in _differing(told_roles, roles):
        yield Finding(code="holding_differs", stream=str(stream), data={"holding": name})
    told, believed = _told(events), _believed(reader)
    for table in believed:
        for name in _differing(told[table], believed[table]):
            yield Finding(code="arrangement_differs", stream=str(stream), data={"table": table, "row": name})


def _differing(told: Mapping[str, Any], believed: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in told.keys() | believed.keys() if told.get(name) != believed.get(name))


def _told(events: Sequence[AnyEvent]) -> dict[str, dict[str, Any]]:
    """The last row told of each id, by table."""
    rows: dict[str, dict[str, Any]] = {table: {} for table in (*REPLACED, "region")}
    for event in events:
        if isinstance(event, RowsRecorded) and event.table in rows:
            rows[event.table].update((row["id"], row) for row in event.rows)
    arranged = arranged_told(lambda table: rows[table].values())
    return _by_id(arranged, [certificate_told(row) for row in rows["certificate"].values()])


def _believed(reader: Reader) -> dict[str, dict[str, Any]]:
    return _by_id(reader.directory.arranged(), reader.directory.certificates())


def _by_id(arranged: Mapping[str, Any], certificates: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Rows by id, by table; neighbours only where there are any."""
    found = {table: {row.id: row for row in rows} for table, rows in arranged.items() if table != "neighbours"}
    near = {path: paths for path, paths in arranged["neighbours"].items() if paths}
    return {**found, "neighbours": near, "certificates": {row.id: row for row in certificates}}
