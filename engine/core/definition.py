"""The neutral form of a procedure: frozen, complete, without text format; its canonical bytes are its version.

Everything here is resolved: parameters are filled in, `extends` and `replace` are applied, ladders and forms are
inlined. Guards, computed values and paths stay text here (they are hashed and shown); `machine.Machine` holds them
compiled. References to a party may name a role within it, `unit.principal`: who holds `principal` in that unit.
"""

from __future__ import annotations

from typing import Literal

from engine.core.definition_caps import CapSpec as CapSpec
from engine.core.definition_clocks import ResumeClock as ResumeClock
from engine.core.definition_clocks import Silence as Silence
from engine.core.definition_clocks import StageSpec as StageSpec
from engine.core.definition_clocks import StopClock as StopClock
from engine.core.definition_clocks import StopSpec as StopSpec
from engine.core.definition_ladders import CalmSpec as CalmSpec
from engine.core.definition_ladders import IfOver as IfOver
from engine.core.definition_ladders import LadderChoice as LadderChoice
from engine.core.definition_ladders import PauseSpec as PauseSpec
from engine.core.definition_links import Happening as Happening
from engine.core.definition_links import LinkCases as LinkCases
from engine.core.definition_links import LinkSpec as LinkSpec
from engine.core.definition_links import OpenTask as OpenTask
from engine.core.definition_links import StartEach as StartEach
from engine.core.definition_links import StartSpec as StartSpec
from engine.core.definition_links import WaitSpec as WaitSpec
from engine.core.definition_parts import AnswerSpec as AnswerSpec
from engine.core.definition_parts import ChecklistSpec as ChecklistSpec
from engine.core.definition_parts import FieldKind as FieldKind
from engine.core.definition_parts import FieldSpec as FieldSpec
from engine.core.definition_parts import GroupSpec as GroupSpec
from engine.core.definition_parts import ItemSpec as ItemSpec
from engine.core.definition_parts import Record as Record
from engine.core.definition_parts import SealSpec as SealSpec
from engine.core.definition_parts import SignatureLevel as SignatureLevel
from engine.core.definition_parts import SignSpec as SignSpec
from engine.core.definition_people import DayCount as DayCount
from engine.core.definition_people import DeadlineSpec as DeadlineSpec
from engine.core.definition_people import HandlingSpec as HandlingSpec
from engine.core.definition_people import HandOverSpec as HandOverSpec
from engine.core.definition_people import JointSpec as JointSpec
from engine.core.definition_people import PowerSpec as PowerSpec
from engine.core.definition_people import RecusedSpec as RecusedSpec
from engine.core.definition_people import RollRule as RollRule
from engine.core.definition_people import StartRule as StartRule
from engine.core.definition_people import UrgeSpec as UrgeSpec
from engine.core.definition_people import VotesSpec as VotesSpec

PartyKind = Literal["unit", "role", "person", "actor", "queue", "roster", "guest"]
StateKind = Literal["simple", "final", "nested", "parallel"]


class PartySpec(Record, frozen=True, kw_only=True):
    """Whom a case concerns: found through the directory, the case's data or its acts."""

    id: str
    title: str
    kind: PartyKind
    #: unit, person, guest: the field that names it
    field: str = ""
    #: roster: which one
    roster: str = ""
    #: role, queue: the role looked up
    role: str = ""
    #: role, queue: path of the region and of the industry looked up ("place.region", "unit.industry"); "" = any
    region: str = ""
    industry: str = ""
    #: actor: the ids of the actions whose signatories are meant
    actions: tuple[str, ...] = ()
    #: actor: of which other cases: a kind of link, or "back": those that have linked this one; "" = of this case
    of: str = ""
    #: it is looked up in the neighbouring regions, not in the region itself
    beside: bool = False
    #: role: the party where whose office is it is looked up, once that was handed over or designated; "" = none
    follows: str = ""
    #: parties whose members, or who acted as them, are not of it: separation of duties before anybody is asked
    excepts: tuple[str, ...] = ()
    recused: RecusedSpec | None = None
    #: the party that holds what nobody of this one holds: a queue, or another that has one in the end
    none: str = ""
    #: queue: when somebody must have said whose it is, or why there is no deadline; neither = not asked
    designate: DeadlineSpec | None = None
    designate_undated: str = ""
    #: who says so; "" = the people of the queue
    designate_by: str = ""
    designate_ladder: str = ""


class TargetSpec(Record, frozen=True, kw_only=True):
    """One branch of a transition; the first whose guard holds is taken."""

    state: str
    when: str = ""


class ApprovalSpec(Record, frozen=True, kw_only=True):
    """A second person's consent before an action takes effect."""

    by: str
    #: parties whose members may not approve; who asked never may
    not_by: tuple[str, ...] = ()
    deadline: DeadlineSpec | None = None
    undated: str = ""
    ladder: str = ""
    #: what becomes of it when the deadline passes; "" = it is late and still waits
    silence: Silence = ""
    #: escalates: who is asked then
    silence_to: str = ""


class AskSpec(Record, frozen=True, kw_only=True):
    """A request bound to the deadline of its task: in time, or late under stricter conditions."""

    #: span phrase: how long before the deadline it must be asked; "" = up to the deadline
    lead: str = ""
    #: approver of a late request; "" = late requests are refused
    late_by: str = ""
    #: fields a late request must fill besides the form
    late_form: tuple[str, ...] = ()
    #: how often it may be granted in one activation; 0 = unlimited, or as often as there are stages
    times: int = 0
    #: span phrase: how far all extensions together may move the first deadline; "" = unlimited
    total: str = ""
    #: the first, the second …; empty = all alike
    stages: tuple[StageSpec, ...] = ()


class SetFields(Record, frozen=True, kw_only=True, tag="set"):
    """Sets fields to computed values."""

    values: dict[str, str]
    #: guard: it does so only where this holds; "" = always
    when: str = ""


class MoveDeadline(Record, frozen=True, kw_only=True, tag="deadline"):
    """Gives the running task of the state a new deadline: until the date in a field."""

    until: str


class Notify(Record, frozen=True, kw_only=True, tag="notify"):
    """Sends a message."""

    to: tuple[str, ...]
    text: str


Effect = SetFields | MoveDeadline | StopClock | ResumeClock | Notify | LinkCases | StartSpec | StartEach | OpenTask


class ReactionSpec(Record, frozen=True, kw_only=True):
    """What follows by itself when something becomes of the linked cases of one kind."""

    link: str
    when: Happening
    do: tuple[Effect, ...] = ()
    to: tuple[TargetSpec, ...] = ()


class FormItem(Record, frozen=True, kw_only=True):
    """A field as one form asks for it."""

    field: str
    required: bool = False
    #: checklist: some items may stay unanswered
    partial: bool = False


class ActionSpec(Record, frozen=True, kw_only=True):
    """What a person may do, and what follows."""

    id: str
    title: str
    #: who may: party references; empty = whoever holds the task
    by: tuple[str, ...] = ()
    form: tuple[FormItem, ...] = ()
    when: str = ""
    #: by who acts, where nobody else signs
    sign: SignatureLevel = "none"
    #: by several; then `sign` is none
    signs: tuple[SignSpec, ...] = ()
    #: the kind of certificate that who acts, and everybody who signs for that side, must hold on the day
    certificate: str = ""
    #: kinds of evidence that must come with it: photo, file
    evidence: tuple[str, ...] = ()
    #: empty = the state stays
    to: tuple[TargetSpec, ...] = ()
    #: parties whose members may not sign it
    not_by: tuple[str, ...] = ()
    approve: ApprovalSpec | None = None
    votes: VotesSpec | None = None
    ask: AskSpec | None = None
    power: PowerSpec | None = None
    #: it leads back to a state this case has been in, chosen by who acts; `to` holds all such states
    back: bool = False
    #: "until read" or a span phrase: how long who acted may take it back; "" = not at all
    recall: str = ""
    do: tuple[Effect, ...] = ()
    #: False = never as part of a batch
    batch: bool = True
    #: guard: "" = anywhere, else where it holds the act must be done on site
    on_site: str = ""
    #: span phrase: how late it may be entered after it happened; "" = not at all
    late_entry: str = ""
    document: str = ""
    #: starts: how often, as a watch counts
    cap: CapSpec | None = None
    basis: tuple[str, ...] = ()


class RungSpec(Record, frozen=True, kw_only=True):
    """One step of a ladder: a reminder, the draft of a formal act that waits for a person, or the start of a case."""

    id: str
    title: str
    #: point phrase relative to the deadline: "3 workdays before", "deadline", "7 workdays after"
    at: str
    #: recipients; "holder" is who holds the task, "holder.superior" who supervises them
    to: tuple[str, ...] = ()
    #: message text id
    text: str = ""
    #: kind of formal act to draft; "" = the rung is automatic
    draft: str = ""
    start: StartSpec | None = None
    #: what else happens when it is reached
    do: tuple[Effect, ...] = ()
    #: the state to which the case moves by itself; "" = it stays
    enter: str = ""
    #: who issues or declines the draft; where it is approved, who prepares it
    by: str = ""
    #: who signs what the former has prepared, in their own time
    approve: ApprovalSpec | None = None
    #: the draft's own deadline, and the ladder that climbs from it
    issue_within: str = ""
    ladder: str = ""
    #: what becomes of the draft when that which it is about ends, or its ladder steps down
    if_over: IfOver = "withdraw"
    #: number series of what is issued; "" = it bears no number
    series: str = ""
    #: span phrase: repeat the reminder; "" = once
    every: str = ""
    #: how often in all, or up to which point; neither = as long as the task lasts
    times: int = 0
    until: str = ""
    #: its messages may be merged with others
    digest: bool = False
    basis: tuple[str, ...] = ()


class LadderSpec(Record, frozen=True, kw_only=True):
    """Rungs of escalation before and after a deadline, in the order of the file."""

    id: str
    title: str
    rungs: tuple[RungSpec, ...]
    pause: PauseSpec | None = None
    calms: CalmSpec | None = None
    basis: tuple[str, ...] = ()


class TaskSpec(Record, frozen=True, kw_only=True):
    """What one holder must do while a state lasts."""

    #: "" = the state's own task, else the id of a task opened by an effect
    id: str = ""
    title: str = ""
    holder: str
    deadline: DeadlineSpec | None = None
    #: span phrase: once a period as long as the state lasts, each due at its period's end; "" = once
    every: str = ""
    #: why there is no deadline, where there is none
    undated: str = ""
    ladder: str = ""
    #: instead of one ladder: the first whose guard holds when the task opens, and whenever what it reads changes
    ladders: tuple[LadderChoice, ...] = ()
    #: when the deadline passes: the id of a task of this state to open, or a state to go to
    expiry_opens: str = ""
    expiry_to: str = ""
    #: actions, by id, in the order shown
    actions: tuple[ActionSpec, ...] = ()
    handling: HandlingSpec = HandlingSpec()
    joint: JointSpec | None = None
    basis: tuple[str, ...] = ()


class StateSpec(Record, frozen=True, kw_only=True):
    """One state by its dotted path."""

    path: str
    title: str
    kind: StateKind = "simple"
    #: final states of the whole procedure: the kind of closing; of a region: "" or a kind
    final: str = ""
    #: nested: the child entered; parallel: ""
    initial: str = ""
    #: ids of child states (nested) or regions (parallel), in the order of the file
    children: tuple[str, ...] = ()
    #: the state's own task first, then those an effect may open
    tasks: tuple[TaskSpec, ...] = ()
    #: left by itself when complete (nested, parallel) or at once (simple without tasks)
    then: tuple[TargetSpec, ...] = ()
    #: it is not complete before linked cases have ended
    wait: WaitSpec | None = None
    #: while it lasts the clocks of other tasks stand still
    stop_clock: StopSpec | None = None
    #: what follows by itself while it lasts
    on: tuple[ReactionSpec, ...] = ()
    #: final states: the action that undoes the closing
    reopen: ActionSpec | None = None
    basis: tuple[str, ...] = ()


class SameSpec(Record, frozen=True, kw_only=True):
    """What makes a new case the return of a former one: equal fields, within a span of its closing."""

    fields: tuple[str, ...]
    within: str
    #: roles of the former case that are told: party references
    notify: tuple[str, ...] = ()
    text: str = ""


class TextSpec(Record, frozen=True, kw_only=True):
    """A message: {placeholders} only."""

    id: str
    subject: str
    body: str
    #: nothing delays it: it goes at night and beyond the budget of a day
    urgent: bool = False


class Procedure(Record, frozen=True, kw_only=True):
    """A whole procedure, resolved for one place."""

    id: str
    title: str
    #: the plan or place for which it was resolved
    plan: str
    #: number series, `YH-{year}-{seq:05}`
    number: str
    #: id of the working calendar by which its spans count
    calendar: str
    fields: tuple[FieldSpec, ...]
    parties: tuple[PartySpec, ...]
    #: actions that open a case
    starts: tuple[ActionSpec, ...]
    states: tuple[StateSpec, ...]
    ladders: tuple[LadderSpec, ...] = ()
    texts: tuple[TextSpec, ...] = ()
    same: SameSpec | None = None
    #: field ids by what they mean to registers and policy
    unit_field: str = ""
    place_field: str = ""
    title_field: str = ""
    sealed: SealSpec | None = None
    links: tuple[LinkSpec, ...] = ()
    #: what follows by itself in whatever state: effects only
    on: tuple[ReactionSpec, ...] = ()
    basis: tuple[str, ...] = ()
