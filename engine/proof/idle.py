"""What becomes of a case if nobody acts (没人办会怎样): brought to each of its states, then left to the clock alone.

Everything is decided by the very functions that decide in earnest, in a world in memory. A state is reached by the
shortest way that plain answers lead; one that they do not lead to is named, not passed over in silence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.core import command as cmd
from engine.core.calendar import Calendar
from engine.core.machine import Machine
from engine.core.offer import Offer
from engine.core.resolve import ResolvedPlace
from engine.errors import ZhibenError
from engine.proof.answering import OTHER, answers
from engine.proof.play import World
from engine.proof.records import Written
from engine.proof.standing import Standing, standing

#: Cases are brought no further than so many acts.
FARTHEST = 12
_CASE = "C"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One act on the way to a state."""

    person: str
    act: cmd.AnyAct


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What the clock alone makes of a case that is left in some states."""

    procedure: str
    #: leaves in which it was left
    states: tuple[str, ...]
    #: ids of the actions that led there
    way: tuple[str, ...]
    since: datetime
    #: entries that led there
    before: tuple[Written, ...]
    #: entries written afterwards, by the clock or what it set off
    entries: tuple[Written, ...]
    #: leaves in which it is at the end; () = it has come to an end
    ends_in: tuple[str, ...]


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """Courses of a procedure, and the states to which plain answers do not lead."""

    courses: tuple[Course, ...]
    unreached: tuple[str, ...]
    #: who stood ready: person -> role
    persons: Mapping[str, str]


class _Player:
    def __init__(
        self, place: ResolvedPlace, machines: Mapping[str, Machine], calendar: Calendar, start: datetime,
        given: Mapping[str, Any], attributes: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.machines = machines
        self.people: Standing = standing(place, machines, attributes)
        self._calendar = calendar
        self._start = start
        self._given = given
        self._watches = place.watches
        self._others: dict[str, Done] = {}

    def world(self, done: Iterable[Done] = ()) -> World:
        """A new world in which these acts were done, all at its beginning."""
        world = World(
            self.machines.values(),
            directory=self.people.directory,
            calendar=self._calendar,
            start=self._start,
            units=self.people.units,
            places=self.people.places,
            watches=self._watches,
        )
        for name, opening in self._others.items():
            world.do(opening.person, name, opening.act)
        for one in done:
            world.do(one.person, _CASE, one.act)
        return world

    def open_others(self, machine: Machine) -> None:
        """Let there be a case of every procedure of which forms of this one name cases."""
        for spec in machine.fields.values():
            other = self.machines.get(spec.procedure) if spec.kind == "case" else None
            if other is not None and other is not machine and (found := next(self.openings(other), None)):
                self._others[OTHER + spec.procedure] = found

    def openings(self, machine: Machine) -> Iterator[Done]:
        """Ways to open a case: each action, by the first person of whom it is taken."""
        for action in machine.starts.values():
            for data, files in self._answers(machine, action.form, self.world()):
                more = tuple(self.world().file(kind) for kind in (*action.evidence, "signature"))
                act = cmd.StartCase(version=machine.version, action=action.id, data=data, evidence=(*files, *more))
                for person in self.people.persons:
                    if self._taken((), done := Done(person=person, act=act)):
                        yield done
                        break

    def steps(self, machine: Machine, way: tuple[Done, ...]) -> Iterator[Done]:
        """Acts that may follow: everything offered to anybody that an action, a consent or an issue is."""
        world = self.world(way)
        if world.case(_CASE).closed:
            return
        seen: set[tuple[int, str, str]] = set()
        for person in self.people.persons:
            for offer in world.offers(person, _CASE):
                key = (offer.task, offer.kind, offer.action)
                if key in seen:
                    continue
                for act in self._acts(machine, offer, world):
                    if self._taken(way, done := Done(person=person, act=act)):
                        seen.add(key)
                        yield done

    def _acts(self, machine: Machine, offer: Offer, world: World) -> Iterator[cmd.AnyAct]:
        if offer.kind == "consent":
            yield cmd.AnswerApproval(task=offer.task, consent=True, evidence=(world.file("signature"),))
        elif offer.kind == "act" and not offer.signs:
            for data, files in self._answers(machine, offer.form, world):
                more = tuple(world.file(kind) for kind in (*offer.evidence, "signature"))
                back_to = offer.among[0] if offer.among else ""
                yield cmd.SubmitAction(
                    task=offer.task,
                    action=offer.action,
                    data=data,
                    evidence=(*files, *more),
                    on_site=True,
                    back_to=back_to,
                )

    def _answers(self, machine: Machine, form: Iterable[Any], world: World) -> Iterator[Any]:
        dues = [task.deadline.derivation.due_on for one in world.cases.values() for task in one.tasks if task.deadline]
        latest = max([self._calendar.local_day(self._start), *dues])
        return answers(machine, form, world.file, latest, self.people.persons, self._given)

    def _taken(self, way: Iterable[Done], done: Done) -> bool:
        world = self.world(way)
        try:
            world.do(done.person, _CASE, done.act)
        except ZhibenError:
            return False
        return _CASE in world.cases


def idle(
    place: ResolvedPlace,
    machines: Mapping[str, Machine],
    procedure: str,
    calendar: Calendar,
    *,
    start: datetime,
    until: datetime,
    given: Mapping[str, Any] = {},
    attributes: Mapping[str, Any] = {},
) -> Idle:
    """A course for every set of states that plain answers lead to; machines are by id of their procedure.

    `given` answers the fields it names; `attributes` are those of the unit.
    """
    player, machine = _Player(place, machines, calendar, start, given, attributes), machines[procedure]
    player.open_others(machine)
    courses: dict[tuple[str, ...], Course] = {}
    ways: deque[tuple[Done, ...]] = deque((one,) for one in player.openings(machine))
    while ways:
        way = ways.popleft()
        world = player.world(way)
        states = tuple(sorted(one.state for one in world.case(_CASE).active))
        if world.case(_CASE).closed or states in courses:
            continue
        courses[states] = _course(procedure, way, states, world, until)
        if len(way) < FARTHEST:
            ways += [(*way, step) for step in player.steps(machine, way)]
    reached = {state for states in courses for state in states}
    own = {state for state, spec in machine.tasks if not spec}
    return Idle(courses=tuple(courses.values()), unreached=tuple(sorted(own - reached)), persons=player.people.persons)


def _course(procedure: str, way: tuple[Done, ...], states: tuple[str, ...], world: World, until: datetime) -> Course:
    before, since = len(world.log), world.now
    world.advance(until)
    case = world.case(_CASE)
    return Course(
        procedure=procedure,
        states=states,
        way=tuple(getattr(one.act, "action", "") for one in way),
        since=since,
        before=tuple(one for one in world.log[:before] if one.head.id == _CASE),
        entries=tuple(one for one in world.log[before:] if one.head.id == _CASE),
        ends_in=() if case.closed else tuple(sorted(one.state for one in case.active)),
    )
