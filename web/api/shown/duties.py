"""What responses say of duties: the list, a table of subjects and windows, one obligation and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from web.api.shown.base import PersonRef, Shown

StatusOut = Literal["open", "acted", "done", "late", "missed", "exempt", "lapsed"]


class DutyCountOut(Shown):
    """How many obligations of one window stand so."""

    period: str
    status: StatusOut
    #: how many of them were done afterwards
    made_up: bool
    late: bool
    count: int


class DutyRow(Shown):
    """One duty, and how its running windows stand within the caller's reach."""

    id: str
    title: str
    version: str
    #: units, regions, people, us
    population: str
    #: who must: a role within the unit, one looked up where the subject is, or whoever it is about
    by: str
    procedure: str
    action: str
    basis: list[str]
    #: keys of the windows that run today
    periods: list[str]
    due_at: datetime | None
    counts: list[DutyCountOut]


class DutyList(Shown):
    """The duties of the place."""

    items: list[DutyRow]


class ObligationOut(Shown):
    """One obligation: a duty, a window, a subject."""

    duty: str
    period: str
    subject: str
    status: StatusOut
    opens_at: datetime
    due_at: datetime
    missed_at: datetime
    late: bool
    missed: bool
    made_up: bool
    #: the case by which it is met, "" = none
    case: str
    begun_at: datetime | None
    done_at: datetime | None
    #: why it was excused, or need not be done any more
    reason: str


class DutyLineOut(Shown):
    """One subject with what it owes in these windows."""

    subject: str
    title: str
    region: str
    industry: str
    obligations: list[ObligationOut]


class DutyTable(Shown):
    """A page of a duty's table, in order of subjects, with the sums of all pages."""

    duty: str
    title: str
    first: date
    last: date
    #: keys of the windows of the finest rhythm, in order
    periods: list[str]
    items: list[DutyLineOut]
    after: str
    subjects: int
    counts: list[DutyCountOut]


class ObligationMomentOut(Shown):
    """Something that became of an obligation."""

    at: datetime
    what: Literal[
        "opened", "joined", "reminded", "due", "missed", "exempted", "exemption_ended", "lapsed", "taken", "called",
        "done",
    ]  # fmt: skip
    #: when it ought to have happened
    due_at: datetime | None
    person: str
    data: dict[str, str]


class ObligationSeenOut(ObligationOut):
    """One obligation with who must, how its deadline came about, and what became of it."""

    title: str
    persons: list[PersonRef]
    #: how the deadline came about, in words
    derivation: str
    moments: list[ObligationMomentOut]
    #: the caller may begin its case
    may_begin: bool
    #: the caller may excuse it
    may_exempt: bool


class ObligationList(Shown):
    """What the caller must, or may in another's place, the earliest due first."""

    items: list[ObligationOut]
