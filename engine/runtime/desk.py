"""What waits for one person, with all that a page shows of it: tasks, formal acts to issue, messages.

However many rows a page has, it costs the same handful of statements: the rows, their cases at once, their units and
places at once (from memory, mostly), and the counts. What may be done with a task is decided in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.core.administration import DIRECTORY
from engine.core.calendar import Calendar
from engine.core.case import Case, Task
from engine.core.case_people import Copy
from engine.core.directory import Directory, Entity, Scope
from engine.core.facts import Facts, cases_of_parties
from engine.core.machine import Machine
from engine.core.offers import Offer, allowed_actions
from engine.core.ports import Clock
from engine.core.seals import masked
from engine.core.why import Why, why
from engine.errors import NotFound
from engine.runtime.catalog import Catalog, Directories
from engine.runtime.duty_texts import duty_letter
from engine.runtime.looking import Looking
from engine.runtime.projection import micros, task_row
from engine.runtime.reading import PageAsk
from engine.runtime.signatories import Signed, signed_in
from engine.runtime.texts import References, TellDay, Told, fill, is_over, read_references, written
from engine.store.reader import Reader
from engine.store.store import Store
from engine.store.views import MessageView, Page, TaskView
from engine.store.worklists import TaskCount, TaskFilter, Waiting

#: So many of those who might have had a task are named with it.
MOST_CONSIDERED = 6
#: More copies to read are not listed at once.
MOST_COPIES = 50


@dataclass(frozen=True, kw_only=True)
class Work:
    """An open task as its holder sees it in a list, with the case it belongs to."""

    view: TaskView
    task: Task
    case: Case
    machine: Machine
    calendar: Calendar
    directory: Directory
    #: unit and place of the case, by id
    entities: Mapping[str, Entity]
    offers: tuple[Offer, ...]
    #: why it is the person's
    why: Why | None = None


@dataclass(frozen=True, kw_only=True)
class WorkPage:
    """A page of a worklist, and how much there is in all."""

    items: tuple[Work, ...]
    #: mark of the next page; "" = these were the last
    after: str
    counts: Sequence[TaskCount] = ()
    #: the first deadline that lies after the second of the instants asked for (today); None = there is none
    next_due: int | None = None
    #: marks of the tasks as they stood, see `Worklists.marks`
    marks: Sequence[str] = ()
    #: names of those who asked for something here
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message to a person, written out; without a case where they may no longer see it."""

    view: MessageView
    subject: str = ""
    body: str = ""
    case: Case | None = None
    machine: Machine | None = None
    #: what it asked for has been done, or is no longer asked
    over: bool = False


@dataclass(frozen=True, kw_only=True)
class CopyToRead:
    """A case of which a person was sent a copy that they have not read yet."""

    case: Case
    copy: Copy
    #: who sent it, as far as the person may know
    sender: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A formal act that waits for the person, as it will be printed."""

    work: Work
    subject: str
    body: str
    names: Mapping[str, str]


class Desk(Looking):
    """Reads what one person has to do, whatever else they may see."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        directories: Directories,
        clock: Clock,
        master: bytes,
        tell_day: TellDay = date.isoformat,
    ) -> None:
        super().__init__(store=store, catalog=catalog, directories=directories, clock=clock, master=master)
        self._tell_day = tell_day

    def work(
        self, person: str, wanted: TaskFilter, page: PageAsk, *, instants: Sequence[datetime] = (), marks: bool = False
    ) -> WorkPage:
        """A page of the person's open tasks, the most urgent first; `instants` part the counts."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            rows = reader.worklists.page(scope, wanted, limit=page.limit, after=page.after)
            told = [micros(at) for at in instants]
            items = tuple(self._works(reader, scope, rows.items))
            asking = {one for work in items for one in _named(work) if one}
            return WorkPage(
                items=items,
                after=rows.after,
                counts=reader.worklists.counts(scope, told) if told else (),
                next_due=reader.worklists.next_due(scope, told[1] - 1) if len(told) > 1 else None,
                marks=reader.worklists.marks(scope)[1] if marks else (),
                names=self._names(reader, sorted(asking)) if asking else {},
            )

    def waiting(self, person: str) -> Waiting:
        """How much waits for the person."""
        with self._store.read() as reader:
            return reader.worklists.waiting(self._scope(reader, person))

    def marks(self, person: str) -> tuple[Waiting, Sequence[str]]:
        """How much waits, and the marks of the first tasks; cheap enough to be asked every few seconds."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            return reader.worklists.waiting(scope), reader.worklists.marks(scope)[1]

    def messages(self, person: str, page: PageAsk) -> Page[Letter]:
        """Messages to the person, the latest first, written as the case stands now."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            views = reader.messages(scope, limit=page.limit, after=page.after)
            told = self._told(reader, scope, [view.stream.id for view in views.items if view.stream.kind == "case"])
            letters = tuple(self._written(reader, view, told.get(view.stream.id)) for view in views.items)
        return Page(items=letters, after=views.after)

    def _written(self, reader: Reader, view: MessageView, told: Told | None) -> Letter:
        """A message as it stands now: of a case, or of a duty."""
        if view.stream.kind != "duty":
            return _letter(view, told)
        template, names = duty_letter(reader.record, view.stream, view.text, view.references, self._tell_day)
        return Letter(view=view, subject=fill(template.subject, names), body=fill(template.body, names))

    def copies(self, person: str) -> tuple[CopyToRead, ...]:
        """Copies that the person has not read yet, the latest first."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            told = self._told(reader, scope, reader.worklists.copies(scope, MOST_COPIES))
            found = [(one.case, copy) for one in told.values() for copy in one.case.copies if copy.person == person]
            names = self._names(reader, sorted({copy.by for _, copy in found})) if found else {}
        unread = [
            CopyToRead(case=masked(case), copy=copy, sender=names.get(copy.by, ""))
            for case, copy in found
            if copy.read_at is None
        ]
        return tuple(sorted(unread, key=lambda one: one.copy.at, reverse=True))

    def draft(self, person: str, case: str, task: int) -> Draft:
        """A formal act that waits for the person to issue or decline it; NotFound if none does."""
        with self._store.read() as reader:
            scope = self._scope(reader, person)
            found = self._told(reader, scope, [case]).get(case)
            open_task = found.case.task(task) if found else None
            if found is None or open_task is None or open_task.draft is None:
                raise NotFound("draft_not_found", case=case, task=task)
            holder = open_task.holder
            place = scope.place_of(holder.persons, holder.role, found.case.procedure)
            if not place or (found.case.sealed and place != person):
                raise NotFound("draft_not_found", case=case, task=task)
            signed = signed_in(reader, cases_of_parties(found.machine, found.case))
            work = self._work(
                found, self._present(reader), signed, person, _view(found.case, open_task, place), open_task
            )
            draft = open_task.draft
            subject, body = written(found, draft.kind, References(task=draft.of, rung=draft.rung))
            persons = [person for one in found.case.tasks for person in one.holder.persons]
            persons += draft.prepared_by
            return Draft(work=work, subject=subject, body=body, names=self._names(reader, persons))

    # many cases at once ------------------------------------------------------------------------------------------

    def _told(self, reader: Reader, scope: Scope, cases: Iterable[str]) -> dict[str, Told]:
        """Cases that the person may see, with what texts and offers need of them, by id."""
        found = {
            name: self._state(reader, name, snapshot)
            for name, snapshot in reader.worklists.snapshots(scope, cases).items()
        }
        version, today = reader.record.seq_of(DIRECTORY), self.today()
        known = {
            kind: self._directories.entities(reader, version, kind, ids, today)
            for kind, ids in (
                ("unit", tuple(dict.fromkeys(case.unit for case in found.values() if case.unit))),
                ("place", tuple(dict.fromkeys(case.place for case in found.values() if case.place))),
            )
            if ids
        }
        entities = {**known.get("place", {}), **known.get("unit", {})}
        told: dict[str, Told] = {}
        for name, case in found.items():
            machine = self._catalog.machine(reader, case.version)
            calendar = self._catalog.calendar(machine)
            told[name] = Told(
                machine=machine,
                case=case,
                calendar=calendar,
                today=today,
                entities=entities,
                tell_day=self._tell_day,
            )
        return told

    def _works(self, reader: Reader, scope: Scope, views: Sequence[TaskView]) -> Iterable[Work]:
        told = self._told(reader, scope, [view.task.case for view in views])
        directory = self._present(reader)
        others = {name for one in told.values() for name in cases_of_parties(one.machine, one.case)}
        signed = signed_in(reader, sorted(others))
        for view in views:
            found = told.get(view.task.case)
            task = found.case.task(view.task.task) if found else None
            if found is not None and task is not None:  # else it ended between two statements
                yield self._work(found, directory, signed, scope.person, view, task)

    def _work(self, told: Told, directory: Directory, signed: Signed, person: str, view: TaskView, task: Task) -> Work:
        case, machine = told.case, told.machine
        entities = {name: told.entities[name] for name in (case.unit, case.place) if name in told.entities}
        facts = Facts(
            directory=directory,
            calendar=told.calendar,
            at=self._clock.now(),
            signed=signed,
            units={case.unit: entities[case.unit]} if case.unit in entities else {},
            places={case.place: entities[case.place]} if case.place in entities else {},
        )
        offers = allowed_actions(machine, case, facts, person, self._clock.now())
        return Work(
            view=view,
            task=task,
            case=masked(case),
            machine=machine,
            calendar=told.calendar,
            directory=directory,
            entities=entities if not case.sealed else {},
            offers=tuple(offer for offer in offers if offer.task == task.n),
            why=why(machine, case, facts, task, person, self.today()),
        )


def _named(work: Work) -> Iterable[str]:
    """Everybody whom a row of a list names: who asked, gave, urged, for whom one stands in, who else was considered."""
    task, found = work.task, work.why
    yield task.asked.by if task.asked else ""
    for given in (task.given, task.back_to):
        yield from (given.person, given.by) if given else ()
    yield task.handing.by if task.handing else ""
    yield from (one.person for one in task.urged)
    if found is not None:
        yield from (found.by, found.stands_for)
        yield from (one.holding.person for one in found.considered[:MOST_CONSIDERED])
        yield from (one.person for one in found.passed_over[:MOST_CONSIDERED])
    yield work.view.task.person


def _letter(view: MessageView, told: Told | None) -> Letter:
    if told is None:
        return Letter(view=view)
    references = read_references(view.references)
    subject, body = written(told, view.text, references)
    over = is_over(told, view.text, references)
    return Letter(
        view=view, subject=subject, body="" if over else body, case=masked(told.case), machine=told.machine, over=over
    )


def _view(case: Case, task: Task, person: str) -> TaskView:
    """The row of a task of a case, as the person sees it."""
    return TaskView(
        task=task_row(case.id, task, person),
        number=case.number,
        title=case.title,
        procedure=case.procedure,
        region=case.region,
        unit=case.unit,
    )
