"""One box for everything: numbers, units, words; what one may not see is not found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from engine.core.calendar import Calendar
from engine.core.machine import Machine
from engine.runtime.projection import from_micros
from engine.runtime.reading import PageAsk
from engine.runtime.searching import Found
from engine.store.finding import MOST_LOOKED_AT
from engine.store.views import CaseView, DirectoryRow
from web.api.parameters import After
from web.catalogues import say
from web.pages.rendering import is_partial, show
from web.pages.visitor import Visitor, page
from web.pages.work_views import countdown_to

router = APIRouter()
PATH = "/search"
ROWS = 50


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing that was found."""

    address: str
    title: str
    #: number of a case, kind of anything else
    number: str
    about: str
    state: str = ""
    light: str = ""
    left: str = ""
    exact: str = ""


@dataclass(frozen=True, kw_only=True)
class HitGroup:
    """What was found in one way."""

    title: str
    hits: tuple[Hit, ...]


@router.get(PATH, include_in_schema=False)
def search(
    visitor: Annotated[Visitor, page("case.read")],
    http: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    unit: Annotated[str, Query(max_length=100)] = "",
    after: After = "",
) -> Response:
    """What the words mean; a whole number leads straight to its case, a unit shows its cases."""
    if unit:
        return _unit(visitor, http, unit, after)
    found = visitor.services.search.find(visitor.person, q)
    exact = [case for case in found.numbered if case.register.number == q.strip().upper()]
    if len(exact) == 1 and not is_partial(http):
        return RedirectResponse(f"/cases/{quote(exact[0].id, safe='')}", status_code=303)
    groups = tuple(group for group in groups_of(found, visitor) if group.hits)
    return show(
        http,
        visitor,
        "search.html",
        block="found" if is_partial(http) else "",
        q=q,
        groups=groups,
        unit="",
        older="",
        most=MOST_LOOKED_AT,
    )


def _unit(visitor: Visitor, http: Request, unit: str, after: str) -> Response:
    found = visitor.services.search.unit(visitor.person, unit, PageAsk(limit=ROWS, after=after))
    title = found.unit.columns["title"]
    hits = tuple(_hits(found.cases.items, {unit: title}, found.machines, visitor))
    more = f"{PATH}?{urlencode({'unit': unit, 'after': found.cases.after})}" if found.cases.after else ""
    groups = (HitGroup(title=say("search.cases_of", unit=title), hits=hits),) if hits else ()
    return show(http, visitor, "search.html", q="", groups=groups, unit=title, older=more, most=MOST_LOOKED_AT)


def groups_of(found: Found, visitor: Visitor) -> Iterator[HitGroup]:
    """What was found, the most certain first."""

    def cases(views: Iterable[CaseView]) -> tuple[Hit, ...]:
        return tuple(_hits(views, found.titles, found.machines, visitor))

    yield HitGroup(title=say("search.group.number"), hits=cases([*found.numbered, *found.beginning]))
    regions = visitor.services.reader.directory().regions
    yield HitGroup(title=say("search.group.unit"), hits=tuple(_unit_hit(row, regions) for row in found.units))
    yield HitGroup(title=say("search.group.title"), hits=cases(found.titled))


def _hits(
    views: Iterable[CaseView], titles: Mapping[str, str], machines: Mapping[str, Machine], visitor: Visitor
) -> Iterator[Hit]:
    reader = visitor.services.reader
    calendar, regions = reader.calendar(), reader.directory().regions
    for view in views:
        yield _case_hit(view, titles, machines[view.register.version], regions, calendar, visitor)


def _case_hit(
    view: CaseView,
    titles: Mapping[str, str],
    machine: Machine,
    regions: Mapping[str, str],
    calendar: Calendar,
    visitor: Visitor,
) -> Hit:
    row = view.register
    due_at = None if row.closed or row.due_at is None else from_micros(row.due_at)
    light, left, exact = countdown_to(due_at, calendar, visitor.now) if due_at else ("", "", "")
    states = [machine.states[leaf].title for leaf in row.state.split() if leaf in machine.states]
    about = (regions.get(row.region, ""), titles.get(row.unit, ""))
    return Hit(
        address=f"/cases/{quote(view.id, safe='')}",
        title=row.title or machine.procedure.title,
        number=row.number,
        about=say("pages.office_joint").join(part for part in about if part),
        state=say("search.joint").join(states),
        light=light,
        left=left,
        exact=exact,
    )


def _unit_hit(row: DirectoryRow, regions: Mapping[str, str]) -> Hit:
    return Hit(
        address=f"{PATH}?{urlencode({'unit': row.id})}",
        title=row.columns["title"],
        number=row.columns["credit_code"] or "",
        about=regions.get(row.columns["region"], ""),
    )
