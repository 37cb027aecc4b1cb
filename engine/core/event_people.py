"""Events of who passed a task on, stood in, was asked, was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from engine.core.case_people import Assigned, Given, Voice
from engine.core.command_parts import EvidenceRef
from engine.core.event_parts import Event, Holder


class HolderChanged(Event, frozen=True, kw_only=True, tag="holder_changed"):
    """A task lies with somebody else from now on; its deadline runs on as it was."""

    v: int = 1
    task: int
    holder: Holder
    how: Literal[
        "claimed",  # 签收: one of several took it
        "released",  # and put it back
        "transferred",  # 转办
        "delegated",  # 委派
        "given_back",  # 交回
        "taken_back",  # the holder took a delegated task back
        "leaver",  # 离职转办
        "received",  # another office received the matter
        "designated",
        "recused",  # 回避
        "directory",  # roles, rosters or substitutions changed
    ]
    #: None = it lies with its party
    given: Given | None = None
    #: who had it before a delegation, as `given` said; kept so that it comes back
    back_to: Given | None = None
    reason: str = ""
    #: what a delegate found
    evidence: tuple[EvidenceRef, ...] = ()


class PartyAssigned(Event, frozen=True, kw_only=True, tag="party_assigned"):
    """A party of the case means others from now on."""

    v: int = 1
    party: str
    assigned: Assigned


class HandOverAnswered(Event, frozen=True, kw_only=True, tag="hand_over_answered"):
    """Another office received a matter, or refused it on a stated ground."""

    v: int = 1
    task: int
    received: bool
    ground: str = ""
    reason: str = ""


class PersonRecused(Event, frozen=True, kw_only=True, tag="person_recused"):
    """A person said that they are biased, and takes no more part in the case."""

    v: int = 1
    person: str
    reason: str


class TaskUrged(Event, frozen=True, kw_only=True, tag="task_urged"):
    """Somebody urged the holders of a task."""

    v: int = 1
    task: int
    note: str = ""


class CaseCopied(Event, frozen=True, kw_only=True, tag="case_copied"):
    """Copies of the case were sent to persons, who may see it from then on."""

    v: int = 1
    to: tuple[str, ...]
    note: str = ""


class CopyRead(Event, frozen=True, kw_only=True, tag="copy_read"):
    """A person who was sent a copy had read it."""

    v: int = 1
    person: str


class ActionRecalled(Event, frozen=True, kw_only=True, tag="action_recalled"):
    """Who had acted took it back before anybody who came after had acted on it; what was filled in stays."""

    v: int = 1
    action: str
    #: the stay that goes on in the place of the one it had ended
    activation: int = 0
    reason: str = ""


class RoundOpened(Event, frozen=True, kw_only=True, tag="round_opened"):
    """Several voices are asked about an action."""

    v: int = 1
    round: int
    of: int
    action: str
    voices: tuple[Voice, ...]


class VoicesChanged(Event, frozen=True, kw_only=True, tag="voices_changed"):
    """A voice was added, was taken out, answered or was asked: all voices as they now are."""

    v: int = 1
    round: int
    how: Literal["added", "removed", "answered", "asked"]
    voices: tuple[Voice, ...]
    reason: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class RoundClosed(Event, frozen=True, kw_only=True, tag="round_closed"):
    """A vote ended."""

    v: int = 1
    round: int
    how: Literal["passed", "refused", "withdrawn"]


class OpinionGiven(Event, frozen=True, kw_only=True, tag="opinion_given"):
    """One of those asked beside the holder gave their opinion."""

    v: int = 1
    task: int
    party: str
    #: in whose place who signed gave it; "" = in their own
    stands_for: str = ""
    #: a text, or the reference to one that is sealed
    opinion: Any
    late: bool = False
    evidence: tuple[EvidenceRef, ...] = ()


class GuestInvited(Event, frozen=True, kw_only=True, tag="guest_invited"):
    """Somebody without an account may act as a party until an instant."""

    v: int = 1
    #: "guest-…", derived from the command: stands where persons stand
    person: str
    party: str
    #: how the link went to them
    way: Literal["shown", "printed", "mail", "paper"] = "shown"
    until: datetime


class GuestEnded(Event, frozen=True, kw_only=True, tag="guest_ended"):
    """An invitation is over before its time."""

    v: int = 1
    person: str
    reason: str = ""


class ActedFor(Event, frozen=True, kw_only=True, tag="acted_for"):
    """Who signed the act of this entry did so in the place of those who hold the task."""

    v: int = 1
    task: int
    persons: tuple[str, ...]
    #: substitution: they stand in for one of them; superior: with a reason
    how: Literal["substitution", "superior"]
    reason: str = ""
