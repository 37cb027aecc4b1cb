"""Obligations as rows, and what may become of them; instants are microseconds UTC since 1970."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["open", "acted", "done", "late", "missed", "exempt", "lapsed"]


class ObligationRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One obligation: a duty, a period, a subject."""

    duty: str
    period: str
    subject: str
    subject_kind: str
    unit: str
    region: str
    industry: str
    opens_at: int
    due_at: int
    missed_at: int
    status: Status = "open"
    #: it was not done when due, it was missed, it was done afterwards: what was once so stays
    late: bool = False
    missed: bool = False
    made_up: bool = False
    case: str = ""
    person: str = ""
    #: when its case was begun, and when it was done; None = not yet
    begun_at: int | None = None
    done_at: int | None = None
    rhythm: int = 0
    #: hash of the names with which it was opened
    population: str = ""
    reason: str = ""
    latest: bool = False


class OpenRows(msgspec.Struct, frozen=True, gc=False):
    """These begin."""

    rows: tuple[ObligationRow, ...]


class MarkLate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whatever of a window is not done by now is late."""

    duty: str
    #: "" = of every window of the rhythm
    period: str
    rhythm: int
    due_at: int


class MarkMissed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whatever of a window nobody has acted on by now is missed."""

    duty: str
    period: str
    rhythm: int
    missed_at: int


class Lapse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is open or late of a subject need not be done any more, or (`on` False) must be after all."""

    duty: str
    period: str
    subject: str
    reason: str = ""
    on: bool = True
    #: not on: what is past by then is late, or missed
    at: int = 0


class Follow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Another window of the subject follows this one, which is the latest no more."""

    duty: str
    subject: str


class Exempt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is open or late of a subject is excused, or (`on` False) is as it was."""

    duty: str
    period: str
    subject: str
    reason: str = ""
    on: bool = True
    #: not on: what is past by then is late, or missed
    at: int = 0


class Take(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A case is begun for it; refused by the database if it has one already."""

    duty: str
    period: str
    subject: str
    case: str
    #: "" = the engine opened it for who is late: nobody has acted
    person: str = ""
    #: when it was begun
    at: int


class Settle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of it by its case: done at an instant, or (None) as if nobody had acted."""

    duty: str
    period: str
    subject: str
    case: str
    done_at: int | None
    #: the case goes on after all: it was reopened
    acted: bool = False
    #: given up: what is past by then is late, or missed
    at: int


ObligationChange = OpenRows | MarkLate | MarkMissed | Lapse | Follow | Exempt | Take | Settle
