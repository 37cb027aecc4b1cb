"""Records of a case's course: stays in states, who had to do what and did, files that came, who set which field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.core import event as ev
from engine.core.command import EvidenceRef
from engine.core.deadlines import Deadline


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
