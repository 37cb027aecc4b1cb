"""What a case keeps of who passed a task on, stands in, was asked, was told: records within `Case` and `Task`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from engine.core.deadlines import Deadline
from engine.core.event_parts import Alarm

#: What ids of those without an account begin with; no id of the directory does.
GUEST = "guest-"
#: How a task or a party came to somebody by another way than the definition's own reference.
How = Literal["transferred", "leaver", "received", "designated", "directory"]


class Assigned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Whom a party means in this case from now on: one person, or the holders of its role elsewhere."""

    how: How
    person: str = ""
    #: where its role is looked up instead
    region: str = ""
    industry: str = ""
    by: str
    at: datetime
    reason: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a task lies with one named person, and since when, by whom and why."""

    person: str
    how: Literal["transferred", "leaver", "delegated", "claimed"]
    by: str
    at: datetime
    reason: str = ""


class Handing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A matter on its way to another office: what waits for its receipt, or for a designation."""

    #: the party whose office changes, and the task from which it was handed over (0: the case had no owner)
    party: str
    of: int = 0
    region: str = ""
    industry: str = ""
    by: str = ""
    at: datetime
    reason: str = ""
    #: grounds on which it was refused so far, in order
    refused: tuple[str, ...] = ()


class Voice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One of those who vote: a party, or a person who was added."""

    n: int
    party: str
    #: an added voice: the person; who added it
    person: str = ""
    added_by: str = ""
    #: the task that asks for it; 0 = not yet (sequential)
    task: int = 0
    answer: Literal["", "consent", "refuse", "withdrawn"] = ""
    answered_by: str = ""
    #: in whose place it was answered; "" = in their own
    stands_for: str = ""
    answered_at: datetime | None = None
    late: bool = False


class Round(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A vote under way on an action asked from a task."""

    n: int
    action: str
    of: int
    voices: tuple[Voice, ...]


class Opinion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one of those asked beside the holder said, or that they let their time pass."""

    party: str
    activation: int
    task: int
    person: str = ""
    #: in whose place they said it; "" = in their own
    stands_for: str = ""
    at: datetime | None = None
    late: bool = False


class Urged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The last time somebody urged the holder of a task."""

    person: str
    at: datetime


class Copy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a person was sent a copy of the case, and when they had read it."""

    person: str
    by: str
    at: datetime
    read_at: datetime | None = None


class Guest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Somebody without an account who takes part as a party, by a link, a code or on paper."""

    #: stands where persons stand: "guest-…"
    person: str
    party: str
    invited_by: str
    at: datetime
    #: until when the link admits them; None = ended
    until: datetime | None = None


class Paused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That the ladder of a task waits: since when, until when at the latest, by whom and why."""

    since: datetime
    until: datetime
    by: str
    reason: str

    def repeats_after(self, end: datetime) -> datetime:
        """The instant after which repeats come again once it has ended: one that falls on its end is not lost."""
        return max(self.since, end - timedelta.resolution)


class Stopped(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That the clock of a task stands still, since when, by whom and why; and what it had run to."""

    deadline: Deadline
    since: datetime
    by: str
    #: the state whose stay stops it; "" = an act did
    state: str = ""
    #: an act stopped it, besides a state or alone: only an act lets it go on
    by_act: bool = False
    reason: str = ""
    basis: tuple[str, ...] = ()
    #: it had run out before: it is kept as it stood, nothing is added
    ran_out: bool = False
    alarm: Alarm | None = None
    expired_at: datetime | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How far a task had come that goes on after the act that ended it was taken back (拿回)."""

    opened_at: datetime
    epoch: int = 0
    fired: tuple[str, ...] = ()
    covered: tuple[tuple[str, datetime], ...] = ()
    expired_at: datetime | None = None
    extensions: int = 0
    readers: tuple[str, ...] = ()
    given: Given | None = None
    back_to: Given | None = None
    urged: tuple[Urged, ...] = ()
    paused: Paused | None = None
    pauses: int = 0
    counts_from: datetime | None = None
    stopped: Stopped | None = None
    runs_from: datetime | None = None
    first_due: date | None = None


class HeldClock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The clock of a task that ended because the case went on to a state that stops it; it goes on when it is back."""

    task: int
    state: str
    spec: str = ""
    skipped: tuple[str, ...] = ()
    #: the ladder that it climbed
    ladder: str = ""
    kept: Kept


def is_guest(person: str) -> bool:
    """Whether an id is of somebody without an account."""
    return person.startswith(GUEST)
