"""Events of a case's own life: opened, acted upon, moved from state to state, linked, closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from engine.core.command import EvidenceRef, Stream
from engine.core.event_parts import Event


class CaseOpened(Event, frozen=True, kw_only=True, tag="case_opened"):
    """A case of a procedure began."""

    v: int = 1
    procedure: str
    version: str
    number: str
    #: jurisdiction path, "/sample/town01/"
    region: str
    unit: str = ""
    place: str = ""
    industry: str = ""
    title: str = ""


class CaseClaimed(Event, frozen=True, kw_only=True, tag="case_claimed"):
    """A case was taken over from another record as that record claims it."""

    v: int = 1
    claimed_number: str
    claimed_opened_at: datetime
    claimed_closed_at: datetime | None = None
    source: str = ""


class CaseTriaged(Event, frozen=True, kw_only=True, tag="case_triaged"):
    """It was said where the ladders of a claimed case start."""

    v: int = 1
    start: str
    until: str = ""
    reason: str


class ActionTaken(Event, frozen=True, kw_only=True, tag="action_taken"):
    """A person did an action; the entry says who signed, who typed and when."""

    v: int = 2
    action: str
    #: 0 = opening or reopening
    task: int = 0
    #: the party as which they acted
    party: str
    signature: str = "none"
    evidence: tuple[EvidenceRef, ...] = ()
    on_site: bool = False
    #: asked for after the deadline
    late: bool = False
    #: how long it may be taken back: "until read", or a span phrase; "" = not at all
    recall: str = ""


class FieldsSet(Event, frozen=True, kw_only=True, tag="fields_set"):
    """Values of the case changed."""

    v: int = 1
    values: dict[str, Any]


class StateLeft(Event, frozen=True, kw_only=True, tag="state_left"):
    """A stay in a state ended."""

    v: int = 1
    state: str
    activation: int


class StateEntered(Event, frozen=True, kw_only=True, tag="state_entered"):
    """A stay in a state, an activation, began."""

    v: int = 1
    state: str
    activation: int
    #: only leaves stay in the configuration; containers are entered for the record
    leaf: bool = True
    #: since when it lasts, where it goes on because the act that ended it was taken back; None = from now on
    since: datetime | None = None


class ApprovalAnswered(Event, frozen=True, kw_only=True, tag="approval_answered"):
    """A second person consented to an asked action, or refused it."""

    v: int = 1
    task: int
    action: str
    party: str
    consent: bool
    reason: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class DraftIssued(Event, frozen=True, kw_only=True, tag="draft_issued"):
    """A person issued a drafted act."""

    v: int = 2
    task: int
    kind: str
    to: tuple[str, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()
    #: number in its series, "" = it bears none
    number: str = ""
    #: how and on which ISO day it was served, "" = not said
    way: str = ""
    served_on: str = ""


class DraftDeclined(Event, frozen=True, kw_only=True, tag="draft_declined"):
    """A person decided that a drafted act is not issued."""

    v: int = 1
    task: int
    kind: str
    reason: str


class MessageQueued(Event, frozen=True, kw_only=True, tag="message_queued"):
    """A message to one person was put into the outbox: template and references, never finished text."""

    v: int = 1
    n: int
    to: str
    text: str
    task: int = 0
    rung: str = ""
    #: it may be merged with others into one
    digest: bool = False


class SignalSent(Event, frozen=True, kw_only=True, tag="signal_sent"):
    """Another stream is to take note: delivered as a command of its own, in order."""

    v: int = 1
    n: int
    to: Stream
    name: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class SignalReceived(Event, frozen=True, kw_only=True, tag="signal_received"):
    """Something that happened on another stream was noted here."""

    v: int = 1
    source: Stream
    source_seq: int
    name: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class CaseLinked(Event, frozen=True, kw_only=True, tag="case_linked"):
    """The case has to do with another one."""

    v: int = 1
    to: str
    how: str


class CaseClosed(Event, frozen=True, kw_only=True, tag="case_closed"):
    """The case came to an end of some kind."""

    v: int = 1
    how: str
    state: str


class CaseReopened(Event, frozen=True, kw_only=True, tag="case_reopened"):
    """An end was undone."""

    v: int = 1
    was: str
    closed_at: datetime
