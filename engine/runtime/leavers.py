"""Whoever leaves (离职转办): what lies with them, who could take each task over, and giving it to them by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.administration import DIRECTORY
from engine.core.candidates import candidates
from engine.core.case import Case, Task
from engine.core.directory import Scope
from engine.core.facts import Facts
from engine.core.holding import PASSED_ON, REASSIGN
from engine.core.machine import Machine
from engine.core.seals import masked
from engine.errors import NotFound, NotPermitted
from engine.runtime.looking import Looking
from engine.runtime.triage import within
from engine.store.reader import Reader
from engine.store.schema import FOREVER
from engine.store.views import TaskView

#: The purpose of the bulk operation that gives tasks of somebody who leaves to others.
LEAVER = "leaver"
#: Tasks of one person shown at once, and given to others by one operation.
MOST_TASKS = 500
_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Left:
    """A task that lies with somebody who leaves."""

    view: TaskView
    case: Case
    task: Task
    machine: Machine
    #: others with whom it lies, too
    beside: tuple[str, ...] = ()
    #: who could take it over; () = nobody, or what it asks for is asked of nobody else
    candidates: tuple[str, ...] = ()
    #: the one of them who has least to do, those with whom it lies already before others; "" = nobody
    suggested: str = ""


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What a person leaves behind, as far as whoever asks may give it to others."""

    person: str
    tasks: tuple[Left, ...]
    #: whether there are more than these
    more: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    #: how many open tasks each candidate has now
    loads: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Given:
    """A task, and to whom it is to be given."""

    case: str
    task: int
    to: str


class Leavers(Looking):
    """Reads what lies with others, where the reader sees it and may give it to others."""

    def people(self, person: str, ids: Iterable[str]) -> dict[str, int]:
        """How many open tasks each of these has that the reader may give to others; NotPermitted."""
        with self._store.read() as reader:
            return reader.worklists.loads(ids, self._allowed(reader, person))

    def held(self, person: str, leaver: str) -> Leaving:
        """Everything that lies with somebody, with a successor for each task; NotPermitted, NotFound."""
        with self._store.read() as reader:
            scope = self._allowed(reader, person)
            if not self._present(reader).known(leaver):
                raise NotFound("person_not_found", person=leaver)
            views = self._views(reader, scope, leaver)
            found = self._left(reader, scope, leaver, views[:MOST_TASKS])
            persons = dict.fromkeys(one for left in found for one in (*left.beside, *left.candidates))
            loads = reader.worklists.loads(persons)
            return Leaving(
                person=leaver,
                tasks=tuple(_suggest(found, loads)),
                more=len(views) > MOST_TASKS,
                names=self._names(reader, (leaver, *persons)),
                loads=loads,
            )

    def _allowed(self, reader: Reader, person: str) -> Scope:
        """What the person sees and may give to others."""
        directory, today = self._present(reader), self.today()
        if not directory.may(person, REASSIGN, today):
            raise NotPermitted("permission_missing", permission=REASSIGN)
        return within(directory.scope(person, today), directory.reach(person, REASSIGN, today))

    def _views(self, reader: Reader, scope: Scope, leaver: str) -> list[TaskView]:
        found: list[TaskView] = []
        after = ""
        while len(found) <= MOST_TASKS:
            page = reader.tasks(scope, person=leaver, limit=_PAGE, after=after)
            found += page.items
            after = page.after
            if not after:
                break
        return found

    def _about(self, reader: Reader, cases: Collection[Case]) -> Facts:
        """What candidates are looked up by, for all cases at once."""
        version, today = reader.record.seq_of(DIRECTORY), self.today()
        units, places = ({one.unit for one in cases} - {""}, {one.place for one in cases} - {""})
        find = self._directories.entities
        return Facts(
            directory=self._directories.at(reader, version),
            calendar=self.calendar(),
            at=self._clock.now(),
            units=find(reader, version, "unit", tuple(sorted(units)), today) if units else {},
            places=find(reader, version, "place", tuple(sorted(places)), today) if places else {},
        )

    def _left(self, reader: Reader, scope: Scope, leaver: str, views: Sequence[TaskView]) -> list[Left]:
        snapshots = reader.worklists.snapshots(scope, [view.task.case for view in views])
        cases = {name: self._state(reader, name, snapshot) for name, snapshot in snapshots.items()}
        found: list[Left] = []
        facts = self._about(reader, cases.values())
        for view in views:
            case = cases.get(view.task.case)
            task = case.task(view.task.task) if case else None
            if case is None or task is None:  # it ended between two statements
                continue
            machine = self._catalog.machine(reader, case.version)
            named: tuple[str, ...] = ()
            if task.kind in PASSED_ON:
                here = replace(facts, calendar=self._catalog.calendar(machine))
                told = candidates(machine, case, here, task, "reassign", self.today(), here.at)
                named = tuple(one for one in told if one != leaver)
            beside = tuple(one for one in task.holder.persons if one != leaver)
            found.append(
                Left(view=view, case=masked(case), task=task, machine=machine, beside=beside, candidates=named)
            )
        return sorted(found, key=lambda one: (one.view.task.due_at or FOREVER, one.case.number, one.task.n))


def _suggest(found: Iterable[Left], loads: Mapping[str, int]) -> Iterable[Left]:
    """Each with who has least to do once the ones before it are given; those with whom it lies already come first."""
    coming = dict(loads)
    for left in found:
        first = [one for one in left.candidates if one in left.beside] or left.candidates
        chosen = min(first, key=lambda one: (coming.get(one, 0), one), default="")
        if chosen and chosen not in left.beside:
            coming[chosen] = coming.get(chosen, 0) + 1
        yield Left(
            view=left.view,
            case=left.case,
            task=left.task,
            machine=left.machine,
            beside=left.beside,
            candidates=left.candidates,
            suggested=chosen,
        )


def requests_of(items: Iterable[Given], reason: str, person: str) -> list[cmd.Request]:
    """The items of a bulk operation that gives each task to whom it names."""
    return [
        cmd.Request(
            id="",
            stream=cmd.Stream(kind="case", id=one.case),
            act=cmd.ReassignTask(task=one.task, to=one.to, reason=reason),
            acted_by=person,
            medium="bulk",
        )
        for one in items
    ]
