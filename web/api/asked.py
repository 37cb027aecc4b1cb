"""What bodies of requests may say; unknown keys are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from engine.audit.canonical import check_value
from engine.core.calendar import FIRST_YEAR, LAST_YEAR
from engine.core.command import EvidenceRef, ServiceWay, Signature

Id = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=2000)]
Day = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


#: Bytes of what else is known of a unit or place.
MOST_ATTRIBUTES = 20_000


def _within_the_calendar(at: datetime) -> datetime:
    """Refuse instants of which no calendar knows, and those that another zone could not even write."""
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise ValueError("not within the calendar")
    return at


def _canonical(attributes: dict[str, Any]) -> dict[str, Any]:
    """Refuse what an entry has no bytes for: fractions as floats, integers beyond 2^53, rare characters in keys."""
    check_value(attributes, field="attributes", most_bytes=MOST_ATTRIBUTES)
    return attributes


#: An instant with its zone.
Instant = Annotated[AwareDatetime, AfterValidator(_within_the_calendar)]
Attributes = Annotated[dict[str, Any], AfterValidator(_canonical)]


class Asked(BaseModel):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceIn(Asked):
    """A file uploaded before."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["file", "photo", "signature", "scan"]
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    media_type: Name
    field: Name = ""

    def ref(self) -> EvidenceRef:
        """As a command carries it."""
        return EvidenceRef(
            sha256=self.sha256, kind=self.kind, size=self.size, media_type=self.media_type, field=self.field
        )


class SignatureIn(Asked):
    """How one person of a party answered when asked to sign; files are named by their digests."""

    #: "" = the side that acts
    party: Annotated[str, Field(max_length=100)] = ""
    person: Annotated[str, Field(max_length=100)] = ""
    name: Name = ""
    file: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    #: the reason for which they refused
    refused: Reason = ""
    witness: Name = ""
    witness_file: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""

    def signature(self) -> Signature:
        """As a command carries it."""
        return Signature(**self.model_dump())


class Entered(Asked):
    """Who acted and when, where it was not the caller and not now."""

    #: the signatory; "" = the person of the token
    acted_by: Annotated[str, Field(max_length=100)] = ""
    occurred_at: Instant | None = None
    medium: Literal["api", "paper"] = "api"
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=40)] = ()


class StartIn(Entered):
    """Open a case of a procedure, by its id (the latest version) or by a version."""

    procedure: Annotated[str, Field(max_length=100)] = ""
    version: Annotated[str, Field(max_length=64)] = ""
    action: Id
    data: dict[str, Any] = {}
    #: the obligation that it meets: duty/period/subject
    obligation: Annotated[str, Field(max_length=400)] = ""


class ActIn(Entered):
    """Do an action."""

    data: dict[str, Any] = {}
    on_site: bool = False
    signatures: Annotated[tuple[SignatureIn, ...], Field(max_length=20)] = ()
    #: the state to which it leads back, where who acts chooses one
    back_to: Annotated[str, Field(max_length=200)] = ""
    #: why a superior acts in the place of who holds the task
    instead: Reason = ""


class AnswerIn(Entered):
    """Consent, or refuse with a reason."""

    reason: Reason = ""


class IssueIn(Entered):
    """Issue a drafted act."""

    text: Annotated[str, Field(max_length=20_000)] = ""
    #: how and on which day it was served
    way: ServiceWay = ""
    served_on: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""


class DeclineIn(Entered):
    """Decide not to issue a drafted act."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class TriageIn(Entered):
    """Say where the ladders of a claimed case start."""

    start: Literal["now", "deadline", "until"]
    until: Day = ""
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class BatchItem(Asked):
    """One act of a batch."""

    case: Id
    task: Annotated[int, Field(ge=1, le=2**31 - 1)]
    action: Id
    data: dict[str, Any] = {}
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=40)] = ()
    #: the entry of the case that was seen; 0 = not stated
    seen: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0


class BatchIn(Asked):
    """Several acts, each by itself."""

    items: Annotated[tuple[BatchItem, ...], Field(min_length=1)]
    acted_by: Annotated[str, Field(max_length=100)] = ""


class Dated(Asked):
    """Valid from a day to the day before another; "" = from ever, for ever."""

    valid_from: Day = ""
    valid_to: Day = ""


class LocatedIn(Dated):
    """A unit or place."""

    id: Id
    title: Name
    region: Name
    industry: Name = ""
    unit: Name = ""
    attributes: Attributes = {}


class UnitIn(LocatedIn):
    """A unit."""

    credit_code: Annotated[str, Field(max_length=40)] = ""


class PersonIn(Dated):
    """A person; the name and contacts go to the vault."""

    id: Id
    name: Name = ""
    phone: Name = ""
    mail: Name = ""
    unit: Name = ""


class RecordIn(Asked):
    """Base of bodies that record into the directory."""

    acted_by: Annotated[str, Field(max_length=100)] = ""


class UnitsIn(RecordIn):
    """Units to record."""

    units: Annotated[tuple[UnitIn, ...], Field(min_length=1, max_length=50)]


class PlacesIn(RecordIn):
    """Places to record."""

    places: Annotated[tuple[LocatedIn, ...], Field(min_length=1, max_length=50)]


class PersonsIn(RecordIn):
    """Persons to record."""

    persons: Annotated[tuple[PersonIn, ...], Field(min_length=1, max_length=50)]


class CertificateIn(Dated):
    """A certificate of a person; what is told of a number replaces what was told of it before."""

    person: Id
    kind: Annotated[str, Field(min_length=1, max_length=40)]
    number: Annotated[str, Field(min_length=1, max_length=100)]


class CertificatesIn(RecordIn):
    """Certificates to record."""

    certificates: Annotated[tuple[CertificateIn, ...], Field(min_length=1, max_length=50)]


class RegionsIn(RecordIn):
    """Regions by path and industries by id, with their titles, and neighbours of regions."""

    regions: Annotated[dict[str, Name], Field(max_length=50)] = {}
    industries: Annotated[dict[str, Name], Field(max_length=50)] = {}
    #: paths of regions that stand in for a region, in order
    neighbours: Annotated[dict[str, Annotated[list[Name], Field(max_length=20)]], Field(max_length=50)] = {}


class GrantIn(RecordIn):
    """A person holds a role."""

    person: Id
    role: Id
    region: Name = ""
    industry: Name = ""
    unit: Name = ""
    body: Name = ""
    valid_from: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    valid_to: Day = ""
    reason: Reason = ""


class EndIn(RecordIn):
    """A person stops holding a role."""

    valid_to: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    reason: Reason = ""
