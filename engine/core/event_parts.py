"""What events are made of: their base, and the records that stand in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

#: own, extra: of a state; approval, vote: consent to an act; draft: a formal act; opinion: beside whoever concludes;
#: receipt: of a matter handed over; designation: whose it is
TaskKind = Literal["own", "extra", "approval", "draft", "vote", "opinion", "receipt", "designation"]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """Base of all events."""


class Holder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who holds a task, and why: the people whom a party reference meant on that day."""

    #: the party reference as the definition writes it: "supervisor", "unit.principal"
    party: str
    #: person ids; more than one: any of them may act; empty: nobody was found, the queue shows it
    persons: tuple[str, ...]
    #: the queue that took it because nobody was found; "" = not in a queue
    queue: str = ""
    #: the party that stood in because nobody of it was left; "" = itself, or a queue
    by_way_of: str = ""
    #: what the directory was asked: role, region, industry, unit
    role: str = ""
    region: str = ""
    industry: str = ""
    unit: str = ""


class Alarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The one armed timer of a task: its next rung, or "expiry", the deadline itself."""

    rung: str
    at: datetime
    epoch: int
    #: when it was armed, where that was after `at` (late entry, triage): from then on lateness is the system's
    armed_at: datetime | None = None


class Period(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One turn of a task that comes again; its end is the task's deadline."""

    #: from 1
    n: int
    #: nobody acts for a period before it begins
    begins: datetime
    #: periods before it that ended while the system was off: nobody was asked, nobody missed them
    passed_over: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A formal act waiting for a person to issue or decline it."""

    kind: str
    rung: str
    #: the task whose ladder drafted it
    of: int
    to: tuple[str, ...] = ()
    #: the ladder the rung is of; "" = the one its task climbs
    ladder: str = ""
    #: it waits on when its task ends
    keep: bool = False
    #: who has prepared it for who signs it, and in whose place; () = it is being prepared, or nobody else signs it
    prepared_by: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An action that waits for the consent of others."""

    action: str
    #: the task it was asked from
    of: int
    by: str
    at: datetime
    values: dict[str, Any] = {}
    late: bool = False
    #: in whose place it was asked; "" = the asker's own
    stands_for: str = ""
    #: the state chosen by the asker, where the action leads back
    back_to: str = ""
