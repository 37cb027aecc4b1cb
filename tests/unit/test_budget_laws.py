"""Nobody gets more in a day than the rules say, whatever comes; nothing is lost, nobody disturbed for nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from engine.core.budget import (
    Day,
    Hours,
    Manner,
    Merge,
    Person,
    Rules,
    Send,
    Wait,
    Wish,
    decide,
    decide_digest,
    digests_of,
    fits_within,
    is_quiet,
)
from engine.core.calendar import Calendar
from tests.worlds import calendar

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: clocks go forward on 2026-03-29 and back on 2026-10-25
BERLIN = Calendar("de", ZoneInfo("Europe/Berlin"), {})
#: a holiday of a week, and the days on which clocks change
DAYS = [
    (calendar(), date(2026, 3, 2)),
    (calendar(), date(2026, 9, 30)),
    (BERLIN, date(2026, 3, 28)),
    (BERLIN, date(2026, 10, 24)),
]
NIGHT = Hours(begins="22:00", ends="07:00")
times = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
hours = st.builds(Hours, begins=times, ends=times).filter(lambda told: told.begins != told.ends)


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, date]:
    calendar_, day = draw(st.sampled_from(DAYS))
    budget = draw(st.integers(1, 12))
    rules = Rules(
        id="r",
        title="r",
        budget=budget,
        ceiling=budget + draw(st.integers(0, 4)),
        digests=tuple(draw(st.lists(times, min_size=1, max_size=3))),
        quiet=draw(st.none() | st.just(NIGHT) | hours),
        quiet_days=draw(st.sampled_from(((), ("weekend",), ("weekend", "holiday")))),
        duty_excepted=True,
        channels=draw(st.sampled_from(((), (("mail", 3), ("sms", 2))))),
    )
    wish = Wish(digest_only=draw(st.booleans()), quiet=draw(st.none() | hours))
    return Person(rules=rules, calendar=calendar_, wish=wish, on_duty=draw(st.booleans())), day


arrivals = st.lists(
    st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(("", "digest", "urgent")), st.integers(1, 30)),
    min_size=1,
    max_size=12,
)


@dataclass
class Post:
    """One person's messages as they come, wait, are merged and leave; for a while the engine is off."""

    person: Person
    off: tuple[datetime, datetime] | None = None
    days: dict[date, Day] = field(default_factory=dict)
    #: message -> when it left
    left: dict[int, datetime] = field(default_factory=dict)
    disturbed: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queue: list[tuple[datetime, int, str, int | str]] = []
        self._numbers = count()
        self.waiting: dict[str, list[int]] = {}
        self.due: dict[str, datetime] = {}
        self.manners: dict[int, Manner] = {}

    def come(self, at: datetime, manner: Manner) -> None:
        number = len(self.manners)
        self.manners[number] = manner
        heappush(self._queue, (at, next(self._numbers), "message", number))

    def run(self) -> None:
        while self._queue:
            due, _, kind, name = heappop(self._queue)
            now = self.off[1] if self.off and self.off[0] <= due < self.off[1] else due
            if kind == "message":
                assert isinstance(name, int)
                self._message(name, now)
            elif self.waiting.get(str(name)):
                self._digest(str(name), now)

    def _message(self, number: int, now: datetime) -> None:
        manner = self.manners[number]
        match decide(self.person, self._day(now), manner, ("mail", "sms"), now):
            case Send(channel=channel):
                self._leaves([number], channel, manner, now)
            case Wait(until=until):
                assert until > now
                heappush(self._queue, (until, next(self._numbers), "message", number))
            case Merge(at=at):
                name = "last" if at == now else at.isoformat()
                if at == now:
                    self.waiting = {"last": [one for some in self.waiting.values() for one in some]}
                if not self.waiting.setdefault(name, []):
                    self.due[name] = at
                    heappush(self._queue, (at, next(self._numbers), "digest", name))
                self.waiting[name].append(number)
                if at == now:
                    self.waiting[name] += self._others(now)
                    self._digest(name, now)

    def _others(self, now: datetime) -> list[int]:
        """Other urgent messages that have come: they go along."""
        told = [one for one in self._queue if one[0] <= now and isinstance(one[3], int)]
        found = [one for one in told if self.manners[int(one[3])] == "urgent"]
        self._queue = [one for one in self._queue if one not in found]
        heapify(self._queue)
        return [int(one[3]) for one in found]

    def _digest(self, name: str, now: datetime) -> None:
        for other in [one for one, due in self.due.items() if due <= now and one != name]:
            self.waiting[name] += self.waiting.pop(other, [])
        manner: Manner = "urgent" if name == "last" else "digest"
        match decide_digest(self.person, self._day(now), manner, ("mail", "sms"), now):
            case Send(channel=channel):
                self._leaves(self.waiting.pop(name), channel, manner, now)
            case Wait(until=until):
                assert until > now
                self.due[name] = until
                heappush(self._queue, (until, next(self._numbers), "digest", name))

    def _day(self, now: datetime) -> Day:
        return self.days.get(self.person.calendar.local_day(now), Day())

    def _leaves(self, numbers: list[int], channel: str, manner: Manner, now: datetime) -> None:
        day = self._day(now)
        by_channel = Counter(day.by_channel) + Counter([channel])
        urgent = day.urgent + (manner == "urgent")
        self.days[self.person.calendar.local_day(now)] = Day(total=day.total + 1, urgent=urgent, by_channel=by_channel)
        self.left.update(dict.fromkeys(numbers, now))
        if manner != "urgent" and is_quiet(self.person, now):
            self.disturbed.append(now)


@given(people(), arrivals, st.integers(0, 48), st.integers(1, 30))
def test_nobody_gets_more_in_a_day_than_the_rules_say_and_nothing_is_lost(
    told: tuple[Person, date], coming: list[tuple[int, Manner, int]], begins: int, lasts: int
) -> None:
    person, day = told
    off = person.calendar.instant(day) + timedelta(hours=begins)
    post = Post(person, (off, off + timedelta(hours=lasts)))
    came = []
    for minutes, manner, copies in sorted(coming):
        at = person.calendar.instant(day) + minutes * MINUTE
        came += [at] * copies
        for _ in range(copies):
            post.come(at, manner)

    post.run()

    rules = person.rules
    assert all(one.total <= rules.ceiling for one in post.days.values())
    assert all(one.total - one.urgent <= rules.budget for one in post.days.values())
    for one in post.days.values():
        assert all(one.by_channel.get(name, 0) <= most for name, most in rules.channels)
    assert sorted(post.left) == list(range(len(came)))
    assert post.disturbed == []


@given(people(), arrivals)
def test_what_does_not_go_by_itself_is_gone_by_the_end_of_the_next_day_that_has_a_digest(
    told: tuple[Person, date], coming: list[tuple[int, Manner, int]]
) -> None:
    person, day = told
    post = Post(person)
    came = []
    for minutes, manner, copies in sorted(coming):
        at = person.calendar.instant(day) + minutes * MINUTE
        # urgent ones alone could fill every day
        came += [at] * (1 if manner == "urgent" else copies)
        for _ in range(1 if manner == "urgent" else copies):
            post.come(at, manner)

    post.run()

    for number, at in enumerate(came):
        end = person.calendar.local_day(at) + DAY
        while not digests_of(person, end):
            end += DAY
        assert post.left[number] < person.calendar.end_of(end)


@given(hours, hours)
def test_hours_lie_within_others_when_every_minute_of_them_does(inner: Hours, outer: Hours) -> None:
    def minutes(told: Hours) -> set[int]:
        first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (told.begins, told.ends))
        return {(first + n) % 1440 for n in range((last - first) % 1440)}

    assert fits_within(inner, outer) == (minutes(inner) <= minutes(outer))
