"""What responses say of watches: what each counts, what it found, and the cases behind a number."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.api.shown.base import Shown
from web.api.shown.cases import CaseRow


class NumberOut(Shown):
    """One number: a count, or a limit it is compared with."""

    id: str
    title: str
    value: int


class WatchRow(Shown):
    """One watch of the place."""

    id: str
    title: str
    explain: str
    per: str
    #: findings that wait for an answer, by light
    lit: dict[str, int]
    #: key of the last period it looked at; "" = none yet
    period: str
    basis: list[str]


class WatchList(Shown):
    """The watches of the place."""

    items: list[WatchRow]


class FindingOut(Shown):
    """What a watch found about a subject in a period."""

    period: str
    subject: str
    title: str
    light: str
    status: Literal["open", "cleared", "justified", "examined", "unfounded"]
    counts: dict[str, int]
    #: how many cases are behind it
    behind: int
    started: list[str]
    drawn: list[str]
    found_at: datetime
    ended_at: datetime | None
    answered_by: str
    reason: str


class SubjectOut(Shown):
    """One subject in the last period that ended."""

    subject: str
    title: str
    #: the condition holds
    holds: bool
    counts: dict[str, int]


class WatchOut(WatchRow):
    """A watch with its findings and subjects, as far as they lie within the caller's reach."""

    condition: str
    counts: list[NumberOut]
    limits: list[NumberOut]
    findings: list[FindingOut]
    subjects: list[SubjectOut]
    more: int


class CountedOut(Shown):
    """One subject in one period: its counts as they are now, and the cases behind one of them."""

    subject: str
    period: str
    counts: list[NumberOut]
    finding: FindingOut | None
    #: how many cases are behind it, to be seen by the caller or not
    behind: int
    cases: list[CaseRow]
