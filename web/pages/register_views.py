"""What the page of a register shows: pure functions from lines, numbers and the address to plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.register import Register
from engine.runtime.projection import from_micros
from engine.runtime.register_numbers import RegisterCounts
from engine.runtime.registers import Line, RegisterPage
from web.catalogues import say, tell_instant
from web.pages.register_address import RegisterAddress
from web.pages.register_cells import NUMBERS, CellView, Words, cell_of, joined, light_words, text_of, title_of


@dataclass(frozen=True, kw_only=True)
class Head:
    """A head of the table: a link where it sorts."""

    title: str
    address: str = ""
    #: ascending, descending, ""
    sorted: str = ""
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class RowView:
    """A case as a row."""

    id: str
    address: str
    beneath: str
    cells: Sequence[CellView]


@dataclass(frozen=True, kw_only=True)
class TotalView:
    """A total in the foot."""

    title: str
    value: str
    address: str = ""
    light: str = ""


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
                number=column.kind in NUMBERS,
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
    for name in register.totals if counts.totals else ():
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
    facts = [(say("register.beneath.now"), joined(line.states))]
    if row.closed and row.closed_at is not None:
        at = tell_instant(from_micros(row.closed_at), words.calendar.zone, words.now)
        facts.append((say("register.column.ended"), say("register.beneath.done", at=at, how=row.closed)))
    else:
        held = joined([*line.parties, *line.holders]) or say("register.beneath.nobody")
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
