"""Published procedures, and whether the interface answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from web.api import shown
from web.api.telling import instant
from web.api.telling_forms import procedure_out
from web.bodies import StrictRoute
from web.policy import Caller, policy, public

router = APIRouter(route_class=StrictRoute, tags=["procedures"])
Reads = Annotated[Caller, policy("procedure.read")]


@router.get("/procedures", operation_id="list_procedures")
def list_procedures(caller: Reads) -> shown.ProcedureList:
    """The latest version of every procedure that cases may be opened of."""
    latest: dict[str, shown.ProcedureRow] = {}
    for row in caller.services.reader.procedures():
        latest.setdefault(
            row.procedure,
            shown.ProcedureRow(
                procedure=row.procedure,
                version=row.version,
                title=row.title,
                plan=row.plan,
                published_at=instant(row.published_at),
            ),
        )
    return shown.ProcedureList(items=list(latest.values()))


@router.get("/procedures/{version}", operation_id="read_procedure")
def read_procedure(caller: Reads, version: Annotated[str, Path(min_length=1, max_length=64)]) -> shown.ProcedureOut:
    """One version: states, fields, and the actions that open a case."""
    return procedure_out(caller.services.reader.machine(version))


@router.get("/health", operation_id="health", tags=["operations"])
def health(caller: Annotated[Caller, public()]) -> shown.HealthOut:
    """Whether requests are answered; says nothing else to whoever asks."""
    caller.services.reader.directory()
    return shown.HealthOut(status="ok")
