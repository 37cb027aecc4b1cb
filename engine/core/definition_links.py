"""How procedures speak of other cases: kinds of links, cases they start, what they wait for and react to."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.core.definition_parts import Record

#: What becomes of linked cases: one of them, or the last of them, ended; one was put back, started or is late.
Happening = Literal["any_ended", "all_ended", "any_reopened", "any_overdue", "any_started"]
#: How many of the linked cases must have ended (so) before a state goes on by itself.
WaitFor = Literal["all", "any", "none"]
#: Links that the engine makes by itself: a case is the return of a former one; no definition may call its own so.
RETURN, RETURN_LATER = "same", "same_later"


class LinkSpec(Record, frozen=True, kw_only=True):
    """A kind of link from cases of this procedure to cases of others."""

    id: str
    title: str
    #: its title as seen from the other side
    back: str
    #: ids of the procedures whose cases it may lead to
    to: tuple[str, ...]
    many: bool = False


class StartSpec(Record, frozen=True, kw_only=True, tag="start"):
    """Starts a case of another procedure."""

    procedure: str
    action: str
    #: "" = not linked from here
    link: str = ""
    #: field of the new case -> expression over this one
    values: dict[str, str] = msgspec.field(default_factory=dict)
    when: str = ""

    def __hash__(self) -> int:
        """Ladders, which may hold one, are keys of what is remembered of them; a map has no hash of its own."""
        return hash((self.procedure, self.action, self.link, tuple(self.values.items()), self.when))


class StartEach(Record, frozen=True, kw_only=True, tag="each"):
    """Starts a case for each row of a table; expressions may read `item.column`."""

    of: str
    procedure: str
    action: str
    link: str
    values: dict[str, str] = msgspec.field(default_factory=dict)
    #: rows for which it does not hold start nothing
    when: str = ""


class LinkCases(Record, frozen=True, kw_only=True, tag="link"):
    """Links the cases that a field names."""

    how: str
    field: str


class OpenTask(Record, frozen=True, kw_only=True, tag="open"):
    """Opens an extra task of the state in which the case is after the act."""

    task: str


class WaitSpec(Record, frozen=True, kw_only=True):
    """A state that goes on by itself once linked cases have ended.

    all: every one has ended, in one of the ways if any are given; any: at least one has; none: all have ended, and
    none of them in one of the ways.
    """

    link: str
    how_many: WaitFor
    #: kinds of closing; empty = any
    ends: tuple[str, ...] = ()
