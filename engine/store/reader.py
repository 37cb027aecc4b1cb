"""The side that is read: registers, inboxes, boards; what an actor may not see is not there.

Every query of people's data takes the actor's Scope. Absent and hidden look the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, func, or_, select, text

from engine.core.directory import Scope
from engine.store.accounts import Accounts
from engine.store.boards import BoardCounts
from engine.store.bulks import progress
from engine.store.calendars import Calendars
from engine.store.devices import Devices
from engine.store.digests import DIGEST, Digests
from engine.store.directory import DirectoryStore, directory_row
from engine.store.duty_matrix import DutyMatrices
from engine.store.finding import Finding
from engine.store.findings import Findings
from engine.store.held import HeldStore
from engine.store.incidents import incident_row
from engine.store.keeping import Definitions, Evidence, Tokens, Vault
from engine.store.links import Links
from engine.store.measures import Measures
from engine.store.message_days import MessageDays
from engine.store.obligations import Obligations
from engine.store.organisation import OrganisationRows
from engine.store.queries import (
    CaseFilter,
    Group,
    Sort,
    beyond,
    case_view,
    group_column,
    mark_of,
    matching,
    plain,
    sort_column,
    under,
    visible,
    visible_rows,
    waits_for,
)  # fmt: skip
from engine.store.record import Record
from engine.store.records import RegisterRow
from engine.store.registers import Registers
from engine.store.reholds import rehold_state
from engine.store.saved_views import SavedViews
from engine.store.schema import (
    CASES,
    CLOSED,
    DIRECTORY,
    FOREVER,
    UNSENT,
    bulk,
    entry,
    incident,
    message,
    signal,
    stream,
    task,
    timer,
)
from engine.store.views import (
    BulkRow,
    CaseView,
    DirectoryRow,
    EntryView,
    IncidentRow,
    Lag,
    LinkView,
    MessageView,
    Page,
    TaskView,
    message_view,
)  # fmt: skip
from engine.store.worklists import TASK_COLUMNS, Worklists, task_view

_ANY = CaseFilter()
_HEAD = [stream.c.id, stream.c.seq, *(stream.c[name] for name in RegisterRow.__struct_fields__)]


class Reader:
    """Queries on one connection; use it in the `with` block of `Store.read`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # for the engine itself, not for pages: these know no scope
        self.record = Record(self._run)
        self.directory = DirectoryStore(self._run)
        self.organisation = OrganisationRows(self._run)
        self.definitions = Definitions(self._run, _refuse)
        self.calendars = Calendars(self._run, _refuse)
        self.vault = Vault(self._run, _refuse)
        self.evidence = Evidence(self._run, _refuse)
        self.tokens = Tokens(self._run)
        self.links = Links(self._run, _refuse)
        self.registers = Registers(self._run)
        self.saved_views = SavedViews(self._run, _refuse)
        self.boards = BoardCounts(self._run)
        self.findings = Findings(self._run, _refuse)
        self.measures = Measures(self._run)
        # these know whose tasks and messages they show
        self.worklists = Worklists(self._run)
        self.held = HeldStore(self._run)
        self.digests = Digests(self._run, _refuse)
        self.message_days = MessageDays(self._run, _refuse)
        self.obligations = Obligations(self._run)
        self.duty_matrices = DutyMatrices(self._run)
        self.finding = Finding(self._run)
        self.accounts = Accounts(self._run)
        self.devices = Devices(self._run)

    def _run(self, statement: Executable, rows: Any = None) -> CursorResult[*tuple[Any, ...]]:
        return self._connection.execute(statement, rows)

    # ---------------------------------------------------------------------------------------- cases
    def cases(
        self,
        scope: Scope,
        wanted: CaseFilter = _ANY,
        *,
        sort: Sort = "opened_at",
        down: bool = True,
        limit: int = 50,
        after: str = "",
    ) -> Page[CaseView]:
        """A page of a register; `after` is the mark of the page before."""
        column, what = sort_column(sort), f"cases {sort} {down:d}"
        keys = (column, stream.c.id)
        statement = select(*_HEAD).where(visible(scope), *matching(wanted), *beyond(keys, after, what=what, down=down))
        order = [key.desc() if down else key.asc() for key in keys]
        rows = self._run(statement.order_by(*order).limit(limit + 1)).all()
        more = mark_of(what, getattr(rows[limit - 1], sort), rows[limit - 1].id) if len(rows) > limit else ""
        return Page(items=tuple(case_view(row) for row in rows[:limit]), after=more)

    def case(self, scope: Scope, case_id: str) -> CaseView | None:
        """The head of a case."""
        row = self._run(select(*_HEAD).where(visible(scope), stream.c.id == case_id)).one_or_none()
        return case_view(row) if row else None

    def linked(self, scope: Scope, case_id: str) -> list[LinkView]:
        """The links of a case that the actor may see, made by it or by others, with what they may see of the others."""
        rows = self.links.of(case_id)
        others = {row.other if row.case == case_id else row.case for row in rows}
        heads = {row.id: row for row in self._run(select(*_HEAD).where(visible(scope), stream.c.id.in_(others)))}
        makers = (stream.c.kind == "case", stream.c.id.in_({row.case for row in rows}))
        versions = {row.id: row.version for row in self._run(select(stream.c.id, stream.c.version).where(*makers))}
        return [
            LinkView(
                how=row.how,
                back=row.case != case_id,
                version=versions.get(row.case, ""),
                other=case_view(heads[other])
                if (other := row.other if row.case == case_id else row.case) in heads
                else None,
            )
            for row in rows
        ]

    def snapshot(self, scope: Scope, case_id: str) -> tuple[bytes, int] | None:
        """The encoded snapshot of a case and the version of the fold that made it."""
        columns = (stream.c.snapshot, stream.c.fold_version)
        row = self._run(select(*columns).where(visible(scope), stream.c.id == case_id)).one_or_none()
        return (bytes(row[0]), int(row[1])) if row else None

    def work(self, case_id: str) -> tuple[list[tuple[int, str, int]], list[tuple[int, str]]]:
        """For the engine itself: timers armed for a case (task, rung, epoch), and who sees which task, in order."""
        armed = select(timer.c.task, timer.c.rung, timer.c.epoch).where(timer.c.kind == "case", timer.c.id == case_id)
        seen = select(task.c.task, task.c.person).where(task.c.case == case_id)
        return (
            [(int(row[0]), str(row[1]), int(row[2])) for row in self._run(armed.order_by(timer.c.task))],
            [(int(row[0]), str(row[1])) for row in self._run(seen.order_by(task.c.task, task.c.person))],
        )

    def entries(self, scope: Scope, case_id: str, *, after: int = 0, limit: int = 200) -> list[EntryView]:
        """Entries of a case with a seq above `after`, in order."""
        columns = (entry.c.seq, entry.c.command_id, entry.c.bytes, entry.c.leaf, entry.c.recorded_at)
        joined = entry.join(stream, (stream.c.kind == entry.c.kind) & (stream.c.id == entry.c.id))
        mine = (visible(scope), entry.c.kind == "case", entry.c.id == case_id, entry.c.seq > after)
        rows = self._run(select(*columns).select_from(joined).where(*mine).order_by(entry.c.seq).limit(limit))
        return [
            EntryView(seq=seq, command_id=command_id, body=bytes(body), leaf=bytes(leaf), recorded_at=recorded_at)
            for seq, command_id, body, leaf, recorded_at in rows
        ]

    def counts(self, scope: Scope, wanted: CaseFilter = _ANY, *, by: Group) -> dict[str, int]:
        """How many cases there are of each kind."""
        column = group_column(by)
        rows = self._run(select(column, func.count()).where(visible(scope), *matching(wanted)).group_by(column))
        return {str(value): int(count) for value, count in rows}

    def counts_between(
        self, scope: Scope, bounds: Sequence[int], wanted: CaseFilter = _ANY, *, closed: bool = False
    ) -> list[int]:
        """How many cases were opened (or closed) in each interval [bound, next bound)."""
        column = stream.c.closed_at if closed else stream.c.opened_at
        ended = [CLOSED] if closed else []
        pairs = list(pairwise(bounds))
        counts = [func.count().filter(column >= least, column < before) for least, before in pairs]
        if not counts:
            return []
        within = (column >= bounds[0], column < bounds[-1])
        row = self._run(
            select(*counts).select_from(stream).where(visible(scope), *matching(wanted), *within, *ended)
        ).one()
        return [int(count) for count in row]

    # ---------------------------------------------------------------------------------------- tasks and messages
    def tasks(
        self,
        scope: Scope,
        *,
        person: str | None = None,
        case_id: str = "",
        kind: str = "",
        limit: int = 50,
        after: str = "",
    ) -> Page[TaskView]:
        """Open tasks, the most urgent first: of the actor by default, of another person, of nobody (""), of a case.

        Those of others are shown as far as their cases may be seen.
        """
        holder = scope.person if person is None and not case_id else person
        keys = (task.c.due_at, task.c.case, task.c.task, task.c.person)
        what = f"tasks {holder} {case_id} {kind}"
        statement = select(*TASK_COLUMNS).select_from(task.join(stream, CASES & (stream.c.id == task.c.case)))
        statement = statement.where(visible(scope), *beyond(keys, after, what=what, down=False))
        if holder is not None:
            statement = statement.where(waits_for(scope) if person is None else task.c.person == holder)
        if case_id:
            statement = statement.where(task.c.case == case_id)
        if kind:
            statement = statement.where(task.c.kind == kind)
        rows = self._run(statement.order_by(*keys).limit(limit + 1)).all()
        last = rows[limit - 1] if len(rows) > limit else None
        more = mark_of(what, last.due_at, last.case, last.task, last.person) if last else ""
        return Page(items=tuple(task_view(row) for row in rows[:limit]), after=more)

    def messages(self, scope: Scope, *, limit: int = 50, after: str = "", unread: bool = False) -> Page[MessageView]:
        """Messages to the actor, the latest first."""
        keys = (message.c.created_at, message.c.key)
        # digests tell nothing that is not a message of its own
        mine = (message.c.person == scope.person, message.c.kind != DIGEST)
        statement = select(message).where(*mine, *beyond(keys, after, what="messages", down=True))
        if unread:
            statement = statement.where(message.c.read_at.is_(None))
        rows = self._run(statement.order_by(*(key.desc() for key in keys)).limit(limit + 1)).all()
        more = mark_of("messages", rows[limit - 1].created_at, rows[limit - 1].key) if len(rows) > limit else ""
        return Page(items=tuple(message_view(row) for row in rows[:limit]), after=more)

    # ---------------------------------------------------------------------------------------- directory
    def entities(
        self, scope: Scope, table: str, day: date, *, text: str = "", region: str = "", limit: int = 50, after: str = ""
    ) -> Page[DirectoryRow]:
        """Units or places valid on a day in order of their ids; `text` is looked for in title and id."""
        rows = DIRECTORY[table]
        told = day.isoformat()
        wanted = [rows.c.recorded_to == FOREVER, rows.c.valid_from <= told, rows.c.valid_to > told]
        wanted.append(visible_rows(rows, scope, unit_column="id" if table == "unit" else "unit"))
        wanted += [under(rows.c.region, plain(region, "region"))] if region else []
        wanted += beyond((rows.c.id,), after, what=table, down=False)
        if plain(text, "text"):
            wanted.append(or_(rows.c.title.contains(text, autoescape=True), rows.c.id.contains(text, autoescape=True)))
        found = self._run(select(rows).where(*wanted).order_by(rows.c.id).limit(limit + 1)).all()
        more = mark_of(table, found[limit - 1].id) if len(found) > limit else ""
        return Page(items=tuple(directory_row(rows, row) for row in found[:limit]), after=more)

    def persons(self, scope: Scope, day: date, *, limit: int = 50, after: str = "") -> Page[DirectoryRow]:
        """Persons who hold a role in the actor's regions or units on a day, and the actor, in order of their ids."""
        rows, roles, told = DIRECTORY["person"], DIRECTORY["holding"], day.isoformat()
        held = [roles.c.recorded_to == FOREVER, roles.c.valid_from <= told, roles.c.valid_to > told]
        near = select(roles.c.person).where(*held, visible_rows(roles, scope, unit_column="unit"))
        wanted = [rows.c.recorded_to == FOREVER, rows.c.valid_from <= told, rows.c.valid_to > told]
        wanted += beyond((rows.c.id,), after, what="person", down=False)
        if not scope.everything:
            wanted.append(or_(rows.c.id == scope.person, rows.c.id.in_(near)))
        found = self._run(select(rows).where(*wanted).order_by(rows.c.id).limit(limit + 1)).all()
        more = mark_of("person", found[limit - 1].id) if len(found) > limit else ""
        return Page(items=tuple(directory_row(rows, row) for row in found[:limit]), after=more)

    # ---------------------------------------------------------------------------------------- operations
    def bulk(self, scope: Scope, bulk_id: str) -> BulkRow | None:
        """A bulk operation of the actor, or any for who may see everything, and how far it is."""
        mine = [] if scope.everything else [bulk.c.person == scope.person]
        row = self._run(progress().where(bulk.c.id == bulk_id, *mine)).one_or_none()
        return BulkRow(**row._mapping) if row else None

    def incidents(self, scope: Scope, *, open_only: bool = True, limit: int = 100) -> list[IncidentRow]:
        """Incidents, the latest first; only for who may see everything."""
        if not scope.everything:
            return []
        statement = select(incident).order_by(incident.c.id.desc()).limit(limit)
        if open_only:
            statement = statement.where(incident.c.closed_at == FOREVER)
        return [incident_row(row) for row in self._run(statement)]

    def lag(self) -> Lag:
        """The oldest work that waits, and tasks that nobody has."""

        def oldest(column: Any, *wanted: Any) -> int | None:
            return self._run(select(column).where(*wanted).order_by(column).limit(1)).scalar_one_or_none()

        nobodys = select(func.count()).select_from(task).where(task.c.person == "", task.c.queue == "")
        holders = rehold_state(self._run)
        return Lag(
            timer=oldest(timer.c.fire_at),
            message=oldest(message.c.next_at, UNSENT),
            signal=oldest(signal.c.next_at),
            holders=None if holders.idle else holders.to_at,
            holders_left=0 if holders.idle else holders.found - holders.done,
            unheld=int(self._run(nobodys).scalar_one()),
        )

    def schema_version(self) -> str:
        """The revision of the database's schema, "" where there is none."""
        if not self._connection.dialect.has_table(self._connection, "alembic_version"):
            return ""
        return self._run(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""

    def settings(self, *names: str) -> dict[str, str]:
        """Settings of a PostgreSQL server by name."""
        return {name: str(self._run(select(func.current_setting(name))).scalar_one()) for name in names}


def _refuse(table: Any) -> Any:
    raise AssertionError(f"a reader does not write {table}")
