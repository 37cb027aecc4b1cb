"""Watches: what they count, what they found, and the answers of named persons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from engine.core.command import AnswerFinding
from engine.core.definition_watches import Watch
from engine.core.event_watches import FindingAnswer
from engine.core.watches import holds
from engine.runtime.watch_decisions import stream_of
from engine.runtime.watches import Answer, WatchLine
from web.api.asked import Asked
from web.api.commands import Key, hand_over, request_of, told
from web.api.shown import ReceiptOut
from web.api.shown import watches as shown
from web.api.telling import case_row, instant, maybe_instant
from web.bodies import StrictRoute
from web.policy import Caller, policy

router = APIRouter(route_class=StrictRoute, tags=["watches"])
Reads = Annotated[Caller, policy("watch.read")]
Answers = Annotated[Caller, policy("watch.answer")]
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Period = Annotated[str, Query(min_length=1, max_length=10)]
Subject = Annotated[str, Query(min_length=1, max_length=200)]
Count = Annotated[str, Query(max_length=40)]


class FindingAnswerIn(Asked):
    """What a finding is about."""

    period: str = Field(min_length=1, max_length=10)
    subject: str = Field(min_length=1, max_length=200)
    how: FindingAnswer
    reason: str = Field(min_length=1, max_length=500)


@router.get("/watches", operation_id="list_watches")
def list_watches(caller: Reads) -> shown.WatchList:
    """Every watch of the place with its lights."""
    lines = caller.services.watches.lines(caller.person)
    return shown.WatchList(items=[_row(one) for one in lines])


@router.get("/watches/{watch}", operation_id="read_watch")
def read_watch(caller: Reads, watch: Name) -> shown.WatchOut:
    """One watch: findings, and subjects in the last period that ended."""
    seen = caller.services.watches.seen(caller.person, watch)
    lit: dict[str, int] = {}
    for one in seen.findings:
        if one.row.status == "open":
            lit[one.row.light] = lit.get(one.row.light, 0) + 1
    return shown.WatchOut(
        **_row(WatchLine(watch=seen.watch, last=seen.last, lit=lit)).model_dump(),
        condition=seen.watch.when,
        counts=[shown.NumberOut(id=one.id, title=one.title, value=0) for one in seen.watch.counts],
        limits=[shown.NumberOut(id=one.id, title=one.title, value=one.value) for one in seen.watch.limits],
        findings=[_finding(one) for one in seen.findings],
        subjects=[
            shown.SubjectOut(
                subject=one.subject, title=one.title, holds=holds(seen.watch, one.counts), counts=one.counts
            )
            for one in seen.subjects
        ],
        more=seen.more,
    )


@router.get("/watches/{watch}/subject", operation_id="read_counted")
def read_counted(caller: Reads, watch: Name, period: Period, subject: Subject, count: Count = "") -> shown.CountedOut:
    """One subject in one period, with the cases behind a count."""
    seen = caller.services.watches.subject(caller.person, watch, period, subject, count)
    calendar = caller.services.reader.calendar()
    return shown.CountedOut(
        subject=subject,
        period=period,
        counts=[
            shown.NumberOut(id=one.id, title=one.title, value=seen.measured.counts.get(one.id, 0))
            for one in seen.watch.counts
        ],
        finding=_finding(seen.finding) if seen.finding else None,
        behind=seen.behind,
        cases=[case_row(one, calendar, caller.now) for one in seen.cases],
    )


@router.post("/watches/{watch}/answers", operation_id="answer_finding", response_model=ReceiptOut)
async def answer_finding(caller: Answers, watch: Name, body: FindingAnswerIn, key: Key) -> Response:
    """Say what a finding is about; its light goes out."""
    act = AnswerFinding(period=body.period, subject=body.subject, how=body.how, reason=body.reason)
    return told(await hand_over(caller, request_of(caller, key, stream_of(watch), act)))


def _row(line: WatchLine) -> shown.WatchRow:
    watch: Watch = line.watch
    return shown.WatchRow(
        id=watch.id,
        title=watch.title,
        explain=watch.explain,
        per=watch.per,
        lit=dict(line.lit),
        period=line.last.period if line.last else "",
        basis=list(watch.basis),
    )


def _finding(one: Answer) -> shown.FindingOut:
    row = one.row
    return shown.FindingOut(
        period=row.period,
        subject=row.subject,
        title=row.title,
        light=row.light,
        status=row.status,  # type: ignore[arg-type]
        counts=dict(one.counts),
        behind=row.behind,
        started=list(one.started),
        drawn=list(one.drawn),
        found_at=instant(row.found_at),
        ended_at=maybe_instant(row.ended_at or None),
        answered_by=row.answered_by,
        reason=row.reason,
    )
