"""The organisation on any day: who holds what where, what organs may, who is on duty, what became of units."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from engine.core.directory import Shift
from engine.errors import BadInput
from engine.runtime.organisation import KEEPS, Organisation
from web.catalogues import say, tell_instant
from web.catalogues.told_time import tell_day, write_day
from web.pages.organisation_views import PATH, Asked, Views, days_told
from web.pages.rendering import show
from web.pages.visitor import Visitor, page

router = APIRouter()

Reads = Annotated[Visitor, page("directory.read")]
#: an ISO day, as the browser's field writes it
Day = Annotated[str, Query(alias="on", max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
#: an ISO day by whose end something had to be known
Known = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
_WEEK = timedelta(days=7)


def seen_by(visitor: Visitor, asked: Asked) -> Organisation:
    """The organisation of the day that is asked for."""
    return visitor.services.organisations.organisation(visitor.person, day_of(visitor, asked), known_of(visitor, asked))


def day_of(visitor: Visitor, asked: Asked) -> date:
    """The day that is shown."""
    return _day(asked.on) if asked.on else visitor.day


def known_of(visitor: Visitor, asked: Asked) -> datetime | None:
    """The instant by which it had to be known; None = now."""
    return visitor.services.reader.calendar().end_of(_day(asked.known)) if asked.known else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise BadInput("not_a_date", field="on", got=text) from exc


def frame(visitor: Visitor, asked: Asked, here: str) -> dict[str, Any]:
    """What every page of the organisation shows: the day, and the ways to the other pages."""
    day = day_of(visitor, asked)
    pages = {"tree": PATH, **{name: f"{PATH}/{name}" for name in ("powers", "rosters", "successions")}}
    past = ""
    if day != visitor.day or asked.known:
        known = write_day(_day(asked.known)) if asked.known else ""
        past = (
            say("organisation.past_known", day=write_day(day), known=known)
            if known
            else say("organisation.past", day=write_day(day))
        )
    directory = visitor.services.reader.directory()
    reach = directory.reach(visitor.person, KEEPS, visitor.day)
    return {
        # what whoever keeps the directory may record for: everywhere, or where they keep it
        "kept_regions": [
            (path, title)
            for path, title in sorted(directory.regions.items())
            if reach.everything or any(path.startswith(prefix) for prefix in reach.regions)
        ],
        "anywhere": say("organisation.any") if reach.everything else "",
        "asked": asked,
        "here": here,
        "day": day.isoformat(),
        "past": past,
        "tabs": [(say(f"organisation.{name}"), asked.address(path), "", path == here) for name, path in pages.items()],
        "may_keep": directory.may(visitor.person, KEEPS, visitor.day),
        "key": visitor.services.dice.token(16).hex(),
        "typed": {},
        "wrong": {},
    }


@router.get(PATH, include_in_schema=False)
def tree(
    request: Request,
    visitor: Reads,
    on: Day = "",
    known: Known = "",
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Regions with their offices and people."""
    asked = Asked(on=on, known=known)
    org = seen_by(visitor, asked)
    views = Views(org, visitor.services.reader.directory().roles, asked, q)
    return show(request, visitor, "organisation.html", **frame(visitor, asked, PATH), regions=views.tree(), q=q.strip())


@router.get(f"{PATH}/powers", include_in_schema=False)
def powers(request: Request, visitor: Reads, on: Day = "", known: Known = "") -> Response:
    """What organs may do (权责清单)."""
    return show_powers(request, visitor, Asked(on=on, known=known))


def show_powers(request: Request, visitor: Visitor, asked: Asked, *, status: int = 200, **more: Any) -> Response:
    """The list of powers, with what was typed where something was wrong."""
    org = seen_by(visitor, asked)
    views = Views(org, visitor.services.reader.directory().roles, asked)
    regions = visitor.services.reader.directory().regions
    rows = [
        {
            "id": one.id,
            "body": views.unit(one.body),
            "matter": one.matter,
            "documents": say("organisation.list_joint").join(one.documents) or say("organisation.all_documents"),
            "region": regions.get(one.region, one.region) or say("organisation.everywhere"),
            "told": {
                "id": one.id,
                "body": one.body,
                "matter": one.matter,
                "listed": "\n".join(one.documents),
                "region": one.region,
                "basis": one.basis,
                "valid_from": one.valid_from.isoformat(),
            },
            "basis": one.basis,
            "days": days_told(one.valid_from, one.valid_to),
        }
        for one in sorted(org.powers, key=lambda power: (views.unit(power.body), power.matter))
    ]
    context = {**frame(visitor, asked, f"{PATH}/powers"), **more}
    return show(request, visitor, "organisation_powers.html", status=status, rows=rows, **context)


@router.get(f"{PATH}/rosters", include_in_schema=False)
def rosters(request: Request, visitor: Reads, on: Day = "", known: Known = "") -> Response:
    """Who is on duty in a week, by roster."""
    return show_rosters(request, visitor, Asked(on=on, known=known))


def show_rosters(request: Request, visitor: Visitor, asked: Asked, *, status: int = 200, **more: Any) -> Response:
    """The week of rosters, with what was typed where something was wrong."""
    day = day_of(visitor, asked)
    monday = day - timedelta(days=day.weekday())
    found = visitor.services.organisations.shifts(
        visitor.person, "", monday, monday + timedelta(days=6), known_of(visitor, asked)
    )
    names = visitor.services.reader.names(sorted({one.person for one in found}))
    days = [monday + timedelta(days=n) for n in range(7)]
    zone = visitor.services.reader.calendar().zone
    weeks = []
    for roster in sorted({one.roster for one in found}):
        mine = [one for one in found if one.roster == roster]
        cells = [
            [
                {
                    "name": names.get(one.person) or say("organisation.nameless"),
                    "hours": f"{one.begins.astimezone(zone):%H:%M}–{one.ends.astimezone(zone):%H:%M}",
                    "exact": say(
                        "organisation.hours",
                        begins=tell_instant(one.begins, zone, visitor.now),
                        ends=tell_instant(one.ends, zone, visitor.now),
                    ),
                    "now": one.begins <= visitor.now < one.ends,
                    "told": {
                        "id": one.id,
                        "roster": one.roster,
                        "person": one.person,
                        "region": one.region,
                        "begins": one.begins.isoformat(),
                    },
                }
                for one in sorted(mine, key=lambda shift: shift.begins)
                if _on(one, each, zone)
            ]
            for each in days
        ]
        weeks.append((roster, cells))
    here = f"{PATH}/rosters"
    return show(
        request,
        visitor,
        "organisation_rosters.html",
        status=status,
        weeks=weeks,
        days=[(tell_day(one), one == visitor.day) for one in days],
        before=Asked(on=(monday - _WEEK).isoformat(), known=asked.known).address(here),
        after=Asked(on=(monday + _WEEK).isoformat(), known=asked.known).address(here),
        **{**frame(visitor, asked, here), **more},
    )


def _on(shift: Shift, day: date, zone: Any) -> bool:
    """A shift stands on the day on which it begins."""
    return bool(shift.begins.astimezone(zone).date() == day)


@router.get(f"{PATH}/successions", include_in_schema=False)
def successions(request: Request, visitor: Reads, on: Day = "", known: Known = "") -> Response:
    """What became of organs and units: merged, renamed, parted, closed."""
    return show_successions(request, visitor, Asked(on=on, known=known))


def show_successions(request: Request, visitor: Visitor, asked: Asked, *, status: int = 200, **more: Any) -> Response:
    """The list of successions, with what was typed where something was wrong."""
    org = seen_by(visitor, asked)
    views = Views(org, visitor.services.reader.directory().roles, asked)
    rows = [
        {
            "former": views.unit(one.id),
            "how": say(f"organisation.how.{one.how}"),
            "successor": views.unit(one.successor) if one.successor else "",
            "since": write_day(one.valid_from),
        }
        for one in sorted(org.successions, key=lambda told: told.valid_from, reverse=True)
    ]
    context = {**frame(visitor, asked, f"{PATH}/successions"), **more}
    return show(request, visitor, "organisation_successions.html", status=status, rows=rows, **context)
