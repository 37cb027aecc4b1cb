"""`zhiben simulate`: what the clock alone makes of a place's procedures, decided as in earnest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.speaking import command, note, option, show, told

if TYPE_CHECKING:
    from engine.core.directory import Entity
    from engine.core.machine import Machine
    from engine.core.resolve import ResolvedPlace
    from engine.proof.duty_year import DutiesPlayed
    from engine.proof.idle import Course, Idle
    from engine.proof.records import Written
    from web.catalogues import Titles
    from zhiben.composition import Application

#: Cases begin at this time of the first day.
_BEGINS = time(10)
_UNITS_TOGETHER = 500
_DAY = click.DateTime(["%Y-%m-%d"])


@command(None, "simulate")
@click.argument("procedure", required=False)
@option("--place", "place", type=str, required=True)
@option("--from", "first", type=_DAY, required=True)
@option("--to", "last", type=_DAY, required=True)
@option("--set", "answers", type=str, multiple=True)
@option("--unit", "attributes", type=str, multiple=True)
@option("--installed", "installed", is_flag=True)
def simulate_command(
    procedure: str | None,
    place: str,
    first: datetime,
    last: datetime,
    answers: tuple[str, ...],
    attributes: tuple[str, ...],
    installed: bool,
) -> None:
    """What becomes, from one day to another, of duties and of cases in every state if nobody acts.

    One procedure or all, then with duties: of one unit, or of the units that are installed.
    """
    from engine.core.compiler import compile_procedure
    from engine.core.resolve import resolve
    from engine.errors import BadInput, NotFound
    from engine.proof.duty_year import play_duties
    from engine.proof.idle import idle
    from engine.proof.standing import UNIT, standing
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
        duties = None
        if procedure is None:
            people = standing(resolved, machines, _pairs("unit", attributes))
            units = _installed(made, first.date()) if installed else {UNIT: people.units[UNIT]}
            begin, end = calendar.instant(first.date()), calendar.end_of(last.date())
            duties = play_duties(
                resolved.duties.values(),
                calendar,
                people.directory,
                units,
                start=begin,
                until=end,
                calendars=made.calendars,
            )
            for line in _duty_lines(resolved, duties, len(units)):
                note(line)
    done = told("simulate.done", courses=sum(len(one.courses) for one in found.values()))
    show({"procedures": found, "duties": duties}, done)


def _installed(made: Application, day: date) -> dict[str, Entity]:
    """The units of the installation on a day."""
    found: dict[str, Entity] = {}
    after = ""
    with made.store.read() as reader:
        while page := reader.directory.page("unit", day, after=after, limit=_UNITS_TOGETHER):
            found |= {one.id: one for one in page}
            after = page[-1].id
    return found


def _duty_lines(place: ResolvedPlace, played: DutiesPlayed, units: int) -> Iterator[str]:
    for spec in place.duties.values():
        mine = [one for one in played.windows if one.duty == spec.id and one.obliged]
        yield told("simulate.duty", title=spec.title, units=units, windows=len(mine))
        for one in mine:
            period = told("simulate.period", first=one.first.isoformat(), last=one.last.isoformat())
            due = one.due_on.isoformat()
            yield told("simulate.window", period=period, due=due, obliged=one.obliged, late=one.late, missed=one.missed)
        if rolled := played.rolled[spec.id]:
            yield told("simulate.rolled", count=rolled)
        yield told("simulate.reminders", count=played.reminders[spec.id])


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
