"""When the rungs of a task fire: a schedule computed from its deadline, and the one alarm armed for the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from engine.core.calendar import Calendar
from engine.core.deadlines import add_span, shift
from engine.core.definition import LadderSpec, RungSpec
from engine.core.event import Alarm
from engine.core.facts import parse_point, parse_span

#: The deadline itself, as a rung of every dated task: that it passed is recorded even where no ladder says so.
EXPIRY = "expiry"


def schedule(
    ladder: LadderSpec | None, due_at: datetime, start: datetime, calendar: Calendar
) -> tuple[tuple[datetime, str], ...]:
    """(instant, rung) of every rung and of the expiry, in order; at one instant the expiry comes first.

    Rungs of the same instant keep the order of the ladder.
    """
    if ladder is None:
        return ((due_at, EXPIRY),)
    from_start = any("start" in rung.at for rung in ladder.rungs)
    return _schedule(ladder, due_at, start if from_start else None, calendar)


@lru_cache(maxsize=8192)
def _schedule(
    ladder: LadderSpec, due_at: datetime, start: datetime | None, calendar: Calendar
) -> tuple[tuple[datetime, str], ...]:
    """Remembered, because deadlines end with the day: many cases share theirs."""
    moments: list[tuple[datetime, int, str]] = [(due_at, -1, EXPIRY)]
    moments += [
        (shift(due_at, parse_point(rung.at), calendar, start=start), order, rung.id)
        for order, rung in enumerate(ladder.rungs)
    ]
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
    moments: tuple[tuple[datetime, str], ...],
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
        again, passed_over = _next_repeat(rung, alarm.at if own else at, after, calendar)
        if own:
            coalesced = passed_over
        candidates.append((again, -1, rung_id))
    if not candidates:
        return None, coalesced
    at, _, rung_id = min(candidates)
    armed_at = alarm.armed_at if alarm.armed_at and alarm.armed_at > at else None
    return Alarm(rung=rung_id, at=at, epoch=alarm.epoch + 1, armed_at=armed_at), coalesced


def _next_repeat(rung: RungSpec, moment: datetime, after: datetime, calendar: Calendar) -> tuple[datetime, int]:
    """The first repeat after an instant, counted from a moment of the rung, and how many lie between."""
    span, between = parse_span(rung.every), -1
    while moment <= after or between < 0:
        between += 1
        if span.exact:
            moment = shift(moment, parse_point(f"{rung.every} after"), calendar)
        else:
            local = moment.astimezone(calendar.zone)
            moment = calendar.instant(add_span(local.date(), span, 1, calendar), local.time())
    return moment, between
