"""What the page of a register shows: pure functions from lines, numbers and the address to plain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.core.calendar import Calendar
from engine.core.deadlines import due_day, workdays_left
from engine.core.machine import Machine
from engine.core.register import Column, Register
from engine.core.register_filters import LIGHTS, TO
from engine.runtime.projection import from_micros
from engine.runtime.registers import Line, Names, RegisterCounts, RegisterPage
from web.catalogues import say, tell_instant
from web.catalogues.told_time import tell_day, tell_due
from web.pages.register_address import RegisterAddress

#: Kinds whose numbers stand at the right edge.
_NUMBERS = frozenset(("count", "number"))
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
class Head:
    """A head of the table: a link where it sorts."""

    title: str
    address: str = ""
    #: ascending, descending, ""
    sorted: str = ""
    number: bool = False


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


@dataclass(frozen=True, kw_only=True)
class RowView:
    """A case as a row."""

    id: str
    address: str
    beneath: str
    cells: Sequence[CellView]


@dataclass(frozen=True, kw_only=True)
class OptionView:
    """One value of a filter."""

    title: str
    address: str
    #: "" = not counted
    count: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class FilterView:
    """A filter: what is chosen of it, and what may be."""

    id: str
    title: str
    #: told, "" = nothing is chosen
    value: str
    without: str
    options: Sequence[OptionView] = ()
    #: chosen between two days
    days: bool = False
    first: str = ""
    last: str = ""
    #: what the form of days must carry on
    carried: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class TotalView:
    """A total in the foot."""

    title: str
    value: str
    address: str = ""
    light: str = ""


def title_of(column: Column) -> str:
    """What a column is called."""
    return column.title or say(f"register.column.{column.case}")


# table ------------------------------------------------------------------------------------------------------------


def heads_of(register: Register, page: RegisterPage, address: RegisterAddress) -> list[Head]:
    """The heads, in order."""
    found: list[Head] = []
    for column in register.columns:
        name = "due" if column.case == "light" else column.id
        here = page.sort.id == name
        sortable = register.sortable(name) is not None
        found.append(
            Head(
                title=title_of(column),
                address=str(address.by(name, down=here and not page.down)) if sortable else "",
                sorted=("descending" if page.down else "ascending") if here and sortable else "",
                number=column.kind in _NUMBERS,
            )
        )
    return found


def rows_of(register: Register, page: RegisterPage, words: Words, address: RegisterAddress) -> list[RowView]:
    """The rows, in order."""
    return [
        RowView(
            id=line.head.id,
            address=f"/cases/{line.head.id}",
            beneath=f"{address.path}/rows/{line.head.id}",
            cells=[cell_of(column, line, words, address) for column in register.columns],
        )
        for line in page.lines
    ]


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
    return CellView(kind=kind, text=told, head=head, exact=exact, number=column.kind in _NUMBERS)


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
            return _joined(line.states)
        case "ended":
            return row.closed
        case "holder":
            return _joined(line.holders or line.parties)
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
            return _joined([field_text(column, one, names) for one in value])
        case str():
            titles: Mapping[str, str] = {
                "choice": dict(column.options),
                "unit": names.units,
                "place": names.places,
                "person": names.persons,
            }.get(column.kind, {})
            return titles.get(value, value)
    return str(value)


def _joined(parts: Sequence[str]) -> str:
    return say("values.joint").join(part for part in parts if part)


def light_words(line: Line, words: Words) -> str:
    """The light in words: what is left, or how late it is."""
    row = line.head.register
    if row.closed:
        return say("register.light.ended")
    if row.due_at is None:
        return say("register.light.none")
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
    return tell_instant(from_micros(due_at), words.calendar.zone, words.now, ends_day=True) if due_at else ""


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


# filters ----------------------------------------------------------------------------------------------------------


def filters_of(register: Register, counts: RegisterCounts, words: Words, address: RegisterAddress) -> list[FilterView]:
    """The filters, chosen or not, in the register's order."""
    found = []
    for column in register.filters:
        chosen = [one for one in address.filters.get(column.id, ()) if one]
        first, last = _days_of(chosen)
        days = column.kind in ("date", "instant")
        options = [] if days else list(_options(column, counts, words, address))
        if not days and not options and not chosen:
            continue
        found.append(
            FilterView(
                id=column.id,
                title=title_of(column),
                value=say("values.joint").join(told_value(column, one, words) for one in chosen),
                without=str(address.chosen(column.id)),
                options=options,
                days=days,
                first=first,
                last=last,
                carried=address.chosen(column.id).pairs() if days else (),
            )
        )
    return found


def _days_of(chosen: Sequence[str]) -> tuple[str, str]:
    first, to, last = (chosen[0] if chosen else "").partition(TO)
    return (first, last) if to else (first, first)


def _options(column: Column, counts: RegisterCounts, words: Words, address: RegisterAddress) -> Iterator[OptionView]:
    counted = counts.by.get(column.id)
    chosen = address.filters.get(column.id, ())
    for value in _values(column, words, counted):
        count = _count(column, value, counted)
        if count == 0 and value not in chosen:
            continue
        yield OptionView(
            title=told_value(column, value, words),
            address=str(address.toggled(column.id, value)),
            count="" if count is None else f"{count:,}",
            chosen=value in chosen,
        )


def _count(column: Column, value: str, counted: Mapping[str, int] | None) -> int | None:
    """How many there would be; a region counts what lies below it."""
    if counted is None:
        return None
    if column.case == "region":
        return sum(number for path, number in counted.items() if path.startswith(value))
    return counted.get(value, 0)


def _values(column: Column, words: Words, counted: Mapping[str, int] | None) -> Sequence[str]:
    """The values one may choose of a filter, in order."""
    match column.case or column.kind:
        case "region":
            return sorted(words.names.regions)
        case "industry":
            return list(words.names.industries)
        case "state":
            return [path for path in words.states if counted is None or counted.get(path)]
        case "ended":
            return words.ended
        case "procedure":
            return list(words.procedures)
        case "light":
            return LIGHTS
        case "holder":
            return ("me",)
        case "choice":
            return [key for key, _ in column.options]
        case "open" | "overdue" | "escalated" | "reopened" | "flag":
            return ("true", "false")
    return ()


def told_value(column: Column, value: str, words: Words) -> str:
    """A chosen value in words."""
    names = words.names
    match column.case or column.kind:
        case "region":
            return names.regions.get(value, value)
        case "industry":
            return names.industries.get(value, value)
        case "state":
            return words.states.get(value, value)
        case "procedure":
            return words.procedures.get(value, value)
        case "unit":
            return names.units.get(value, value)
        case "light":
            return say(f"register.light.{value}") if value in LIGHTS else value
        case "holder":
            return say("register.me") if value == "me" else names.persons.get(value, value)
        case "open" | "overdue" | "escalated" | "reopened" | "flag":
            return say("register.yes") if value == "true" else say("register.no")
        case "choice":
            return dict(column.options).get(value, value)
        case "due" | "opened" | "closed" | "date":
            return _told_days(value)
    return value


def _told_days(value: str) -> str:
    first, to, last = value.partition(TO)
    if not to:
        return _day(first)
    if first and last:
        return say("register.days", first=_day(first), last=_day(last))
    return say("register.since", first=_day(first)) if first else say("register.until", last=_day(last))


def _day(text: str) -> str:
    try:
        return tell_day(date.fromisoformat(text), None)
    except ValueError:
        return text


# totals -----------------------------------------------------------------------------------------------------------

#: Totals that a filter of the same meaning shows: (filter's column, value).
_SHOWN_BY: Mapping[str, tuple[str, str]] = {
    "soon": ("light", "yellow"),
    "overdue": ("light", "red"),
    "escalated": ("escalated", "true"),
    "open": ("open", "true"),
    "ended": ("open", "false"),
}


def totals_of(register: Register, counts: RegisterCounts, address: RegisterAddress) -> list[TotalView]:
    """The totals of what is filtered, each leading to its list where there is a filter for it."""
    found = []
    for name in register.totals:
        case, value = _SHOWN_BY[name]
        column = next((one for one in register.filters if one.case == case), None)
        number = counts.totals.get(name, 0)
        found.append(
            TotalView(
                title=say(f"register.total.{name}"),
                value=_number(number, name, counts),
                address=str(address.chosen(column.id, value)) if column and number else "",
                light="red" if name == "overdue" and number else "",
            )
        )
    return found


def _number(value: int, name: str, counts: RegisterCounts) -> str:
    return say("register.found_least", count=f"{value:,}") if name in counts.capped else f"{value:,}"


def found_of(counts: RegisterCounts) -> str:
    """How many cases match, in words."""
    code = "register.found_least" if "total" in counts.capped else "register.found"
    return say(code, count=f"{counts.total:,}")


def exported_of(counts: RegisterCounts) -> str:
    """What an export would hold, in words."""
    code = "register.export_what_least" if "total" in counts.capped else "register.export_what"
    return say(code, count=f"{counts.total:,}")


# beneath ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Beneath:
    """What opens beneath a row: what it is, who holds it, what comes next."""

    title: str
    address: str
    facts: Sequence[tuple[str, str]] = field(default_factory=list)


def beneath_of(register: Register, line: Line, words: Words, address: RegisterAddress) -> Beneath:
    """The facts that the row itself has no room for."""
    row = line.head.register
    facts = [(say("register.beneath.now"), _joined(line.states))]
    if row.closed and row.closed_at is not None:
        at = tell_instant(from_micros(row.closed_at), words.calendar.zone, words.now)
        facts.append((say("register.column.ended"), say("register.beneath.done", at=at, how=row.closed)))
    else:
        held = _joined([*line.parties, *line.holders]) or say("register.beneath.nobody")
        facts.append((say("register.beneath.holder"), held))
        facts.append((say("register.beneath.next"), light_words(line, words)))
    opened = tell_instant(from_micros(row.opened_at), words.calendar.zone, words.now)
    facts.append((say("register.beneath.history"), opened))
    facts += [
        (title_of(column), told)
        for column in register.columns
        if column.case not in ("light", "number", "title", "state", "holder", "due", "opened")
        and (told := text_of(column, line, words))
    ]
    return Beneath(title=row.title or row.number, address=f"/cases/{line.head.id}", facts=facts)
