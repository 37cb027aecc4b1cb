"""What a case's entries say of its course: stays in states, who had to do what and did, what was issued; pure.

Everything is read from entries alone, so that it can be told again from a copy of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.audit.entry import Entry
from engine.core import event as ev
from engine.core.case_people import Voice
from engine.core.command import EvidenceRef
from engine.core.deadlines import Deadline
from engine.core.stops import STOPPED
from engine.core.upcast import decode_events

#: How a task passes on by somebody's act, and not by itself.
_BY_HAND = frozenset({"claimed", "released", "transferred", "delegated", "given_back", "taken_back", "leaver"})


@dataclass(frozen=True, kw_only=True)
class Stay:
    """One stay in one state."""

    state: str
    activation: int
    entered_at: datetime
    #: None = it lasts
    left_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What a person did within a task."""

    seq: int
    at: datetime
    person: str
    #: id of the action; of an answer to a request: what was asked
    action: str
    #: "" = an action; consented, refused, issued, declined, voted, advised, or how they passed the task on
    how: str = ""
    #: entered later than it happened
    late_entry: bool = False
    #: in whose place they did it; () = in their own
    stands_for: tuple[str, ...] = ()
    #: of what was passed on: to whom
    to: tuple[str, ...] = ()
    #: the reason, or the opinion, that was given with it
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A rung that was reached."""

    rung: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Held:
    """From when on the same people held a task, and how it came to them."""

    #: the entry in which it did
    seq: int
    since: datetime
    holder: ev.Holder
    #: "" = they held it from its beginning; else as a change of its holder says
    how: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Climb:
    """That a task came to climb another ladder, or its ladder was paused, taken up or stepped down."""

    at: datetime
    #: changed, paused, went_on, calmed
    how: str
    person: str = ""
    #: the ladder before and now, or the rungs
    was: str = ""
    to: str = ""
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Spur:
    """That somebody urged a task."""

    seq: int
    at: datetime
    person: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One task from its opening to its end: who had to do what, what they knew, what they did."""

    task: int
    kind: str
    state: str
    activation: int
    spec: str
    #: who holds it now, or held it last
    holder: ev.Holder
    opened_at: datetime
    #: as it stood at the end, extensions included
    deadline: Deadline | None
    undated: str = ""
    ladder: str = ""
    skipped: tuple[str, ...] = ()
    ended_at: datetime | None = None
    #: done, left, withdrawn, consented, refused, issued, declined; "" = open
    how: str = ""
    reason: str = ""
    #: person -> when a message about it was first queued for them, when they first looked
    told: dict[str, datetime] = field(default_factory=dict)
    read: dict[str, datetime] = field(default_factory=dict)
    expired_at: tuple[datetime, ...] = ()
    moved: int = 0
    passed: tuple[Passed, ...] = ()
    deeds: tuple[Deed, ...] = ()
    draft: ev.Draft | None = None
    issued: ev.DraftIssued | None = None
    asked: ev.Asked | None = None
    #: everybody who held it, one after the other
    held: tuple[Held, ...] = ()
    urged: tuple[Spur, ...] = ()
    climbs: tuple[Climb, ...] = ()

    def stretches(self) -> Iterator[tuple[Duty, Held]]:
        """The duty once for each who held it: only their time, what they did in it, what passed in it."""
        for n, held in enumerate(self.held):
            after = self.held[n + 1] if n + 1 < len(self.held) else None
            yield self._while(held, after), held

    def _while(self, held: Held, after: Held | None) -> Duty:
        last = after.seq if after else None
        until = after.since if after else self.ended_at
        within = [one for one in self.deeds if held.seq < one.seq and (last is None or one.seq <= last)]
        return replace(
            self,
            holder=held.holder,
            opened_at=held.since,
            ended_at=until,
            how="" if after else self.how,
            deeds=tuple(within),
            expired_at=tuple(
                at
                for at in self.expired_at
                if (held is self.held[0] or held.since < at) and (after is None or at <= after.since)
            ),
            urged=tuple(one for one in self.urged if held.seq < one.seq and (last is None or one.seq <= last)),
            held=(held,),
        )


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A file that came with an entry."""

    ref: EvidenceRef
    seq: int
    at: datetime
    person: str
    late_entry: bool


@dataclass(frozen=True, kw_only=True)
class SetBy:
    """Who last set a field, and when."""

    seq: int
    person: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """The course of one case."""

    stays: tuple[Stay, ...]
    duties: tuple[Duty, ...]
    exhibits: tuple[Exhibit, ...]
    fields: dict[str, SetBy]


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
