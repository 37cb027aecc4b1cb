"""What the visitor must by duty, and what their unit owes: what is due, what was, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.core.deadlines import due_day
from engine.core.obligation_rows import ObligationRow
from engine.runtime.duties import ToDo
from engine.runtime.projection import from_micros
from web import duty_words as words
from web.catalogues import say, tell_instant
from web.catalogues.told_time import tell_day
from web.pages.duties import Reads
from web.pages.duty_obligations import begins_at
from web.pages.duty_tables import PATH, Square, obligation_address, title_of
from web.pages.rendering import show
from web.pages.visitor import Visitor
from web.pages.work_views import countdown_to

router = APIRouter()
MINE = f"{PATH}/mine"
#: Shown on the page of one's work; the rest stands on the page of one's duties.
MOST_AT_WORK = 5
_BACK, _AHEAD = timedelta(365), timedelta(190)
_MOST_AHEAD = 4


@dataclass(frozen=True, kw_only=True)
class ToDoView:
    """One obligation that the visitor may act on."""

    title: str
    period: str
    whose: str
    light: str
    left: str
    exact: str
    #: that it is late, to be made up, or done in another's place
    notes: Sequence[str]
    address: str
    button: str
    begins: str


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """A window that comes."""

    due: str
    period: str
    opens: str


@dataclass(frozen=True, kw_only=True)
class OfUnit:
    """One duty of a unit: what was, and what comes."""

    title: str
    often: str
    squares: Sequence[Square]
    ahead: Sequence[Ahead]


@dataclass(frozen=True, kw_only=True)
class UnitView:
    """What a unit owes."""

    title: str
    duties: Sequence[OfUnit]


@router.get(MINE, include_in_schema=False)
def mine(request: Request, visitor: Reads) -> Response:
    """All of it on one page."""
    return show(request, visitor, "duty_mine.html", todo=to_do(visitor), units=list(units_of(visitor)))


def to_do(visitor: Visitor) -> list[ToDoView]:
    """What the visitor must, or may in another's place: what nobody has begun, the earliest due first."""
    found = [one for one in visitor.services.duties.of_person(visitor.person) if not one.begun]
    names = visitor.services.reader.names([one.stands_for for one in found if one.stands_for])
    return [_to_do(visitor, one, names.get(one.stands_for, "")) for one in found]


def _to_do(visitor: Visitor, one: ToDo, stands_for: str) -> ToDoView:
    calendar = visitor.services.duties.calendar_of(one.spec)
    row = one.row
    light, left, exact = countdown_to(from_micros(row.due_at), calendar, visitor.now)
    notes = []
    if row.status in ("late", "missed"):
        until = tell_instant(one.until, calendar.zone, visitor.now, ends_day=True)
        notes.append(say(f"duties.still.{row.status}", until=until))
    if one.stands_for:
        notes.append(say("duties.stands_for", who=stands_for or say("duties.somebody")))
    return ToDoView(
        title=one.spec.title,
        period=words.period_words(row.period),
        whose=one.title,
        light=light,
        left=left,
        exact=exact,
        notes=notes,
        address=obligation_address(row.duty, row.period, row.subject),
        button=say("duties.make_up" if row.late else "duties.begin"),
        begins=begins_at(one),
    )


def units_of(visitor: Visitor) -> Iterator[UnitView]:
    """The units in which the visitor holds a role and that owe something, each with its year."""
    services, today = visitor.services, visitor.day
    held = services.reader.directory().held_by(visitor.person, today)
    units = list(dict.fromkeys(one.unit for one in held if one.unit))
    titles = services.reader.titles("unit", units)
    for unit in units:
        rows = services.duties.of_subject(visitor.person, unit, today - _BACK, today + _AHEAD)
        if rows:
            yield UnitView(title=titles.get(unit, unit), duties=list(_duties(visitor, rows, today)))


def _duties(visitor: Visitor, rows: Sequence[ObligationRow], today: date) -> Iterator[OfUnit]:
    states = {one.id: one for one in visitor.services.duties.duties()}
    for duty in dict.fromkeys(row.duty for row in rows):
        spec = states[duty].spec
        calendar = visitor.services.duties.calendar_of(spec)
        near = words.near_of(visitor.now, calendar)
        mine = sorted((row for row in rows if row.duty == duty), key=lambda row: (row.due_at, row.period))
        latest = mine[-1]
        told = spec.rhythms[latest.rhythm].rhythm if latest.rhythm < len(spec.rhythms) else None
        known = {row.period for row in mine}
        ahead = [
            Ahead(
                due=tell_day(due_day(one.window.deadline.due_at, calendar), today),
                period=words.period_words(one.window.key),
                opens=tell_day(calendar.local_day(one.window.opens_at), today),
            )
            for one in visitor.services.duties.windows(spec, today, today + _AHEAD)
            if one.rhythm == latest.rhythm and one.window.key not in known and one.window.opens_at > visitor.now
        ]
        yield OfUnit(
            title=spec.title,
            often=words.rhythm_words(told) if told else "",
            squares=[
                Square(
                    kind=words.kind_of(row, near),
                    address=obligation_address(row.duty, row.period, row.subject),
                    title=title_of(row, words.kind_of(row, near), calendar),
                )
                for row in mine[-24:]
            ],
            ahead=[] if states[duty].ended else ahead[:_MOST_AHEAD],
        )
