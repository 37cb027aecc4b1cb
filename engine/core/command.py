"""Commands: what somebody, or the clock, asks of one stream; the only way anything changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

StreamKind = Literal["case", "directory", "library", "bulk", "draw", "access"]
Medium = Literal["web", "api", "cli", "chat", "mail", "paper", "import", "timer", "signal", "bulk", "system"]

#: Person id under which the engine itself acts (timers, signals); never a person of the directory.
SYSTEM = "system"


class Stream(msgspec.Struct, frozen=True, order=True, gc=False):
    """The address of one sequence of entries."""

    kind: StreamKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class EvidenceRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A file that was stored before the command: its content is its name."""

    #: lower-case hex SHA-256 of the bytes
    sha256: str
    #: file, photo, signature, scan
    kind: str
    size: int
    media_type: str
    #: the form field it belongs to, if any
    field: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the actor had before their eyes, for the check against stale pages."""

    #: open task the act belongs to
    task: int = 0
    #: last entry of the case that the actor saw; 0 = not stated
    seq: int = 0


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


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", gc=False):
    """Base of what a command asks for."""


class StartCase(Act, frozen=True, kw_only=True, tag="start_case"):
    """Open a case of a published procedure."""

    #: version hash of the procedure
    version: str
    action: str
    data: dict[str, Any] = {}
    evidence: tuple[EvidenceRef, ...] = ()


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
    data: dict[str, Any] = {}
    evidence: tuple[EvidenceRef, ...] = ()
    on_site: bool = False
    #: one of many by one click
    batch: bool = False
    seen: Seen = Seen()
    #: of everybody who signs where several do
    signatures: tuple[Signature, ...] = ()


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
    data: dict[str, Any] = {}
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
    data: dict[str, Any] = {}


class RecordUnits(Act, frozen=True, kw_only=True, tag="record_units"):
    """Record units, each valid from a date."""

    units: tuple[dict[str, Any], ...]


class RecordPlaces(Act, frozen=True, kw_only=True, tag="record_places"):
    """Record places."""

    places: tuple[dict[str, Any], ...]


class RecordRegions(Act, frozen=True, kw_only=True, tag="record_regions"):
    """Record regions by path and industries by id, with titles."""

    regions: dict[str, str] = {}
    industries: dict[str, str] = {}


class RecordPersons(Act, frozen=True, kw_only=True, tag="record_persons"):
    """Record persons; names come as vault references."""

    persons: tuple[dict[str, Any], ...]


class RecordCertificates(Act, frozen=True, kw_only=True, tag="record_certificates"):
    """Record which certificates persons hold; what is told of a number replaces what was told of it before."""

    certificates: tuple[dict[str, Any], ...]


class GrantRole(Act, frozen=True, kw_only=True, tag="grant_role"):
    """A person holds a role from a day on."""

    person: str
    role: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    valid_from: str
    valid_to: str = ""
    reason: str = ""


class EndRole(Act, frozen=True, kw_only=True, tag="end_role"):
    """A person stops holding a role: the last day is the one before valid_to."""

    holding: str
    valid_to: str
    reason: str = ""


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
    | RecordUnits
    | RecordPlaces
    | RecordRegions
    | RecordPersons
    | RecordCertificates
    | GrantRole
    | EndRole
    | PublishProcedure
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
