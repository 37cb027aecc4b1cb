"""Actions as text: who, form, signature, consent of a second person, what follows."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.core.definition import SignatureLevel
from engine.core.language.caps import CapPart as CapPart
from engine.core.language.clocks import Resume, SilenceText, Stage, StageId, StopEffect
from engine.core.language.field_acts import CertificateText, OfficerCount, Signers
from engine.core.language.links import EachEffect, LinkEffect, StartEffect
from engine.core.language.names import (
    ActionRef,
    Basis,
    FieldRef,
    GuardText,
    PartyRef,
    StateRef,
    TaskRef,
    TextRef,
    TitleText,
)
from engine.core.language.parts import (
    CountText,
    LadderText,
    Part,
    Parties,
    SpanText,
    Strings,
    as_list,
    one_of,
    wrong,
)
from engine.core.language.people import PowerNeeded, RecallText, Votes
from engine.core.language.timing import Timing


def _target(value: object) -> object:
    if isinstance(value, str):
        return [{"state": value}]
    return [{"state": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else [value]


def _item(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


class Target(Part):
    """One branch: the first whose condition holds is taken."""

    shorthand: ClassVar[str] = "state"

    when: GuardText | None = None
    state: StateRef


Targets = Annotated[list[Target], BeforeValidator(_target, json_schema_input_type=str | list[str | Target] | Target)]


class FormEntry(Part):
    """A field that a form asks for; required where the field always is, or where this form says so."""

    shorthand: ClassVar[str] = "field"

    field: FieldRef
    required: Literal[True] | None = None
    #: a checklist of which some items may stay unanswered
    partial: Literal[True] | None = None


FormEntries = list[Annotated[FormEntry, BeforeValidator(_item, json_schema_input_type=str | FormEntry)]]


class Approval(Timing):
    """A second person must consent before the action takes effect."""

    by: PartyRef
    not_by: Parties = Field(default_factory=list)
    ladder: LadderText | None = None
    #: what becomes of it when nobody decides in time
    silence: SilenceText | None = None


class LateRequest(Part):
    """Under what conditions a request after the deadline is possible."""

    approve: PartyRef
    form: list[FieldRef] = Field(default_factory=list)


class Request(Part):
    """A request bound to the deadline of its task."""

    before: Literal["deadline"]
    lead: SpanText | None = None
    late: LateRequest | None = None
    times: CountText | None = None
    #: how far all extensions together may move the first deadline
    total: SpanText | None = None
    #: the first, the second …: how far each may, and who decides
    stages: dict[StageId, Stage] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _counted_once(self) -> Self:
        if self.stages and self.times is not None:
            raise wrong("unfitting_key", "times or stages: there are as many extensions as stages", self.times)
        return self


class NotifyEffect(Part):
    """A message to parties."""

    to: Parties
    text: TextRef


class DeadlineEffect(Part):
    """The running task gets the date in this field as its deadline."""

    until: FieldRef


class EffectEntry(Part):
    """One effect: exactly one of the keys."""

    set: dict[FieldRef, GuardText] | None = None
    deadline: DeadlineEffect | None = None
    notify: NotifyEffect | None = None
    link: LinkEffect | None = None
    start: StartEffect | None = None
    each: EachEffect | None = None
    open: TaskRef | None = None
    stop_clock: StopEffect | None = None
    resume_clock: Resume | None = None
    #: with set: only where this holds
    when: GuardText | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, ("set", "deadline", "notify", "link", "start", "each", "open", "stop_clock", "resume_clock"))
        if self.when and self.set is None:
            raise wrong("unfitting_key", "when beside set, or within start and each", self.when)
        return self


Effects = Annotated[list[EffectEntry], BeforeValidator(as_list, json_schema_input_type=EffectEntry | list[EffectEntry])]


class Action(Part):
    """What a person may do, and what follows; `use` takes a shared action and overrides its keys."""

    use: ActionRef | None = None
    title: TitleText | None = None
    by: Parties = Field(default_factory=list)
    form: FormEntries = Field(default_factory=list)
    when: GuardText | None = None
    sign: SignatureLevel | Signers = "none"
    officers: OfficerCount | None = None
    certificate: CertificateText | None = None
    evidence: Strings = Field(default_factory=list)
    to: Targets = Field(default_factory=list)
    not_by: Parties = Field(default_factory=list)
    approve: Approval | None = None
    votes: Votes | None = None
    power: PowerNeeded | None = None
    recall: RecallText | None = None
    ask: Request | None = None
    do: Effects = Field(default_factory=list)
    batch: Literal["never"] | None = None
    on_site: bool | GuardText = False
    late_entry: SpanText | None = None
    document: str | None = None
    cap: CapPart | None = None
    basis: Basis

    @model_validator(mode="after")
    def _titled(self) -> Self:
        if not (self.use or self.title):
            raise wrong("missing_key", "title, or use of a shared action")
        if self.votes and self.approve:
            raise wrong("one_of", "one of approve, votes", "approve, votes")
        return self
