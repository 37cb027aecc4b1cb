"""What the calendar's pages show: pure functions from years and what they move to rows, figures and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, urlencode

from engine.core.calendar import Calendar, CalendarYear
from engine.core.machine import Machine
from engine.runtime.calendar_notice import How, Move, Preview, by_procedure
from engine.runtime.calendar_years import number_of
from engine.runtime.projection import from_micros
from engine.store.calendars import CalendarRow
from web.catalogues import say, tell_derivation, tell_instant, titles_of

PATH = "/calendars"
#: People shown with how many of their deadlines move; the others are counted.
MOST_PEOPLE = 30
_HOWS: tuple[How, ...] = ("later", "earlier", "confirmed", "rearmed")
_STAYS = ("same", "expired", "uncounted")


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """One version of a year."""

    year: int
    status: str
    title: str
    source: str
    version: str
    #: who put it in and when; "" = it came with the product
    entered: str = ""
    #: in force, former, proposed
    standing: str
    state: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which of what moves."""

    procedure: str = ""
    how: str = ""
    person: str = ""

    def address(self, row: str, *, page: int = 1) -> str:
        """The address that asks for this."""
        pairs = [(name, value) for name in ("procedure", "how", "person") if (value := getattr(self, name))]
        query = urlencode([*pairs, *([("page", str(page))] if page > 1 else [])])
        return f"{PATH}/{row}{'?' + query if query else ''}"

    def without(self, name: str) -> Asked:
        """The same without one of its parts."""
        return replace(self, **{name: ""})

    def of(self, moves: Iterable[Move]) -> list[Move]:
        """Those that are asked for; "-" is nobody."""
        return [
            one
            for one in moves
            if self.procedure in ("", one.procedure)
            and self.how in ("", one.how)
            and (not self.person or self.person in (one.holders or ("-",)))
        ]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a filter."""

    title: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One deadline that moves."""

    #: "" = it is not for the reader to see
    address: str
    name: str
    task: str
    procedure: str
    holders: str
    was: str
    was_how: str
    now: str
    now_how: str
    how: str
    notes: tuple[str, ...]
    late: bool


def years_of(calendar: Calendar, rows: Sequence[CalendarRow], names: Mapping[str, str], today: date) -> list[YearLine]:
    """The years around today and every one that was put in, the latest first; each with its versions."""
    wanted = {today.year - 1, today.year, today.year + 1, *(row.year for row in rows)}
    lines: list[YearLine] = []
    for year in sorted(wanted, reverse=True):
        mine = [row for row in rows if row.year == year and row.calendar == calendar.id]
        known = calendar.years.get(year)
        lines += [_line(row, known, names) for row in mine if not row.seq]
        published = [row for row in mine if row.seq]
        if known is None:
            lines.append(_unpublished(year))
        elif not any(row.version == known.version for row in published):
            lines.append(_supplied(known))
        lines += [_line(row, known, names) for row in published]
    return lines


def _line(row: CalendarRow, known: CalendarYear | None, names: Mapping[str, str]) -> YearLine:
    current = known is not None and known.version == row.version
    at = from_micros(row.published_at or row.proposed_at)
    state = "" if not row.seq else say("calendar.followed" if row.closed_at else "calendar.following")
    return YearLine(
        year=row.year,
        status=row.status,
        title=row.title,
        source=row.source,
        version=str(number_of(row.version)),
        entered=say("calendar.by", person=names.get(row.person, row.person), day=tell_instant(at)),
        standing="in_force" if current else "former" if row.seq else "to_come",
        state=state,
        address=f"{PATH}/{quote(row.id)}",
    )


def _supplied(known: CalendarYear) -> YearLine:
    number = number_of(known.version)
    return YearLine(
        year=known.year,
        status=known.status,
        title=known.title if number else "",
        source=known.source,
        version=str(number or ""),
        entered=say("calendar.library"),
        standing="in_force",
    )


def _unpublished(year: int) -> YearLine:
    return YearLine(
        year=year,
        status="weekday",
        title="",
        source=say("calendar.weekday_hint"),
        version="",
        standing="in_force",
    )


def days_of(year: CalendarYear | None) -> list[tuple[str, str]]:
    """What a year says: days off by name, and weekend days on which people work."""
    if year is None:
        return []
    by_name: dict[str, list[date]] = {}
    for day, name in sorted(year.holidays.items()):
        by_name.setdefault(name, []).append(day)
    holidays = [say("calendar.preview.named", name=name, days=_range(days)) for name, days in by_name.items()]
    makeups = [_short(day) for day in sorted(year.workdays)]
    joint, none = say("values.joint"), say("calendar.preview.none")
    return [
        (say("calendar.preview.holidays"), joint.join(holidays) or none),
        (say("calendar.preview.makeups"), joint.join(makeups) or none),
    ]


def _range(days: Sequence[date]) -> str:
    if days[0] == days[-1]:
        return _short(days[0])
    return say("calendar.preview.range", first=_short(days[0]), last=_short(days[-1]))


def _short(day: date) -> str:
    return say("time.day", month=day.month, day=day.day, weekday=say(f"time.weekday.{day.weekday()}"))


def told_of(preview: Preview) -> list[str]:
    """What publishing would do, or what is left to do, in sentences."""
    hows = Counter(one.how for one in preview.moves)
    moved = preview.moved()
    if not preview.moves:
        return [say("calendar.preview.nothing")]
    people = {holder for one in moved for holder in one.holders}
    cases = {one.case for one in moved}
    told = [say("calendar.preview.moved", count=len(moved), cases=len(cases), people=len(people))] if moved else []
    told += [say(f"calendar.preview.{how}", count=hows[how]) for how in _HOWS if hows[how]]
    passed = sum(1 for one in preview.moves if one.passed)
    return [*told, *([say("calendar.preview.passed", count=passed)] if passed else [])]


def late_of(preview: Preview) -> int:
    """How many lie in the past by the new year and did not by the old one."""
    return sum(1 for one in preview.moves if one.late)


def stays_of(preview: Preview) -> list[tuple[str, int]]:
    """Why deadlines stay where they are, and how many."""
    told: dict[str, int] = {str(why): count for why, count in preview.stays.items()}
    told["outside"] = preview.open - preview.read
    return [
        (say(f"calendar.preview.stays.{why}", year=preview.row.year), told[why])
        for why in ("outside", *_STAYS)
        if told.get(why)
    ]


def windows_of(preview: Preview) -> list[tuple[str, str]]:
    """The running windows of duties that end at another time."""
    return [
        (
            say("calendar.preview.window", title=one.title, period=one.period),
            say(
                "calendar.preview.window_due",
                was=_due(one.was.derivation.due_on),
                now=_due(one.now.derivation.due_on),
                count=one.obligations,
            ),
        )
        for one in preview.windows
    ]


def filters_of(preview: Preview, asked: Asked, titles: Mapping[str, str]) -> list[tuple[str, list[Choice], str]]:
    """Filters by name, each with its choices, and the address without it ("" where it is not set)."""
    row = preview.row.id
    hows: Counter[str] = Counter(one.how for one in replace(asked, how="").of(preview.moves))
    procedures = {
        name: sum(found.values())
        for name, found in by_procedure(replace(asked, procedure="").of(preview.moves)).items()
    }
    return [
        _filter(row, asked, "procedure", procedures, titles),
        _filter(row, asked, "how", hows, {how: say(f"calendar.preview.how.{how}") for how in _HOWS}),
    ]


def _filter(
    row: str, asked: Asked, name: str, counts: Mapping[str, int], titles: Mapping[str, str]
) -> tuple[str, list[Choice], str]:
    chosen = getattr(asked, name)
    choices = [
        Choice(
            title=titles.get(value, value),
            count=count,
            address=replace(asked, **{name: value}).address(row),
            chosen=chosen == value,
        )
        for value, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    return name, choices, replace(asked, **{name: ""}).address(row) if chosen else ""


def people_of(preview: Preview, asked: Asked, counts: Counter[str]) -> tuple[list[Choice], int]:
    """Whose deadlines move, the most first; and how many people are not listed."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    nobody = say("calendar.preview.nobody")
    shown = [
        Choice(
            title=preview.names.get(person, person) if person else nobody,
            count=count,
            address=replace(asked, person=person or "-").address(preview.row.id),
            chosen=asked.person == (person or "-"),
        )
        for person, count in ordered[:MOST_PEOPLE]
    ]
    return shown, max(0, len(ordered) - MOST_PEOPLE)


def person_of(preview: Preview, asked: Asked) -> tuple[str, str]:
    """The person who is asked for, and the address without them; "" = nobody is."""
    if not asked.person:
        return "", ""
    name = say("calendar.preview.nobody") if asked.person == "-" else preview.names.get(asked.person, asked.person)
    return name, asked.without("person").address(preview.row.id)


def row_of(one: Move, preview: Preview, machine: Machine, calendar: Calendar) -> Row:
    """One deadline that moves, as a line of the list."""
    titles = titles_of(machine)
    seen = one.case in preview.visible and bool(one.number)
    rungs = {rung.id: rung.title for ladder in machine.procedure.ladders for rung in ladder.rungs}
    notes = [say("calendar.preview.note.late")] if one.late else []
    if one.passed:
        notes.append(say("calendar.preview.note.passed", rungs=[rungs.get(rung, rung) for rung in one.passed]))
    if one.fired and one.how in ("later", "earlier"):
        notes.append(say("calendar.preview.note.fired", rungs=[rungs.get(rung, rung) for rung in one.fired]))
    return Row(
        address=f"/cases/{quote(one.case, safe='')}" if seen else "",
        name=f"{one.number} {one.title}" if seen else say("calendar.preview.hidden"),
        task=titles.extras.get((one.state, one.spec)) or titles.states.get(one.state, one.state),
        procedure=machine.procedure.title,
        holders=say("values.joint").join(preview.names.get(person, person) for person in one.holders)
        or say("calendar.preview.nobody"),
        was=_due(one.was.derivation.due_on),
        was_how=tell_derivation(one.was.derivation, calendar, titles),
        now=_due(one.now.derivation.due_on),
        now_how=tell_derivation(one.now.derivation, calendar, titles),
        how=_how(one, calendar),
        notes=tuple(notes),
        late=one.late,
    )


def _due(day: date) -> str:
    return f"{day.year}-{day.month:02}-{day.day:02}"


def _how(one: Move, calendar: Calendar) -> str:
    told = say(f"calendar.preview.how.{one.how}")
    days = (one.now.derivation.due_on - one.was.derivation.due_on).days
    return told if not days else say("calendar.preview.note.by", how=told, days=abs(days))


def cells_of(row: Row) -> list[object]:
    """The same as a row of a spreadsheet."""
    return [row.name, row.procedure, row.task, row.holders, row.was, row.now, row.how, " ".join(row.notes),
            row.was_how, row.now_how]  # fmt: skip
