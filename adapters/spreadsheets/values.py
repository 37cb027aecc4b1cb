"""Turns what stands in a cell into a value of its column's kind, or says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from adapters.spreadsheets.mapping import Column, TableMapping
from adapters.spreadsheets.sandbox import Cell, CellError
from adapters.spreadsheets.text import FORBIDDEN, normal, same
from engine.errors import BadInput

Value = str | int | Decimal | date | bool | None
Identifier = Callable[[str], str]  # the number in its one written form, or BadInput
ChoiceLists = Mapping[str, Mapping[str, Collection[str]]]  # list → value → further words for it

EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number, so longer ones typed as numbers are already wrong
EPOCH = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
SERIALS = range(25_000, 80_000)  # days of 1968 to 2119; smaller numbers are not meant as dates
TOKENS = {"{y}": r"(?P<y>\d{4})", "{m}": r"(?P<m>\d{1,2})", "{d}": r"(?P<d>\d{1,2})"}
TOKENS |= {"{mm}": r"(?P<m>\d{2})", "{dd}": r"(?P<d>\d{2})"}
CLOCK = r"(?:[ T]?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?)?"
MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is needed to read the cells of one workbook."""

    words: Mapping[str, Mapping[str, str]]  # field → word as compared → value
    forms: tuple[re.Pattern[str], ...]
    identifiers: Mapping[str, Identifier]
    today: date | None
    epoch: date


def prepare(
    mapping: TableMapping,
    *,
    choices: ChoiceLists,
    identifiers: Mapping[str, Identifier],
    today: date | None,
    epoch_1904: bool,
) -> Reading:
    """The tables for reading by `mapping`; BadInput when a list or checker it names was not handed over."""
    words: dict[str, dict[str, str]] = {}
    for column in mapping.columns:
        if column.choice_list and column.choice_list not in choices:
            raise BadInput("choice_list_missing", field=column.field, list=column.choice_list)
        if column.identifier and column.identifier not in identifiers:
            raise BadInput("identifier_missing", field=column.field, identifier=column.identifier)
        lists = choices[column.choice_list] if column.choice_list else column.choices or {}
        words[column.field] = {
            same(word): value
            for value, further in lists.items()
            for word in (further if column.kind == "flag" else (value, *further))
        }
    return Reading(
        words=words,
        forms=tuple(_pattern(form) for form in mapping.dates),
        identifiers=identifiers,
        today=today,
        epoch=EPOCH_1904 if epoch_1904 else EPOCH,
    )


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", form)
    return re.compile("".join(TOKENS.get(part) or re.escape(part) for part in parts) + CLOCK)


def convert(column: Column, cell: Cell, reading: Reading) -> Value:
    """The value of a filled cell; BadInput with code and data when the cell does not say one."""
    if isinstance(cell, CellError):
        raise BadInput("cell_error")
    match column.kind:
        case "text":
            return _text(column, written(cell))
        case "integer" | "number" | "money":
            return _number(column, cell)
        case "date":
            return _date(column, cell, reading)
        case "moment":
            return _moment(column, cell, reading)
        case "choice":
            return _choice(column, written(cell), reading)
        case "flag":
            return _choice(column, written(cell), reading) == "set"
        case "identifier":
            return reading.identifiers[column.identifier](_text(column, written(cell)))


def written(cell: Cell) -> str:
    """A cell as its reader would write it down; numbers that a spreadsheet cannot hold exactly are refused."""
    match cell:
        case str():
            return cell.strip()
        case bool():
            return str(cell).upper()
        case float():
            if abs(cell) >= EXACT:
                raise BadInput("number_not_exact", got=f"{cell:.0f}")
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return ""


def _text(column: Column, text: str) -> str:
    if FORBIDDEN.search(text):
        raise BadInput("text_forbidden")
    limit = int(column.maximum) if column.maximum is not None else len(text)
    if len(text) > limit:
        raise BadInput("text_too_long", length=len(text), limit=limit)
    return text


def _number(column: Column, cell: Cell) -> Value:
    if isinstance(cell, float):
        text = written(cell)
    elif isinstance(cell, str):
        text = normal(cell).replace(",", "")
        for suffix in column.suffixes:
            text = text.removesuffix(suffix)
    else:
        raise BadInput("number_unreadable", got=written(cell)[:40])
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (column.kind == "integer" and number != number.to_integral_value()):
        raise BadInput("number_unreadable", got=text[:40])
    low, high = column.minimum, column.maximum
    if (low is not None and number < low) or (high is not None and number > high) or abs(number) >= EXACT:
        raise BadInput("number_out_of_range", got=text[:40], low=_told(low), high=_told(high))
    number *= column.times
    return int(number) if column.kind == "integer" else number


def _told(bound: Decimal | None) -> str:
    return "" if bound is None else str(bound)


def _date(column: Column, cell: Cell, reading: Reading) -> date:
    day = _day(cell, reading)
    if day is None:
        raise BadInput("date_unreadable", got=written(cell)[:40])
    if not column.first <= day <= column.last:
        raise BadInput(
            "date_out_of_range", got=day.isoformat(), low=column.first.isoformat(), high=column.last.isoformat()
        )
    if column.past and reading.today is not None and day > reading.today:
        raise BadInput("date_in_future", got=day.isoformat(), today=reading.today.isoformat())
    return day


def _moment(column: Column, cell: Cell, reading: Reading) -> datetime:
    """A day with its time, to the minute and without zone; the day alone is its first minute."""
    day = _date(column, cell, reading)
    if isinstance(cell, datetime):
        minutes = round((cell - datetime.combine(cell.date(), time())) / timedelta(minutes=1))
    elif isinstance(cell, float):
        minutes = round(cell % 1 * MINUTES)
    else:
        minutes = _minutes(normal(written(cell)), reading)
    if not 0 <= minutes <= MINUTES:
        raise BadInput("moment_unreadable", got=written(cell)[:40])
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def _minutes(text: str, reading: Reading) -> int:
    """The time of a day that a text tells, in minutes; -1 where it is none, 24:00 is the end of the day."""
    for form in reading.forms:
        found = form.fullmatch(text) or form.fullmatch(text.replace(" ", ""))
        if found and found["hour"] is not None:
            hour, minute = int(found["hour"]), int(found["minute"])
            return hour * 60 + minute if minute < 60 else -1
    return 0


def _day(cell: Cell, reading: Reading) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and int(cell) in SERIALS:
        return reading.epoch + timedelta(days=int(cell))
    if isinstance(cell, bool) or not isinstance(cell, str | float):
        return None
    text = normal(written(cell))
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in SERIALS:
        return reading.epoch + timedelta(days=int(text))
    for form in reading.forms:
        for tried in (text, text.replace(" ", "")):
            found = form.fullmatch(tried)
            if found:
                return _calendar_day(int(found["y"]), int(found["m"]), int(found["d"]))
    return None


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _choice(column: Column, text: str, reading: Reading) -> str:
    words = reading.words[column.field]
    value = words.get(same(text))
    if value is None:
        raise BadInput("choice_unknown", got=text[:40], accepted=tuple(dict.fromkeys(words.values())))
    return value
