"""The form of a year's days off: what it shows, and the yearly file that its answers make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData

from engine.core.calendar import Calendar
from engine.errors import BadInput
from engine.runtime.calendar_years import number_of

#: Empty lines for holidays that last year did not have.
SPARE = 2
MOST_LINES = 40
LONGEST = 200
_COLUMNS = ("name", "first", "last", "makeup")
_SPLIT = re.compile(r"[^0-9-]+", re.ASCII)
_YEAR = re.compile(r"[1-9][0-9]{3}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One holiday: its days off and the weekend days on which people work for it, as typed."""

    name: str = ""
    first: str = ""
    last: str = ""
    makeup: str = ""


@dataclass(frozen=True, kw_only=True)
class YearForm:
    """A year as typed."""

    year: int
    version: int
    status: str = "official"
    title: str = ""
    source: str = ""
    lines: tuple[Line, ...] = ()


def form_of(calendar: Calendar, year: int) -> YearForm:
    """The form of a year: as it is in force, or with the holidays of the latest year that is known."""
    known = calendar.years.get(year)
    if known is not None:
        return YearForm(
            year=year,
            version=number_of(known.version) + 1,
            status=known.status,
            title=known.title if number_of(known.version) else "",
            source=known.source if number_of(known.version) else "",
            lines=(*_lines(known.holidays, known.workdays), *[Line()] * SPARE),
        )
    before = [one for one in calendar.years.values() if one.year < year]
    names = dict.fromkeys(before[-1].holidays.values()) if before else {}
    return YearForm(year=year, version=1, lines=(*(Line(name=name) for name in names), *[Line()] * SPARE))


def _lines(holidays: object, workdays: object) -> Iterator[Line]:
    off: dict[str, list[date]] = {}
    made_up: dict[str, list[date]] = {}
    for days, found in ((holidays, off), (workdays, made_up)):
        for day, name in sorted(days.items()):  # type: ignore[attr-defined]
            found.setdefault(name, []).append(day)
    for name, days in off.items():
        makeup = " ".join(day.isoformat() for day in made_up.get(name, ()))
        yield Line(name=name, first=days[0].isoformat(), last=days[-1].isoformat(), makeup=makeup)


def read_form(form: FormData, calendar: Calendar) -> YearForm:
    """What was typed; BadInput for a year that is none."""
    told = str(form.get("year", "")).strip()
    if not _YEAR.fullmatch(told):
        raise BadInput("not_a_number", field="year", got=told[:20])
    known = calendar.years.get(int(told))
    columns = [
        [str(one).strip()[:LONGEST] for one in form.getlist(name)] for name in ("name", "first", "last", "makeup")
    ]
    return YearForm(
        year=int(told),
        version=number_of(known.version) + 1 if known else 1,
        status=str(form.get("status", "")),
        title=str(form.get("title", "")).strip()[:LONGEST],
        source=str(form.get("source", "")).strip()[:LONGEST],
        lines=tuple(
            Line(name=name, first=first, last=last, makeup=makeup)
            for name, first, last, makeup in list(zip(*columns, strict=False))[:MOST_LINES]
        ),
    )


def file_of(typed: YearForm) -> bytes:
    """The yearly file; BadInput with the number of the line that is wrong. What it means is checked like any file."""
    for field in ("title", "source"):
        if not getattr(typed, field):
            raise BadInput("input_missing", field=field)
    if typed.status not in ("official", "provisional"):
        raise BadInput("input_missing", field="status")
    holidays: list[str] = []
    workdays: list[str] = []
    for n, line in enumerate(typed.lines, 1):
        if not (line.name or line.first or line.last or line.makeup):
            continue
        if not line.name or not line.first:
            raise BadInput("calendar_line_incomplete", field="days", n=n)
        days = [_day(one, n) for one in (line.first, line.last or line.first)]
        key = days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"
        holidays.append(f"  {key}: {_quoted(line.name)}")
        workdays += [f"  {_day(one, n)}: {_quoted(line.name)}" for one in _SPLIT.split(line.makeup) if one]
    return "\n".join(
        (
            f"year: {typed.year}",
            f"version: {typed.version}",
            f"status: {typed.status}",
            f"title: {_quoted(typed.title)}",
            f"source: {_quoted(typed.source)}",
            *_block("holidays", holidays),
            *_block("workdays", workdays),
            "",
        )
    ).encode()


def _block(name: str, lines: list[str]) -> list[str]:
    return [f"{name}:", *lines] if lines else [f"{name}: {{}}"]


def _day(text: str, n: int) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput("calendar_line_not_a_day", field="days", n=n) from None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
