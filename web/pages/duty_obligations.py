"""One obligation: what became of it; to begin its case from there, to excuse somebody, and to excuse them no longer."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from engine.core.command import AnyAct, EndExemption, ExemptObligation
from engine.core.command import Request as Command
from engine.core.duty_state import Exemption
from engine.errors import BadInput, Busy, ZhibenError
from engine.runtime.duties import ToDo
from engine.runtime.duty_facts import duty_stream
from web import duty_words as words
from web.api.commands import command_id, hand_over
from web.catalogues import say, tell_error, tell_instant, tell_rule
from web.pages.duties import DutyId, Reads
from web.pages.duty_tables import PATH, address_of, obligation_address, subject_title
from web.pages.duty_told import obligation_view
from web.pages.flash import flash
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Exempts = Annotated[Visitor, page("duty.exempt")]
Period = Annotated[str, Query(min_length=1, max_length=40)]
Subject = Annotated[str, Query(min_length=1, max_length=200)]
LONGEST_REASON = 500
_KEY_BYTES = 16


def begins_at(todo: ToDo) -> str:
    """Where the case of an obligation is begun."""
    path = f"/report/{quote(todo.spec.procedure, safe='')}/{quote(todo.spec.action, safe='')}"
    return f"{path}?{urlencode({'obligation': todo.obligation})}"


@router.get(f"{PATH}/{{duty}}/obligation", include_in_schema=False)
def obligation(request: Request, visitor: Reads, duty: DutyId, period: Period, subject: Subject) -> Response:
    """One obligation, and what may be done about it."""
    return _show(request, visitor, duty, period, subject)


@router.post(f"{PATH}/{{duty}}/exempt", include_in_schema=False)
async def exempt(request: Request, visitor: Exempts, duty: DutyId) -> Response:
    """Excuse a subject from one window, or from all that begin up to a day."""
    return await _do(request, visitor, duty, "exempt")


@router.post(f"{PATH}/{{duty}}/exempt/end", include_in_schema=False)
async def end(request: Request, visitor: Exempts, duty: DutyId) -> Response:
    """Excuse a subject no longer."""
    return await _do(request, visitor, duty, "end")


async def _do(request: Request, visitor: Visitor, duty: str, what: str) -> Response:
    form = await request.form()
    period, subject = _word(form, "period"), _word(form, "subject")
    # Whoever may not see it learns nothing of it, not even why they may not excuse it.
    await run_in_threadpool(visitor.services.duties.timeline, visitor.person, duty, period, subject)
    try:
        act = _exempted(form, period, subject) if what == "exempt" else _ended(form, subject)
        await hand_over(visitor, _command(visitor, duty, act, _word(form, "_key")))
    except Busy:
        raise
    except ZhibenError as wrong:
        return await run_in_threadpool(_show, request, visitor, duty, period, subject, form, wrong, what)
    answer = RedirectResponse(obligation_address(duty, period, subject), status_code=303)
    flash(answer, f"duties.{what}.told", secure=visitor.services.settings.secure_cookies)
    return answer


def _exempted(form: FormData, period: str, subject: str) -> ExemptObligation:
    until, reason = _word(form, "until"), _reason(form)
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise BadInput("not_a_date", field="until") from error
    whole = _word(form, "range") == "all"
    return ExemptObligation(subject=subject, period="" if whole else period, until=day, reason=reason)


def _ended(form: FormData, subject: str) -> EndExemption:
    return EndExemption(subject=subject, period=_word(form, "ends"), reason=_reason(form))


def _reason(form: FormData) -> str:
    reason = _word(form, "reason")
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput("reason_missing", field="reason")
    return reason


def _command(visitor: Visitor, duty: str, act: AnyAct, key: str) -> Command:
    if not key:
        raise BadInput("input_missing", field="_key")
    return Command(
        id=command_id(visitor.person, key),
        stream=duty_stream(duty),
        act=act,
        acted_by=visitor.person,
        entered_by=visitor.person,
        medium="web",
    )


def _show(
    request: Request,
    visitor: Visitor,
    duty: str,
    period: str,
    subject: str,
    form: FormData | None = None,
    wrong: ZhibenError | None = None,
    what: str = "",
) -> Response:
    services = visitor.services
    seen = services.duties.timeline(visitor.person, duty, period, subject)
    row, spec = seen.row, seen.duty.spec
    calendar = services.duties.calendar_of(spec)
    powers = services.duties.powers(visitor.person, row, seen.duty)
    heir = row.reason.partition(":")[2]
    view = obligation_view(
        seen,
        subject_title(subject, row.subject_kind, services.duties.called([subject], row.subject_kind)),
        services.reader.directory(),
        calendar,
        visitor.now,
        services.reader.titles("unit", [heir]) if heir else {},
    )
    begun = services.reader.case_names(visitor.person, [row.case]) if row.case else {}
    held = powers.exemption
    return show(
        request,
        visitor,
        "duty_obligation.html",
        status=status_of(wrong) if wrong else 200,
        duty=spec,
        address=address_of(duty),
        view=view,
        case=row.case,
        case_name=begun.get(row.case, ""),
        asked={"period": period, "subject": subject},
        begins=begins_at(powers.to_do) if powers.to_do else "",
        begins_title=say("duties.make_up" if powers.to_do and row.late else "duties.begin"),
        stands_for=_stands_for(visitor, powers.to_do),
        may_exempt=powers.exempt and held is None and row.status in ("open", "late"),
        most=tell_rule(spec.exempt.most) if spec.exempt and spec.exempt.most else "",
        held=_held(visitor, held) if held else None,
        may_end=powers.exempt,
        typed=_typed(form, words.due_day_of(row, calendar)),
        wrong=tell_error(wrong) if wrong else "",
        wrong_field=str(wrong.data.get("field", "")) if wrong else "",
        wrong_what=what,
        key=services.dice.token(_KEY_BYTES).hex(),
    )


def _stands_for(visitor: Visitor, todo: ToDo | None) -> str:
    if todo is None or not todo.stands_for:
        return ""
    name = visitor.services.reader.names([todo.stands_for]).get(todo.stands_for, "")
    return say("duties.stands_for", who=name or say("duties.somebody"))


def _held(visitor: Visitor, held: Exemption) -> dict[str, str]:
    name = visitor.services.reader.names([held.by]).get(held.by, "")
    return {
        "by": name or say("duties.somebody"),
        "at": tell_instant(held.at, visitor.services.reader.calendar().zone, visitor.now),
        "until": words.range_words(held.until, held.until),
        "reason": held.reason,
        "period": held.period,
        "range": words.period_words(held.period) if held.period else say("duties.exempt.all_until"),
    }


def _typed(form: FormData | None, due: date) -> dict[str, str]:
    if form is None:
        return {"range": "this", "until": due.isoformat(), "reason": ""}
    return {name: _word(form, name) for name in ("range", "until", "reason")}


def _word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()[:2_000]
