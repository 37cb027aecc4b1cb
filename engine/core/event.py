"""Events: past-tense facts; at once the decision, the audit record and the instruction for every projection.

Each has a `type` and a version `v`. Stored bytes are never touched: when a shape changes, its version rises and an
upcaster in `upcast.py` reads the old one. Instants are aware and UTC. A value is a JSON scalar, a list of scalars, a
reference {"vault": ref, "commitment": hex} to something personal, the rows of a table as objects by column, or the
answers of a checklist as objects {answer, note, photos} by item.
"""

from __future__ import annotations

from engine.core.event_access import (
    AccountSet,
    PasswordSet,
    PinRefused,
    PinSet,
    SessionParked,
    SessionResumed,
    SessionsEnded,
    SignedIn,
    SignInRefused,
)
from engine.core.event_administration import (
    BulkClosed,
    BulkOpened,
    ProcedurePublished,
    RoleEnded,
    RoleGranted,
    RowsRecorded,
)
from engine.core.event_calendar import CalendarPublished, DeadlineRedated, NoticeClosed
from engine.core.event_cases import (
    ActionTaken,
    ApprovalAnswered,
    CaseClaimed,
    CaseClosed,
    CaseLinked,
    CaseOpened,
    CaseReopened,
    CaseTriaged,
    DraftDeclined,
    DraftIssued,
    FieldsSet,
    MessageQueued,
    SignalReceived,
    SignalSent,
    StateEntered,
    StateLeft,
)
from engine.core.event_clocks import ClockDropped, ClockResumed, ClockStopped, RequestUndecided
from engine.core.event_duties import (
    DutyArmed,
    DutyEnded,
    DutyPublished,
    ExemptionEnded,
    ObligationExempted,
    ObligationsDue,
    ObligationsJoined,
    ObligationsLapsed,
    ObligationsMissed,
    ObligationsOpened,
    ObligationsReminded,
    ObligationsRolled,
    ObligationTaken,
    PeriodOpened,
    PeriodPopulated,
    PeriodRedated,
    PopulationCompared,
)
from engine.core.event_ladders import DraftCleared, LadderCalmed, LadderChanged, LadderPaused, LadderResumed
from engine.core.event_links import LinkedBack, LinkedChanged
from engine.core.event_parts import Alarm, Asked, Draft, Event, Holder, Period, TaskKind
from engine.core.event_people import (
    ActedFor,
    ActionRecalled,
    CaseCopied,
    CopyRead,
    GuestEnded,
    GuestInvited,
    HandOverAnswered,
    HolderChanged,
    OpinionGiven,
    PartyAssigned,
    PersonRecused,
    RoundClosed,
    RoundOpened,
    TaskUrged,
    VoicesChanged,
)
from engine.core.event_signing import CaseSealed, CaseSeen, CaseUnsealed, PartySigned, SignatureRefused
from engine.core.event_tasks import DeadlineExpired, DeadlineMoved, RungFired, TaskEnded, TaskOpened, TaskRead
from engine.core.event_watches import FindingAnswered, WatchCleared, WatchFound, WatchRan

__all__ = [
    "AccountSet",
    "ActedFor",
    "ActionRecalled",
    "ActionTaken",
    "Alarm",
    "AnyEvent",
    "ApprovalAnswered",
    "Asked",
    "BulkClosed",
    "BulkOpened",
    "CalendarPublished",
    "CaseClaimed",
    "CaseClosed",
    "CaseCopied",
    "CaseLinked",
    "CaseOpened",
    "CaseReopened",
    "CaseSealed",
    "CaseSeen",
    "CaseTriaged",
    "CaseUnsealed",
    "ClockDropped",
    "ClockResumed",
    "ClockStopped",
    "CopyRead",
    "DeadlineExpired",
    "DeadlineMoved",
    "DeadlineRedated",
    "Draft",
    "DraftCleared",
    "DraftDeclined",
    "DraftIssued",
    "DutyArmed",
    "DutyEnded",
    "DutyPublished",
    "Event",
    "ExemptionEnded",
    "FieldsSet",
    "FindingAnswered",
    "GuestEnded",
    "GuestInvited",
    "HandOverAnswered",
    "Holder",
    "HolderChanged",
    "LadderCalmed",
    "LadderChanged",
    "LadderPaused",
    "LadderResumed",
    "LinkedBack",
    "LinkedChanged",
    "MessageQueued",
    "NoticeClosed",
    "ObligationExempted",
    "ObligationTaken",
    "ObligationsDue",
    "ObligationsJoined",
    "ObligationsLapsed",
    "ObligationsMissed",
    "ObligationsOpened",
    "ObligationsReminded",
    "ObligationsRolled",
    "OpinionGiven",
    "PartyAssigned",
    "PartySigned",
    "PasswordSet",
    "Period",
    "PeriodOpened",
    "PeriodPopulated",
    "PeriodRedated",
    "PersonRecused",
    "PinRefused",
    "PinSet",
    "PopulationCompared",
    "ProcedurePublished",
    "RequestUndecided",
    "RoleEnded",
    "RoleGranted",
    "RoundClosed",
    "RoundOpened",
    "RowsRecorded",
    "RungFired",
    "SessionParked",
    "SessionResumed",
    "SessionsEnded",
    "SignInRefused",
    "SignalReceived",
    "SignalSent",
    "SignatureRefused",
    "SignedIn",
    "StateEntered",
    "StateLeft",
    "TaskEnded",
    "TaskKind",
    "TaskOpened",
    "TaskRead",
    "TaskUrged",
    "VoicesChanged",
    "WatchCleared",
    "WatchFound",
    "WatchRan",
]


AnyEvent = (
    CaseOpened
    | CaseClaimed
    | CaseTriaged
    | ActionTaken
    | FieldsSet
    | StateLeft
    | StateEntered
    | TaskOpened
    | TaskEnded
    | TaskRead
    | DeadlineMoved
    | DeadlineRedated
    | DeadlineExpired
    | ClockStopped
    | ClockResumed
    | ClockDropped
    | RequestUndecided
    | RungFired
    | LadderChanged
    | LadderPaused
    | LadderResumed
    | LadderCalmed
    | ApprovalAnswered
    | DraftCleared
    | DraftIssued
    | DraftDeclined
    | MessageQueued
    | SignalSent
    | SignalReceived
    | CaseLinked
    | LinkedBack
    | LinkedChanged
    | CaseClosed
    | CaseReopened
    | PartySigned
    | SignatureRefused
    | CaseSealed
    | CaseUnsealed
    | CaseSeen
    | HolderChanged
    | PartyAssigned
    | HandOverAnswered
    | PersonRecused
    | TaskUrged
    | CaseCopied
    | CopyRead
    | ActionRecalled
    | RoundOpened
    | VoicesChanged
    | RoundClosed
    | OpinionGiven
    | GuestInvited
    | GuestEnded
    | ActedFor
    | DutyArmed
    | DutyEnded
    | DutyPublished
    | ExemptionEnded
    | ObligationExempted
    | ObligationTaken
    | ObligationsDue
    | ObligationsJoined
    | ObligationsLapsed
    | ObligationsMissed
    | ObligationsOpened
    | ObligationsReminded
    | ObligationsRolled
    | PeriodOpened
    | PeriodPopulated
    | PeriodRedated
    | PopulationCompared
    | RowsRecorded
    | RoleGranted
    | RoleEnded
    | ProcedurePublished
    | CalendarPublished
    | NoticeClosed
    | BulkOpened
    | BulkClosed
    | SignedIn
    | SignInRefused
    | SessionsEnded
    | PasswordSet
    | AccountSet
    | PinSet
    | PinRefused
    | SessionParked
    | SessionResumed
    | WatchRan
    | WatchFound
    | WatchCleared
    | FindingAnswered
)
