"""What a case's entries say of its course: stays in states, who had to do what and did, what was issued; pure.

Everything is read from entries alone, so that it can be told again from a copy of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from engine.audit.entry import Entry
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.stops import STOPPED
from engine.core.upcast import decode_events
from web.case_records import Climb, Deed, Duty, Exhibit, Held, History, Passed, SetBy, Spur, Stay

__all__ = ["Climb", "Deed", "Duty", "Exhibit", "Held", "History", "Passed", "SetBy", "Spur", "Stay", "history_of"]

#: How a task passes on by somebody's act, and not by itself.
_BY_HAND = frozenset({"claimed", "released", "transferred", "delegated", "given_back", "taken_back", "leaver"})


def history_of(entries: Iterable[Entry]) -> History:
    """The course that all entries of a case tell, in their order."""
    made = _Making()
    for entry in entries:
        made.take(entry)
    return History(
        stays=tuple(made.stays.values()),
        duties=tuple(made.duties.values()),
        exhibits=tuple(made.exhibits),
        fields=made.fields,
    )


class _Making:
    """A history while its entries are read."""

    def __init__(self) -> None:
        self.stays: dict[int, Stay] = {}
        self.duties: dict[int, Duty] = {}
        self.exhibits: list[Exhibit] = []
        self.fields: dict[str, SetBy] = {}
        self.voices: dict[int, tuple[Voice, ...]] = {}

    def take(self, entry: Entry) -> None:
        """Read one entry."""
        at = datetime.fromisoformat(entry.occurred_at)
        events = decode_events(entry.events)
        stood_in = {one.task: one.persons for one in events if isinstance(one, ev.ActedFor)}
        for event in events:
            self._of_stays(event, at)
            self._of_deeds(event, at, entry, stood_in)
            self._of_tasks(event, at, entry)
            for ref in getattr(event, "evidence", ()):
                exhibit = Exhibit(ref=ref, seq=entry.seq, at=at, person=entry.acted_by, late_entry=entry.late)
                self.exhibits.append(exhibit)
            if isinstance(event, ev.FieldsSet):
                self.fields |= dict.fromkeys(event.values, SetBy(seq=entry.seq, person=entry.acted_by, at=at))

    def _of_stays(self, event: ev.AnyEvent, at: datetime) -> None:
        match event:
            case ev.StateEntered() if event.leaf:
                self.stays[event.activation] = Stay(state=event.state, activation=event.activation, entered_at=at)
            case ev.StateLeft() if event.activation in self.stays:
                self.stays[event.activation] = replace(self.stays[event.activation], left_at=at)
            case _:
                pass

    def _of_tasks(self, event: ev.AnyEvent, at: datetime, entry: Entry) -> None:
        if isinstance(event, ev.TaskOpened):
            self.duties[event.task] = self._opened(event, at, entry.seq)
            return
        duty = self.duties.get(getattr(event, "task", 0))
        if duty is None:
            return
        match event:
            case ev.TaskEnded():
                duty = replace(duty, ended_at=at, how=event.how, reason=event.reason)
            case ev.TaskRead():
                duty.read.setdefault(event.person, at)
            case ev.MessageQueued():
                duty.told.setdefault(event.to, at)
            case ev.DeadlineMoved() | ev.DeadlineRedated() | ev.ClockStopped() | ev.ClockResumed():
                duty = _timed(duty, event)
            case ev.DeadlineExpired():
                duty = replace(duty, expired_at=(*duty.expired_at, event.due_at))
            case ev.HolderChanged():
                held = Held(
                    seq=entry.seq,
                    since=at,
                    holder=event.holder,
                    how=event.how,
                    by=entry.acted_by,
                    reason=event.reason,
                )
                duty = replace(duty, holder=event.holder, held=(*duty.held, held))
            case ev.TaskUrged():
                spur = Spur(seq=entry.seq, at=at, person=entry.acted_by, note=event.note)
                duty = replace(duty, urged=(*duty.urged, spur))
            case ev.DraftIssued():
                duty = replace(duty, issued=event)
            case ev.RungFired():
                duty = replace(duty, passed=(*duty.passed, Passed(rung=event.rung, at=at)))
            case _:
                duty = _climbed(duty, event, at, entry.acted_by)
        self.duties[duty.task] = duty

    def _opened(self, event: ev.TaskOpened, at: datetime, seq: int) -> Duty:
        """A task; where it goes on as it was (after a return, a stop), what it had passed it has passed."""
        made = _opened(event, at, seq)
        if event.kept is None:
            return made
        fired = event.kept.fired
        same = [one for one in self.duties.values() if (one.state, one.spec) == (event.state, event.spec)]
        passed = {one.rung: one for duty in same for one in duty.passed if one.rung in fired}
        return replace(made, passed=tuple(passed.values()))

    def _of_deeds(
        self, event: ev.AnyEvent, at: datetime, entry: Entry, stood_in: Mapping[int, tuple[str, ...]]
    ) -> None:
        for task, action, how, to in _deeds_in(event, entry, self.voices):
            duty = self.duties.get(task)
            if duty is not None:
                deed = Deed(
                    seq=entry.seq,
                    at=at,
                    person=entry.acted_by,
                    action=action,
                    how=how,
                    late_entry=entry.late,
                    stands_for=stood_in.get(task, ()),
                    to=to,
                    said=_said(event),
                )
                self.duties[task] = replace(duty, deeds=(*duty.deeds, deed))
        if isinstance(event, ev.RoundOpened | ev.VoicesChanged):
            self.voices[event.round] = event.voices


def _deeds_in(
    event: ev.AnyEvent, entry: Entry, voices: Mapping[int, tuple[Voice, ...]]
) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """What an event says that a person did: in which task, which action, how, to whom."""
    match event:
        case ev.ActionTaken(task=task, action=action):
            yield task, action, "", ()
        case ev.ApprovalAnswered(task=task, action=action):
            yield task, action, "consented" if event.consent else "refused", ()
        case ev.DraftIssued(task=task, kind=action):
            yield task, action, "issued", ()
        case ev.DraftDeclined(task=task, kind=action):
            yield task, action, "declined", ()
        case ev.DraftCleared(task=task, kind=action):
            yield task, action, "cleared", ()
        case ev.HolderChanged(task=task, how=how) if how in _BY_HAND:
            yield task, "", how, event.holder.persons
        case ev.HandOverAnswered(task=task):
            yield task, "", "took_over" if event.received else "turned_down", ()
        case ev.OpinionGiven(task=task):
            yield task, "", "advised", ()
        case ev.VoicesChanged(how="answered"):
            before = {one.n: one.answer for one in voices.get(event.round, ())}
            for one in event.voices:
                if one.answer in ("consent", "refuse") and before.get(one.n) != one.answer:
                    yield one.task, "", "consented" if one.answer == "consent" else "refused", ()
        case _:
            pass


def _said(event: ev.AnyEvent) -> str:
    """What was said with an act; what is sealed is not told."""
    said = event.opinion if isinstance(event, ev.OpinionGiven) else getattr(event, "reason", "")
    return said if isinstance(said, str) else ""


def _timed(duty: Duty, event: ev.DeadlineMoved | ev.DeadlineRedated | ev.ClockStopped | ev.ClockResumed) -> Duty:
    """A duty whose deadline is another, or whose clock stops or goes on."""
    match event:
        case ev.ClockStopped():
            return duty if event.held else replace(duty, deadline=None, undated=STOPPED)
        case ev.ClockResumed():
            return replace(duty, deadline=event.deadline, undated="") if event.deadline else duty
        case _:
            moved = duty.moved + _has_moved(event)
            return replace(duty, deadline=event.deadline, moved=moved, skipped=event.skipped)


def _has_moved(event: ev.DeadlineMoved | ev.DeadlineRedated) -> bool:
    """Whether a deadline is another instant than before; a calendar may only have confirmed it."""
    return not isinstance(event, ev.DeadlineRedated) or event.was.due_at != event.deadline.due_at


def _climbed(duty: Duty, event: ev.AnyEvent, at: datetime, person: str) -> Duty:
    """The duty after an event of its ladder."""
    match event:
        case ev.LadderChanged():
            climb = Climb(at=at, how="changed", was=event.was, to=event.ladder)
            return replace(duty, ladder=event.ladder, skipped=event.skipped, climbs=(*duty.climbs, climb))
        case ev.LadderPaused():
            climb = Climb(at=at, how="paused", person=person, reason=event.reason, until=event.until)
        case ev.LadderResumed():
            duty = replace(duty, skipped=(*duty.skipped, *event.skipped))
            climb = Climb(at=event.since, how="went_on", person=person, reason=event.reason)
        case ev.LadderCalmed():
            duty = replace(duty, skipped=event.skipped)
            climb = Climb(at=at, how="calmed", person=person, was=event.was, to=event.back_to, reason=event.action)
        case _:
            return duty
    return replace(duty, climbs=(*duty.climbs, climb))


def _opened(event: ev.TaskOpened, at: datetime, seq: int) -> Duty:
    return Duty(
        task=event.task,
        kind=event.kind,
        state=event.state,
        activation=event.activation,
        spec=event.spec,
        holder=event.holder,
        opened_at=at,
        deadline=event.deadline,
        undated=event.undated,
        ladder=event.ladder,
        skipped=event.skipped,
        draft=event.draft,
        asked=event.asked,
        held=(Held(seq=seq, since=at, holder=event.holder),),
    )
