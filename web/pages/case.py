"""The page of a case: what to do now and by when, where it has got to, and everything that happened, in tabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.audit.entry import Entry
from engine.core.command import ReadTask
from engine.core.command import Request as Command
from engine.runtime.linked import LinkedCase
from engine.runtime.reading import SeenCase
from web.api.commands import case_stream, command_id, hand_over
from web.api.parameters import CaseId
from web.api.telling import light_at
from web.case_history import History, history_of
from web.catalogues import say, titles_of
from web.pages.case_before import before_of
from web.pages.case_course import course_of
from web.pages.case_duties import duties_of
from web.pages.case_ladders import ladders_of
from web.pages.case_papers import documents_of, exhibits_of
from web.pages.case_people import named_in_why, notes_of, opinions_of, votes_of, why_told
from web.pages.case_timeline import EntryLine, fates_in, moment, name_of, timeline_of
from web.pages.case_views import (
    Known,
    TaskPanel,
    entered_for,
    held_clocks,
    menu_of,
    offers_of,
    tags_of,
    tasks_now,
    values_of,
)
from web.pages.entering import may_enter, offers_to
from web.pages.people_asking import is_of_people
from web.pages.reading_entries import all_entries
from web.pages.rendering import show
from web.pages.visitor import Visitor, page
from web.timeline import with_names

router = APIRouter()
Reads = Annotated[Visitor, page("case.read")]
TABS = ("story", "evidence", "documents", "links", "duties", "data")
#: All of them below each other: the case as a file on paper.
ALL = "all"
_MOST_LINKS = 50
_KEY_BYTES = 16
#: Holders for whom a clerk is offered to type.
_MOST_SIGNERS = 6


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """A case this one has to do with; number "" where the visitor may not see it."""

    how: str
    address: str = ""
    number: str = ""
    title: str = ""
    states: str = ""
    light: str = ""
    told: str = ""


@router.get("/cases/{case}", include_in_schema=False)
def show_case(
    visitor: Reads,
    http: Request,
    case: CaseId,
    tab: Annotated[str, Query(pattern=f"^({'|'.join((*TABS, ALL))})?$")] = "",
    done: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """The whole page; each tab has an address of its own."""
    reader = visitor.services.reader
    seen = reader.case(visitor.person, case)
    entries = all_entries(visitor, case)
    history = history_of(entries)
    known = _known(visitor, seen, entries)
    chosen = tab or TABS[0]
    lines = timeline_of(entries, known.titles, reader.names, seen.calendar, visitor.now, fates_in(visitor, case))
    tasks = _with_entering(visitor, seen, known, _with_people(visitor, seen, history, known))
    return show(
        http,
        visitor,
        "case.html",
        case=seen.case,
        procedure=seen.machine.procedure,
        tab=chosen,
        shown=TABS if chosen == ALL else (chosen,),
        tabs=_tabs(seen, history, chosen),
        tags=tags_of(seen, known),
        facts=_facts(seen, history, known),
        tasks=tasks,
        held=held_clocks(seen, known),
        reopenings=offers_of(seen, 0),
        primary=next((task.n for task in tasks if task.offers and task.mine), 0),
        state_titles=[known.titles.states.get(leaf, leaf) for leaf in seen.case.leaves()],
        unread=[task.n for task in seen.case.tasks if _unread(task, visitor.person)],
        course=course_of(seen, history, known),
        ladders=ladders_of(seen, history, known),
        waits_for_triage=(waits := seen.case.claim is not None and not (seen.case.claim.triaged or seen.case.closed)),
        copy=next((one for one in seen.case.copies if one.person == visitor.person), None),
        copied_by=_copied_by(seen, known, visitor.person),
        recalls=menu_of(seen, 0),
        key=visitor.services.dice.token(_KEY_BYTES).hex(),
        may_triage=waits and visitor.services.triage.waits(visitor.person, case),
        receipt=next((line for line in lines if line.seq == done), None) if done else None,
        **{
            name: value
            for one in (TABS if chosen == ALL else (chosen,))
            for name, value in _content(one, visitor, seen, history, known, lines).items()
        },
    )


def _with_people(visitor: Visitor, seen: SeenCase, history: History, known: Known) -> list[TaskPanel]:
    """The tasks with their voices and opinions, why they are whose, and what is to be known of their people."""
    found = []
    for panel in tasks_now(seen, known, visitor.person):
        task = seen.case.task(panel.n)
        if task is None or (task.kind in ("vote", "opinion") and not (panel.mine or panel.offers or panel.menu)):
            continue  # told beside the task from which it was asked
        found.append(
            replace(
                panel,
                why=why_told(task, seen, known, visitor.person),
                notes=notes_of(task, seen, history, known, visitor.person),
                votes=votes_of(task, seen, history, known),
                opinions=opinions_of(task, seen, history, known),
            )
        )
    return found


def _with_entering(visitor: Visitor, seen: SeenCase, known: Known, tasks: Sequence[TaskPanel]) -> Sequence[TaskPanel]:
    """The tasks with what the visitor may enter that their holders signed."""
    if not may_enter(visitor, seen):
        return tasks
    signers = dict.fromkeys(one for task in seen.case.tasks for one in task.holder.persons if one != visitor.person)
    offered = {one: offers_to(visitor, seen, one) for one in list(signers)[:_MOST_SIGNERS]}
    return [
        replace(
            task,
            entered=tuple(
                view
                for signer, offers in offered.items()
                for view in entered_for(
                    seen.case.id,
                    signer,
                    name_of(signer, known.titles),
                    [offer for offer in offers if offer.task == task.n and not is_of_people(offer)],
                )
            ),
        )
        for task in tasks
    ]


def _copied_by(seen: SeenCase, known: Known, person: str) -> str:
    """Who sent the visitor a copy, and when; "" = nobody."""
    copy = next((one for one in seen.case.copies if one.person == person), None)
    if copy is None:
        return ""
    at = moment(copy.read_at or copy.at, seen.calendar, known.now).told
    return say(f"people.copy.{'read' if copy.read_at else 'sent'}", by=name_of(copy.by, known.titles), at=at)


def _unread(task: object, person: str) -> bool:
    return person in task.holder.persons and person not in task.readers  # type: ignore[attr-defined]


def _known(visitor: Visitor, seen: SeenCase, entries: Sequence[Entry]) -> Known:
    reader, machine, case = visitor.services.reader, seen.machine, seen.case
    units = {case.unit, *(task.holder.unit for task in case.tasks)}
    places = {case.place}
    persons: set[str] = set()
    cases: set[str] = set()
    persons.update(named_in_why(seen, visitor.person, visitor.day))
    for name, spec in machine.fields.items():
        value = seen.opened.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                {"unit": units, "place": places, "person": persons, "case": cases}.get(spec.kind, set()).add(one)
    directory = reader.directory()
    titles = titles_of(
        machine,
        roles={role.id: role.title for role in directory.roles.values()},
        persons={**seen.names, **reader.names(sorted(persons))},
        clauses=visitor.services.clauses,
        regions=directory.regions,
        industries=directory.industries,
    )
    return Known(
        titles=with_names(titles, entries, reader.names),
        entities={
            **reader.titles("unit", sorted(units)),
            **reader.titles("place", sorted(places)),
            **reader.case_names(visitor.person, sorted(cases)),
        },
        directory=directory,
        now=visitor.now,
    )


def _facts(seen: SeenCase, history: History, known: Known) -> list[tuple[str, str]]:
    case = seen.case
    found = [
        (say("case_page.fact.unit"), known.entities.get(case.unit, "")),
        (say("case_page.fact.place"), known.entities.get(case.place, "")),
        (say("case_page.fact.region"), known.directory.regions.get(case.region, "")),
        (say("case_page.fact.opened"), moment(case.opened_at, seen.calendar, known.now).told),
        (say("case_page.fact.claimed"), case.claim.number if case.claim else ""),
    ]
    return [(term, value) for term, value in found if value]


def _tabs(seen: SeenCase, history: History, chosen: str) -> list[tuple[str, str, object, bool]]:
    counts = {
        "evidence": len(history.exhibits),
        "documents": sum(1 for duty in history.duties if duty.draft),
        "links": len(seen.case.links) + len(seen.case.linked_by),
    }
    base = f"/cases/{quote(seen.case.id, safe='')}"
    return [
        (
            say(f"case_page.tab.{name}"),
            base if name == TABS[0] else f"{base}?tab={name}",
            counts.get(name, "") or "",
            name == chosen,
        )
        for name in TABS
    ]


def _content(
    tab: str, visitor: Visitor, seen: SeenCase, history: History, known: Known, lines: Iterable[EntryLine]
) -> dict[str, Any]:
    """What the chosen tab shows, by the name its template knows it by."""
    match tab:
        case "evidence":
            return {"exhibits": exhibits_of(seen, history, known)}
        case "documents":
            return {"documents": documents_of(seen, history, known)}
        case "links":
            return {"links": _links(visitor, seen)}
        case "duties":
            return {"duties": duties_of(seen, history, known), "before": before_of(visitor, seen)}
        case "data":
            return {"values": values_of(seen, history, known)}
    return {"lines": tuple(lines)}


def _links(visitor: Visitor, seen: SeenCase) -> list[LinkView]:
    linked = visitor.services.reader.linked(visitor.person, seen.case.id)
    return [_link(visitor, one, seen) for one in linked[:_MOST_LINKS]]


def _link(visitor: Visitor, linked: LinkedCase, seen: SeenCase) -> LinkView:
    how = linked.title or say(f"values.how.{'same_later' if linked.back else 'same'}")
    if linked.case is None:
        return LinkView(how=how)
    row = linked.case.register
    states = titles_of(visitor.services.reader.machine(row.version)).states
    light = light_at(row.due_at, seen.calendar, visitor.now) if row.due_at is not None else {}
    return LinkView(
        how=how,
        address=f"/cases/{quote(linked.case.id, safe='')}",
        number=row.number,
        title=row.title,
        states=say("values.joint").join(states.get(leaf, leaf) for leaf in row.state.split()),
        light=str(light.get("light", "")),
        told=str(light.get("told", "")),
    )


@router.get("/cases/{case}/news", include_in_schema=False)
def news(
    visitor: Annotated[Visitor, page("case.read", quiet=True)],
    case: CaseId,
    seq: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """Whether anything was written since an entry: 204 = no, 205 = look again."""
    now = visitor.services.reader.case(visitor.person, case).case.seq
    return Response(status_code=205 if now > seq else 204)


@router.post("/cases/{case}/tasks/{task}/read", include_in_schema=False)
async def read_task(
    visitor: Annotated[Visitor, page("case.act")], case: CaseId, task: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    """Note that the visitor has seen a task of theirs; only a holder's first look changes anything."""
    await run_in_threadpool(visitor.services.reader.case, visitor.person, case)
    command = Command(
        id=command_id(visitor.person, f"read:{case}:{task}"),
        stream=case_stream(case),
        act=ReadTask(task=task),
        acted_by=visitor.person,
        entered_by=visitor.person,
        medium="web",
    )
    await hand_over(visitor, command)
    return Response(status_code=204)
