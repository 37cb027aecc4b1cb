"""Whom or what one may choose in a form about the people of a task, told with names, offices and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from engine.core import parties, permission_votes, rounds
from engine.core.candidates import candidates, members
from engine.core.case import Case, Task
from engine.core.directory import Directory
from engine.core.facts import Facts
from engine.core.handing import hand_over_targets, party_of
from engine.core.holding import Naming, Now
from engine.core.offers import Offer
from engine.runtime.reading import SeenCase
from web.catalogues import Titles, say
from web.catalogues.told_offers import option_called
from web.pages.people_asking import OFFICE
from web.pages.visitor import Visitor

_NAMING: Mapping[str, Naming] = {"transfer": "transfer", "delegate": "delegate", "copy": "copy"}
#: Regions that are looked through for offices.
_MOST_REGIONS = 60
_MOST_OFFICES = 100


def options_of(visitor: Visitor, seen: SeenCase, offer: Offer, titles: Titles) -> list[tuple[str, str]]:
    """Id and words of everything that may be chosen; [] where nothing is."""
    task = seen.case.task(offer.task)
    if task is None or seen.facts is None:
        return []
    if offer.kind in _NAMING or offer.kind == "add_voice":
        persons = [one for one in _persons(seen, seen.facts, task, offer, visitor.day) if one != visitor.person]
        return people_called(visitor, persons)
    if offer.kind in ("hand_over", "designate"):
        return offices_called(visitor, seen, task)
    return [(one, option_called(offer, one, seen.case, titles)) for one in offer.among]


def _persons(seen: SeenCase, facts: Facts, task: Task, offer: Offer, day: date) -> Iterable[str]:
    machine, case = seen.machine, seen.case
    if offer.kind != "add_voice":
        return candidates(machine, case, facts, task, _NAMING[offer.kind], day)
    return dict.fromkeys(_voices(seen, facts, case, task, offer, day))


def _voices(seen: SeenCase, facts: Facts, case: Case, task: Task, offer: Offer, day: date) -> Iterator[str]:
    """Members of the parties who may be asked besides, and have no voice yet."""
    machine = seen.machine
    under_way = next((one for one in case.rounds if one.of == task.n and one.action == offer.action), None)
    asking = rounds.asked_in(case, under_way) if under_way else None
    action = rounds.action_of(machine, case, under_way) if under_way else None
    if under_way is None or asking is None or asking.asked is None or action is None or action.votes is None:
        return
    now = Now(machine, case, facts, day, facts.at or facts.calendar.instant(day))
    for reference in offer.parties:
        for person in members(now, reference):
            at_hand = (machine, case, facts, action.votes, under_way, asking.asked, person, day)
            if permission_votes.why_not_added(*at_hand) is None:
                yield person


def people_called(visitor: Visitor, persons: Iterable[str]) -> list[tuple[str, str]]:
    """Persons by name, with their offices, in the order of their names."""
    wanted = list(dict.fromkeys(persons))
    directory = visitor.services.reader.directory()
    names = visitor.services.reader.names(wanted) if wanted else {}
    told = [(one, names.get(one) or say("pages.somebody"), _offices(directory, one, visitor.day)) for one in wanted]
    return [
        (one, say("people.with_office", name=name, office=office) if office else name)
        for one, name, office in sorted(told, key=lambda each: each[1:])
    ]


def _offices(directory: Directory, person: str, day: date) -> str:
    """The roles that a person holds, each with where."""
    dot, found = say("case_page.dot"), []
    for one in directory.held_by(person, day):
        role = directory.roles.get(one.role)
        where = (directory.regions.get(one.region, ""), directory.industries.get(one.industry, ""))
        found.append(dot.join(part for part in (role.title if role else "", *where) if part))
    return say("values.joint").join(dict.fromkeys(part for part in found if part))


def offices_called(visitor: Visitor, seen: SeenCase, task: Task) -> list[tuple[str, str]]:
    """Offices that a matter may go to, each by its region and industry and whoever is there; each people once."""
    facts, case, machine = seen.facts, seen.case, seen.machine
    if facts is None:
        return []
    party, directory = party_of(machine, task), facts.directory
    here = parties.office(machine, case, facts, party)[0]
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for region in list(dict.fromkeys((here, *sorted(directory.regions))))[:_MOST_REGIONS]:
        for office in hand_over_targets(machine, case, facts, task, visitor.day, region):
            people = parties.there(machine, case, facts, party, office, visitor.day)
            found.setdefault(tuple(people), office)
    shown = dict(list(found.items())[:_MOST_OFFICES])
    names = visitor.services.reader.names(sorted({one for people in shown for one in people}))
    role = directory.roles.get(party.role)
    dot = say("case_page.dot")
    told = []
    for people, (region, industry) in shown.items():
        titles = (directory.regions.get(region, region), directory.industries.get(industry, ""))
        where = dot.join(part for part in (*titles, role.title if role else "") if part)
        who = [names.get(one, say("pages.somebody")) for one in people]
        told.append((f"{region}{OFFICE}{industry}", say("people.one_office", office=where, names=who)))
    return told
