"""When the rungs of a task fire: a schedule computed from its deadline, and the one alarm armed for the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from engine.core.calendar import Calendar
from engine.core.deadlines import add_span, shift
from engine.core.definition import LadderSpec, RungSpec
from engine.core.definition_ladders import START
from engine.core.event import Alarm
from engine.core.facts import parse_point, parse_span
from engine.core.points import Offset

#: The deadline itself, as a rung of every dated task: that it passed is recorded even where no ladder says so.
EXPIRY = "expiry"
#: The end of a pause, which is waited for like a rung.
RESUME = "resume"
#: Names that no rung may have.
RESERVED_RUNGS = (EXPIRY, RESUME, START)

Moments = tuple[tuple[datetime, str], ...]


def schedule(
    ladder: LadderSpec | None,
    due_at: datetime,
    start: datetime,
    calendar: Calendar,
    counts_from: datetime | None = None,
) -> Moments:
    """(instant, rung) of every rung and of the expiry, in order; at one instant the expiry comes first.

    Rungs of the same instant keep the order of the ladder. `counts_from`: once the ladder has stepped down, what those
    after the rung it went back to count from instead of the deadline.
    """
    if ladder is None:
        return ((due_at, EXPIRY),)
    points = tuple((rung.at, rung.id) for rung in ladder.rungs)
    from_start = any("start" in at for at, _ in points)
    back = rung_of(ladder, ladder.calms.back_to) if counts_from and ladder.calms else None
    return _schedule(points, due_at, start if from_start else None, calendar, counts_from, back.at if back else "")


@lru_cache(maxsize=8192)
def _schedule(
    points: tuple[tuple[str, str], ...],
    due_at: datetime,
    start: datetime | None,
    calendar: Calendar,
    counts_from: datetime | None,
    back: str,
) -> Moments:
    """Remembered, because deadlines end with the day: many cases share theirs."""
    moments: list[tuple[datetime, int, str]] = [(due_at, -1, EXPIRY)]
    reached = shift(counts_from, parse_point(back), calendar) if counts_from and back else counts_from
    for order, (at, rung) in enumerate(points):
        point = parse_point(at)
        moment = shift(due_at, point, calendar, start=start)
        if counts_from is not None and reached is not None and getattr(point, "of", "") == "deadline":
            anew = shift(counts_from, point, calendar)
            moment = anew if anew > reached else moment
        moments.append((moment, order, rung))
    return tuple((at, rung) for at, _, rung in sorted(moments))


def rung_of(ladder: LadderSpec | None, rung_id: str) -> RungSpec | None:
    """The rung of that id."""
    return next((rung for rung in ladder.rungs if rung.id == rung_id), None) if ladder else None


def passed(moments: Iterable[tuple[datetime, str]], start: datetime) -> tuple[str, ...]:
    """Rungs whose moment lay at or before the start: they are skipped and named; the expiry never is."""
    return tuple(rung for at, rung in moments if at <= start and rung != EXPIRY)


def first_alarm(
    moments: Iterable[tuple[datetime, str]], done: tuple[str, ...], epoch: int, armed_at: datetime
) -> Alarm | None:
    """The alarm for the earliest rung that is not done."""
    for at, rung in moments:
        if rung not in done:
            return Alarm(rung=rung, at=at, epoch=epoch, armed_at=armed_at if armed_at > at else None)
    return None


def next_alarm(
    ladder: LadderSpec | None,
    moments: Moments,
    fired: tuple[str, ...],
    skipped: tuple[str, ...],
    covered: Mapping[str, datetime],
    alarm: Alarm,
    calendar: Calendar,
) -> tuple[Alarm | None, int]:
    """The alarm after one went off, and how many repeats of it fell together because it went off late.

    `fired` includes the rung of the alarm. A repeated rung comes again at its first moment after the alarm's, and
    after the instant up to which it is `covered`: the alarm's own rung up to now, another one where its repeats were
    coalesced before. Repeats go before other rungs of the same instant, so that none is passed over.
    """
    coalesced = 0
    candidates: list[tuple[datetime, int, str]] = []
    for order, (at, rung_id) in enumerate(moments):
        if rung_id not in fired and rung_id not in skipped:
            candidates.append((at, order, rung_id))
            continue
        rung = rung_of(ladder, rung_id)
        if rung is None or not rung.every or rung_id in skipped:
            continue
        own = rung_id == alarm.rung
        after = max(alarm.at, covered.get(rung_id, alarm.at))
        again, passed_over = _next_repeat(rung, at, alarm.at if own else at, after, moments, calendar)
        if own:
            coalesced = passed_over
        if again is not None:
            candidates.append((again, -1, rung_id))
    if not candidates:
        return None, coalesced
    at, _, rung_id = min(candidates)
    armed_at = alarm.armed_at if alarm.armed_at and alarm.armed_at > at else None
    return Alarm(rung=rung_id, at=at, epoch=alarm.epoch + 1, armed_at=armed_at), coalesced


def rearmed(
    ladder: LadderSpec | None,
    moments: Moments,
    fired: Collection[str],
    skipped: Collection[str],
    since: datetime,
    epoch: int,
    calendar: Calendar,
    repeats_after: datetime | None = None,
) -> Alarm | None:
    """The alarm of a ladder taken up at an instant: the earliest rung that may still fire, or none.

    Rungs that neither fired nor are skipped come even if their moment has passed; repeats only after that instant,
    or after `repeats_after`.
    `fired` holds the expiry where that has been recorded.
    """
    candidates: list[tuple[datetime, int, str]] = []
    for order, (at, rung_id) in enumerate(moments):
        if rung_id in skipped:
            continue
        if rung_id not in fired:
            candidates.append((at, order, rung_id))
        elif (rung := rung_of(ladder, rung_id)) is not None and rung.every:
            again, _ = _next_repeat(rung, at, at, repeats_after or since, moments, calendar)
            if again is not None:
                candidates.append((again, -1, rung_id))
    if not candidates:
        return None
    at, _, rung_id = min(candidates)
    return Alarm(rung=rung_id, at=at, epoch=epoch, armed_at=since if since > at else None)


def _next_repeat(
    rung: RungSpec, first: datetime, moment: datetime, after: datetime, moments: Moments, calendar: Calendar
) -> tuple[datetime | None, int]:
    """The first repeat after an instant, counted from a moment of the rung, and how many lie between.

    None once its repeats are over: after so many times from the `first` on, or after the moment they last until.
    """
    last = last_repeat(rung, first, moments, calendar)
    between = -1
    while moment <= after or between < 0:
        moment = _repeated(rung, moment, calendar)
        if last is not None and moment > last:
            return None, between + 1
        between += 1
    return moment, between


def last_repeat(rung: RungSpec, first: datetime, moments: Moments, calendar: Calendar) -> datetime | None:
    """The last instant at which a repeated rung may come; None = it goes on as long as its task."""
    if rung.times:
        moment = first
        for _ in range(rung.times - 1):
            moment = _repeated(rung, moment, calendar)
        return moment
    if not rung.until:
        return None
    due_at = next(at for at, name in moments if name == EXPIRY)
    return max(shift(due_at, parse_point(rung.until), calendar), first)


def _repeated(rung: RungSpec, moment: datetime, calendar: Calendar) -> datetime:
    span = parse_span(rung.every)
    if span.exact:
        return shift(moment, parse_point(f"{rung.every} after"), calendar)
    local = moment.astimezone(calendar.zone)
    return calendar.instant(add_span(local.date(), span, 1, calendar), local.time())


class Calmed(NamedTuple):
    """How a ladder stands once it has stepped down."""

    counts_from: datetime
    moments: Moments
    #: rungs that may fire again
    again: tuple[str, ...]
    #: rungs that may not
    skipped: tuple[str, ...]


def calmed(
    ladder: LadderSpec,
    due_at: datetime,
    start: datetime,
    fired: Collection[str],
    skipped: Collection[str],
    at: datetime,
    now: datetime,
    calendar: Calendar,
) -> Calmed:
    """A ladder that steps down: as if the rung it goes back to had been reached just then.

    What comes before that rung, or counts from the start of the task, is not climbed twice.
    """
    back = rung_of(ladder, ladder.calms.back_to) if ladder.calms else None
    counts_from = _counts_from(back, at, calendar)
    before = {name: moment for moment, name in schedule(ladder, due_at, start, calendar)}
    moments = schedule(ladder, due_at, start, calendar, counts_from)
    anew = {name for moment, name in moments if moment != before[name] and moment > now}
    missed = {name for moment, name in moments if name != EXPIRY and moment <= now}
    passed_over = {name for name in (*skipped, *missed) if name not in anew and name not in fired}
    return Calmed(
        counts_from,
        moments,
        tuple(name for _, name in moments if name in anew and name in fired),
        tuple(name for _, name in moments if name in passed_over),
    )


def _counts_from(back: RungSpec | None, at: datetime, calendar: Calendar) -> datetime:
    point = parse_point(back.at) if back else None
    if not isinstance(point, Offset):
        return calendar.end_of(calendar.local_day(at))
    if point.span.exact:
        return shift(at, parse_point(f"{point.span} before"), calendar)
    return calendar.end_of(add_span(calendar.local_day(at), point.span, -1, calendar))


def escalation(ladder: LadderSpec, moments: Moments, fired: Collection[str], due_at: datetime) -> str:
    """The highest rung after the deadline that has fired; "" = none has."""
    after = [name for at, name in moments if at > due_at and name in fired and name != EXPIRY]
    return after[-1] if after else ""
