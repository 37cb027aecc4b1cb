"""Events of watches: they looked, something was found, it is so no more, a named person answered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine.core.event_parts import Event

#: How a finding is answered: it has a reason, it was looked into, it is none of ours.
FindingAnswer = Literal["justified", "examined", "unfounded"]


class WatchRan(Event, frozen=True, kw_only=True, tag="watch_ran"):
    """A watch looked at a period: at how many subjects, by which version of its definition, with what digest."""

    v: int = 1
    period: str
    #: [first, before) of what was counted
    first: datetime
    before: datetime
    version: str
    subjects: int
    found: int
    #: SHA-256 of the canonical counts of all subjects
    digest: str


class WatchFound(Event, frozen=True, kw_only=True, tag="watch_found"):
    """The condition of a watch holds of a subject in a period."""

    v: int = 1
    period: str
    subject: str
    light: str
    counts: dict[str, int]
    #: where the subject lies, and the unit it is or belongs to; "" = nowhere
    region: str = ""
    unit: str = ""
    #: cases behind the counts, 200 at most, and how many there are
    cases: tuple[str, ...] = ()
    behind: int = 0
    #: cases that this started
    started: tuple[str, ...] = ()
    #: those of the cases that were drawn to be looked at again
    drawn: tuple[str, ...] = ()
    #: of a rolling watch: it is found once, until new counts clear it
    stays: bool = False


class WatchCleared(Event, frozen=True, kw_only=True, tag="watch_cleared"):
    """By new counts the condition of a rolling watch holds of a subject no more."""

    v: int = 1
    #: of the finding, and the one in which it is so no more
    period: str
    since: str
    subject: str
    counts: dict[str, int]


class FindingAnswered(Event, frozen=True, kw_only=True, tag="finding_answered"):
    """A named person says what a finding is about: the entry says who."""

    v: int = 1
    period: str
    subject: str
    how: FindingAnswer
    reason: str
