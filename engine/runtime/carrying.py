"""Requests of the engine's own within a transaction: together, or each by itself where the database refuses that."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from engine.core.command import Request
from engine.errors import Busy, ZhibenError
from engine.runtime.projection import micros
from engine.runtime.service import Outcome, Service
from engine.store.session import Session

log = structlog.get_logger()


def carry_out(service: Service, session: Session, requests: Sequence[Request]) -> list[Outcome]:
    """Carry them out together; where the database refuses that, each by itself, so that one holds up no other."""
    if not requests:
        return []
    try:
        with session.savepoint():
            return service.execute_in(session, requests)
    except Busy:
        raise
    except ZhibenError as refused:
        log.warning("batch_refused", requests=len(requests), reason=refused.code)
    return [_by_itself(service, session, request) for request in requests]


def _by_itself(service: Service, session: Session, request: Request) -> Outcome:
    try:
        with session.savepoint():
            return service.execute_in(session, [request])[0]
    except Busy:
        raise
    except ZhibenError as refused:
        return refused


def leave_incident(service: Service, session: Session, request: Request, error: ZhibenError) -> None:
    """Leave an incident, also where the decision itself left none."""
    data = {key: str(value)[:500] for key, value in error.data.items()}
    at = micros(service.clock.now())
    session.incidents.record(error.code, request.stream, command=request.id, data=data, at=at)
