"""Duties: how they stand, who owes what, what became of one obligation, excusing somebody and ending that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.core.command import EndExemption, ExemptObligation
from engine.core.obligation_rows import ObligationRow
from engine.errors import BadInput
from engine.runtime.duty_facts import duty_stream
from engine.runtime.duty_views import TableAsk
from engine.store.duty_matrix import CellCount, SubjectCells
from web.api.asked import Asked
from web.api.commands import Key, hand_over, request_of, told
from web.api.parameters import After, Limit, OnDay, RegionPath, Word
from web.api.shown import ReceiptOut
from web.api.shown import duties as shown
from web.api.shown.base import PersonRef
from web.api.telling import instant, maybe_instant
from web.bodies import StrictRoute
from web.duty_words import derivation_words
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["duties"])
Reads = Annotated[Caller, policy("duty.read")]
Exempts = Annotated[Caller, policy("duty.exempt")]
Duty = Annotated[str, Path(min_length=1, max_length=100)]
Period = Annotated[str, Query(min_length=1, max_length=40)]
Subject = Annotated[str, Query(min_length=1, max_length=200)]
Status = Annotated[str, Query(pattern="^(open|acted|done|made_up|late|missed|exempt|lapsed)?$")]


class ExemptIn(Asked):
    """Excuse a subject."""

    subject: str = Field(min_length=1, max_length=200)
    #: "" = from every window that begins up to `until`
    period: str = Field(default="", max_length=40)
    until: date
    reason: str = Field(min_length=1, max_length=500)


class EndExemptionIn(Asked):
    """Excuse a subject no longer."""

    subject: str = Field(min_length=1, max_length=200)
    period: str = Field(default="", max_length=40)
    reason: str = Field(min_length=1, max_length=500)


@router.get("/duties", operation_id="list_duties")
def list_duties(caller: Reads) -> shown.DutyList:
    """Every duty of the place with how its running windows stand."""
    return shown.DutyList(
        items=[
            shown.DutyRow(
                id=one.duty.id,
                title=one.duty.spec.title,
                version=one.duty.version,
                population=one.duty.spec.population.kind,
                by=one.duty.spec.by,
                procedure=one.duty.spec.procedure,
                action=one.duty.spec.action,
                basis=list(one.duty.spec.basis),
                periods=list(dict.fromkeys(window.window.key for window in one.windows)),
                due_at=one.due_at,
                counts=_counts(one.counts),
            )
            for one in caller.services.duties.lines(caller.person)
        ]
    )


@router.get("/duties/mine", operation_id="list_own_obligations")
def list_own(caller: Reads) -> shown.ObligationList:
    """What the caller must, or may in another's place."""
    found = caller.services.duties.of_person(caller.person)
    return shown.ObligationList(items=[shown.ObligationOut(**_row(one.row)) for one in found])


@router.get("/duties/{duty}", operation_id="read_duty")
def read_duty(
    caller: Reads,
    duty: Duty,
    first: OnDay = "",
    last: OnDay = "",
    region: RegionPath = "",
    industry: Word = "",
    status: Status = "",
    q: Word = "",
    after: After = "",
    limit: Limit = 50,
) -> shown.DutyTable:
    """A page of a duty's table."""
    ask = TableAsk(
        duty=duty,
        first=_day(first, "first"),
        last=_day(last, "last"),
        region=region,
        industry=industry,
        status=status,
        q=q,
        after=after,
        limit=min(limit, caller.services.settings.most_page_rows),
    )
    seen = caller.services.duties.table(caller.person, ask)
    return shown.DutyTable(
        duty=duty,
        title=seen.duty.spec.title,
        first=seen.first,
        last=seen.last,
        periods=[one.key for one in seen.columns],
        items=[_line(one, seen.titles.get(one.subject, "")) for one in seen.lines],
        after=seen.after,
        subjects=seen.subjects,
        counts=_counts(seen.totals),
    )


@router.get("/duties/{duty}/obligation", operation_id="read_obligation")
def read_obligation(caller: Reads, duty: Duty, period: Period, subject: Subject) -> shown.ObligationSeenOut:
    """One obligation, and what became of it."""
    services = caller.services
    seen = services.duties.timeline(caller.person, duty, period, subject)
    powers = services.duties.powers(caller.person, seen.row, seen.duty)
    return shown.ObligationSeenOut(
        **_row(seen.row),
        title=seen.title,
        persons=[PersonRef(id=one, name=seen.names.get(one, "")) for one in seen.persons],
        derivation=derivation_words(seen, services.duties.calendar_of(seen.duty.spec)),
        moments=[
            shown.ObligationMomentOut(
                at=one.at,
                what=one.what,  # type: ignore[arg-type]
                due_at=one.due_at,
                person=one.person,
                data=dict(one.data or {}),
            )
            for one in seen.moments
        ],
        may_begin=powers.to_do is not None,
        may_exempt=powers.exempt and powers.exemption is None and seen.row.status in ("open", "late"),
    )


@router.post("/duties/{duty}/exemptions", operation_id="exempt_obligation", response_model=ReceiptOut)
async def exempt(caller: Exempts, duty: Duty, body: ExemptIn, key: Key) -> Response:
    """Excuse a subject from one window, or from all that begin up to a day."""
    await run_in_threadpool(caller.services.duties.check_reach, caller.person, duty, body.subject)
    act = ExemptObligation(subject=body.subject, period=body.period, until=body.until, reason=body.reason)
    return told(await hand_over(caller, request_of(caller, key, duty_stream(duty), act)))


@router.post("/duties/{duty}/exemptions/end", operation_id="end_exemption", response_model=ReceiptOut)
async def end_exemption(caller: Exempts, duty: Duty, body: EndExemptionIn, key: Key) -> Response:
    """Excuse a subject no longer."""
    await run_in_threadpool(caller.services.duties.check_reach, caller.person, duty, body.subject)
    act = EndExemption(subject=body.subject, period=body.period, reason=body.reason)
    return told(await hand_over(caller, request_of(caller, key, duty_stream(duty), act)))


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("not_a_date", field=field) from error


def _counts(counts: Iterable[CellCount]) -> list[shown.DutyCountOut]:
    return [
        shown.DutyCountOut(period=one.period, status=one.status, late=one.late, made_up=one.made_up, count=one.count)
        for one in counts
    ]


def _line(line: SubjectCells, title: str) -> shown.DutyLineOut:
    return shown.DutyLineOut(
        subject=line.subject,
        title=title,
        region=line.region,
        industry=line.industry,
        obligations=[shown.ObligationOut(**_row(one)) for one in line.cells],
    )


def _row(row: ObligationRow) -> dict[str, Any]:
    return {
        "duty": row.duty,
        "period": row.period,
        "subject": row.subject,
        "status": row.status,
        "opens_at": instant(row.opens_at),
        "due_at": instant(row.due_at),
        "missed_at": instant(row.missed_at),
        "late": row.late,
        "missed": row.missed,
        "made_up": row.made_up,
        "case": row.case,
        "begun_at": maybe_instant(row.begun_at),
        "done_at": maybe_instant(row.done_at),
        "reason": row.reason,
    }
