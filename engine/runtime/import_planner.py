"""What planning an import is: rows become requests that were rehearsed, or are refused with their column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

import msgspec

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.administration import DIRECTORY, administer
from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.errors import BadInput, Broken
from engine.runtime.import_target import Into
from engine.runtime.service import Service
from engine.store.session import Session

T = TypeVar("T")
_UNKNOWN = {"regions": "region_unknown", "industries": "industry_unknown", "roles": "role_unknown"}


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One good row as it was read; `key` is what tells it from all others of its kind."""

    number: int
    key: str
    values: Mapping[str, Any]
    #: reference -> id of what was found
    references: Mapping[str, str] = {}


class RowRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row cannot be imported; field is the mapping's column."""

    row: int
    field: str
    code: str
    data: dict[str, Any] = {}


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A request, without id yet, and the rows it stands for."""

    rows: tuple[int, ...]
    request: cmd.Request


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do."""

    items: tuple[Planned, ...]
    #: rows that become something new or change something
    rows: int
    refused: tuple[RowRefused, ...]
    #: rows that say what is already recorded
    known: tuple[int, ...]


class Importer(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports what, by which mapping."""

    mapping: str
    into: Into
    #: name and digest of the file
    source: str
    person: str
    entered_by: str = ""
    medium: cmd.Medium = "import"

    def request(self, stream: cmd.Stream, act: cmd.AnyAct) -> cmd.Request:
        """A request of this import, its id to be given by the bulk operation."""
        return cmd.Request(
            id="", stream=stream, act=act, acted_by=self.person, entered_by=self.entered_by, medium=self.medium
        )


class Unfit(Exception):
    """A row that cannot become what it should."""

    def __init__(self, *problems: tuple[str, str, dict[str, Any]]) -> None:
        super().__init__(problems)
        self.problems = problems


class Planner:
    """What planning has in common, whatever rows become."""

    def __init__(self, importer: Importer, service: Service, session: Session) -> None:
        self.importer = importer
        self.service = service
        self.session = session
        self.version = session.directory_version()
        self.directory: Directory = service.directories.at(session, self.version)
        self.calendar: Calendar = service.catalog.calendar()
        self.now = service.clock.now()
        self.today = self.calendar.local_day(self.now)
        self.refused: list[RowRefused] = []
        self._listed: Mapping[str, Mapping[str, str]] = {
            "regions": self.directory.regions,
            "industries": self.directory.industries,
            "roles": {name: power.title for name, power in self.directory.roles.items()},
        }

    def sift(self, rows: Iterable[SheetRow], make: Callable[[SheetRow], T]) -> Iterator[tuple[SheetRow, T]]:
        """What `make` makes of each row; the rows it refuses are noted and left out."""
        for row in rows:
            try:
                yield row, make(row)
            except Unfit as wrong:
                self.refused += [
                    RowRefused(row=row.number, field=field, code=code, data=data)
                    for field, code, data in wrong.problems
                ]

    def listed(self, row: SheetRow, column: str, name: Literal["regions", "industries", "roles"]) -> str:
        """The id that a column's word means, by itself or by its title; "" where it is blank."""
        word = row.values.get(column) if column else None
        if word is None:
            return ""
        listed = self._listed[name]
        found = [str(word)] if word in listed else [one for one, title in listed.items() if title == word]
        if len(found) != 1:
            raise Unfit((column, "title_ambiguous" if found else _UNKNOWN[name], {"got": str(word)}))
        return found[0]

    def rehearse(self, act: cmd.AnyAct, columns: Mapping[str, str]) -> tuple[ev.AnyEvent, ...]:
        """What would follow from an act on the directory; Unfit with the column of the field that is refused."""
        try:
            return administer(self.command(act, DIRECTORY), self.directory, self.today)
        except BadInput as wrong:
            raise Unfit((columns.get(wrong.field) or wrong.field, wrong.code, told_by(wrong))) from wrong

    def command(self, act: cmd.AnyAct, stream: cmd.Stream) -> cmd.Command:
        """The act as the one door would see it now."""
        return cmd.Command(
            id="rehearsal",
            stream=stream,
            act=act,
            acted_by=self.importer.person,
            entered_by=self.importer.entered_by or self.importer.person,
            occurred_at=self.now,
            recorded_at=self.now,
            medium=self.importer.medium,
        )


def plain(value: Any) -> Any:
    """A cell's value as JSON says it: days as texts, whole numbers as such, others as decimal texts."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else format(value, "f")
        case bool() | int() | str():
            return value
    raise Broken("cell_value_unknown", kind=type(value).__name__)


def told_by(wrong: BadInput) -> dict[str, Any]:
    return {key: value for key, value in wrong.data.items() if key not in ("field", "problems")}
