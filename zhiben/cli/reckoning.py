"""`zhiben when`: what a phrase of time comes to, and how it came about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from zhiben.cli.speaking import command, option, show, told

if TYPE_CHECKING:
    from engine.core.calendar import Calendar, RollRule
    from engine.core.day_counts import DayCount
    from engine.core.deadlines import Deadline, Derivation
    from engine.core.points import AnyPoint, Offset
    from engine.core.spans import Span
    from zhiben.composition import Application

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
#: `15 workdays before 2026-10-12`, `2 workdays after 2026-10-12`
_OF_A_DAY = re.compile(r"(.{1,60} (before|after)(?: [0-9]{2}:[0-9]{2})?) ([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)
_ROLLS = ("none", "next_workday", "previous_workday")


@command(None, "when")
@click.argument("phrase")
@click.argument("start", type=_MOMENT, required=False, metavar="[DATE]")
@option("--from", "begin", type=_MOMENT, default=None, metavar="DATE")
@option("--same-day", "same_day", is_flag=True)
@option("--roll", "roll_rule", type=click.Choice(_ROLLS), default="none")
@option("--count", "count_rule", type=str, default="")
@option("--calendar", "by_calendar", type=str, default="")
@option("--place", "whose", type=str, default=None)
@option("--plan", "whose_plan", type=str, default=None)
def when_command(
    phrase: str,
    start: datetime | None,
    begin: datetime | None,
    same_day: bool,
    roll_rule: RollRule,
    count_rule: str,
    by_calendar: str,
    whose: str | None,
    whose_plan: str | None,
) -> None:
    """The instant that a phrase names, such as "2 workdays" or "15 workdays before 2026-10-12", and how."""
    from engine.core.deadlines import derive
    from zhiben.composition import Application
    from zhiben.settings import Settings

    name = whose or whose_plan
    settings = Settings() if name is None else Settings().model_copy(update={"place": name})
    with Application(settings, what="check") as made:
        if name is not None:
            made.library.head(name)  # refuses one that does not exist
        calendar = _calendar(made, by_calendar)
        point, day = _read(phrase)
        if day is not None:
            _show_of_a_day(point, day, calendar)
            return
        given = begin or start
        deadline = derive(
            point,
            made.clock.now() if given is None else calendar.instant(given.date(), given.time()),
            calendar,
            start_rule="same_day" if same_day else "next_day",
            roll=roll_rule,
            count=_count(made, count_rule) if count_rule else None,
        )
        _show(deadline, calendar, _clauses(made) if count_rule else {})


def _read(phrase: str) -> tuple[Any, date | None]:
    """A span or a point from the start, or a point and the day it counts from; DefinitionError with the nearest."""
    from engine.core.points import Anchor, Offset
    from engine.core.spans import nearest_phrase
    from engine.errors import BadInput, DefinitionError

    found = _match(phrase)
    if found is None:
        nearest = nearest_phrase(phrase, _words(), _match)
        raise DefinitionError("unknown_time", expected='"2 workdays"', got=phrase, nearest=nearest)
    point, day = found
    if day is None and isinstance(point, Anchor | Offset) and point.of == "deadline":
        raise BadInput("when_needs_a_day", field="phrase", got=phrase)
    return point, day


def _match(phrase: str) -> tuple[Span | AnyPoint, date | None] | None:
    from engine.core.points import Offset, match_point
    from engine.core.spans import Span, checked, match_span

    of_a_day = _OF_A_DAY.fullmatch(phrase)
    rule = match_point(of_a_day[1]) if of_a_day else match_span(phrase) or match_point(phrase)
    if rule is None:
        return None
    if isinstance(rule, Span | Offset):
        checked(rule if isinstance(rule, Span) else rule.span, phrase, None)
    try:
        return rule, date.fromisoformat(of_a_day[3]) if of_a_day else None
    except ValueError:  # the 30th of February
        return None


def _words() -> tuple[str, ...]:
    from engine.core.points import WORDS

    return WORDS


def _calendar(made: Application, name: str) -> Calendar:
    from engine.errors import NotFound

    if not name:
        return made.calendar
    if (found := made.calendars.get(name)) is None:
        raise NotFound("calendar_not_known", got=name, accepted=list(made.calendars))
    return found


def _layers(made: Application) -> tuple[str, ...]:
    from engine.core.library import layers_of

    return layers_of(*made.library.head(made.settings.place))


def _count(made: Application, name: str) -> DayCount:
    from engine.core.layers import day_counts_of
    from engine.errors import NotFound

    rules = day_counts_of(made.library, _layers(made))
    if name not in rules:
        raise NotFound("day_count_not_found", got=name, accepted=sorted(rules))
    return rules[name]


def _clauses(made: Application) -> Mapping[str, str]:
    from engine.core.layers import clauses_of
    from zhiben.citing import cited

    return cited(clauses_of(made.library, _layers(made)))


def _show(deadline: Deadline, calendar: Calendar, clauses: Mapping[str, str]) -> None:
    from web.catalogues import Titles, tell_derivation, tell_instant

    lines = [told("when.due", at=tell_instant(deadline.due_at, calendar.zone, ends_day=True), day=_day(deadline))]
    if deadline.opens_at is not None:
        lines.append(told("when.opens", at=tell_instant(deadline.opens_at, calendar.zone)))
    show(deadline, *lines, tell_derivation(deadline.derivation, calendar, Titles(clauses=clauses)))


def _day(deadline: Deadline) -> str:
    return deadline.derivation.due_on.isoformat()


def _show_of_a_day(point: Offset, day: date, calendar: Calendar) -> None:
    """What lies before or after the end of a day, and what the count passed over."""
    from engine.core.deadlines import shift
    from web.catalogues import tell_instant, tell_passed, tell_rule

    moment = shift(calendar.end_of(day), point, calendar)
    passed = _passed(point, day, calendar.local_day(moment), calendar)
    side = "before" if point.side == "before" else "after"
    of = told(f"when.{side}", day=day.isoformat(), span=tell_rule(str(point.span)))
    at = tell_instant(moment, calendar.zone)
    lines = [told("when.of_a_day", of=of, at=at), *tell_passed(passed, calendar)]
    if not point.span.exact and point.at is None:
        lines.append(told(f"when.meaning_{side}", day=calendar.local_day(moment).isoformat()))
    show({"at": moment, "passed": passed}, *lines)


def _passed(point: Offset, day: date, found: date, calendar: Calendar) -> Derivation:
    """The days between as a derivation holds them."""
    from engine.core.deadlines import Derivation

    asked = (min(day, found), max(day, found)) if point.span.unit in ("workday", "work hour") else None
    return Derivation(
        rule=str(point),
        start=day,
        start_rule="none",
        roll="none",
        calendar=calendar.stamps(*asked) if asked else (),
        skipped=calendar.days_off(*asked) if asked else (),
        worked=calendar.makeup_days(*asked) if asked else (),
        due_on=found,
        provisional=calendar.provisional_between(*asked) if asked else False,
    )


__all__ = ["when_command"]
