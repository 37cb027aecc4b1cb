"""A month of duties: what is due on each day and how it stands, and one day as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from engine.core.calendar import Calendar
from engine.core.deadlines import add_months, due_day
from engine.core.obligation_rows import Status
from engine.core.recurrence import parse_key
from engine.errors import BadInput
from engine.runtime.projection import from_micros
from engine.store.obligations import DueCount
from web import duty_words as words
from web.catalogues import say
from web.catalogues.told_time import tell_day
from web.pages.duties import Reads
from web.pages.duty_tables import PATH, address_of
from web.pages.rendering import show

router = APIRouter()
CALENDAR = f"{PATH}/calendar"
_ONE_DAY = timedelta(1)
_NOT_OWED = ("exempt", "lapsed")
#: Duties named on a day; the day's own list names all.
MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class DueView:
    """What one window of one duty asks on a day."""

    title: str
    period: str
    address: str
    done: str
    light: str
    #: late, missed, open: in words
    rest: str


@dataclass(frozen=True, kw_only=True)
class DayView:
    """A day of the month."""

    day: date
    address: str
    #: what a reader hears
    title: str
    within: bool
    today: bool
    chosen: bool
    off: bool
    named: Sequence[DueView]
    more: int


@router.get(CALENDAR, include_in_schema=False)
def month(
    request: Request,
    visitor: Reads,
    month: Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2})?$")] = "",
    day: Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = "",
) -> Response:
    """The month, and the day chosen of it."""
    services, today = visitor.services, visitor.day
    chosen = _date(day) if day else None
    first = _date(f"{month}-01") if month else (chosen or today).replace(day=1)
    last = add_months(first, 1) - _ONE_DAY
    calendar = services.reader.calendar()
    begin, end = first - timedelta(first.weekday()), last + timedelta(6 - last.weekday())
    titles = {one.id: one.spec.title for one in services.duties.duties()}
    counts = services.duties.calendar_between(visitor.person, begin, end)
    dues = dues_by_day(counts, titles, calendar)
    shown = chosen or (today if first <= today <= last else None)
    days = [begin + timedelta(n) for n in range((end - begin).days + 1)]
    views = [
        _day(one, dues.get(one, []), within=first <= one <= last, today=today, chosen=shown, calendar=calendar)
        for one in days
    ]
    return show(
        request,
        visitor,
        "duty_calendar.html",
        month=say("duties.period.month", year=first.year, month=first.month),
        weeks=[views[n : n + 7] for n in range(0, len(views), 7)],
        weekdays=[say(f"time.weekday.{n}") for n in range(7)],
        before=f"{CALENDAR}?month={add_months(first, -1):%Y-%m}",
        later=f"{CALENDAR}?month={add_months(first, 1):%Y-%m}",
        this="" if first <= today <= last else CALENDAR,
        chosen=tell_day(shown, today) if shown else "",
        listed=dues.get(shown, []) if shown else [],
        any=any(dues.values()),
    )


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("not_a_date", field="month") from error
    if not 1990 <= found.year <= 2140:
        raise BadInput("not_a_date", field="month")
    return found


def dues_by_day(counts: Sequence[DueCount], titles: Mapping[str, str], calendar: Calendar) -> dict[date, list[DueView]]:
    """What is due, by the day on which it is; in order of the moments due."""
    found: dict[date, list[DueView]] = {}
    for (duty, period, due_at), some in groupby(counts, key=lambda one: (one.duty, one.period, one.due_at)):
        sums = {one.status: one.count for one in some}
        day = due_day(from_micros(due_at), calendar)
        found.setdefault(day, []).append(_due(duty, period, day, sums, titles))
    return found


def _due(duty: str, period: str, day: date, sums: Mapping[Status, int], titles: Mapping[str, str]) -> DueView:
    owed = sum(count for status, count in sums.items() if status not in _NOT_OWED)
    done = sums.get("done", 0)
    rest = [say(f"duties.sum_{name}", count=sums[name]) for name in _REST if sums.get(name)]
    red = sums.get("late", 0) + sums.get("missed", 0)
    first, last = _window(period, day)
    return DueView(
        title=titles.get(duty, duty),
        period=words.period_words(period),
        address=f"{address_of(duty)}?first={first}&last={last}",
        done=say("duties.done_of", done=done, owed=owed),
        light="red" if red else "green" if owed and done == owed else "none",
        rest=say("duties.joint").join(rest),
    )


_REST: tuple[Status, ...] = ("late", "missed", "acted", "open", "exempt", "lapsed")


def _window(period: str, day: date) -> tuple[date, date]:
    """The span of the table that shows a window: for what rolls the month in which it is due."""
    if period.startswith("since:"):
        first = day.replace(day=1)
        return first, add_months(first, 1) - _ONE_DAY
    return parse_key(period)


def _day(
    day: date, dues: list[DueView], *, within: bool, today: date, chosen: date | None, calendar: Calendar
) -> DayView:
    told = say("duties.day_has", count=len(dues)) if dues else say("duties.day_empty")
    return DayView(
        day=day,
        address=f"{CALENDAR}?day={day}#listed",
        title=say("duties.day_title", day=tell_day(day), told=told),
        within=within,
        today=day == today,
        chosen=day == chosen,
        off=not calendar.is_workday(day),
        named=dues[:MOST_NAMED],
        more=max(0, len(dues) - MOST_NAMED),
    )
