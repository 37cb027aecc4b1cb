"""`needs` and the facts that answer it: what a decision may know besides the case and the command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from unicodedata import normalize

import msgspec

from engine.core.begun import asked_by, begun_by
from engine.core.calendar import Calendar
from engine.core.cap_known import CapFact, caps_needed
from engine.core.case import Case
from engine.core.command import AnyAct, ClaimCase, Command, IssueDraft, StartCase, SubmitAction
from engine.core.deadlines import add_span
from engine.core.definition import SameSpec
from engine.core.directory import Directory, Entity
from engine.core.form_tables import cells
from engine.core.forms import MOST_VALUES
from engine.core.identifiers import is_id
from engine.core.machine import Machine
from engine.core.obligation_known import KnownObligation
from engine.core.points import parse_point as _parse_point
from engine.core.spans import parse_span as _parse_span
from engine.errors import NotFound

#: What a definition calls the cases that have linked its own.
BACK = "back"
#: Phrases of definitions, parsed once; they were checked when the definition was loaded.
parse_span = lru_cache(maxsize=4096)(_parse_span)
parse_point = lru_cache(maxsize=4096)(_parse_point)


class Same(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A question for former cases: equal fields, closed on or after a day."""

    procedure: str
    values: dict[str, Any]
    closed_since: date


class Needs(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What must be fetched before deciding; everything else is in the case, the command or the directory."""

    units: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    #: number format of the case to be opened or the act to be issued, "" = none
    number: str = ""
    same: Same | None = None
    #: cases that the command names
    cases: tuple[str, ...] = ()
    #: procedures of which it may begin cases
    procedures: tuple[str, ...] = ()
    #: cases of which it must be known who signed what in them
    signed: tuple[str, ...] = ()
    #: the obligation that it meets, "duty/period/subject"
    obligation: str = ""
    #: (watch, unit) of caps that must be counted
    caps: tuple[tuple[str, str], ...] = ()


class KnownCase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a case that a command names, and where it lies, for who may see it."""

    procedure: str
    number: str
    region: str
    unit: str = ""
    #: who holds an open task of it
    holders: tuple[str, ...] = ()
    #: hidden: nobody links it
    sealed: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was fetched; `directory` is an immutable snapshot, entities are as valid and known on the day."""

    directory: Directory
    calendar: Calendar
    #: all calendars by id, for deadlines that name one of their own
    calendars: Mapping[str, Calendar] = {}
    #: the instant for which rosters and links are asked; None = the beginning of the day
    at: datetime | None = None
    units: Mapping[str, Entity] = {}
    places: Mapping[str, Entity] = {}
    number: str = ""
    #: ids of former cases, latest closing first
    former: tuple[str, ...] = ()
    cases: Mapping[str, KnownCase] = {}
    #: case -> (action, person) of all who signed in it
    signed: Mapping[str, tuple[tuple[str, str], ...]] = {}
    #: procedure id -> its latest version here
    machines: Mapping[str, Machine] = {}
    #: the obligation that the command meets
    obligation: KnownObligation | None = None
    #: watch -> how the unit of the command stands to it
    caps: Mapping[str, CapFact] = {}

    def calendar_named(self, name: str) -> Calendar:
        """The calendar of that id, the procedure's for ""; NotFound `calendar_not_found`."""
        if name in ("", self.calendar.id):
            return self.calendar
        if (found := self.calendars.get(name)) is None:
            raise NotFound("calendar_not_found", calendar=name)
        return found


def needs(machine: Machine, case: Case | None, command: Command, calendar: Calendar) -> Needs:
    """What this command needs to know of the world."""
    procedure, act = machine.procedure, command.act
    data = act.data if isinstance(act, StartCase | SubmitAction | ClaimCase) else _asked(case, act)
    units, places = _entities(machine, case, data)
    if not isinstance(act, StartCase | ClaimCase):
        return Needs(
            units=units,
            places=places,
            number=number_format(machine, case, command),
            cases=_named_cases(machine, case, data),
            procedures=_begun(machine, case, command),
            signed=cases_of_parties(machine, case),
        )
    same = _same(procedure.id, procedure.same, command, calendar) if procedure.same else None
    return Needs(
        units=units,
        places=places,
        number=procedure.number,
        same=same if isinstance(act, StartCase) else None,
        cases=_named_cases(machine, case, data),
        procedures=_begun(machine, case, command),
        obligation=act.obligation if isinstance(act, StartCase) else "",
        caps=caps_needed(machine, act),
    )


def _asked(case: Case | None, act: AnyAct) -> Mapping[str, Any]:
    """The answers that take effect once what was asked is carried out."""
    asked = asked_by(case, act) if case is not None else None
    return asked.values if asked is not None else {}


def cases_of_parties(machine: Machine, case: Case | None) -> tuple[str, ...]:
    """The other cases whose signatories are parties of this one: separation of duties reaches across links."""
    if case is None:
        return ()
    found: dict[str, None] = {}
    for party in machine.procedure.parties:
        if party.of:
            found.update(dict.fromkeys(linked_as(case, party.of)))
    return tuple(found)


def linked_as(case: Case, of: str) -> tuple[str, ...]:
    """The cases that a case has linked so, or, for BACK, that have linked it."""
    if of == BACK:
        return tuple(dict.fromkeys(one.case for one in case.linked_by))
    return tuple(one.case for one in case.linked if one.how == of)


def _named_cases(machine: Machine, case: Case | None, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The cases that a command newly names."""
    named: dict[str, None] = {}
    for name, value in data.items():
        spec = machine.fields.get(name)
        if spec is not None and spec.kind == "case" and (case is None or case.fields.get(name) != value):
            listed = value if isinstance(value, list | tuple) else [value]
            named.update({one: None for one in listed[:MOST_VALUES] if isinstance(one, str) and is_id(one)})
    return tuple(named)


def _begun(machine: Machine, case: Case | None, command: Command) -> tuple[str, ...]:
    """The procedures of which the command may begin cases: hardly any does."""
    return tuple(dict.fromkeys(one.procedure for one in begun_by(machine, case, command.act)))


def number_format(machine: Machine, case: Case | None, command: Command) -> str:
    """The format of the number that the command takes from its series, "" = it takes none."""
    act = command.act
    if isinstance(act, StartCase | ClaimCase):
        return machine.procedure.number
    task = case.task(act.task) if case and isinstance(act, IssueDraft) else None
    if case is None or task is None or task.draft is None:
        return ""
    origin = case.task(task.draft.of)
    ladder = machine.ladders.get(task.draft.ladder or (origin.ladder if origin else ""))
    rung = next((one for one in ladder.rungs if one.id == task.draft.rung), None) if ladder else None
    if rung is None or (rung.approve is not None and not task.draft.prepared_by):
        return ""  # what is only put before who signs it bears no number yet
    return rung.series


def _entities(machine: Machine, case: Case | None, data: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every unit and every place that the case or the command names: guards and parties may read any of them."""
    units: dict[str, None] = {}
    places: dict[str, None] = {}
    for values in (case.fields, data) if case else (data,):
        for name, value in values.items():
            spec = machine.fields.get(name)
            if spec is None:
                continue
            inner = cells(spec, value) if spec.kind == "table" else ((name, spec, value),)
            for _, column, one in inner:
                # What forms refuse as an id is not looked for either: a database may choke on it.
                if column.kind in ("unit", "place") and one and isinstance(one, str) and one.isprintable():
                    (units if column.kind == "unit" else places).setdefault(one)
    return tuple(units), tuple(places)


def _canonical(value: Any) -> Any:
    """A text as the forms of former cases kept it."""
    return normalize("NFC", value).strip() if isinstance(value, str) else value


def _same(procedure: str, spec: SameSpec, command: Command, calendar: Calendar) -> Same | None:
    data = command.act.data if isinstance(command.act, StartCase) else {}
    values = {field: _canonical(data.get(field)) for field in spec.fields}
    if any(value in (None, "") or (isinstance(value, str) and not value.isprintable()) for value in values.values()):
        return None
    day = calendar.local_day(command.occurred_at) + timedelta(days=1)
    return Same(procedure=procedure, values=values, closed_since=add_span(day, parse_span(spec.within), -1, calendar))
