"""Forms of what may be done in a case: shown, sent, and shown again with everything typed where something is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.core.command import Answer
from engine.core.definition import FieldSpec, SignSpec
from engine.core.offers import OfferKind
from engine.errors import Broken, NotFound, ZhibenError
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, hand_over
from web.api.parameters import ActionId, CaseId
from web.api.telling import fields_out
from web.catalogues import say
from web.pages.entering import offers_to
from web.pages.flash import flash
from web.pages.form_asking import address_of, asked_by_offer, extra_fields, find_offer, is_shown, title_of
from web.pages.form_commands import act_of, request_of
from web.pages.form_drawing import changes_since, draw, standing, titles_seen, told_of, with_people
from web.pages.form_parts import VALUE
from web.pages.form_reading import NOTHING_POSTED, Late, Posted, read_posted
from web.pages.form_views import FormView
from web.pages.rendering import is_partial, show
from web.pages.visitor import Visitor, page
from web.problems import status_of

router = APIRouter()
Acts = Annotated[Visitor, page("case.act")]
#: 0 = reopening
TaskNumber = Annotated[int, Path(ge=0, le=2**31 - 1)]
Kind = Annotated[str, Query(pattern="^(consent|refuse|issue|decline)?$")]
#: A form asks the device for a photograph and, where its user lets it, for where it is.
ALLOWED = {"Permissions-Policy": "camera=(self), geolocation=(self), microphone=()"}
#: What htmx is told once an act within a part of a page is done.
DONE = "zhiben:done"
#: Kinds of fields told beside a form.
_BESIDE = ("text", "number", "date", "choice", "flag", "unit", "place")
ADDRESS = "/cases/{case}/actions/{task}/{action}"
#: Beneath a task on the page of its case, which is drawn anew once it is done.
CASE = "case"


@router.get(ADDRESS, include_in_schema=False)
def ask(
    visitor: Acts,
    http: Request,
    case: CaseId,
    task: TaskNumber,
    action: ActionId,
    kind: Kind = "",
    signer: Annotated[str, Query(alias="for", max_length=100)] = "",
) -> Response:
    """The form of an offer to the visitor, or to whom they type for; where there is none, what has happened."""
    seen = visitor.services.reader.case(visitor.person, case)
    offer = find_offer(offers_to(visitor, seen, signer), task, action, kind)
    if offer is None:
        return gone(http, visitor, seen, NOTHING_POSTED, say("form_page.not_offered"), status=409)
    asked = asked_by_offer(seen, offer, titles_seen(seen))
    begun = dataclasses.replace(standing(visitor, seen, offer), late=Late(by=signer))
    view = draw(visitor, asked, seen=seen.case.seq, posted=begun, within=within_of(http), titles=titles_seen(seen))
    return show_form(http, visitor, view, seen)


@router.post(ADDRESS, include_in_schema=False)
async def act(
    visitor: Acts, http: Request, case: CaseId, task: TaskNumber, action: ActionId, kind: Kind = ""
) -> Response:
    """Do it, and lead on; or show the form again."""
    seen = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    posted = await read_posted(http, visitor, {**seen.machine.fields, **extra_fields()})
    if posted.wrong:
        return await run_in_threadpool(_again, http, visitor, seen, task, action, kind, posted, None)
    chosen = cast(OfferKind, kind or ("act" if task else "reopen"))
    try:
        done = act_of(chosen, task, action, posted, _signs(seen, task, action))
        command = request_of(visitor, case_stream(case), done, posted)
        answer = await hand_over(visitor, command)
    except Broken:
        raise
    except ZhibenError as refused:
        now = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
        return await run_in_threadpool(_again, http, visitor, now, task, action, kind, posted, refused)
    return await run_in_threadpool(_done, http, visitor, case, answer, posted)


def _signs(seen: SeenCase, task: int, action: str) -> tuple[SignSpec, ...]:
    """Who signs an action of an open task; of one that is over nobody, and the door says that it is."""
    opened = seen.case.task(task)
    spec = seen.machine.actions.get((opened.state, opened.spec, action)) if opened else None
    return spec.signs if spec else ()


def _done(http: Request, visitor: Visitor, case: str, answer: Answer, posted: Posted) -> Response:
    """Lead on to the case, or to the visitor's work where the act took it out of their sight."""
    try:
        seen = visitor.services.reader.case(visitor.person, case)
        where = f"/cases/{quote(case, safe='')}?done={answer.seq}"
    except NotFound:
        seen, where = None, "/work"
    if posted.within == CASE:
        return Response(status_code=200, headers={"HX-Redirect": where})
    if posted.within:
        number = seen.case.number if seen else ""
        return show(
            http,
            visitor,
            "action.html",
            block="done",
            headers={"HX-Trigger": DONE},
            where=where,
            number=number,
            recalls=recalls_of(seen),
        )
    answered = RedirectResponse(where, status_code=303)
    if seen is None:
        flash(answered, "form_page.done_left", secure=visitor.services.settings.secure_cookies)
    return answered


def recalls_of(seen: SeenCase | None) -> list[tuple[str, str]]:
    """What the visitor may take back in a case: title and address."""
    offers = (one for one in seen.offers if one.kind == "recall" and not one.task) if seen else ()
    return [(title_of(one), address_of(seen.case.id, one)) for one in offers] if seen else []


def _again(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    task: int,
    action: str,
    kind: str,
    posted: Posted,
    refused: ZhibenError | None,
) -> Response:
    titles = with_people(visitor, titles_seen(seen), posted)
    told = told_of(posted, refused, titles)
    offer = find_offer(offers_to(visitor, seen, posted.late.by), task, action, kind)
    status = status_of(refused) if refused else 422
    if offer is None:
        why = told[0].text if told else say("form_page.not_offered")
        return gone(http, visitor, seen, posted, why, status=status)
    changes = changes_since(visitor, seen, posted.seen)
    view = draw(
        visitor,
        asked_by_offer(seen, offer, titles),
        seen=seen.case.seq,
        posted=posted,
        told=told,
        changes=changes,
        within=posted.within,
        titles=titles,
    )
    return show_form(http, visitor, view, seen, status=status)


def gone(
    http: Request,
    visitor: Visitor,
    seen: SeenCase,
    posted: Posted,
    why: str,
    *,
    status: int,
    fields: Mapping[str, FieldSpec] | None = None,
) -> Response:
    """What was asked for can no longer be done: why, what happened meanwhile, and everything that was typed."""
    known = seen.machine.fields if fields is None else fields
    typed = tuple(
        (known[name[2:]].title, "\n".join(_chosen(known[name[2:]], texts)))
        for name, texts in posted.texts.items()
        if name.startswith(VALUE) and name[2:] in known and any(texts)
    )
    typed += ((say("form_page.named.reason"), posted.reason),) if posted.reason else ()
    return show(
        http,
        visitor,
        "action_gone.html",
        block="form" if posted.within or is_partial(http) else "",
        status=status,
        why=why,
        case=seen.case,
        changes=changes_since(visitor, seen, posted.seen) if posted.seen else (),
        typed=typed,
        offers=[(title_of(offer), address_of(seen.case.id, offer)) for offer in seen.offers if is_shown(offer)],
    )


def _chosen(spec: FieldSpec, texts: Iterable[str]) -> list[str]:
    """What was typed, choices by their titles."""
    return [spec.choices.get(one, one) for one in texts]


def show_form(http: Request, visitor: Visitor, view: FormView, seen: SeenCase, *, status: int = 200) -> Response:
    return show(
        http,
        visitor,
        "action.html",
        block="form" if view.within else "",
        status=status,
        headers=ALLOWED,
        form=view,
        case=seen.case,
        about=() if view.within else _about(visitor, seen),
    )


def _about(visitor: Visitor, seen: SeenCase) -> tuple[tuple[str, str], ...]:
    """What the case says, to read beside the form."""
    reader, case = visitor.services.reader, seen.case
    shown = fields_out(case, seen.machine, titles_seen(seen), seen.opened)
    entities = {**reader.titles("unit", [case.unit]), **reader.titles("place", [case.place])}
    told = [(one.title, entities.get(str(one.value), one.told)) for one in shown if not one.withheld]
    kinds = {seen.machine.fields[one.field].title: seen.machine.fields[one.field].kind for one in shown}
    return tuple((title, words) for title, words in told if words and kinds[title] in _BESIDE)


def within_of(http: Request) -> str:
    if not is_partial(http):
        return ""
    return CASE if http.query_params.get("within") == CASE else "row"
