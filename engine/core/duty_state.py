"""The state of one duty: what `fold_duty` makes of its events; its obligations are rows and stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.core import event_duties as ev
from engine.core.deadlines import Deadline
from engine.core.definition_duties import DutySpec
from engine.core.event_parts import Alarm
from engine.core.fold import Head
from engine.core.recurrence import Rhythm

#: Raised whenever the fold would make something else of the same events.
DUTY_FOLD_VERSION = 2


class OpenWindow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A window of a rhythm with something still to come: obligations to open, reminders, its moments."""

    rhythm: int
    period: str
    first: date
    last: date
    about: tuple[date, date]
    opens_at: datetime
    deadline: Deadline
    missed_at: datetime
    #: who is obliged: the directory of that version, as of that day
    day: date
    directory: int
    known_at: datetime
    #: obligations have been opened for names up to this one
    after: str = ""
    #: the hash of those names, in order
    chain: str = ""
    populated: bool = False
    count: int = 0
    #: reminders sent, and how far the one that is being sent has come
    reminded: tuple[str, ...] = ()
    reminding: str = ""
    due: bool = False
    missed: bool = False
    #: how far what is due, or missed, has been marked
    marked: str = ""
    #: how it was worded when it began: its number among the rhythms may have come to mean another since
    told: Rhythm | None = None


class Exemption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a subject need not, why, and who said so."""

    subject: str
    period: str = ""
    until: date
    reason: str
    by: str
    at: datetime

    def covers(self, period: str, first: date) -> bool:
        """Whether it excuses from the window of that key that begins on that day."""
        return self.period == period or (not self.period and first <= self.until)


class Compared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Up to when who is obliged has been compared with the directory."""

    day: date
    directory: int
    known_at: datetime
    #: where all are compared one after the other: up to this name; None = no such round is under way
    through: str | None = None


class DutyState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One duty; `seq` is the last entry of its stream."""

    id: str
    seq: int
    version: str
    spec: DutySpec
    #: when this wording was published
    since: datetime
    windows: tuple[OpenWindow, ...] = ()
    #: rhythm -> last day of the window of it that was opened last
    opened: dict[int, date] = {}
    #: rhythms, of this wording or an older one, by which something has rolled
    rolled: tuple[int, ...] = ()
    #: when it was published again after it had ended: nothing is owed for the time between
    resumed: datetime | None = None
    exemptions: tuple[Exemption, ...] = ()
    compared: Compared | None = None
    #: subjects of another rhythm now, which follows once their running window is over
    waiting: tuple[str, ...] = ()
    alarm: Alarm | None = None
    epoch: int = 0
    ended: bool = False

    def window(self, rhythm: int, period: str) -> OpenWindow | None:
        """The window of that rhythm and key that has something still to come."""
        return next((one for one in self.windows if (one.rhythm, one.period) == (rhythm, period)), None)


def fold_duty(state: DutyState | None, head: Head, events: Iterable[Any]) -> DutyState | None:
    """The duty after one entry; None before it was published."""
    for event in events:
        state = _fold(state, head, event)
    return replace(state, seq=head.seq) if state is not None else None


def _fold(state: DutyState | None, head: Head, event: Any) -> DutyState | None:
    if isinstance(event, ev.DutyPublished):
        return _published(state, head, event)
    change = _CHANGES.get(type(event))
    return state if state is None or change is None else change(state, head, event)


def _published(state: DutyState | None, head: Head, event: ev.DutyPublished) -> DutyState:
    if state is None:
        return DutyState(id=head.id, seq=head.seq, version=event.version, spec=event.spec, since=head.recorded_at)
    opened = {
        n: min(days)
        for n, told in enumerate(event.spec.rhythms)
        if (days := [day for old, day in state.opened.items() if _same_period(state, old, told.rhythm.period)])
    }
    # Who is obliged by the new wording is compared with everybody.
    compared = replace(state.compared, through="") if state.compared else None
    return replace(
        state,
        version=event.version,
        spec=event.spec,
        since=head.recorded_at,
        opened=opened,
        resumed=head.recorded_at if state.ended else state.resumed,
        compared=compared,
        ended=False,
        waiting=(),
    )


def _same_period(state: DutyState, rhythm: int, period: str) -> bool:
    return period != "" and state.spec.rhythms[rhythm].rhythm.period == period


def _armed(state: DutyState, head: Head, event: ev.DutyArmed) -> DutyState:
    return replace(state, alarm=event.alarm, epoch=event.epoch)


def _period_opened(state: DutyState, head: Head, event: ev.PeriodOpened) -> DutyState:
    window = OpenWindow(
        rhythm=event.rhythm,
        period=event.period,
        first=event.first,
        last=event.last,
        about=event.about,
        opens_at=event.opens_at,
        deadline=event.deadline,
        missed_at=event.missed_at,
        day=event.day,
        directory=event.directory,
        known_at=event.known_at,
        told=state.spec.rhythms[event.rhythm].rhythm,
    )
    compared = state.compared or Compared(day=event.day, directory=event.directory, known_at=event.known_at)
    return replace(
        state,
        windows=(*state.windows, window),
        opened={**state.opened, event.rhythm: event.last},
        compared=compared,
    )


def _period_redated(state: DutyState, head: Head, event: ev.PeriodRedated) -> DutyState:
    def move(one: OpenWindow) -> OpenWindow:
        reminded = (*one.reminded, *event.passed)
        return replace(one, deadline=event.deadline, missed_at=event.missed_at, reminded=reminded)

    return _window(state, event, move)


def _opened(state: DutyState, head: Head, event: ev.ObligationsOpened) -> DutyState:
    return _window(
        state,
        event,
        lambda one: replace(one, after=event.through, chain=event.names, count=one.count + event.count),
    )


def _populated(state: DutyState, head: Head, event: ev.PeriodPopulated) -> DutyState:
    return _window(state, event, lambda one: replace(one, populated=True, after="", chain="", count=event.count))


def _reminded(state: DutyState, head: Head, event: ev.ObligationsReminded) -> DutyState:
    if event.through:
        return _window(state, event, lambda one: replace(one, reminding=event.through))
    return _window(state, event, lambda one: replace(one, reminding="", reminded=(*one.reminded, event.reminder)))


def _due(state: DutyState, head: Head, event: ev.ObligationsDue) -> DutyState:
    return _window(state, event, lambda one: replace(one, due=not event.through, marked=event.through))


def _missed(state: DutyState, head: Head, event: ev.ObligationsMissed) -> DutyState:
    return _window(state, event, lambda one: replace(one, missed=not event.through, marked=event.through))


def _joined(state: DutyState, head: Head, event: ev.ObligationsJoined) -> DutyState:
    added = len(event.subjects) - len(event.again)
    return _window(state, event, lambda one: replace(one, count=one.count + added))


def _rolled(state: DutyState, head: Head, event: ev.ObligationsRolled) -> DutyState:
    return replace(state, rolled=tuple(sorted({*state.rolled, event.rhythm})))


def _compared(state: DutyState, head: Head, event: ev.PopulationCompared) -> DutyState:
    before = state.compared
    # One slice after the other: what is told meanwhile of names already passed is for the next round.
    since = before if before is not None and before.through else event
    compared = Compared(
        day=since.day,
        directory=since.directory,
        known_at=since.known_at,
        through=event.through or None,
    )
    waiting = tuple(one for one in state.waiting if one not in event.settled and one not in event.waiting)
    day = event.day
    # What is over and has no moment to come is left to the rows.
    kept = tuple(one for one in state.windows if not (one.missed and one.last < day))
    exemptions = tuple(one for one in state.exemptions if one.until >= day or one.period)
    return replace(state, compared=compared, waiting=(*waiting, *event.waiting), windows=kept, exemptions=exemptions)


def _exempted(state: DutyState, head: Head, event: ev.ObligationExempted) -> DutyState:
    one = Exemption(
        subject=event.subject,
        period=event.period,
        until=event.until,
        reason=event.reason,
        by=head.acted_by,
        at=head.recorded_at,
    )
    kept = (old for old in state.exemptions if (old.subject, old.period) != (one.subject, one.period))
    return replace(state, exemptions=(*kept, one))


def _exemption_ended(state: DutyState, head: Head, event: ev.ExemptionEnded) -> DutyState:
    gone = (event.subject, event.period)
    return replace(state, exemptions=tuple(one for one in state.exemptions if (one.subject, one.period) != gone))


def _ended(state: DutyState, head: Head, event: ev.DutyEnded) -> DutyState:
    return replace(state, ended=True)


def _window(state: DutyState, event: Any, change: Any) -> DutyState:
    named = (event.rhythm, event.period)
    changed = tuple(change(one) if (one.rhythm, one.period) == named else one for one in state.windows)
    return replace(state, windows=changed)


_CHANGES: dict[type, Any] = {
    ev.DutyArmed: _armed,
    ev.PeriodOpened: _period_opened,
    ev.PeriodRedated: _period_redated,
    ev.ObligationsOpened: _opened,
    ev.PeriodPopulated: _populated,
    ev.ObligationsReminded: _reminded,
    ev.ObligationsDue: _due,
    ev.ObligationsMissed: _missed,
    ev.ObligationsJoined: _joined,
    ev.ObligationsRolled: _rolled,
    ev.PopulationCompared: _compared,
    ev.ObligationExempted: _exempted,
    ev.ExemptionEnded: _exemption_ended,
    ev.DutyEnded: _ended,
}
