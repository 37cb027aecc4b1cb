"""The document of a procedure."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.acts import Action, Effects, Targets
from engine.core.language.clocks import StopText
from engine.core.language.field_acts import CertificateText, ChecklistText, Columns, Sealed, TypedEntry
from engine.core.language.links import LinkEntry, LinkId, LinkRef, Wait
from engine.core.language.names import (
    ActionId,
    ActionRef,
    Basis,
    ChoicesId,
    FieldId,
    FieldRef,
    GuardText,
    ParameterId,
    PartyId,
    PartyRef,
    ProcedureId,
    ProcedureRef,
    StateId,
    StateRef,
    TaskId,
    TaskRef,
    TextRef,
    TitleText,
    ValuePath,
)
from engine.core.language.parts import (
    LadderText,
    ParameterKind,
    Part,
    Parties,
    RoleText,
    SpanText,
    as_list,
    one_of,
    wrong,
)
from engine.core.language.people import Designation, Handling, Joint, Recused, WordText
from engine.core.language.timing import Timing

FIELD_KINDS = (
    "text", "number", "date", "flag", "unit", "place", "person", "file", "photo", "signature", "choice", "table",
    "checklist", "case",
)  # fmt: skip

PARTY_KINDS = ("unit", "person", "role", "actor", "queue", "roster", "guest")


def _values(value: object) -> object:
    return {one: one for one in value if isinstance(one, str)} if isinstance(value, list) else value


ChoiceValues = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], TitleText],
    BeforeValidator(_values, json_schema_input_type=list[str] | dict[str, str]),
]


class FieldEntry(TypedEntry):
    """One typed field: exactly one kind."""

    file: Literal[True] | None = None
    signature: Literal[True] | None = None
    table: Columns | None = None
    checklist: ChecklistText | None = None
    #: a case of this procedure
    case: ProcedureRef | None = None
    confidential: Parties = Field(default_factory=list)
    filter: bool = False
    certificate: CertificateText | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, FIELD_KINDS)
        if self.certificate and not self.person:
            raise wrong("unfitting_key", "certificate with person only", self.certificate)
        return self


class PartyEntry(Part):
    """Whom a case concerns: exactly one of unit, person, role, actor, queue, roster, guest."""

    title: TitleText
    unit: FieldRef | None = None
    person: FieldRef | None = None
    role: RoleText | None = None
    actor: Annotated[list[ActionRef], BeforeValidator(as_list, json_schema_input_type=str | list[str])] | None = None
    #: with actor: of the cases linked so, or of those that have linked this one ("back")
    of: Literal["back"] | LinkRef | None = None
    queue: RoleText | None = None
    roster: WordText | None = None
    #: an external party that never signs in, by the field that names it
    guest: FieldRef | None = None
    region: ValuePath | None = None
    industry: ValuePath | None = None
    beside: Literal[True] | None = None
    #: a party where whose matter goes this one's office goes, too
    follows: PartyRef | None = None
    excepts: Annotated[Parties, Field(alias="except")] = Field(default_factory=list)
    recused: Recused | None = None
    none: PartyRef | None = None
    designate: Designation | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, PARTY_KINDS)
        looked_up = self.role or self.queue or self.roster
        if not looked_up and (self.region or self.industry or self.beside):
            raise wrong("role_only", "region, industry and beside with role, queue or roster only")
        if self.none and not (looked_up or self.unit or self.person):
            raise wrong("unfitting_key", "none where it may be that nobody is found", self.none)
        if self.beside and not self.region:
            raise wrong("missing_key", "region, whose neighbours are meant")
        if self.follows and not self.role:
            raise wrong("unfitting_key", "follows with role only", self.follows)
        if self.of and not self.actor:
            raise wrong("unfitting_key", "of with actor only", self.of)
        if self.designate and not self.queue:
            raise wrong("unfitting_key", "designate with queue only")
        return self


def _ladders(value: object) -> object:
    return [{"ladder": value}] if isinstance(value, str) else value


class LadderEntry(Part):
    """One of the ladders of a task: the first whose condition holds is climbed."""

    shorthand: ClassVar[str] = "ladder"

    when: GuardText | None = None
    ladder: LadderText


LadderEntries = Annotated[list[LadderEntry], BeforeValidator(_ladders, json_schema_input_type=str | list[LadderEntry])]


class Task(Timing):
    """What one holder must do."""

    holder: PartyRef
    title: TitleText | None = None
    ladder: LadderEntries = Field(default_factory=list)
    handling: Handling | None = None
    joint: Joint | None = None
    basis: Basis


class ExtraTask(Task):
    """A task that a state opens besides its own; with `every` once a period as long as the state lasts."""

    every: SpanText | None = None

    actions: dict[ActionId, Action] = Field(default_factory=dict)

    def timed_by(self) -> tuple[str, ...]:
        """See Timing."""
        return (*super().timed_by(), "every")


class Expiry(Part):
    """What happens by itself when the deadline of the state's own task passes."""

    open: TaskRef | None = None
    to: StateRef | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        one_of(self, ("open", "to"))
        return self


class Completion(Part):
    """Where a state goes by itself once it is complete."""

    to: Targets


class Reaction(Part):
    """What follows when something becomes of linked cases."""

    do: Effects = Field(default_factory=list)
    to: Targets = Field(default_factory=list)


class Happenings(Part):
    """By what becomes of the linked cases of one kind."""

    any_started: Reaction | None = None
    any_ended: Reaction | None = None
    all_ended: Reaction | None = None
    any_reopened: Reaction | None = None
    any_overdue: Reaction | None = None

    def by_name(self) -> dict[str, Reaction | None]:
        """The reactions by what they answer to."""
        return {name: getattr(self, name) for name in type(self).model_fields}


Reactions = dict[LinkRef, Happenings]


class Region(Part):
    """One of the parallel parts of a state."""

    title: TitleText
    initial: StateRef
    states: dict[StateId, State]


class State(Part):
    """One state: a task with its actions, parts (regions or states), or an end."""

    title: TitleText
    task: Task | None = None
    actions: dict[ActionId, Action] = Field(default_factory=dict)
    tasks: dict[TaskId, ExtraTask] = Field(default_factory=dict)
    at_expiry: Expiry | None = None
    regions: dict[StateId, Region] = Field(default_factory=dict)
    initial: StateRef | None = None
    states: dict[StateId, State] = Field(default_factory=dict)
    #: with `then`: it goes on by itself not before linked cases have ended
    wait: Wait | None = None
    on: Reactions = Field(default_factory=dict)
    then: Completion | None = None
    #: while it lasts the clocks of other tasks stand still
    stop_clock: StopText | None = None
    final: Literal[True] | Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    reopen: Action | None = None
    basis: Basis

    @model_validator(mode="after")
    def _sound(self) -> Self:
        one_of(self, ("task", "regions", "states", "final"), at_most=True)
        if not (self.task or self.regions or self.states or self.final or self.then):
            raise wrong("state_without_task", "one of task, regions, states, then, final", "none")
        if self.states and not self.initial:
            raise wrong("missing_key", "initial, the first of its states")
        if not self.task and (self.actions or self.tasks or self.at_expiry):
            raise wrong("actions_without_task", "a task that holds the actions")
        if self.stop_clock and self.final:
            raise wrong("unfitting_key", "stop_clock on a state that is left again", "stop_clock")
        if self.wait and not self.then:
            raise wrong("missing_key", "then, with wait")
        if self.reopen and not isinstance(self.final, str):
            raise wrong("reopen_without_end", "a final state with a kind")
        if self.at_expiry and self.at_expiry.open and self.at_expiry.open not in self.tasks:
            raise wrong("unknown_task", "a task of this state: " + ", ".join(self.tasks), self.at_expiry.open)
        return self


# Its states were not defined yet when it was: walks over the models need them.
Region.model_rebuild()


class Message(Part):
    """Who is told, and with which text."""

    to: Parties
    text: TextRef


class Same(Part):
    """What makes a new case the return of a former one."""

    fields: list[FieldRef]
    within: SpanText
    notify: Message | None = None


class Meaning(Part):
    """Which fields are the unit, the place and the title of a case, for registers and policy."""

    unit: FieldRef | None = None
    place: FieldRef | None = None
    title: FieldRef | None = None


def _number(text: str) -> str:
    rest = re.sub(r"\{year\}|\{seq(?::0[1-9])?\}", "", text)
    if "{" in rest or "}" in rest or "{seq" not in text:
        raise wrong("unknown_series", "a series like YH-{year}-{seq:05}", text)
    return text


NumberSeries = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(_number)]


class ProcedureDocument(Part):
    """A procedure: what must be known, who is concerned, which states follow each other."""

    procedure: ProcedureId
    title: TitleText
    number: NumberSeries
    calendar: str
    basis: Basis
    parameters: dict[ParameterId, ParameterKind] = Field(default_factory=dict)
    choices: dict[ChoicesId, ChoiceValues] = Field(default_factory=dict)
    fields: dict[FieldId, FieldEntry]
    meaning: Meaning = Field(default_factory=lambda: Meaning())
    parties: dict[PartyId, PartyEntry]
    #: of every task that says nothing else; a task's own words replace these one by one
    handling: Handling | None = None
    shared: dict[ActionId, Action] = Field(default_factory=dict)
    starts: dict[ActionId, Action]
    states: dict[StateId, State]
    initial: StateRef | None = None
    same: Same | None = None
    sealed: Sealed | None = None
    links: dict[LinkId, LinkEntry] = Field(default_factory=dict)
    #: in whatever state: effects only
    on: Reactions = Field(default_factory=dict)

    @model_validator(mode="after")
    def _started(self) -> Self:
        if not self.initial and any(not action.to for action in self.starts.values()):
            raise wrong("missing_key", "initial, or `to` in every start")
        for link, happenings in self.on.items():
            if any(one is not None and one.to for one in happenings.by_name().values()):
                raise wrong("unfitting_key", "to within a state only", link)
        return self
