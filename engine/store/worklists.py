"""What waits for one person, in as few statements as pages can bear: open tasks by urgency, messages not yet read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from engine.core.directory import Scope
from engine.store.parts import Run, slices
from engine.store.queries import beyond, mark_of, plain, under, visible, waits_for
from engine.store.records import COPIED, Row, TaskRow
from engine.store.schema import CASES, FOREVER, case_value, message, stream, task
from engine.store.schema.base import fixed
from engine.store.views import Page, TaskView

#: What a list shows of a task's case.
TASK_COLUMNS = (*task.c, stream.c.number, stream.c.title, stream.c.procedure, stream.c.region, stream.c.unit)
#: So many tasks of a list are marked one by one; of those behind them only the count is known.
MOST_MARKS = 200
#: Unread messages are counted up to here.
MOST_UNREAD = 100


class TaskFilter(Row, frozen=True, kw_only=True):
    """Which of a person's tasks; what is not stated does not matter. The interval is [from, before) in microseconds."""

    #: own, extra, approval, draft
    kind: str = ""
    procedure: str = ""
    #: prefix of the region's path
    region: str = ""
    due_from: int | None = None
    due_before: int | None = None
    #: only those of whom the person stands in for
    stands_in: bool = False


class TaskCount(Row, frozen=True, kw_only=True):
    """How many of a person's tasks agree in all this; `span` says between which of the given instants they are due."""

    span: int
    kind: str
    procedure: str
    region: str
    count: int
    #: whether they are the person's own, and not of whom they stand in for
    own: bool = True


class Waiting(Row, frozen=True, kw_only=True):
    """How much waits for a person; unread counts up to MOST_UNREAD."""

    tasks: int
    drafts: int
    unread: int
    #: copies of cases that they have not read
    copies: int = 0


class Worklists:
    """Queries on the tasks and messages of the person of a scope, whatever else that person may see.

    Theirs are also the tasks of those whom they stand in for: such a row says of whom.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def page(self, scope: Scope, wanted: TaskFilter, *, limit: int, after: str = "") -> Page[TaskView]:
        """Open tasks of the person, the most urgent first."""
        keys = (task.c.due_at, task.c.case, task.c.task)
        what = f"work {scope.person} {' '.join(str(getattr(wanted, name)) for name in wanted.__struct_fields__)}"
        others = (task.c.person != scope.person,) if wanted.stands_in else ()
        mine = (waits_for(scope), *others, *_matching(wanted), *beyond(keys, after, what=what, down=False))
        statement = select(*TASK_COLUMNS).select_from(_WITH_CASE).where(*mine).order_by(*keys)
        rows = self._run(statement.limit(limit + 1)).all()
        last = rows[limit - 1] if len(rows) > limit else None
        more = mark_of(what, last.due_at, last.case, last.task) if last else ""
        return Page(items=tuple(task_view(row) for row in rows[:limit]), after=more)

    def counts(self, scope: Scope, instants: Sequence[int]) -> list[TaskCount]:
        """All tasks of the person: span n holds those due before the n-th instant and not before the one ahead of it.

        What is due after the last instant, or has no deadline, is in the span behind it.
        """
        whens = [(task.c.due_at < instant, literal(n)) for n, instant in enumerate(instants)]
        own = case((task.c.person == scope.person, literal(1)), else_=literal(0))
        kinds = (case(*whens, else_=literal(len(instants))), task.c.kind, stream.c.procedure, stream.c.region, own)
        counted = select(*kinds, func.count()).select_from(_WITH_CASE).where(waits_for(scope))
        return [
            TaskCount(span=int(span), kind=kind, procedure=procedure, region=region, count=int(count), own=bool(own))
            for span, kind, procedure, region, own, count in self._run(counted.group_by(*kinds))
        ]

    def next_due(self, scope: Scope, after: int) -> int | None:
        """The first deadline of the person's tasks that lies after an instant."""
        later = (waits_for(scope), task.c.due_at > after, task.c.due_at < FOREVER)
        found = self._run(select(func.min(task.c.due_at)).where(*later)).scalar_one()
        return None if found is None else int(found)

    def marks(self, scope: Scope) -> tuple[int, list[str]]:
        """How many tasks the person has, and a short mark of each of the first; see `task_mark`."""
        columns = (task.c.case, task.c.task, task.c.due_at)
        keys = (task.c.due_at, task.c.case, task.c.task)
        mine = waits_for(scope)
        rows = self._run(select(*columns).where(mine).order_by(*keys).limit(MOST_MARKS)).all()
        count = len(rows)
        if count == MOST_MARKS:
            count = int(self._run(select(func.count()).select_from(task).where(mine)).scalar_one())
        return count, [task_mark(row.case, row.task, row.due_at) for row in rows]

    def waiting(self, scope: Scope) -> Waiting:
        """How much waits for the person, in one statement."""
        mine, unread = waits_for(scope), _unread(scope.person).limit(MOST_UNREAD).subquery()
        tasks = select(func.count()).select_from(task).where(mine).scalar_subquery()
        drafts = select(func.count()).select_from(task).where(mine, task.c.kind == "draft").scalar_subquery()
        messages = select(func.count()).select_from(unread).scalar_subquery()
        sent = (case_value.c.field == fixed(COPIED), case_value.c.value == scope.person)
        copies = select(func.count()).select_from(case_value).where(*sent).scalar_subquery()
        row = self._run(select(tasks, drafts, messages, copies)).one()
        return Waiting(tasks=int(row[0]), drafts=int(row[1]), unread=int(row[2]), copies=int(row[3]))

    def loads(self, persons: Iterable[str], scope: Scope | None = None) -> dict[str, int]:
        """How many open tasks each of these persons has; only in cases that a scope sees, where one is given."""
        held = select(task.c.person, func.count()).group_by(task.c.person)
        counted = held.select_from(_WITH_CASE).where(visible(scope)) if scope is not None else held.select_from(task)
        return {
            str(person): int(count)
            for some in slices(persons)
            for person, count in self._run(counted.where(task.c.person.in_(some)))
        }

    def copies(self, scope: Scope, limit: int) -> list[str]:
        """Cases of which the person was sent a copy that they have not read yet, as they come."""
        mine = (case_value.c.field == fixed(COPIED), case_value.c.value == scope.person)
        statement = select(stream.c.id).select_from(stream.join(case_value, case_value.c.case == stream.c.id))
        return [row.id for row in self._run(statement.where(CASES, *mine).order_by(stream.c.id).limit(limit))]

    def snapshots(self, scope: Scope, cases: Iterable[str]) -> dict[str, tuple[bytes, int]]:
        """Snapshots of cases that the person may see, each with the version of the fold that made it, by case."""
        columns = (stream.c.id, stream.c.snapshot, stream.c.fold_version)
        return {
            row.id: (bytes(row.snapshot), int(row.fold_version))
            for some in slices(cases)
            for row in self._run(select(*columns).where(visible(scope), stream.c.id.in_(some)))
        }


_WITH_CASE = task.join(stream, CASES & (stream.c.id == task.c.case))
_UNREAD = message.c.read_at.is_(None)


def _unread(person: str) -> Any:
    return select(message.c.key).where(message.c.person == person, _UNREAD)


def _matching(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(task.c.kind == plain(wanted.kind, "kind"))
    if wanted.procedure:
        found.append(stream.c.procedure == plain(wanted.procedure, "procedure"))
    if wanted.region:
        found.append(under(stream.c.region, plain(wanted.region, "region")))
    found += [task.c.due_at >= wanted.due_from] if wanted.due_from is not None else []
    found += [task.c.due_at < wanted.due_before] if wanted.due_before is not None else []
    return found


def task_mark(case_id: str, number: int, due_at: int | None) -> str:
    """A few letters that change when the task is another one or has another deadline."""
    told = f"{case_id} {number} {FOREVER if due_at is None else due_at}"
    return f"{zlib.crc32(told.encode()):08x}"


def task_view(row: Any) -> TaskView:
    """A row of a task and its case as told outside."""
    told = {name: getattr(row, name) for name in TaskRow.__struct_fields__}
    told["due_at"] = None if told["due_at"] == FOREVER else told["due_at"]
    return TaskView(
        task=TaskRow(**told),
        number=row.number,
        title=row.title,
        procedure=row.procedure,
        region=row.region,
        unit=row.unit,
    )
