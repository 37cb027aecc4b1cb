"""Persons who may be named for a task: to take it over, to prepare it, to take a leaver's place, to read a copy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core import parties
from engine.core.case import Case, Task
from engine.core.facts import Facts
from engine.core.holding import Naming, Now, named_from, own_holder, why_not_to
from engine.core.machine import Machine

#: More are not told: a page asks for a name then.
MOST_CANDIDATES = 200


def candidates(
    machine: Machine, case: Case, facts: Facts, task: Task, kind: Naming, day: date, at: datetime | None = None
) -> tuple[str, ...]:
    """Who may be named, by id, at most MOST_CANDIDATES; the act refuses everybody else, and oneself."""
    now = Now(machine, case, facts, day, at or facts.at or facts.calendar.instant(day))
    found: dict[str, None] = {}
    for person in dict.fromkeys(_considered(now, task, kind)):
        if why_not_to(now, task, kind, person) is None:
            found[person] = None
            if len(found) == MOST_CANDIDATES:
                break
    return tuple(sorted(found))


def _considered(now: Now, task: Task, kind: Naming) -> Iterator[str]:
    for reference in named_from(now, task, kind):
        yield from members(now, reference)
    if kind == "reassign":
        yield from _like(now, task)


def members(now: Now, reference: str) -> Iterator[str]:
    """Everybody of a party, be others of it nearer or not; who may not take part as it is not left out."""
    party_id, _, role = reference.partition(".")
    party = now.machine.parties[party_id]
    directory = now.facts.directory
    holder = parties.resolve(now.machine, now.case, now.facts, reference, now.day)
    yield from holder.persons
    if party.kind == "unit":
        unit = str(now.case.fields.get(party.field) or "")
        for name in dict.fromkeys((unit, directory.successor(unit, now.day) if unit else "")):
            if name:
                yield from _in_role(now, role, "", "", name) if role else directory.within(name, now.day)
    elif party.role and not party.beside:
        region, industry = parties.office(now.machine, now.case, now.facts, party)
        yield from _in_role(now, party.role, region, industry, "")


def _like(now: Now, task: Task) -> Iterator[str]:
    holder, directory = own_holder(now, task), now.facts.directory
    region, industry = holder.region or now.case.region, holder.industry
    if holder.unit:
        yield from directory.within(holder.unit, now.day)
    for role in filter(None, (holder.role,)):
        yield from _in_role(now, role, region, industry, "")
    for who in holder.persons or task.holder.persons:
        for held in directory.ever_held(who):
            yield from _in_role(now, held.role, region, industry, held.unit)


def _in_role(now: Now, role: str, region: str, industry: str, unit: str) -> Iterator[str]:
    for one in now.facts.directory.explain(role, region, industry, unit, now.day):
        yield one.holding.person
