"""Events of cases that have to do with each other."""

from __future__ import annotations

from typing import Literal

from engine.core.event_parts import Event

#: What a linked case tells the case that linked it.
Told = Literal["started", "ended", "reopened", "overdue"]


class LinkedBack(Event, frozen=True, kw_only=True, tag="linked_back"):
    """Another case has linked this one: from now on it is told what becomes of this one."""

    v: int = 1
    #: the other case, its procedure and number; what kind of link its procedure says
    by: str
    how: str
    procedure: str
    number: str = ""
    #: what it wants to be told
    hears: tuple[str, ...] = ()


class LinkedChanged(Event, frozen=True, kw_only=True, tag="linked_changed"):
    """Something became of a case that this one has linked."""

    v: int = 1
    case: str
    what: Told
    number: str = ""
    #: ended: the kind of closing
    closed: str = ""
