"""What stands in the cells of a register: pure functions from lines to words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.core.calendar import Calendar
from engine.core.deadlines import due_day, workdays_left
from engine.core.machine import Machine
from engine.core.register import Column
from engine.runtime.projection import from_micros
from engine.runtime.registers import Line, Names, RegisterPage
from web.catalogues import say, tell_instant, titles_of
from web.catalogues.told_clocks import is_stopped, tell_clocks
from web.catalogues.told_time import tell_due
from web.pages.register_address import RegisterAddress

#: Kinds whose numbers stand at the right edge.
NUMBERS = frozenset(("count", "number"))
#: Characters of a field that stand in a row.
_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class Words:
    """Titles that filters and cells are told with."""

    names: Names
    #: state path → title, kind of closing → itself, procedure → title
    states: Mapping[str, str]
    ended: Sequence[str]
    procedures: Mapping[str, str]
    calendar: Calendar
    now: datetime


def words_of(page: RegisterPage, machines: Sequence[Machine], calendar: Calendar, now: datetime) -> Words:
    """The titles for one page."""
    states = {path: spec.title for machine in machines for path, spec in machine.states.items()}
    ends = dict.fromkeys(spec.final for machine in machines for spec in machine.states.values())
    return Words(
        names=page.names,
        states=states,
        ended=[one for one in ends if one],
        procedures={machine.procedure.id: machine.procedure.title for machine in machines},
        calendar=calendar,
        now=now,
    )


@dataclass(frozen=True, kw_only=True)
class CellView:
    """What stands in a cell; `exact` is told on hover; `address` leads to a narrower list."""

    kind: str
    text: str
    head: str
    exact: str = ""
    light: str = ""
    address: str = ""
    number: bool = False


def title_of(column: Column) -> str:
    """What a column is called."""
    return column.title or say(f"register.column.{column.case}")


def cell_of(column: Column, line: Line, words: Words, address: RegisterAddress) -> CellView:
    """One cell."""
    head = title_of(column)
    if column.case == "light":
        return CellView(
            kind="light", text=light_words(line, words), head=head, light=line.light, exact=_due(line, words)
        )
    row = line.head.register
    if column.case == "unit":
        narrower = str(address.chosen(column.id, row.unit)) if row.unit else ""
        title = words.names.units.get(row.unit, row.unit)
        return CellView(kind="unit", text=title, head=head, address=narrower)
    told = text_of(column, line, words)
    kind = column.case or f"field-{column.kind}"
    exact = _exact(column, line, words) if column.kind == "instant" else ""
    if column.kind == "text" or column.case == "title":
        told, exact = (f"{told[:_LONGEST]}…", told) if len(told) > _LONGEST else (told, "")
    return CellView(kind=kind, text=told, head=head, exact=exact, number=column.kind in NUMBERS)


def text_of(column: Column, line: Line, words: Words) -> str:
    """What a column says of a case, in words."""
    row, names = line.head.register, words.names
    if not column.case:
        return field_text(column, line.values.get(column.id), names)
    titles = {"unit": names.units, "place": names.places, "region": names.regions, "industry": names.industries,
              "procedure": words.procedures}  # fmt: skip
    match column.case:
        case "unit" | "place" | "region" | "industry" | "procedure":
            told = str(getattr(row, column.case))
            return titles[column.case].get(told, told)
        case "number" | "title":
            return str(getattr(row, column.case))
        case "state":
            return joined(line.states)
        case "ended":
            return row.closed
        case "holder":
            return joined(line.holders or line.parties)
        case "due" | "opened" | "closed":
            return _instant(column.case, line, words)
        case "expiries" | "reopened":
            return str(getattr(row, column.case) or "")
        case "light":
            return light_words(line, words)
    return _mark(column.case, line)


def _mark(name: str, line: Line) -> str:
    row = line.head.register
    holds = {"open": not row.closed, "overdue": line.light == "red"}.get(name, False)
    return say("register.yes") if holds else say("register.no")


def field_text(column: Column, value: Any, names: Names) -> str:
    """What a field holds, in words."""
    match value:
        case None | "":
            return ""
        case bool():
            return say("register.yes") if value else say("register.no")
        case list() | tuple():
            return joined([field_text(column, one, names) for one in value])
        case str():
            titles: Mapping[str, str] = {
                "choice": dict(column.options),
                "unit": names.units,
                "place": names.places,
                "person": names.persons,
            }.get(column.kind, {})
            return titles.get(value, value)
    return str(value)


def joined(parts: Sequence[str]) -> str:
    return say("values.joint").join(part for part in parts if part)


def light_words(line: Line, words: Words) -> str:
    """The light in words: what is left, or how late it is."""
    row = line.head.register
    if row.closed:
        return say("register.light.ended")
    if row.due_at is None:
        return say("stopping.undated") if is_stopped(line.case) else say("register.light.none")
    due_at = from_micros(row.due_at)
    if words.now >= due_at:
        return tell_due(due_at, words.calendar, words.now)
    workdays = workdays_left(words.now, due_at, words.calendar)
    if workdays > 0:
        return say("register.left", count=workdays)
    return say("register.today" if due_day(due_at, words.calendar) == words.calendar.local_day(words.now)
               else "register.day_off")  # fmt: skip


def _due(line: Line, words: Words) -> str:
    due_at = line.head.register.due_at
    if due_at is None:
        titles = titles_of(line.machine)
        return say("values.joint").join(tell_clocks(line.case, titles, words.calendar, words.now))
    return tell_instant(from_micros(due_at), words.calendar.zone, words.now, ends_day=True)


def _micros(name: str, line: Line) -> int | None:
    row = line.head.register
    return {"due": row.due_at, "opened": row.opened_at, "closed": row.closed_at}[name]


def _instant(name: str, line: Line, words: Words) -> str:
    """The day alone; the exact instant stands behind it."""
    at = _micros(name, line)
    if at is None:
        return ""
    # what is due at midnight is due on the day that ends then
    local = from_micros(at - (1 if name == "due" else 0)).astimezone(words.calendar.zone)
    return local.date().isoformat()


def _exact(column: Column, line: Line, words: Words) -> str:
    at = _micros(column.case, line)
    return tell_instant(from_micros(at), words.calendar.zone, words.now, ends_day=column.case == "due") if at else ""
