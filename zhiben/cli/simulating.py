"""`zhiben simulate`: what the clock alone makes of a place's procedures, decided as in earnest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.speaking import command, note, option, show, told

if TYPE_CHECKING:
    from engine.core.machine import Machine
    from engine.core.resolve import ResolvedPlace
    from engine.proof.idle import Course, Idle
    from engine.proof.records import Written
    from web.catalogues import Titles

#: Cases begin at this time of the first day.
_BEGINS = time(10)
_DAY = click.DateTime(["%Y-%m-%d"])


@command(None, "simulate")
@click.argument("procedure", required=False)
@option("--place", "place", type=str, required=True)
@option("--from", "first", type=_DAY, required=True)
@option("--to", "last", type=_DAY, required=True)
@option("--set", "answers", type=str, multiple=True)
@option("--unit", "attributes", type=str, multiple=True)
def simulate_command(
    procedure: str | None,
    place: str,
    first: datetime,
    last: datetime,
    answers: tuple[str, ...],
    attributes: tuple[str, ...],
) -> None:
    """Cases in which nobody acts, in each state of one procedure or of all, from one day to another."""
    from engine.core.compiler import compile_procedure
    from engine.core.resolve import resolve
    from engine.errors import BadInput, NotFound
    from engine.proof.idle import idle
    from zhiben.composition import Application
    from zhiben.settings import Settings

    if last < first:
        raise BadInput("last_before_first", field="to", first=first.date().isoformat(), last=last.date().isoformat())
    with Application(Settings(), what="check") as made:
        resolved, calendar = resolve(made.library, place), made.calendar
        machines = {name: compile_procedure(one) for name, one in resolved.procedures.items()}
        if procedure is not None and procedure not in machines:
            raise NotFound("procedure_not_found", procedure=procedure)
        found: dict[str, Idle] = {}
        for name in [procedure] if procedure else machines:
            found[name] = idle(
                resolved,
                machines,
                name,
                calendar,
                start=calendar.instant(first.date(), _BEGINS),
                until=calendar.end_of(last.date()),
                given=_pairs("set", answers),
                attributes=_pairs("unit", attributes),
            )
            for line in _lines(resolved, machines[name], found[name]):
                note(line)
    show({"procedures": found}, told("simulate.done", courses=sum(len(one.courses) for one in found.values())))


def _pairs(field: str, given: tuple[str, ...]) -> dict[str, Any]:
    """`a=b` as a mapping; `true` and `false` are flags."""
    from engine.errors import BadInput

    pairs: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise BadInput("not_a_pair", field=field, got=one)
        pairs[name] = {"true": True, "false": False}.get(value, value)
    return pairs


def _lines(place: ResolvedPlace, machine: Machine, found: Idle) -> Iterator[str]:
    from web.catalogues import titles_of

    roles = {role: power.title for role, power in place.roles.items()}
    clauses = {name: clause.cites for name, clause in place.clauses.items()}
    persons = {
        person: told("simulate.person", role=roles[role], n=person.rpartition(".")[2])
        for person, role in found.persons.items()
    }
    titles = titles_of(
        machine, roles=roles, persons=persons, clauses=clauses, regions=place.regions, industries=place.industries
    )
    yield told("simulate.procedure", title=machine.procedure.title)
    for course in found.courses:
        states = told("simulate.joint").join(titles.states.get(one, one) for one in course.states)
        way = told("simulate.then").join(titles.actions.get(one, one) for one in course.way if one)
        yield told("simulate.state", states=states, way=way)
        yield from _course(course, titles)
    if found.unreached:
        names = told("simulate.joint").join(titles.states.get(one, one) for one in found.unreached)
        yield told("simulate.unreached", states=names)


def _course(course: Course, titles: Titles) -> Iterator[str]:
    """A line for each entry; a rung that comes again is told once, with how often."""
    from web.catalogues import tell_instant

    again = Counter(_rung(one) for one in course.entries)
    seen: set[tuple[int, str]] = set()
    for one, sentences in _told(course, titles):
        key = _rung(one)
        if key is not None and key in seen:
            continue
        line = told(
            "simulate.line", at=tell_instant(one.head.occurred_at), sentence=told("simulate.also").join(sentences)
        )
        if key is not None and again[key] > 1:
            seen.add(key)
            line += told("simulate.again", count=again[key] - 1)
        yield line
    yield told("simulate.still" if course.ends_in else "simulate.ended")


def _rung(written: Written) -> tuple[int, str] | None:
    """The rung of a task that went off with an entry."""
    from engine.core.event import RungFired

    return next(((one.task, one.rung) for one in written.events if isinstance(one, RungFired)), None)


def _told(course: Course, titles: Titles) -> Iterator[tuple[Written, list[str]]]:
    """Entries with their sentences, messages in a row told as one."""
    from web.timeline import tell_events

    tasks = dict(titles.tasks)
    known = replace(titles, tasks=tasks)
    for written in (*course.before, *course.entries):
        sentences = tell_events(list(written.events), known, tasks)
        if written not in course.before:
            yield written, sentences
