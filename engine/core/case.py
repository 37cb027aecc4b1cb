"""The state of one case: what `fold` makes of its events, small enough to be saved with every entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from engine.core.case_people import (
    Assigned,
    Copy,
    Given,
    Guest,
    Handing,
    HeldClock,
    Opinion,
    Paused,
    Round,
    Stopped,
    Urged,
)
from engine.core.deadlines import Deadline
from engine.core.event_parts import Alarm, Asked, Draft, Holder, Period, TaskKind

#: Raised whenever `fold` would make something else of the same events: older snapshots are then folded anew.
FOLD_VERSION = 5


class Signed(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """Who signed an action, as which party; the latest for each action and person."""

    action: str
    person: str
    party: str
    at: datetime


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one holder must do in an activation; only open tasks are kept."""

    n: int
    kind: TaskKind
    state: str
    activation: int
    spec: str = ""
    holder: Holder
    opened_at: datetime
    deadline: Deadline | None = None
    undated: str = ""
    ladder: str = ""
    alarm: Alarm | None = None
    #: epoch of the last alarm armed: none is ever used twice
    epoch: int = 0
    #: rungs fired for the present deadline, and those whose moment lay before it began to run
    fired: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    #: repeated rungs whose repeats fell together, and the instant up to which that was so
    covered: tuple[tuple[str, datetime], ...] = ()
    #: when the present deadline was recorded as passed
    expired_at: datetime | None = None
    #: deadlines granted by extension in this activation
    extensions: int = 0
    readers: tuple[str, ...] = ()
    draft: Draft | None = None
    asked: Asked | None = None
    period: Period | None = None
    #: with whom it lies instead of its party, and with whom it lay before it was delegated
    given: Given | None = None
    back_to: Given | None = None
    urged: tuple[Urged, ...] = ()
    handing: Handing | None = None
    #: vote: which voice of its round
    voice: int = 0
    #: that its ladder waits, and how often it did
    paused: Paused | None = None
    pauses: int = 0
    #: what the rungs count from instead of the deadline, since the ladder stepped down
    counts_from: datetime | None = None
    #: that its clock stands still; it has no deadline meanwhile
    stopped: Stopped | None = None
    #: from when rungs after its start count, where its clock stood still since
    runs_from: datetime | None = None
    #: the last day before any of it was extended, stopped time added
    first_due: date | None = None

    @property
    def began(self) -> datetime:
        """What rungs after the start count from."""
        return self.runs_from or self.opened_at


class Left(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The last act that led on, as long as it may be taken back."""

    action: str
    by: str
    at: datetime
    #: the entry in which it was done
    seq: int
    #: "until read", or a span phrase
    until: str
    #: the stay that it ended, and since when that lasted
    state: str
    activation: int
    entered_at: datetime | None = None
    #: whether it did lead away, which events after the act's own say
    gone: bool = False
    #: the tasks of that stay as they were
    tasks: tuple[Task, ...] = ()
    #: earlier signatures of the same action that this act's took the place of
    signed: tuple[Signed, ...] = ()
    #: clocks that were held before it
    clocks: tuple[HeldClock, ...] = ()


class Issued(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A formal act that was issued: its number and date are on every copy."""

    #: the task of who issued it, and the task whose ladder drafted it
    task: int
    of: int
    kind: str
    rung: str
    number: str = ""
    at: datetime
    way: str = ""
    served_on: str = ""


class Linked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A case that this one has linked, as far as it has told."""

    how: str
    case: str
    number: str = ""
    #: kind of closing, "" = open
    closed: str = ""
    #: how many deadlines it has let pass since it was linked
    overdue: int = 0


class LinkedBy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A case that has linked this one, and what it wants to be told."""

    how: str
    case: str
    procedure: str
    hears: tuple[str, ...] = ()


class Activation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One stay in one leaf state."""

    n: int
    state: str
    entered_at: datetime
    #: when the last act of a person in it happened
    acted_at: datetime | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That the case came from another record, and whether it has been triaged."""

    number: str
    opened_at: datetime
    closed_at: datetime | None = None
    triaged: bool = False


class Obliged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The obligation that the case meets, and the kinds of closing by which it does (none: by having begun)."""

    duty: str
    period: str
    subject: str
    done: tuple[str, ...] = ()
    by_engine: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One case; `seq` is its last entry."""

    id: str
    seq: int
    procedure: str
    version: str
    number: str
    region: str
    unit: str = ""
    place: str = ""
    industry: str = ""
    title: str = ""
    opened_at: datetime
    #: the active leaves, in the order in which they were entered
    active: tuple[Activation, ...] = ()
    tasks: tuple[Task, ...] = ()
    fields: dict[str, Any] = {}
    #: field -> entry that last changed it, for the check against stale pages
    touched: dict[str, int] = {}
    signed: tuple[Signed, ...] = ()
    #: activations and tasks ever opened
    activations: int = 0
    tasks_opened: int = 0
    #: kind of closing, "" = open
    closed: str = ""
    closed_at: datetime | None = None
    #: how often an end was undone
    reopened: int = 0
    #: deadlines recorded as passed, ever
    expiries: int = 0
    links: tuple[tuple[str, str], ...] = ()
    linked: tuple[Linked, ...] = ()
    linked_by: tuple[LinkedBy, ...] = ()
    issued: tuple[Issued, ...] = ()
    #: party -> how it last answered when asked to sign: signed, refused
    signing: dict[str, str] = {}
    #: whether it is hidden until it is opened
    sealed: bool = False
    #: who created it, and, while it is hidden, who has looked at it
    creators: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    claim: Claim | None = None
    #: parties that mean others in this case than their definition says
    assigned: dict[str, Assigned] = {}
    #: who said that they are biased
    recused: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    guests: tuple[Guest, ...] = ()
    #: votes under way
    rounds: tuple[Round, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    #: leaf states it has been in, in the order in which it first was
    visited: tuple[str, ...] = ()
    #: what may be taken back
    left: Left | None = None
    obligation: Obliged | None = None
    #: clocks of ended tasks that go on when the case is back
    clocks: tuple[HeldClock, ...] = ()

    def task(self, n: int) -> Task | None:
        """The open task of that number."""
        for task in self.tasks:
            if task.n == n:
                return task
        return None

    def leaves(self) -> tuple[str, ...]:
        """Paths of the active leaf states."""
        return tuple(activation.state for activation in self.active)


Light = Literal["", "green", "yellow", "red"]
