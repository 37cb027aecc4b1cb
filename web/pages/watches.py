"""Watches: which lights are on, what was counted for whom, and the cases behind every number."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.core.command import AnswerFinding
from engine.core.command import Request as Asked
from engine.errors import BadInput, Busy, ZhibenError
from engine.runtime.watch_decisions import stream_of
from web.api.commands import command_id, hand_over
from web.catalogues import say, tell_error
from web.pages import watch_views as views
from web.pages.flash import flash
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Reads = Annotated[Visitor, page("watch.read")]
Answers = Annotated[Visitor, page("watch.answer")]
Watch = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Period = Annotated[str, Query(max_length=10)]
Subject = Annotated[str, Query(min_length=1, max_length=200)]
Count = Annotated[str, Query(max_length=40)]
LONGEST_REASON = 500
_KEY_BYTES = 16


@router.get(views.PATH, include_in_schema=False)
def watches(request: Request, visitor: Reads) -> Response:
    """Every watch of the place, those with lights first."""
    calendar = visitor.services.reader.calendar()
    lines = [views.line_of(one, calendar) for one in visitor.services.watches.lines(visitor.person)]
    lines.sort(key=lambda one: ("red", "yellow", "none").index(one.light))
    return show(request, visitor, "watches.html", lines=lines)


@router.get(f"{views.PATH}/{{watch}}", include_in_schema=False)
def watch_page(request: Request, watch: Watch, visitor: Reads) -> Response:
    """One watch: its findings, its subjects in the last window, how often it lit."""
    services = visitor.services
    seen = services.watches.seen(visitor.person, watch)
    calendar = services.reader.calendar()
    name = views.name_of(seen.watch, seen.names, _titles(visitor))
    return show(
        request,
        visitor,
        "watch.html",
        watch=seen.watch,
        when=views.when_of(seen.watch),
        condition=views.condition_of(seen.watch),
        counts=views.counts_of(seen.watch),
        last=views.last_of(seen.last, calendar),
        digest=seen.last.digest[:16] if seen.last else "",
        basis=[services.clauses.get(one, one) for one in seen.watch.basis],
        period=views.period_of(seen.span.period),
        subjects=[views.subject_row(seen, one, name) for one in seen.subjects],
        more=seen.more,
        findings=[views.finding_row(seen.watch, one, name, seen.names, calendar) for one in seen.findings],
        bars=views.bars_of(seen.trend),
    )


@router.get(f"{views.PATH}/{{watch}}/subject", include_in_schema=False)
def subject_page(
    request: Request, watch: Watch, visitor: Reads, period: Period, subject: Subject, count: Count = ""
) -> Response:
    """One subject in one window, down to the cases."""
    return _subject(request, visitor, watch, period, subject, count)


@router.post(f"{views.PATH}/{{watch}}/answer", include_in_schema=False)
async def answer(request: Request, watch: Watch, visitor: Answers) -> Response:
    """Say what a finding is about; its light goes out."""
    form = await request.form()
    period, subject = _word(form, "period"), _word(form, "subject")
    try:
        await hand_over(visitor, _asked(visitor, watch, form))
    except Busy:
        raise
    except ZhibenError as wrong:
        return await run_in_threadpool(_subject, request, visitor, watch, period, subject, "", form, wrong)
    answered = RedirectResponse(views.subject_address(watch, period, subject), status_code=303)
    flash(answered, say("watches.answer.done"))
    return answered


def _asked(visitor: Visitor, watch: str, form: FormData) -> Asked:
    how, reason, key = _word(form, "how"), _word(form, "reason"), _word(form, "_key")
    if not key:
        raise BadInput("input_missing", field="_key")
    if how not in views.ANSWERS:
        raise BadInput("input_missing", field="how")
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput("reason_missing", field="reason")
    told = cast('Literal["justified", "examined", "unfounded"]', how)
    return Asked(
        id=command_id(visitor.person, key),
        stream=stream_of(watch),
        act=AnswerFinding(period=_word(form, "period"), subject=_word(form, "subject"), how=told, reason=reason),
        acted_by=visitor.person,
        entered_by=visitor.person,
        medium="web",
    )


def _subject(
    request: Request,
    visitor: Visitor,
    watch: str,
    period: str,
    subject: str,
    count: str,
    form: FormData | None = None,
    wrong: ZhibenError | None = None,
) -> Response:
    services = visitor.services
    seen = services.watches.subject(visitor.person, watch, period, subject, count)
    calendar = services.reader.calendar()
    titles = _titles(visitor)
    cases = (*seen.cases, *seen.started, *seen.drawn)
    units = services.reader.titles("unit", [one.register.unit for one in cases])
    name = views.name_of(seen.watch, seen.names, titles)
    finding = seen.finding
    return show(
        request,
        visitor,
        "watch_subject.html",
        status=status_of(wrong) if wrong else 200,
        watch=seen.watch,
        back=views.address_of(watch),
        title=name(subject, seen.measured.title),
        period=views.period_of(period),
        finding=views.finding_row(seen.watch, finding, name, seen.names, calendar) if finding else None,
        differs=finding is not None and dict(finding.counts) != seen.measured.counts,
        numbers=views.numbers_of(seen.watch, period, subject, seen.measured.counts),
        limits=[(one.title, one.value) for one in seen.watch.limits],
        windows=[
            (views.period_of(span.period), views.numbers_of(seen.watch, span.period, subject, counts))
            for span, counts in reversed(seen.windows)
        ],
        count=count,
        behind=views.behind_of(seen),
        total=seen.behind,
        cases=[views.case_line(one, units, calendar) for one in seen.cases],
        started=[views.case_line(one, units, calendar) for one in seen.started],
        drawn=[views.case_line(one, units, calendar) for one in seen.drawn],
        accounts=all(one.source == "accounts" for one in seen.watch.counts),
        own=subject == visitor.person,
        asked={"period": period, "subject": subject},
        typed={"how": _word(form, "how"), "reason": _word(form, "reason")} if form else {"how": "", "reason": ""},
        wrong=tell_error(wrong) if wrong else "",
        wrong_field=wrong.field if isinstance(wrong, BadInput) else "",
        key=services.dice.token(_KEY_BYTES).hex(),
    )


def _titles(visitor: Visitor) -> dict[str, str]:
    directory = visitor.services.reader.directory()
    return {**directory.regions, **directory.industries}


def _word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()[:2000]
