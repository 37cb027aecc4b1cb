"""One person of the organisation: roles over time, who stands in, certificates, and what they held at any instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from engine.errors import BadInput
from engine.runtime.organisation import Organisation
from engine.runtime.projection import from_micros
from web.catalogues import NO_TITLES, Titles, say, tell_instant, titles_of
from web.pages.organisation import Day, Known, Reads, day_of, frame, known_of, seen_by
from web.pages.organisation_views import PATH, Asked, Views, days_told, history_views
from web.pages.rendering import show
from web.pages.visitor import Visitor

router = APIRouter()

Person = Annotated[str, Path(min_length=1, max_length=100)]
#: a local instant as the browser's field writes it: 2026-09-30T10:00
Moment = Annotated[str, Query(max_length=16, pattern=r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})?$")]
#: So many tasks of an instant are listed.
MOST_HELD = 200


@router.get(f"{PATH}/people/{{person}}", include_in_schema=False)
def look(
    request: Request, visitor: Reads, person: Person, on: Day = "", known: Known = "", held: Moment = ""
) -> Response:
    """The page; NotFound for whom the visitor does not see."""
    return show_person(request, visitor, person, Asked(on=on, known=known), held=held)


def show_person(
    request: Request,
    visitor: Visitor,
    person: str,
    asked: Asked,
    *,
    held: str = "",
    status: int = 200,
    **more: Any,
) -> Response:
    """The person, with what was typed where something was wrong."""
    services, directory = visitor.services, visitor.services.reader.directory()
    times = services.organisations.person_history(visitor.person, person)
    org, day = seen_by(visitor, asked), day_of(visitor, asked)
    units = services.reader.titles("unit", {one.holding.unit for one in times} | {one.holding.body for one in times})
    views = Views(_with(org, units, services.reader.names([person])), directory.roles, asked)
    at = _instant(visitor, held)
    address = f"{PATH}/people/{quote(person, safe='')}"
    context = {
        **frame(visitor, asked, address),
        "person": person,
        "name": views.name(person),
        "own": person == visitor.person,
        "roles": list(history_views(times, views, directory.regions, directory.industries, day)),
        "instead": [_instead(views, one) for one in org.substitutions if person in (one.person, one.substitute)],
        "certificates": [
            (one.kind, one.number, days_told(one.valid_from, one.valid_to), one.valid_on(day))
            for one in directory.certificates(person)
        ],
        "recusals": _recusals(visitor, views, person, asked, day),
        "held_at": held,
        "held": _held(visitor, person, at, known_of(visitor, asked)) if at else [],
        "all_roles": [(power.id, power.title) for power in directory.roles.values()],
        "regions": directory.regions,
        "industries": directory.industries,
        "address": address,
        "today_iso": visitor.day.isoformat(),
        **more,
    }
    return show(request, visitor, "organisation_person.html", status=status, **context)


def _with(org: Organisation, units: Any, names: Any) -> Organisation:
    """The organisation with titles and names of what is no longer in it."""
    return replace(org, units={**units, **org.units}, names={**names, **org.names})


def _instead(views: Views, one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "person": one.person,
        "substitute": one.substitute,
        "told": say("organisation.stands_in", person=views.name(one.person), substitute=views.name(one.substitute)),
        "scope": views.role(one.role) if one.role else say("organisation.all_roles"),
        "days": days_told(one.valid_from, one.valid_to),
        "reason": one.reason,
        "role": one.role,
        "procedure": one.procedure,
        "valid_from": one.valid_from.isoformat(),
    }


def _recusals(visitor: Visitor, views: Views, person: str, asked: Asked, day: date) -> list[tuple[str, str, str]]:
    services = visitor.services
    found = [
        one
        for one in services.organisations.recusals(visitor.person, day, known_of(visitor, asked))
        if one.person == person
    ]
    units = services.reader.titles("unit", [one.unit for one in found])
    names = services.reader.names([one.other for one in found if one.other])
    return [
        (
            say(f"organisation.kind.{one.kind}"),
            units.get(one.unit, one.unit) if one.unit else names.get(one.other) or say("organisation.nameless"),
            days_told(one.valid_from, one.valid_to),
        )
        for one in found
    ]


def _instant(visitor: Visitor, text: str) -> datetime | None:
    if not text:
        return None
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - made local below
    except ValueError as exc:
        raise BadInput("not_a_date", field="held", got=text) from exc
    zone = visitor.services.reader.calendar().zone
    return datetime.combine(local.date(), time(local.hour, local.minute), zone)


def _held(visitor: Visitor, person: str, at: datetime, known_at: datetime | None) -> list[dict[str, str]]:
    """What the person held at an instant, of the cases that the visitor sees."""
    services = visitor.services
    latest = {row.procedure: row.version for row in reversed(services.reader.procedures())}
    titles: dict[str, Titles] = {}
    zone = services.reader.calendar().zone
    lines = []
    for one in services.reader.held_at(visitor.person, person, at, known_at)[:MOST_HELD]:
        if one.procedure not in titles:
            version = latest.get(one.procedure)
            titles[one.procedure] = titles_of(services.reader.machine(version)) if version else NO_TITLES
        lines.append(
            {
                "number": one.number,
                "title": one.title,
                "address": f"/cases/{quote(one.case, safe='')}",
                "state": titles[one.procedure].states.get(one.state, one.state),
                "kind": say(f"organisation.task.{one.kind}"),
                "since": tell_instant(from_micros(one.since), zone, visitor.now),
            }
        )
    return lines
