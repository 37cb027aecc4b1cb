"""How much reaches one person from outside in a day: what goes now, what waits, what is merged; pure.

Only channels outside the product are counted: its own inbox shows everything at once. Whatever does not go by itself
joins the person's digest of a moment; a digest is one message, counted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from engine.core.calendar import Calendar
from engine.core.definition_parts import Record

#: "" = as it comes; digest = it can wait for the person's next digest; urgent = it is not delayed.
Manner = Literal["", "digest", "urgent"]
#: Why a message has not left yet: the person is not to be disturbed; it belongs into a digest; enough was sent today.
Why = Literal["quiet", "digest", "budget"]

_DAY = timedelta(days=1)
#: of a day by the clock
_MINUTES = 24 * 60
#: A moment outside of quiet time is looked for so far ahead; beyond it quiet time is disregarded.
_LOOK_AHEAD = 40


class Hours(Record, frozen=True, kw_only=True):
    """A part of every day in local time, "22:00" to "07:00"; across midnight where it ends before it begins."""

    begins: str
    ends: str


class Rules(Record, frozen=True, kw_only=True):
    """What a place decided about messages that leave the product."""

    id: str
    title: str
    #: messages to one person on one local day: those that are not urgent
    budget: int
    #: all of them, the urgent ones included; not below the budget
    ceiling: int
    #: local times of day at which digests go
    digests: tuple[str, ...]
    quiet: Hours | None = None
    #: whole days without messages
    quiet_days: tuple[Literal["weekend", "holiday"], ...] = ()
    #: whether people are disturbed at any time while they are on duty
    duty_excepted: bool = False
    #: the longest quiet hours that people may choose for themselves; None = only those of the place
    own_quiet: Hours | None = None
    #: at most so many a day by one channel
    channels: tuple[tuple[str, int], ...] = ()
    basis: tuple[str, ...] = ()


class Wish(Record, frozen=True, kw_only=True):
    """What a person chose for themselves."""

    #: everything that is not urgent comes in digests
    digest_only: bool = False
    #: instead of the quiet hours of the place
    quiet: Hours | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """What a person got on a local day by channels outside."""

    total: int = 0
    #: those of them that were urgent
    urgent: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a message is for, as far as it matters when it may go."""

    rules: Rules
    calendar: Calendar
    wish: Wish = field(default_factory=Wish)
    on_duty: bool = False


@dataclass(frozen=True, kw_only=True)
class Send:
    """It goes now; `last`: the person gets nothing more on this day."""

    channel: str
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class Wait:
    """It stays by itself and is decided anew then."""

    until: datetime
    why: Why


@dataclass(frozen=True, kw_only=True)
class Merge:
    """It joins the person's digest of that moment; at once where that is now."""

    at: datetime
    why: Why


Verdict = Send | Wait | Merge


def decide(person: Person, day: Day, manner: Manner, channels: Sequence[str], now: datetime) -> Verdict:
    """What becomes of one message; `channels`: on which of those outside the person can be reached, in order."""
    rules, channel = person.rules, free_channel(person.rules, day, channels)
    ceiling = min(rules.ceiling, _most(rules, channels))
    # the last place of a day is for a digest: it tells what would have come after it, too
    room = bool(channel) and day.total + 1 < ceiling
    if manner == "urgent":
        if room:
            return Send(channel=channel)
        if channel and day.total < ceiling:
            return Merge(at=now, why="budget")
        return Wait(until=_tomorrow(person, now), why="budget")
    if manner == "digest" or person.wish.digest_only:
        return Merge(at=next_digest(person, now), why="digest")
    if is_quiet(person, now):
        until, digest = loud_from(person, now), next_digest(person, now)
        # at the instant at which both could be, it is one message that comes, and not many
        return Merge(at=digest, why="quiet") if digest <= until else Wait(until=until, why="quiet")
    budget = min(rules.budget, _most(rules, channels))
    if not room or day.total + digests_left(person, now) >= budget:
        return Merge(at=next_digest(person, now), why="budget")
    return Send(channel=channel)


def decide_digest(person: Person, day: Day, manner: Manner, channels: Sequence[str], now: datetime) -> Send | Wait:
    """What becomes of a digest whose moment has come; an urgent one goes at any time of the day."""
    rules, channel = person.rules, free_channel(person.rules, day, channels)
    ceiling = min(rules.ceiling, _most(rules, channels))
    spent = manner != "urgent" and day.total - day.urgent >= rules.budget
    if spent or not channel or day.total >= ceiling:
        return Wait(until=next_digest(person, _tomorrow(person, now) - timedelta(microseconds=1)), why="budget")
    if manner != "urgent" and is_quiet(person, now):
        return Wait(until=next_digest(person, now), why="quiet")
    return Send(channel=channel, last=day.total + 1 >= ceiling)


def free_channel(rules: Rules, day: Day, channels: Sequence[str]) -> str:
    """The first of these channels that may carry one more message today; "" = none."""
    limits = dict(rules.channels)
    return next((one for one in channels if day.by_channel.get(one, 0) < limits.get(one, rules.ceiling)), "")


def _most(rules: Rules, channels: Sequence[str]) -> int:
    """How many messages these channels may carry on one day."""
    limits = dict(rules.channels)
    return sum(limits.get(one, rules.ceiling) for one in channels)


def heeded(rules: Rules, wish: Wish) -> Wish:
    """What a person chose, as far as the place allows it now."""
    if wish.quiet is None or may_choose(rules, wish.quiet):
        return wish
    return Wish(digest_only=wish.digest_only)


def may_choose(rules: Rules, hours: Hours) -> bool:
    """Whether people may choose these quiet hours for themselves."""
    return rules.own_quiet is not None and fits_within(hours, rules.own_quiet)


# time ---------------------------------------------------------------------------------------------------------------


def is_quiet(person: Person, at: datetime) -> bool:
    """Whether the person is not to be disturbed at that instant."""
    return _quiet_until(person, at) is not None


def loud_from(person: Person, at: datetime) -> datetime:
    """The first instant from there on at which the person may be disturbed."""
    moment = at
    for _ in range(2 * _LOOK_AHEAD):
        until = _quiet_until(person, moment)
        if until is None:
            return moment
        moment = until
    return at


def next_digest(person: Person, after: datetime) -> datetime:
    """The first moment after an instant at which the person's digest goes.

    Where all moments of a day fall into quiet time that the person chose, it goes as soon as that is over.
    """
    first = person.calendar.local_day(after)
    for ahead in range(_LOOK_AHEAD):
        moments = digests_of(person, first + ahead * _DAY)
        for moment in moments:
            if moment > after:
                return moment
    return after + _DAY


def digests_of(person: Person, day: date) -> tuple[datetime, ...]:
    """The moments of a local day at which the person's digest goes, in order."""
    loud = [moment for moment in _moments(person, day) if not is_quiet(person, moment)]
    if loud:
        return tuple(loud)
    later = {loud_from(person, moment) for near in (day - _DAY, day) for moment in _moments(person, near)}
    return tuple(sorted(moment for moment in later if person.calendar.local_day(moment) == day))


def _moments(person: Person, day: date) -> list[datetime]:
    return sorted({_at(person.calendar, day, told) for told in person.rules.digests})


def digests_left(person: Person, now: datetime) -> int:
    """How many digests may still go to the person today."""
    return sum(moment > now for moment in digests_of(person, person.calendar.local_day(now)))


def fits_within(hours: Hours, widest: Hours) -> bool:
    """Whether hours of a day lie within others."""
    begins, length = _span(widest)
    first, own = _span(hours)
    return (first - begins) % _MINUTES + own <= length


def in_hours(told: str, hours: Hours) -> bool:
    """Whether a local time of day lies within hours of every day."""
    begins, length = _span(hours)
    return (_minute(told) - begins) % _MINUTES < length


def _span(hours: Hours) -> tuple[int, int]:
    """Minute of the day at which hours begin, and how many minutes they are long; the same twice = a whole day."""
    begins = _minute(hours.begins)
    return begins, (_minute(hours.ends) - begins) % _MINUTES or _MINUTES


def _minute(told: str) -> int:
    return _time(told).hour * 60 + _time(told).minute


def _quiet_until(person: Person, at: datetime) -> datetime | None:
    """When the quiet time that an instant lies in ends; None = it lies in none."""
    if person.on_duty and person.rules.duty_excepted:
        return None
    for begins, ends in _quiet_times(person, person.calendar.local_day(at)):
        if begins <= at < ends:
            return ends
    return None


def _quiet_times(person: Person, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Quiet times that touch a local day; they are instants, so that a day on which clocks change is no other."""
    calendar, hours = person.calendar, person.wish.quiet or person.rules.quiet
    if person.rules.quiet_days and calendar.day_kind(day).kind in person.rules.quiet_days:
        yield calendar.instant(day), calendar.end_of(day)
    if hours is None:
        return
    over_midnight = _time(hours.ends) <= _time(hours.begins)
    for first in (day - _DAY, day) if over_midnight else (day,):
        yield _at(calendar, first, hours.begins), _at(calendar, first + over_midnight * _DAY, hours.ends)


def _tomorrow(person: Person, now: datetime) -> datetime:
    return person.calendar.end_of(person.calendar.local_day(now))


def _at(calendar: Calendar, day: date, told: str) -> datetime:
    return calendar.instant(day, _time(told))


@lru_cache(maxsize=256)
def _time(told: str) -> time:
    return time.fromisoformat(told)
