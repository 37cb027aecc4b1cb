"""Commands: what somebody, or the clock, asks of one stream; the only way anything changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from engine.core.command_calendar import CalendarAct as CalendarAct
from engine.core.command_calendar import CloseNotice as CloseNotice
from engine.core.command_calendar import PublishCalendar as PublishCalendar
from engine.core.command_calendar import RedateCase as RedateCase
from engine.core.command_directory import DirectoryAct as DirectoryAct
from engine.core.command_directory import EndRole as EndRole
from engine.core.command_directory import GrantRole as GrantRole
from engine.core.command_directory import RecordCertificates as RecordCertificates
from engine.core.command_directory import RecordPersons as RecordPersons
from engine.core.command_directory import RecordPlaces as RecordPlaces
from engine.core.command_directory import RecordPowers as RecordPowers
from engine.core.command_directory import RecordRecusals as RecordRecusals
from engine.core.command_directory import RecordRegions as RecordRegions
from engine.core.command_directory import RecordShifts as RecordShifts
from engine.core.command_directory import RecordSubstitutions as RecordSubstitutions
from engine.core.command_directory import RecordSuccessions as RecordSuccessions
from engine.core.command_directory import RecordUnits as RecordUnits
from engine.core.command_duties import DutyAct as DutyAct
from engine.core.command_duties import EndDuty as EndDuty
from engine.core.command_duties import EndExemption as EndExemption
from engine.core.command_duties import ExemptObligation as ExemptObligation
from engine.core.command_duties import PublishDuty as PublishDuty
from engine.core.command_duties import RedateDuty as RedateDuty
from engine.core.command_duties import TurnDuty as TurnDuty
from engine.core.command_ladders import LadderAct as LadderAct
from engine.core.command_ladders import PauseLadder as PauseLadder
from engine.core.command_ladders import ResumeLadder as ResumeLadder
from engine.core.command_parts import SYSTEM as SYSTEM
from engine.core.command_parts import Act as Act
from engine.core.command_parts import EvidenceRef as EvidenceRef
from engine.core.command_parts import Medium as Medium
from engine.core.command_parts import Seen as Seen
from engine.core.command_parts import Stream as Stream
from engine.core.command_parts import StreamKind as StreamKind
from engine.core.command_people import AnswerHandOver as AnswerHandOver
from engine.core.command_people import AnswerVote as AnswerVote
from engine.core.command_people import ChangeVoices as ChangeVoices
from engine.core.command_people import ClaimTask as ClaimTask
from engine.core.command_people import CopyCase as CopyCase
from engine.core.command_people import DelegateTask as DelegateTask
from engine.core.command_people import Designate as Designate
from engine.core.command_people import EndGuest as EndGuest
from engine.core.command_people import GiveBackTask as GiveBackTask
from engine.core.command_people import GiveOpinion as GiveOpinion
from engine.core.command_people import HandOver as HandOver
from engine.core.command_people import InviteGuest as InviteGuest
from engine.core.command_people import PeopleAct as PeopleAct
from engine.core.command_people import ReadCopy as ReadCopy
from engine.core.command_people import ReassignTask as ReassignTask
from engine.core.command_people import RecallAction as RecallAction
from engine.core.command_people import RecusePerson as RecusePerson
from engine.core.command_people import RefreshHolder as RefreshHolder
from engine.core.command_people import ReleaseTask as ReleaseTask
from engine.core.command_people import TransferTask as TransferTask
from engine.core.command_people import UrgeTask as UrgeTask
from engine.core.command_watches import AnswerFinding as AnswerFinding
from engine.core.command_watches import TurnWatch as TurnWatch
from engine.core.command_watches import WatchAct as WatchAct


class Signature(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How one person of a party answered when asked to sign: they signed, or it is recorded that they refused."""

    #: as the action asks for it: a party reference, "" = the side that acts
    party: str = ""
    #: a person of the directory; needed of the side that acts
    person: str = ""
    #: the name of somebody without an account
    name: str = ""
    #: digest, among the evidence, of the signature or of the scan of a signed paper
    file: str = ""
    #: the reason for which they refused; "" = they signed
    refused: str = ""
    #: refused: who saw it, and the digest of that person's signature or of a picture
    witness: str = ""
    witness_file: str = ""


class StartCase(Act, frozen=True, kw_only=True, tag="start_case"):
    """Open a case of a published procedure."""

    #: version hash of the procedure
    version: str
    action: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    evidence: tuple[EvidenceRef, ...] = ()
    #: the obligation that it meets, "duty/period/subject"
    obligation: str = ""


class StartLinked(StartCase, frozen=True, kw_only=True, tag="start_linked"):
    """Open a case that another one starts; only ever carried out as a signal."""

    #: the other case, the entry that asked for this one, what kind of link its procedure says
    source: Stream
    source_seq: int
    #: "" = it does not link this one
    how: str = ""
    procedure: str = ""
    number: str = ""
    #: what the other case wants to be told
    hears: tuple[str, ...] = ()


class SubmitAction(Act, frozen=True, kw_only=True, tag="submit_action"):
    """Do an action of a task (task = 0 only to reopen a closed case)."""

    task: int
    action: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    evidence: tuple[EvidenceRef, ...] = ()
    on_site: bool = False
    #: one of many by one click
    batch: bool = False
    seen: Seen = Seen()
    #: of everybody who signs where several do
    signatures: tuple[Signature, ...] = ()
    #: the state to which it leads back, where who acts chooses it
    back_to: str = ""
    #: why a superior acts in the place of who holds the task; "" = nobody does
    instead: str = ""


class AnswerApproval(Act, frozen=True, kw_only=True, tag="answer_approval"):
    """Consent to, or refuse, what another person asked for."""

    task: int
    consent: bool
    reason: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    seen: Seen = Seen()


class FireTimer(Act, frozen=True, kw_only=True, tag="fire_timer"):
    """A moment of a task's ladder or its deadline has come."""

    task: int
    rung: str
    epoch: int


#: Ways of service (送达): handed over, left there, by mail, by another office, electronically, by public notice.
ServiceWay = Literal["", "in_person", "left", "mail", "entrusted", "electronic", "notice"]


class IssueDraft(Act, frozen=True, kw_only=True, tag="issue_draft"):
    """Issue a formal act that a rung drafted."""

    task: int
    text: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    #: how it was served, "" = not yet, or not said
    way: ServiceWay = ""
    #: ISO day on which it was served
    served_on: str = ""
    seen: Seen = Seen()


class DeclineDraft(Act, frozen=True, kw_only=True, tag="decline_draft"):
    """Decide not to issue a drafted act, and say why."""

    task: int
    reason: str
    seen: Seen = Seen()


class ReadTask(Act, frozen=True, kw_only=True, tag="read_task"):
    """A holder saw the task for the first time."""

    task: int


class SeeCase(Act, frozen=True, kw_only=True, tag="see_case"):
    """Look at a case that is hidden: the first look of each person is recorded."""


class ClaimCase(Act, frozen=True, kw_only=True, tag="claim_case"):
    """Open a case as another record claims it to stand: nothing is verified, no ladder starts before triage."""

    version: str
    state: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    #: the number in the record it comes from
    claimed_number: str = ""
    #: when it was found and, if over, ended according to that record
    claimed_opened_at: datetime
    claimed_closed_at: datetime | None = None
    #: the record: file digest, row
    source: str = ""


class TriageCase(Act, frozen=True, kw_only=True, tag="triage_case"):
    """Say where the ladders of a claimed case start."""

    #: now: later rungs only; deadline: as if it had always run; until: a new date for every open task
    start: Literal["now", "deadline", "until"]
    until: str = ""
    reason: str


class ReceiveSignal(Act, frozen=True, kw_only=True, tag="receive_signal"):
    """Take note of what happened on another stream."""

    source: Stream
    source_seq: int
    n: int
    name: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class PublishProcedure(Act, frozen=True, kw_only=True, tag="publish_procedure"):
    """Make a resolved procedure available to new cases."""

    version: str
    procedure: str
    plan: str
    title: str


class OpenBulk(Act, frozen=True, kw_only=True, tag="open_bulk"):
    """Freeze the items of a bulk operation."""

    purpose: str
    items: int
    digest: str
    reason: str = ""


class CloseBulk(Act, frozen=True, kw_only=True, tag="close_bulk"):
    """Record how a bulk operation ended."""

    done: int
    failed: int


class SignIn(Act, frozen=True, kw_only=True, tag="sign_in"):
    """Open a session of the person whose account it is; its token is known to their browser alone."""

    #: the session's public id, nothing of its token
    session: str
    #: family of the browser, no version
    agent: str = ""


class RefuseSignIn(Act, frozen=True, kw_only=True, tag="refuse_sign_in"):
    """Note that somebody gave a wrong password for the account, and how long it takes no other."""

    #: wrong ones in a row
    failed: int
    locked_until: datetime | None = None


class EndSessions(Act, frozen=True, kw_only=True, tag="end_sessions"):
    """Sign out of one or several sessions."""

    sessions: tuple[str, ...]


class SetPassword(Act, frozen=True, kw_only=True, tag="set_password"):
    """Give the account another password, of which nothing is said."""

    #: the person must choose their own at the next sign-in
    must_change: bool = False


class SetAccount(Act, frozen=True, kw_only=True, tag="set_account"):
    """Open, disable or enable a person's account."""

    standing: Literal["opened", "disabled", "enabled"]


class SetPin(Act, frozen=True, kw_only=True, tag="set_pin"):
    """Give the account a PIN for shared devices, of which nothing is said, or take it away."""

    standing: Literal["set", "removed"]


class RefusePin(Act, frozen=True, kw_only=True, tag="refuse_pin"):
    """Note that somebody gave a wrong PIN on a device that remembers the person."""

    #: wrong ones on this device since the last right one
    failed: int
    #: the device takes no further one before the person has signed in there with their password
    locked: bool = False


class ParkSession(Act, frozen=True, kw_only=True, tag="park_session"):
    """Put a session aside because another person takes over its device."""

    session: str
    by: str


class ResumeSession(Act, frozen=True, kw_only=True, tag="resume_session"):
    """Act again on a device that remembers the person, after the PIN, under a token of its own."""

    #: the session's new public id, and the one it had
    session: str
    former: str
    #: whose session was parked for it, "" = nobody's
    after: str = ""
    agent: str = ""


AnyAct = (
    StartCase
    | StartLinked
    | SubmitAction
    | AnswerApproval
    | FireTimer
    | IssueDraft
    | DeclineDraft
    | ReadTask
    | SeeCase
    | ClaimCase
    | TriageCase
    | ReceiveSignal
    | PeopleAct
    | LadderAct
    | DirectoryAct
    | WatchAct
    | DutyAct
    | PublishProcedure
    | CalendarAct
    | OpenBulk
    | CloseBulk
    | SignIn
    | RefuseSignIn
    | EndSessions
    | SetPassword
    | SetAccount
    | SetPin
    | RefusePin
    | ParkSession
    | ResumeSession
)


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One request on one stream; instants are aware, `acted_by` is the signatory, `entered_by` who typed."""

    #: chosen by the client, unique for ever: a repeat gets the first answer
    id: str
    stream: Stream
    act: AnyAct
    acted_by: str
    entered_by: str
    #: when it happened, according to who entered it
    occurred_at: datetime
    #: when the one door took it
    recorded_at: datetime
    medium: Medium
    device: str = ""
    #: the entry that caused it: "case/abc:7"
    caused_by: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A command as a face hands it to the one door, which adds the instant it took it."""

    id: str
    stream: Stream
    act: AnyAct
    acted_by: str
    #: "" = who acted
    entered_by: str = ""
    #: None = now
    occurred_at: datetime | None = None
    medium: Medium
    device: str = ""
    caused_by: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a command that was carried out is answered, the same for every repeat of its id."""

    command: str
    stream: Stream
    #: the entry it wrote; 0 = it changed nothing
    seq: int
    #: hex leaf hash of that entry; the receipt
    leaf: str
