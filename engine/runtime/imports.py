"""Imports: rows of a spreadsheet become commands, rehearsed before any is given; known rows are left out.

The engine does not read spreadsheets: it is handed rows that were read by a mapping, and the mapping's `into` part.
Ids derive from what identifies a row, so the same row imported twice is the same unit or case.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.runtime.import_cases import CasesPlanner, case_data, case_stream, current_machine
from engine.runtime.import_holdings import HoldingsPlanner
from engine.runtime.import_planner import Importer, ImportPlan, Planned, RowRefused, SheetRow
from engine.runtime.import_rows import PowersPlanner, ShiftsPlanner
from engine.runtime.import_target import Into, load_into
from engine.runtime.import_units import UnitsPlanner
from engine.runtime.service import Service

__all__ = [
    "ImportPlan",
    "Importer",
    "Into",
    "Planned",
    "RowRefused",
    "SheetRow",
    "case_data",
    "case_stream",
    "current_machine",
    "load_into",
    "plan_import",
]


def plan_import(importer: Importer, rows: Sequence[SheetRow], service: Service) -> ImportPlan:
    """Make the commands of the rows and rehearse each against the present; writes nothing.

    To be run at the one door (`Door.run`). Raises NotPermitted where the person may not import, NotFound where the
    procedure was never published.
    """
    with service.store.session() as session:
        into = importer.into
        if into.unit is not None:
            return UnitsPlanner(importer, service, session, into.unit).plan(rows)
        if into.holding is not None:
            return HoldingsPlanner(importer, service, session, into.holding).plan(rows)
        if into.power is not None:
            return PowersPlanner(importer, service, session, into.power).plan(rows)
        if into.shift is not None:
            return ShiftsPlanner(importer, service, session, into.shift).plan(rows)
        assert into.case is not None
        return CasesPlanner(importer, service, session, into.case).plan(rows)
