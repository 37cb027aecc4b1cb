"""Events of ladders: another one is climbed, they are paused and go on, step down; drafts pass from hand to hand."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from engine.core.command_parts import EvidenceRef
from engine.core.event_parts import Alarm, Event


class LadderChanged(Event, frozen=True, kw_only=True, tag="ladder_changed"):
    """A task climbs another ladder, because what decides about it changed."""

    v: int = 1
    task: int
    ladder: str
    was: str = ""
    #: the fields that changed
    fields: tuple[str, ...] = ()
    #: rungs of the new ladder whose moment had passed; those that fired stay fired
    skipped: tuple[str, ...] = ()
    alarm: Alarm | None = None


class LadderPaused(Event, frozen=True, kw_only=True, tag="ladder_paused"):
    """No rung fires until then, or until somebody lets it go on; the deadline stands."""

    v: int = 1
    task: int
    until: datetime
    reason: str
    alarm: Alarm | None = None


class LadderResumed(Event, frozen=True, kw_only=True, tag="ladder_resumed"):
    """A paused ladder goes on."""

    v: int = 1
    task: int
    how: Literal["by_hand", "in_time"]
    #: when it went on: by itself, however late the system was
    since: datetime
    reason: str = ""
    #: rungs whose moment passed meanwhile, where such are skipped
    skipped: tuple[str, ...] = ()
    #: repeated rungs whose repeats of that time are not made up for
    passed_over: tuple[str, ...] = ()
    #: our own lateness in seconds, nobody's fault
    system_late: int = 0
    alarm: Alarm | None = None


class LadderCalmed(Event, frozen=True, kw_only=True, tag="ladder_calmed"):
    """Progress was made: a ladder stepped down, and what comes after that rung is climbed anew."""

    v: int = 1
    task: int
    #: the action that was the progress
    action: str
    #: the highest rung that had fired, and the one it went back to; "start" = the deadline
    was: str
    back_to: str
    #: the deadline as it would have to have been for that rung to be reached now: later rungs count from it
    counts_from: datetime
    #: rungs that may fire again
    again: tuple[str, ...] = ()
    #: all rungs that are passed over from now on
    skipped: tuple[str, ...] = ()
    alarm: Alarm | None = None


class DraftCleared(Event, frozen=True, kw_only=True, tag="draft_cleared"):
    """A person has checked a drafted act and put it before who signs it (核稿)."""

    v: int = 1
    task: int
    kind: str
    evidence: tuple[EvidenceRef, ...] = ()
