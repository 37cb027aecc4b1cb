"""Acts of passing a task on, standing in, voting, handing over, inviting: none of them is an action of a definition."""

from __future__ import annotations

from typing import Literal

from engine.core.command_parts import Act, EvidenceRef, Seen


class ClaimTask(Act, frozen=True, kw_only=True, tag="claim_task"):
    """Take a task that several hold: from then on it is one's own (签收)."""

    task: int


class ReleaseTask(Act, frozen=True, kw_only=True, tag="release_task"):
    """Put a claimed task back to all who hold it (退签)."""

    task: int
    reason: str = ""


class TransferTask(Act, frozen=True, kw_only=True, tag="transfer_task"):
    """Give a task to another person for good (转办)."""

    task: int
    to: str
    reason: str


class DelegateTask(Act, frozen=True, kw_only=True, tag="delegate_task"):
    """Let another person work on a task; it comes back (委派)."""

    task: int
    to: str
    reason: str


class GiveBackTask(Act, frozen=True, kw_only=True, tag="give_back_task"):
    """Give a delegated task back with what was found (交回), or take it back (收回)."""

    task: int
    opinion: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class ReassignTask(Act, frozen=True, kw_only=True, tag="reassign_task"):
    """Give a task of somebody who leaves to a named person (离职转办); needs the permission to."""

    task: int
    to: str
    reason: str


class RefreshHolder(Act, frozen=True, kw_only=True, tag="refresh_holder"):
    """Look up anew who holds a task (0 = every open task); only the engine does that."""

    task: int = 0


class UrgeTask(Act, frozen=True, kw_only=True, tag="urge_task"):
    """Urge whoever holds a task (催办)."""

    task: int
    note: str = ""


class CopyCase(Act, frozen=True, kw_only=True, tag="copy_case"):
    """Send copies of the case from a task (抄送)."""

    task: int
    to: tuple[str, ...]
    note: str = ""


class ReadCopy(Act, frozen=True, kw_only=True, tag="read_copy"):
    """Say that one has read the copy that one was sent (已阅)."""


class RecallAction(Act, frozen=True, kw_only=True, tag="recall_action"):
    """Take one's last act back before anybody has acted on it (拿回)."""

    reason: str = ""
    seen: Seen = Seen()


class RecusePerson(Act, frozen=True, kw_only=True, tag="recuse_person"):
    """Say that one is biased in this case (申请回避)."""

    task: int
    reason: str


class HandOver(Act, frozen=True, kw_only=True, tag="hand_over"):
    """Hand the matter over to the office that has the party's role elsewhere (移交)."""

    task: int
    region: str = ""
    industry: str = ""
    reason: str
    evidence: tuple[EvidenceRef, ...] = ()


class AnswerHandOver(Act, frozen=True, kw_only=True, tag="answer_hand_over"):
    """Receive a matter, or refuse it on one of the stated grounds."""

    task: int
    receive: bool
    ground: str = ""
    reason: str = ""


class Designate(Act, frozen=True, kw_only=True, tag="designate"):
    """Say which office has the matter, which then cannot refuse it (指定管辖)."""

    task: int
    region: str = ""
    industry: str = ""
    person: str = ""
    reason: str


class AnswerVote(Act, frozen=True, kw_only=True, tag="answer_vote"):
    """Give one's voice."""

    task: int
    consent: bool
    reason: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    seen: Seen = Seen()


class ChangeVoices(Act, frozen=True, kw_only=True, tag="change_voices"):
    """Add a person's voice to a vote under way (加签), or take one out that was added (减签)."""

    #: the task from which the vote was asked
    task: int
    add: str = ""
    remove: int = 0
    reason: str


class GiveOpinion(Act, frozen=True, kw_only=True, tag="give_opinion"):
    """Give one's opinion on a task that another concludes (协办意见)."""

    task: int
    opinion: str
    evidence: tuple[EvidenceRef, ...] = ()


class InviteGuest(Act, frozen=True, kw_only=True, tag="invite_guest"):
    """Let somebody without an account act as a party until a day (ISO, included)."""

    task: int
    party: str
    until: str
    way: Literal["shown", "printed", "mail", "paper"] = "shown"


class EndGuest(Act, frozen=True, kw_only=True, tag="end_guest"):
    """End an invitation before its time."""

    person: str
    reason: str


PeopleAct = (
    ClaimTask
    | ReleaseTask
    | TransferTask
    | DelegateTask
    | GiveBackTask
    | ReassignTask
    | RefreshHolder
    | UrgeTask
    | CopyCase
    | ReadCopy
    | RecallAction
    | RecusePerson
    | HandOver
    | AnswerHandOver
    | Designate
    | AnswerVote
    | ChangeVoices
    | GiveOpinion
    | InviteGuest
    | EndGuest
)
