"""The document of a scenario: what had happened, what happens, what must be true then.

A scenario plays in one place (`in`) with its own people and units. Steps happen in order under a virtual clock; an
instant is local time of the place, a bare date means its beginning, and `at` may be left out to stay at the moment of
the step before. Exactly one of these words says what a step is:

  start: PROCEDURE   open a case with `do: ACTION`, `data`, `evidence`; `as` names the case
  do: ACTION         act on an open task of the case `of` (left out where there is only one case); `back_to` chooses
                     the state to which it leads back, `instead` says why a superior acts for who holds the task
  approve: ACTION    consent to what was asked · refuse: ACTION  do not
  issue: RUNG        issue the draft of a rung · decline: RUNG   decide not to, with `reason`
  read: STATE        see the task of a state for the first time
  claim: PROCEDURE   take over a case from another record, in `state`; `as` names it
  triage: now|deadline|DATE   say where the ladders of a claimed case start, with `reason`
  reopen: true       undo the end of the case
  turn: WATCH        let a watch look at its last window that has ended; what it starts is called WATCH.1, WATCH.2
  see: true          look at the case of `of` for the first time
  until: MOMENT      nothing happens but the passing of time; what falls due meanwhile, falls due

What is done with a task besides its actions names the task's state (`task`: the extra one of that id) or the action:

  take: STATE · release: STATE            claim a task that several hold, or put it back (签收, 退签)
  transfer: STATE · reassign: STATE       give it for good `to` a person with a `reason` (转办, 离职转办)
  delegate: STATE · give_back: STATE      let `to` work on it, and give it back with what one `says` (委派, 交回);
                                          take_back: STATE is who delegated it taking it back
  urge: STATE · copy: STATE               urge who holds it; send copies `to` persons (催办, 抄送); read_copy: true
  recall: true · recuse: STATE            take one's last act back; be biased, with a `reason` (拿回, 回避)
  hand_over: STATE                        to the office `to: {region, industry}` (移交); receive: STATE, or
                                          refuse_receipt: GROUND; designate: true says whose it is (指定管辖), `to` an
                                          office or a person
  vote: ACTION · vote_against: ACTION     give one's voice (会签); add_voice, remove_voice: ACTION (加签, 减签) of `to`
  opinion: STATE                          say one's opinion on what another concludes (协办意见)
  pause_ladder: STATE · resume_ladder: STATE   let no rung fire for a while, `paused_until` a day, and let it go on
  invite: PARTY                           let somebody without an account act as a party `until` a day; `as` names them,
                                          who then stand in `by`; end_guest: ALIAS

What becomes of people meanwhile: `ends_role: PERSON` (`role`: only that one), `begins_role: PERSON` with what they
`holds`, `stands_in: PERSON` with `for`, perhaps `until` a day. Holders are then looked up anew, as at every midnight or
change of shift at which roles or rosters say something else.

`occurred` marks a late entry: the act happened then and is entered `at`; `entered_by` is who types for `by`. `fails`
says that the engine refuses the step (true, or the code of the refusal). `asleep: true` beside `until` says that the
system itself is off until then and catches up at that moment.

Besides `data`, a step fills in `rows` (of tables), `answers` (of the checklist of its form; an item's answer, or a map
of answer, note and photos) and `sign` (who signs, or refuses before a witness); files for them are put there.

Besides `people` and `units` there may be `powers` of organs (units of the scenario, named by the `body` of a person),
`shifts` of rosters, `neighbours` of regions and the `succession` of units.

`then.watches` lists everything that watches found, in order: `light: out` where new counts put one out.

`then` compares, for each case named, only the keys given. `state` is the path of the active leaf, or a list of them in
the order of the definition. `deadline` is the last day of the first open task of a state that has one ("YYYY-MM-DD";
null: none), `holder` the holders of the first open task. `fired`, `skipped`: rungs of all tasks, each once, in the
order in which they first were. `stopped`: the states, or tasks of them, whose clocks stand still (`deadline` is then
null). `overdue`: how many deadlines were recorded as passed. `tasks`: the ids of open tasks
("" the state's own, else the id of an extra task, the action to approve or to vote on, the rung of a draft, the party
of an opinion, a receipt or a designation). `holders`: who holds each of these. `links`: the cases it has to do with,
`linked_by`: those that have linked it, `ended`: those of the cases it has linked that have ended; a case that another
one starts is called after it: `H.1`, `H.2`. What is told of people stands in `scenario_people.PeopleThen`. `drafts`
lists all drafts that wait at the end.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.core.language.names import (
    ActionRef,
    CountRef,
    DutyRef,
    FieldRef,
    PartyRef,
    PlaceRef,
    ProcedureRef,
    Refers,
    RungRef,
    StateRef,
    TextRef,
    TitleText,
    WatchRef,
)
from engine.core.language.names_of_items import ItemRef, TableColumnRef
from engine.core.language.parts import DateText, MomentText, Part, Strings, as_list, one_of, wrong
from engine.core.language.scenario_people import (
    DIRECTORY_KINDS,
    PEOPLE_KINDS,
    Alias,
    Aliases,
    PeopleStep,
    PeopleThen,
    Person,
    PowerHeld,
    ShiftHeld,
    Succeeded,
    TaskSpecRef,
    Unit,
)

KINDS = (
    *("start", "do", "approve", "refuse", "issue", "decline", "read", "claim", "triage", "reopen", "see", "until"),
    *PEOPLE_KINDS,
    *DIRECTORY_KINDS,
    "turn",
    "meets",
    "exempts",
)
#: words that say more of a step when they stand beside the one that says what it is
_TOGETHER = (["start", "do"], ["until", "invite"], ["until", "stands_in"])


#: the key of a window: "2026-10", "2026-Q4", "2026-W41", 2026
PeriodText = Annotated[
    str,
    StringConstraints(min_length=4, max_length=40),
    BeforeValidator(lambda value: str(value) if type(value) is int else value, json_schema_input_type=str | int),
]


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


class Step(PeopleStep):
    """One thing that happens."""

    at: MomentText | None = None
    by: Alias | None = None
    entered_by: Alias | None = None
    occurred: MomentText | None = None
    start: ProcedureRef | None = None
    #: acts on what a duty asks of a subject in a period; the duty says by which procedure and action
    meets: DutyRef | None = None
    #: excuses a subject from a duty: from a period, or from all up to a day
    exempts: DutyRef | None = None
    subject: Alias | None = None
    period: PeriodText | None = None
    until_day: DateText | None = None
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
    turn: WatchRef | None = None
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
        if kinds not in (*_TOGETHER, *([name] for name in KINDS if name != "start")):
            raise wrong("one_of", "exactly one of " + ", ".join(KINDS) + " (start with do)", ", ".join(kinds) or "none")
        if not self.by and not self.happens_by_itself():
            raise wrong("missing_key", "by, the person who acts")
        if (self.meets or self.exempts) and not self.subject:
            raise wrong("missing_key", "subject, with meets and exempts")
        if self.meets and not (self.period and self.as_):
            raise wrong("missing_key", "period and as, with meets")
        if self.exempts and not (self.until_day and self.reason):
            raise wrong("missing_key", "until_day and reason, with exempts")
        if (self.claim or self.start or self.invite) and not self.as_:
            raise wrong("missing_key", "as, the name of the case or of the guest")
        if self.invite and not self.until:
            raise wrong("missing_key", "until, the last day on which they may act")
        if bool(self.begins_role) != bool(self.holds):
            raise wrong("missing_key", "holds, with begins_role")
        if bool(self.stands_in) != bool(self.for_):
            raise wrong("missing_key", "for, with stands_in")
        if self.claim and not (self.state and self.opened):
            raise wrong("missing_key", "state and opened, with claim")
        if (self.decline or self.triage) and not self.reason:
            raise wrong("missing_key", "reason")
        return self

    def happens_by_itself(self) -> bool:
        """Whether nobody acts: time passes, or people come, go and stand in."""
        return not self.invite and bool(self.until or self.turn or self.ends_role or self.begins_role or self.stands_in)

    def people(self) -> set[str]:
        """Everybody whom the step names as a person of the scenario."""
        signers = {one.person for one in self.sign}
        to = {self.to} if isinstance(self.to, str) else set(self.to) if isinstance(self.to, list) else set()
        named = {self.by, self.entered_by, self.ends_role, self.begins_role, self.stands_in, self.for_, self.end_guest}
        return {one for one in named | signers | to if one}


class CaseThen(PeopleThen):
    """What must be true of one case; only what is given is compared."""

    state: Annotated[list[StateRef], BeforeValidator(as_list, json_schema_input_type=str | list[str])] | None = None
    closed: TitleText | None = None
    deadline: DateText | None = None
    holder: Aliases | None = None
    #: who holds each open task, in the order of `tasks`
    holders: list[Aliases] | None = None
    queue: bool | None = None
    fired: list[RungRef] | None = None
    skipped: list[RungRef] | None = None
    #: the ladder of the first open task that climbs one; whether any is paused; how often one stepped down
    ladder: Annotated[str, Refers("ladder")] | None = None
    paused: bool | None = None
    calmed: int | None = None
    #: formal acts issued, and decided not to issue, in order
    issued: list[TextRef] | None = None
    declined: list[TextRef] | None = None
    overdue: int | None = None
    #: whose clocks stand still: states, or tasks of them
    stopped: list[StateRef] | None = None
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
    holder: Aliases


class ObligationThen(Part):
    """How an obligation stands; only what is given is compared."""

    duty: DutyRef
    subject: Alias
    period: PeriodText
    status: Literal["open", "acted", "done", "late", "missed", "exempt", "lapsed", "none"]
    #: the last day on which it can be done in time
    due: DateText | None = None
    late: bool | None = None
    made_up: bool | None = None
    #: first and last day of what it is about
    about: Annotated[list[DateText], Field(min_length=2, max_length=2)] | None = None


class WatchThen(Part):
    """What a watch found about a subject, or found no more."""

    watch: WatchRef
    #: by its name in the scenario, a region by its title
    subject: TitleText
    light: Literal["yellow", "red", "out"]
    counts: dict[CountRef, int] | None = None
    #: how many cases it started
    started: int | None = None


class Then(Part):
    """What must be true at the end."""

    cases: dict[Alias, CaseThen] = Field(default_factory=dict)
    #: everything that was found, in order
    watches: list[WatchThen] | None = None
    drafts: list[DraftThen] | None = None
    duties: list[ObligationThen] = Field(default_factory=list)


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
    powers: list[PowerHeld] = Field(default_factory=list)
    shifts: list[ShiftHeld] = Field(default_factory=list)
    #: region -> regions that stand in for it, by their titles
    neighbours: dict[TitleText, list[TitleText]] = Field(default_factory=dict)
    succession: list[Succeeded] = Field(default_factory=list)
    given: list[Step] = Field(default_factory=list)
    when: list[Step]
    then: Then

    @model_validator(mode="after")
    def _sound(self) -> Self:
        steps = (*self.given, *self.when)
        cases = {step.as_ for step in steps if step.as_ and not step.invite}
        people = {*self.people, *(step.as_ for step in steps if step.invite)}
        people |= {step.begins_role for step in steps if step.begins_role}
        for step in steps:
            if unknown := step.people() - people:
                raise wrong("unknown_person", "one of " + ", ".join(self.people), ", ".join(sorted(unknown)))
            if step.of and _begun_by(step.of) not in cases:
                raise wrong("unknown_case", "one of " + ", ".join(sorted(str(one) for one in cases)), step.of)
        cases |= {step.turn for step in steps if step.turn}
        if unknown := {name for name in self.then.cases if _begun_by(name) not in cases}:
            raise wrong("unknown_case", "one of " + ", ".join(sorted(str(one) for one in cases)), ", ".join(unknown))
        return self


__all__ = ["CaseThen", "DraftThen", "Person", "ScenarioDocument", "Step", "Then", "Unit", "one_of"]
