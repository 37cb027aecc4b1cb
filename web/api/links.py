"""The cases that a case has to do with, seen from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from engine.core.definition_links import RETURN, RETURN_LATER
from web.api.parameters import CaseId
from web.api.shown.links import LinkedList, LinkedOut
from web.api.telling import case_row
from web.bodies import StrictRoute
from web.catalogues import say
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["cases"])
Reads = Annotated[Caller, policy("case.read")]


@router.get("/cases/{case}/links", operation_id="list_links")
def list_links(caller: Reads, case: CaseId) -> LinkedList:
    """Cases it has linked, then those that have linked it; of one the caller may not see only that there is one."""
    reader = caller.services.reader
    return LinkedList(
        items=[
            LinkedOut(
                how=one.how,
                title=one.title or say(f"values.how.{RETURN_LATER if one.back else RETURN}"),
                back=one.back,
                case=case_row(one.case, reader.calendar(), caller.now) if one.case else None,
            )
            for one in reader.linked(caller.person, case)
        ]
    )
