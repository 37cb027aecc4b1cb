"""Deadlines told as people say them: what is left or how late, and how the deadline came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from engine.core.calendar import Calendar, DayRange
from engine.core.deadlines import Deadline, Derivation, due_day, near_until, workdays_between, workdays_left
from engine.core.points import (
    WEEKDAYS,
    Anchor,
    AnyPoint,
    DateOf,
    DayOf,
    EndOf,
    InPeriod,
    NthOf,
    Offset,
    OnDate,
    Weekday,
    WeekOf,
    match_point,
)
from engine.core.spans import Span, match_span
from engine.core.stops import Stop
from web.catalogues.sentences import say, sentences
from web.catalogues.titles import NO_TITLES, Titles

Light = Literal["green", "yellow", "red"]
#: Counted days are listed up to this many, then only the last is named.
MOST_LISTED = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """How a deadline stands at an instant: workdays left (negative: late), its light and its sentence."""

    workdays: int
    late: bool
    light: Light
    told: str


def tell_deadline(deadline: Deadline | None, calendar: Calendar, now: datetime) -> str:
    """What is left, with the day and hour it ends, or how late it is."""
    return remaining(deadline, calendar, now).told if deadline else say("time.undated")


def light_of(deadline: Deadline, calendar: Calendar, now: datetime) -> Light:
    """green, yellow when it is near, red from the instant it is due."""
    return remaining(deadline, calendar, now).light


def remaining(deadline: Deadline, calendar: Calendar, now: datetime) -> Remaining:
    """How the deadline stands now."""
    due_at = deadline.due_at
    workdays = workdays_left(now, due_at, calendar)
    late = now >= due_at
    near: Light = "yellow" if due_at <= near_until(now, calendar) else "green"
    if deadline.opens_at is not None and now < deadline.opens_at:
        told = _not_open(deadline.opens_at, calendar, now)
    else:
        told = _late(due_at, calendar, now) if late else _left(due_at, calendar, now, exact=_is_exact(deadline))
    return Remaining(workdays=workdays, late=late, light="red" if late else near, told=told)


def tell_due(due_at: datetime, calendar: Calendar, now: datetime) -> str:
    """What is left until an instant, or how late it is; its derivation is not known here."""
    exact = due_at.astimezone(calendar.zone).time() != time()
    return _late(due_at, calendar, now) if now >= due_at else _left(due_at, calendar, now, exact=exact)


def _left(due_at: datetime, calendar: Calendar, now: datetime, *, exact: bool) -> str:
    workdays = workdays_left(now, due_at, calendar)
    at = tell_instant(due_at, calendar.zone, now, ends_day=True)
    if exact and due_at - now < _ONE_DAY:
        hours, seconds = divmod(int((due_at - now).total_seconds()), 3600)
        return (
            say("time.hours_left", count=hours, at=at)
            if hours
            else say("time.minutes_left", count=seconds // 60, at=at)
        )
    if workdays > 0:
        return say("time.workdays_left", count=workdays, at=at)
    if due_day(due_at, calendar) == calendar.local_day(now):
        return say("time.today", at=at)
    return say("time.last_day_off", at=at)


def _not_open(opens_at: datetime, calendar: Calendar, now: datetime) -> str:
    opens = opens_at.astimezone(calendar.zone)
    whole = tell_day(opens.date(), now.astimezone(calendar.zone).date())
    told = whole if opens.time() == time() else tell_instant(opens_at, calendar.zone, now)
    return say("time.not_open", opens=told)


def _late(due_at: datetime, calendar: Calendar, now: datetime) -> str:
    last, today = due_day(due_at, calendar), calendar.local_day(now)
    workdays = workdays_between(last, today, calendar)
    if workdays > 0:
        return say("time.workdays_late", count=workdays)
    if today > last:
        return say("time.days_late", count=(today - last).days)
    hours, seconds = divmod(int((now - due_at).total_seconds()), 3600)
    return say("time.hours_late", count=hours) if hours else say("time.minutes_late", count=seconds // 60)


def _is_exact(deadline: Deadline) -> bool:
    span = match_span(deadline.derivation.rule)
    return span is not None and span.exact


def tell_instant(
    at: datetime, zone: ZoneInfo | None = None, now: datetime | None = None, *, ends_day: bool = False
) -> str:
    """A local day, weekday and time; the year only where it is not that of `now`; midnight may end the day before."""
    zone = zone or _zone()
    local = at.astimezone(zone)
    if ends_day and local.time() == time():
        day = local.date() - _ONE_DAY
        return say("time.midnight", day=tell_day(day, now and now.astimezone(zone).date()))
    return say("time.moment", day=tell_day(local.date(), now and now.astimezone(zone).date()), clock=f"{local:%H:%M}")


def tell_day(day: date, today: date | None = None) -> str:
    """A day with its weekday; with its year where that is not the present one."""
    weekday = sentences()[f"time.weekday.{day.weekday()}"]
    told = say("time.day", month=day.month, day=day.day, weekday=weekday)
    return told if today is None or today.year == day.year else f"{say('time.year', year=day.year)}{told}"


def write_day(day: date) -> str:
    """A day as letters write it."""
    return say("time.written_day", year=day.year, month=day.month, day=day.day)


@cache
def _zone() -> ZoneInfo:
    return ZoneInfo(sentences()["values.zone"])


def tell_rule(rule: str) -> str:
    """A span or point of the language as people say it; what is neither is told as it stands."""
    span = match_span(rule)
    if span is not None:
        return _span(span)
    point = match_point(rule)
    if point is None:
        return rule
    told = _point(point)
    return say("time.point.at", point=told, clock=f"{point.at:%H:%M}") if point.at else told


def _span(span: Span) -> str:
    return say(f"time.span.{_word(span.unit)}", count=span.amount)


def _word(phrase: str) -> str:
    """A word of the language as a key of the catalogue."""
    return phrase.replace(" ", "_").replace("-", "_")


def _point(point: AnyPoint) -> str:
    match point:
        case Anchor(of=of):
            return say(f"time.point.{of}")
        case Offset(span=span, side=side, of=of):
            return say("time.point.after_start" if of == "start" else f"time.point.{side}", span=_span(span))
        case EndOf(next=False, period=period):
            return say(f"time.point.end_of_{_word(period)}")
        case Weekday(name=name):
            return say("time.point.weekday", weekday=_weekday(name))
        case OnDate(day=day):
            return say("time.point.on_date", day=tell_day(day))
        case InPeriod():
            which = f"{'next' if point.next else 'this'}_{_word(point.period)}"
            return say("time.point.of_period", period=say(f"time.period.{which}"), day=_in_period(point))


def _in_period(point: EndOf | DayOf | NthOf | DateOf | WeekOf) -> str:
    match point:
        case EndOf():
            return say("time.point.last_day")
        case DayOf(unit=unit, number=number):
            return say(f"time.point.number_{unit}", number=number)
        case NthOf(which=which, name=name):
            named = say("time.point.one_workday") if name == "workday" else _weekday(name)
            return say(f"time.point.which_{which}", named=named)
        case DateOf(month=month, day=day):
            return say("time.point.month_day", month=month, day=day)
        case WeekOf(which=which):
            return say(f"time.point.{which}_week")


def _weekday(name: str) -> str:
    return sentences()[f"time.weekday.{WEEKDAYS.index(name)}"]


def tell_derivation(derivation: Derivation, calendar: Calendar | None = None, titles: Titles = NO_TITLES) -> str:
    """How a deadline came about: rule and start, days passed over, days counted, calendar, basis."""
    parts = [*_whichever(derivation), _begin(derivation, titles)]
    if derivation.hours:
        parts.append(say("time.derivation.hours", hours=[_session(one) for one in derivation.hours]))
    parts += _passed_over(derivation)
    parts += _end(derivation)
    if derivation.opens:
        parts.append(say("time.derivation.opens", point=tell_rule(derivation.opens)))
    parts += _by_calendar(derivation, calendar)
    if derivation.basis:
        parts.append(say("time.derivation.basis", basis=titles.basis(derivation.basis)))
    return sentences()["time.derivation.joint"].join(parts)


def tell_passed(derivation: Derivation, calendar: Calendar) -> list[str]:
    """What a count passed over and by which calendar, as one line; none where no calendar was asked."""
    parts = [*_passed_over(derivation), *_by_calendar(derivation, calendar)]
    return [sentences()["time.derivation.joint"].join(parts)] if parts else []


def _passed_over(derivation: Derivation) -> list[str]:
    parts = []
    for kind, code in (("holiday", "rested"), ("weekend", "weekend")):
        ranges = [days for days in derivation.skipped if days.kind == kind]
        if ranges:
            parts.append(say(f"time.derivation.{code}", ranges=_ranges(ranges, derivation.start)))
    if derivation.worked:
        parts.append(say("time.derivation.worked", ranges=_ranges(derivation.worked, derivation.start)))
    return parts


def _by_calendar(derivation: Derivation, calendar: Calendar | None) -> list[str]:
    parts = []
    if derivation.calendar:
        parts.append(say("time.derivation.calendar", calendar=_stamps(derivation.calendar, calendar)))
    if derivation.provisional:
        parts.append(say("time.derivation.provisional"))
    return parts


def _whichever(derivation: Derivation) -> list[str]:
    """All of which the first counts, each with its day."""
    told = []
    for one in derivation.whichever:
        how, due = one.derivation, _short(one.derivation.due_on, derivation.start)
        dated = isinstance(match_point(how.rule), OnDate)
        told.append(due if dated else say("time.derivation.candidate", rule=tell_rule(how.rule), due=due))
    return [say("time.derivation.whichever", candidates=told)] if told else []


def _session(hours: str) -> str:
    begin, _, end = hours.partition("-")
    return say("time.derivation.range", first=begin, last=end)


def _counted_by(derivation: Derivation, titles: Titles) -> str:
    """The rule of the deadline, with the day-count rule that read it."""
    rule, counted = tell_rule(derivation.rule), derivation.counted
    if counted is None:
        return rule
    how = "not_in_force" if counted.not_in_force else "read_as_workdays" if counted.read_as else "read"
    return say(f"time.derivation.{how}", rule=rule, basis=titles.basis(counted.basis))


def _begin(derivation: Derivation, titles: Titles) -> str:
    rule = _counted_by(derivation, titles)
    start = _short(derivation.start, derivation.start)
    if derivation.start_at is not None:
        return say("time.derivation.from_instant", rule=rule, start=tell_instant(derivation.start_at))
    if derivation.start_rule != "none":
        return say(f"time.derivation.{derivation.start_rule}", rule=rule, start=start)
    if isinstance(match_point(derivation.rule), OnDate):
        return say("time.derivation.date", day=derivation.rule)
    return say("time.derivation.point", rule=rule, start=start)


def _end(derivation: Derivation) -> list[str]:
    due = _short(derivation.due_on, derivation.start)
    if derivation.stops:
        return [*(_stop(one, derivation.start) for one in derivation.stops), say("time.derivation.due", due=due)]
    if derivation.rolled_from is not None:
        code = "rolled" if derivation.rolled_from < derivation.due_on else "rolled_back"
        return [say(f"time.derivation.{code}", day=_short(derivation.rolled_from, derivation.start), due=due)]
    counted = _counted(derivation)
    if 0 < len(counted) <= MOST_LISTED:
        return [say("time.derivation.counted", days=[_short(day, derivation.start) for day in counted])]
    point = match_point(derivation.rule)
    if isinstance(point, WeekOf):
        opens = _short(derivation.due_on - 6 * _ONE_DAY, derivation.start)
        return [say("time.derivation.window", first=opens, last=due)]
    return [] if isinstance(point, OnDate) else [say("time.derivation.due", due=due)]


def _stop(stop: Stop, start: date) -> str:
    first, last = (_short(at.astimezone(_zone()).date(), start) for at in (stop.since, stop.until))
    if stop.unit in ("workday", "day"):
        amount = say(f"time.span.{stop.unit}", count=stop.amount)
    else:
        hours = stop.amount // 3600
        amount = say(f"time.span.{'work_hour' if stop.unit == 'work hour' else 'hour'}", count=hours)
    return say("time.derivation.stopped", first=first, last=last, amount=amount)


def _counted(derivation: Derivation) -> list[date]:
    """The workdays that were counted, where the rule counts workdays and they are few."""
    counted = derivation.counted
    span = match_span(counted.read_as if counted and counted.read_as else derivation.rule)
    if span is None or span.unit != "workday" or span.amount > MOST_LISTED:
        return []
    first = derivation.start if derivation.start_rule == "same_day" else derivation.start + _ONE_DAY
    days = [first + timedelta(days=n) for n in range((derivation.due_on - first).days + 1)]
    return [day for day in days if not any(off.first <= day <= off.last for off in derivation.skipped)]


def _ranges(ranges: list[DayRange] | tuple[DayRange, ...], start: date) -> list[str]:
    return [
        _short(days.first, start)
        if days.first == days.last
        else say("time.derivation.range", first=_short(days.first, start), last=_short(days.last, start))
        for days in ranges
    ]


def _short(day: date, start: date) -> str:
    return f"{day:%m-%d}" if day.year == start.year else day.isoformat()


def _stamps(stamps: tuple[str, ...], calendar: Calendar | None) -> list[str]:
    """`cn-2026@1` told by the title that the calendar gives to the year."""
    told = []
    for stamp in stamps:
        head, _, version = stamp.rpartition("@")
        year = head.rpartition("-")[2]
        if version == "weekday":
            told.append(say("time.calendar.weekday", year=year))
            continue
        known = calendar.years.get(int(year)) if calendar and year.isdecimal() else None
        name = known.title if known is not None and known.version == stamp else head
        told.append(say("time.calendar.published", name=name, version=version))
    return told


def tell_own_lateness(told: str, seconds: int) -> str:
    """The system's own lateness, told from a minute on."""
    if seconds < 60:
        return told
    hours, minutes = divmod(seconds // 60, 60)
    late = say("time.span.hour", count=hours) if hours else say("time.span.minute", count=minutes)
    return say("event.system_late", sentence=told, late=late)
