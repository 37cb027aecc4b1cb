"""Events of the streams that are not cases: the directory, the library, bulk operations."""

from __future__ import annotations

from typing import Any

from engine.core.event_parts import Event


class RowsRecorded(Event, frozen=True, kw_only=True, tag="rows_recorded"):
    """Bitemporal rows of the directory began to be known; `table` is the name of a table of its rows, as stored."""

    v: int = 1
    table: str
    rows: tuple[dict[str, Any], ...]


class RoleGranted(Event, frozen=True, kw_only=True, tag="role_granted"):
    """A person holds a role from a day on."""

    v: int = 2
    holding: str
    person: str
    role: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    #: the unit that is the organ as which it is held
    body: str = ""
    valid_from: str
    valid_to: str = ""
    reason: str = ""


class RoleEnded(Event, frozen=True, kw_only=True, tag="role_ended"):
    """A person no longer holds a role from a day on."""

    v: int = 1
    holding: str
    valid_to: str
    reason: str = ""


class ProcedurePublished(Event, frozen=True, kw_only=True, tag="procedure_published"):
    """A version of a procedure may be used by new cases."""

    v: int = 1
    version: str
    procedure: str
    plan: str
    title: str


class BulkOpened(Event, frozen=True, kw_only=True, tag="bulk_opened"):
    """The items of a bulk operation were frozen."""

    v: int = 1
    purpose: str
    items: int
    digest: str
    reason: str = ""


class BulkClosed(Event, frozen=True, kw_only=True, tag="bulk_closed"):
    """A bulk operation ended."""

    v: int = 1
    done: int
    failed: int
