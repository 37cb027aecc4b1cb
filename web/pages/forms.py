"""Forms of what may be done in a case: shown, sent, and shown again with everything typed where something is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from engine.audit.entry import Entry
from engine.core.command import Answer
from engine.core.definition import FieldSpec, SignSpec
from engine.core.offers import Offer, OfferKind
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import Broken, Busy, NotFound, ZhibenError
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, hand_over
from web.api.parameters import ActionId, CaseId
from web.case_history import history_of
from web.catalogues import NO_TITLES, Titles, say, tell_problem, titles_of
from web.pages.case_timeline import timeline_of
from web.pages.flash import flash
from web.pages.form_asking import address_of, asked_by_offer, find_offer, title_of
from web.pages.form_commands import act_of, request_of
from web.pages.form_fields import Told
from web.pages.form_files import KeptFile
from web.pages.form_parts import SLOT, VALUE, standing_in
from web.pages.form_reading import ENTITIES, NOTHING_POSTED, Posted, Wrong, read_posted
from web.pages.form_views import Asked, ChangeView, FormView, form_view
from web.pages.reading_entries import all_entries
from web.pages.rendering import is_partial, show
from web.pages.visitor import Visitor, page
from web.problems import problem_of, status_of

router = APIRouter()
Acts = Annotated[Visitor, page("case.act")]
#: 0 = reopening
TaskNumber = Annotated[int, Path(ge=0, le=2**31 - 1)]
Kind = Annotated[str, Query(pattern="^(consent|refuse|issue|decline)?$")]
#: A form asks the device for a photograph and, where its user lets it, for where it is.
ALLOWED = {"Permissions-Policy": "camera=(self), geolocation=(self), microphone=()"}
#: What htmx is told once an act within a part of a page is done.
DONE = "zhiben:done"
_KEY_BYTES = 16
_LONGEST_ID = 100
_MOST_NAMED = 200
ADDRESS = "/cases/{case}/actions/{task}/{action}"


@router.get(ADDRESS, include_in_schema=False)
def ask(visitor: Acts, http: Request, case: CaseId, task: TaskNumber, action: ActionId, kind: Kind = "") -> Response:
    """The form of an offer; where there is none any more, what has happened."""
    seen = visitor.services.reader.case(visitor.person, case)
    offer = find_offer(seen.offers, task, action, kind)
    if offer is None:
        return _gone(http, visitor, seen, NOTHING_POSTED, say("form_page.not_offered"), status=409)
    asked = asked_by_offer(seen, offer, _titles(seen))
    standing = _standing(visitor, seen, offer)
    view = draw(visitor, asked, seen=seen.case.seq, posted=standing, within=_within(http), titles=_titles(seen))
    return _show(http, visitor, view, seen)


@router.post(ADDRESS, include_in_schema=False)
async def act(
    visitor: Acts, http: Request, case: CaseId, task: TaskNumber, action: ActionId, kind: Kind = ""
) -> Response:
    """Do it, and lead on; or show the form again."""
    seen = await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    posted = await read_posted(http, visitor, seen.machine.fields)
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
    if posted.within:
        number = seen.case.number if seen else ""
        return show(
            http, visitor, "action.html", block="done", headers={"HX-Trigger": DONE}, where=where, number=number
        )
    answered = RedirectResponse(where, status_code=303)
    if seen is None:
        flash(answered, "form_page.done_left", secure=visitor.services.settings.secure_cookies)
    return answered


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
    titles = with_people(visitor, _titles(seen), posted)
    told = told_of(posted, refused, titles)
    offer = find_offer(seen.offers, task, action, kind)
    status = status_of(refused) if refused else 422
    if offer is None:
        why = told[0].text if told else say("form_page.not_offered")
        return _gone(http, visitor, seen, posted, why, status=status)
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
    return _show(http, visitor, view, seen, status=status)


def _gone(http: Request, visitor: Visitor, seen: SeenCase, posted: Posted, why: str, *, status: int) -> Response:
    """What was asked for can no longer be done: why, what happened meanwhile, and everything that was typed."""
    typed = tuple(
        (seen.machine.fields[name[2:]].title, "\n".join(texts))
        for name, texts in posted.texts.items()
        if name.startswith(VALUE) and name[2:] in seen.machine.fields and any(texts)
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
        offers=[(title_of(offer), address_of(seen.case.id, offer)) for offer in seen.offers],
    )


def _show(http: Request, visitor: Visitor, view: FormView, seen: SeenCase, *, status: int = 200) -> Response:
    return show(
        http,
        visitor,
        "action.html",
        block="form" if view.within else "",
        status=status,
        headers=ALLOWED,
        form=view,
        case=seen.case,
    )


def draw(
    visitor: Visitor,
    asked: Asked,
    *,
    seen: int = 0,
    posted: Posted = NOTHING_POSTED,
    told: Iterable[Told] = (),
    changes: Iterable[ChangeView] = (),
    within: str = "",
    kept_as: str = "",
    titles: Titles = NO_TITLES,
) -> FormView:
    """The form as this visitor sees it, under a key of its own unless it came back with one."""
    services = visitor.services
    for_others = services.reader.directory().may(visitor.person, ENTER_FOR_OTHERS, visitor.day)
    return form_view(
        asked,
        key=posted.key or services.dice.token(_KEY_BYTES).hex(),
        seen=seen,
        entities=_entities(visitor, asked, posted),
        posted=posted,
        told=told,
        for_others=for_others,
        changes=tuple(changes),
        within=within,
        kept_as=kept_as,
        titles=titles,
        visitor=(visitor.person, visitor.name),
    )


def _entities(visitor: Visitor, asked: Asked, posted: Posted) -> Mapping[str, str]:
    """Titles of what the form names, by id."""
    reader = visitor.services.reader
    ids: dict[str, list[str]] = {table: [] for table in ENTITIES}
    for name, texts in posted.texts.items():
        if name.startswith(f"{VALUE}{SLOT}.") and name.count(".") == 2:
            ids["person"] += texts
    for spec in _specs(asked):
        if spec.kind in ENTITIES:
            ids[spec.kind] += [asked.prepared.get(spec.id, ""), *_given(spec.id, posted)]
    persons = [one for one in (*ids["person"], posted.late.by) if one]
    return {
        **reader.titles("unit", ids["unit"]),
        **reader.titles("place", ids["place"]),
        **reader.case_names(visitor.person, ids["case"]),
        **(reader.names(persons) if persons else {}),
    }


def _standing(visitor: Visitor, seen: SeenCase, offer: Offer) -> Posted:
    """Tables of the case as the form begins with: their rows, and the files that came with them."""
    tables = [
        spec
        for item in offer.form
        if (spec := seen.machine.fields[item.field]).kind == "table" and seen.opened.get(spec.id)
    ]
    if not tables:
        return NOTHING_POSTED
    exhibits = {one.ref.sha256: one.ref for one in history_of(all_entries(visitor, seen.case.id)).exhibits}
    texts: dict[str, tuple[str, ...]] = {}
    files: list[KeptFile] = []
    for spec in tables:
        told, kept = standing_in(spec, seen.opened[spec.id], exhibits)
        texts |= told
        files += kept
    return Posted(texts=texts, files=tuple(files))


def _specs(asked: Asked) -> Iterable[FieldSpec]:
    """The fields of a form, and the columns of its tables by the table's id."""
    for item in asked.form:
        spec = asked.fields.get(item.field)
        if spec is not None:
            yield spec
            yield from (replace(column, id=f"{spec.id}.*.{column.id}") for column in spec.columns)


def _given(name: str, posted: Posted) -> Iterable[str]:
    """What was chosen in an input, or in the cells of a column."""
    first, _, last = name.partition("*")
    for text, values in posted.texts.items():
        if text == f"{VALUE}{name}" or (last and text.startswith(f"{VALUE}{first}") and text.endswith(last)):
            yield from values


def told_of(posted: Posted, refused: ZhibenError | None, titles: Titles) -> list[Told]:
    """What is wrong with a form, in sentences by field."""
    told = [_told(one, titles) for one in posted.wrong]
    if refused is None:
        return told
    if isinstance(refused, Busy):
        return [*told, Told(field="", text=say("form_page.busy"))]
    problem = problem_of(refused, titles=titles)
    fields = problem.get("errors") or [{"field": "", "detail": problem["detail"]}]
    return [*told, *(Told(field=str(one["field"]), text=str(one["detail"])) for one in fields)]


def with_people(visitor: Visitor, titles: Titles, posted: Posted) -> Titles:
    """The titles with the names of whoever a form may name, so that what is wrong with them says who."""
    named = {
        one for name, some in posted.texts.items() if name.startswith(VALUE) for one in some if len(one) <= _LONGEST_ID
    }
    known = visitor.services.reader.names(sorted(named - set(titles.persons))[:_MOST_NAMED])
    return dataclasses.replace(titles, persons={**known, **titles.persons})


def _told(wrong: Wrong, titles: Titles) -> Told:
    return Told(
        field=wrong.field, text=tell_problem(wrong.code, wrong.data, titles, kind="form"), options=wrong.choices
    )


def changes_since(visitor: Visitor, seen: SeenCase, seq: int) -> tuple[ChangeView, ...]:
    """What happened in a case after an entry, for whoever has an older page before them."""
    if not 0 < seq < seen.case.seq:
        return ()
    reader = visitor.services.reader
    entries = [one for one in all_entries(visitor, seen.case.id) if not _own_look(one, visitor.person)]
    lines = timeline_of(entries, _titles(seen), reader.names, seen.calendar, visitor.now)
    return tuple(
        ChangeView(who=one.who, at=one.at.told, exact=one.at.exact, text=one.text) for one in lines if one.seq > seq
    )


def _own_look(entry: Entry, person: str) -> bool:
    """Whether the entry only says that the visitor looked, which changes nothing for them."""
    return entry.acted_by == person and all(event["type"] == "task_read" for event in entry.events)


def _titles(seen: SeenCase) -> Titles:
    return titles_of(seen.machine, persons=seen.names)


def _within(http: Request) -> str:
    return "row" if is_partial(http) else ""
