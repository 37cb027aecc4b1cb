"""The document of a scenario: what had happened, what happens, what must be true then.

A scenario plays in one place (`in`) with its own people and units. Steps happen in order under a virtual clock; an
instant is local time of the place, a bare date means its beginning, and `at` may be left out to stay at the moment of
the step before. Exactly one of these words says what a step is:

  start: PROCEDURE   open a case with `do: ACTION`, `data`, `evidence`; `as` names the case
  do: ACTION         act on an open task of the case `of` (left out where there is only one case)
  approve: ACTION    consent to what was asked · refuse: ACTION  do not
  issue: RUNG        issue the draft of a rung · decline: RUNG   decide not to, with `reason`
  read: STATE        see the task of a state for the first time
  claim: PROCEDURE   take over a case from another record, in `state`; `as` names it
  triage: now|deadline|DATE   say where the ladders of a claimed case start, with `reason`
  reopen: true       undo the end of the case
  see: true          look at the case of `of` for the first time
  until: MOMENT      nothing happens but the passing of time; what falls due meanwhile, falls due

`occurred` marks a late entry: the act happened then and is entered `at`; `entered_by` is who types for `by`. `fails`
says that the engine refuses the step (true, or the code of the refusal). `asleep: true` beside `until` says that the
system itself is off until then and catches up at that moment.

Besides `data`, a step fills in `rows` (of tables), `answers` (of the checklist of its form; an item's answer, or a map
of answer, note and photos) and `sign` (who signs, or refuses before a witness); files for them are put there.

`then` compares, for each case named, only the keys given. `state` is the path of the active leaf, or a list of them in
the order of the definition. `deadline` is the last day of the first open task of a state that has one ("YYYY-MM-DD";
null: none), `holder` its holders. `fired`, `skipped`: rungs of all tasks, each once, in the order in which they first
were. `overdue`: how many deadlines were recorded as passed. `tasks`: the ids of open tasks ("" the state's own, else
the id of an extra task, the action to approve, or the rung of a draft). `links`: the cases it has to do with,
`linked_by`: those that have linked it, `ended`: those of the cases it has linked that have ended; a case that another
one starts is called after it: `H.1`, `H.2`. `drafts` lists all drafts that wait at the end.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.names import (
    ActionRef,
    FieldRef,
    PartyRef,
    PlaceRef,
    ProcedureRef,
    Refers,
    RoleRef,
    RungRef,
    StateRef,
    TextRef,
    TitleText,
)
from engine.core.language.names_of_items import ItemRef, TableColumnRef
from engine.core.language.parts import DateText, MomentText, Part, Strings, as_list, one_of, wrong

Alias = Annotated[str, StringConstraints(min_length=1, max_length=20)]
KINDS = ("start", "do", "approve", "refuse", "issue", "decline", "read", "claim", "triage", "reopen", "see", "until")
TaskSpecRef = Annotated[str, Refers("task")]


class Unit(Part):
    """A unit of the scenario: region and industry by their titles."""

    region: TitleText
    industry: TitleText
    attributes: dict[str, str | int | bool] = Field(default_factory=dict)


class Person(Part):
    """A person of the scenario and the role they hold: region and industry by their titles, unit by its alias."""

    role: RoleRef
    region: TitleText | None = None
    industry: TitleText | None = None
    unit: Alias | None = None
    since: DateText | None = None
    until: DateText | None = None
    #: kind of certificate -> the first day on which it is no longer valid
    certificates: dict[str, DateText] = Field(default_factory=dict)


class Answered(Part):
    """The answer to one item of a checklist."""

    answer: str
    note: str | None = None
    photos: int = 0


class Signing(Part):
    """Somebody signs for a party, or it is recorded that the party refuses to."""

    party: PartyRef
    person: Alias | None = None
    name: str | None = None
    #: the reason for which they refuse
    refused: TitleText | None = None
    witness: str | None = None


class Step(Part):
    """One thing that happens."""

    at: MomentText | None = None
    by: Alias | None = None
    entered_by: Alias | None = None
    occurred: MomentText | None = None
    start: ProcedureRef | None = None
    do: ActionRef | None = None
    approve: ActionRef | None = None
    refuse: ActionRef | None = None
    issue: RungRef | None = None
    decline: RungRef | None = None
    read: StateRef | None = None
    claim: ProcedureRef | None = None
    triage: Annotated[str, StringConstraints(pattern=r"^(now|deadline|\d{4}-\d{2}-\d{2})$")] | None = None
    reopen: Literal[True] | None = None
    see: Literal[True] | None = None
    until: MomentText | None = None
    asleep: Literal[True] | None = None
    as_: Alias | None = Field(default=None, alias="as")
    of: Alias | None = None
    state: StateRef | None = None
    data: dict[FieldRef, Any] = Field(default_factory=dict)
    rows: dict[FieldRef, list[dict[TableColumnRef, Any]]] = Field(default_factory=dict)
    answers: dict[ItemRef, str | Answered] = Field(default_factory=dict)
    sign: list[Signing] = Field(default_factory=list)
    evidence: Strings = Field(default_factory=list)
    on_site: bool = False
    batch: bool = False
    reason: TitleText | None = None
    number: str | None = None
    opened: MomentText | None = None
    closed: MomentText | None = None
    fails: Literal[True] | Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        kinds = [name for name in KINDS if getattr(self, name) is not None]
        if kinds not in (["start", "do"], *([name] for name in KINDS if name != "start")):
            raise wrong("one_of", "exactly one of " + ", ".join(KINDS) + " (start with do)", ", ".join(kinds) or "none")
        if not self.until and not self.by:
            raise wrong("missing_key", "by, the person who acts")
        if (self.claim or self.start) and not self.as_:
            raise wrong("missing_key", "as, the name of the case")
        if self.claim and not (self.state and self.opened):
            raise wrong("missing_key", "state and opened, with claim")
        if (self.decline or self.triage) and not self.reason:
            raise wrong("missing_key", "reason")
        return self


class CaseThen(Part):
    """What must be true of one case; only what is given is compared."""

    state: Annotated[list[StateRef], BeforeValidator(as_list, json_schema_input_type=str | list[str])] | None = None
    closed: TitleText | None = None
    deadline: DateText | None = None
    holder: Annotated[list[Alias], BeforeValidator(as_list, json_schema_input_type=str | list[str])] | None = None
    queue: bool | None = None
    fired: list[RungRef] | None = None
    skipped: list[RungRef] | None = None
    overdue: int | None = None
    tasks: list[TaskSpecRef] | None = None
    fields: dict[FieldRef, Any] | None = None
    links: Strings | None = None
    linked_by: Strings | None = None
    ended: Strings | None = None
    reopened: int | None = None
    sealed: bool | None = None
    #: who knew of the case before its opening: they created, held or saw it, or were sent something
    told: list[Alias] | None = None

    def given(self) -> frozenset[str]:
        """The keys that are compared: `deadline: null` is given, too."""
        return frozenset(self.model_fields_set)


class DraftThen(Part):
    """A draft that waits."""

    of: Alias
    draft: TextRef
    holder: Annotated[list[Alias], BeforeValidator(as_list, json_schema_input_type=str | list[str])]


class Then(Part):
    """What must be true at the end."""

    cases: dict[Alias, CaseThen]
    drafts: list[DraftThen] | None = None


def _begun_by(name: str) -> str:
    """The case of the scenario from which a case comes: cases that others start are called H.1, H.2, H.1.1 ..."""
    return re.sub(r"(\.[1-9][0-9]*)+$", "", name)


class ScenarioDocument(Part):
    """A scenario; `tells` names the clauses and days it shows."""

    scenario: TitleText
    in_: PlaceRef = Field(alias="in")
    basis: list[str] = Field(default_factory=list)
    units: dict[Alias, Unit] = Field(default_factory=dict)
    people: dict[Alias, Person]
    given: list[Step] = Field(default_factory=list)
    when: list[Step]
    then: Then

    @model_validator(mode="after")
    def _sound(self) -> Self:
        cases = {step.as_ for step in (*self.given, *self.when) if step.as_}
        for step in (*self.given, *self.when):
            signers = {one.person for one in step.sign}
            if {step.by, step.entered_by, *signers} - {None} - set(self.people):
                raise wrong("unknown_person", "one of " + ", ".join(self.people), step.by)
            if step.of and _begun_by(step.of) not in cases:
                raise wrong("unknown_case", "one of " + ", ".join(sorted(str(one) for one in cases)), step.of)
        if unknown := {name for name in self.then.cases if _begun_by(name) not in cases}:
            raise wrong("unknown_case", "one of " + ", ".join(sorted(str(one) for one in cases)), ", ".join(unknown))
        return self


__all__ = ["CaseThen", "DraftThen", "Person", "ScenarioDocument", "Step", "Then", "Unit", "one_of"]
