"""The filters of a register as a page offers them: what is chosen, what may be, and how many each would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.register import Column, Register
from engine.core.register_filters import LIGHTS, TO
from engine.runtime.register_numbers import RegisterCounts
from web.catalogues import say
from web.catalogues.told_time import tell_day
from web.pages.register_address import RegisterAddress
from web.pages.register_cells import Words, title_of


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
        case "open" | "overdue" | "escalated" | "was_escalated" | "reopened" | "flag":
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
        case "open" | "overdue" | "escalated" | "was_escalated" | "reopened" | "flag":
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
