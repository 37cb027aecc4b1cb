"""What scenarios say of people: who holds what, who stands in, and what is done with a task besides its actions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from engine.core.language.names import ActionRef, PartyRef, ProcedureRef, Refers, RoleRef, StateRef, TitleText
from engine.core.language.parts import DateText, MomentText, Part, Strings, as_list

Alias = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Aliases = Annotated[list[Alias], BeforeValidator(as_list, json_schema_input_type=str | list[str])]
TaskSpecRef = Annotated[str, Refers("task")]
#: what a person does with a task or a case besides the actions of its definition
PEOPLE_KINDS = (
    "take", "release", "transfer", "delegate", "give_back", "take_back", "reassign", "urge", "copies", "read_copy",
    "recall", "recuse", "hand_over", "receive", "refuse_receipt", "designate", "vote", "vote_against", "add_voice",
    "remove_voice", "opinion", "invite", "end_guest", "pause_ladder", "resume_ladder",
)  # fmt: skip
#: what becomes of people, without anybody's doing anything in a case
DIRECTORY_KINDS = ("ends_role", "begins_role", "stands_in")


class Unit(Part):
    """A unit of the scenario: region and industry by their titles."""

    region: TitleText
    industry: TitleText
    attributes: dict[str, str | int | bool] = Field(default_factory=dict)


class StandIn(Part):
    """For whom somebody stands in: from a day, until the day before another, in all roles and procedures or in one."""

    for_: Alias = Field(alias="for")
    from_: DateText | None = Field(default=None, alias="from")
    until: DateText | None = None
    role: RoleRef | None = None
    procedure: ProcedureRef | None = None


class Relation(Part):
    """To whom somebody is related: a unit or a person."""

    unit: Alias | None = None
    person: Alias | None = None


class Role(Part):
    """A role somebody holds: region and industry by their titles, unit and body by the alias of a unit."""

    role: RoleRef
    region: TitleText | None = None
    industry: TitleText | None = None
    unit: Alias | None = None
    #: the organ (机关) as which it is held
    body: Alias | None = None
    since: DateText | None = None
    until: DateText | None = None


class Person(Role):
    """A person of the scenario and the role they hold."""

    #: kind of certificate -> the first day on which it is no longer valid
    certificates: dict[str, DateText] = Field(default_factory=dict)
    stands_in: list[StandIn] = Field(default_factory=list)
    related: list[Relation] = Field(default_factory=list)


class PowerHeld(Part):
    """What an organ may do: a matter, by some documents or all, in a region or everywhere."""

    body: Alias
    matter: str
    document: Strings = Field(default_factory=list)
    region: TitleText | None = None
    since: DateText | None = None
    until: DateText | None = None


class ShiftHeld(Part):
    """Who is on duty by a roster, from a moment to another; a bare date means its beginning."""

    roster: str
    person: Alias
    region: TitleText | None = None
    from_: MomentText = Field(alias="from")
    to: MomentText


class Succeeded(Part):
    """As what a unit lives on from a day on; no successor: closed."""

    unit: Alias
    successor: Alias | None = None
    how: Literal["merged", "renamed", "split", "closed"]
    since: DateText


class Office(Part):
    """An office, by where its role is held: region and industry by their titles."""

    region: TitleText | None = None
    industry: TitleText | None = None


class PeopleStep(Part):
    """The part of a step that is about people."""

    take: StateRef | None = None
    release: StateRef | None = None
    transfer: StateRef | None = None
    delegate: StateRef | None = None
    give_back: StateRef | None = None
    take_back: StateRef | None = None
    reassign: StateRef | None = None
    urge: StateRef | None = None
    copies: StateRef | None = Field(default=None, alias="copy")
    read_copy: Literal[True] | None = None
    recall: Literal[True] | None = None
    recuse: StateRef | None = None
    hand_over: StateRef | None = None
    receive: StateRef | None = None
    #: the title or the id of a ground
    refuse_receipt: TitleText | None = None
    designate: Literal[True] | None = None
    vote: ActionRef | None = None
    vote_against: ActionRef | None = None
    add_voice: ActionRef | None = None
    remove_voice: ActionRef | None = None
    opinion: StateRef | None = None
    invite: PartyRef | None = None
    end_guest: Alias | None = None
    pause_ladder: StateRef | None = None
    resume_ladder: StateRef | None = None
    #: with pause_ladder: the last day; left out: as long as the ladder allows
    paused_until: DateText | None = None
    ends_role: Alias | None = None
    begins_role: Alias | None = None
    stands_in: Alias | None = None
    #: with ends_role: only that one
    role: RoleRef | None = None
    #: which task of the state, where it is not its own: the id of an extra one
    task: TaskSpecRef | None = None
    #: whom: a person, several for a copy, an office for a hand-over or a designation
    to: str | list[str] | Office | None = None
    #: an opinion, what was found, the note of a copy or of who urges
    says: TitleText | None = None
    #: with do: why a superior acts in the place of who holds the task
    instead: TitleText | None = None
    #: with do: the state to which it leads back
    back_to: StateRef | None = None
    #: with begins_role: what is held from then on
    holds: Role | None = None
    #: with stands_in: for whom
    for_: Alias | None = Field(default=None, alias="for")


class PeopleThen(Part):
    """What must be true of the people of one case."""

    #: how often holders were urged
    urged: int | None = None
    #: who was sent a copy, and who of them has not read it
    copies: list[Alias] | None = None
    unread: list[Alias] | None = None
    recused: list[Alias] | None = None
    #: in whose place others acted, each time
    acted_for: list[Alias] | None = None
    #: of the last vote: party (an added voice: its person) -> consent, refuse, withdrawn, or "" = not given
    voices: dict[Annotated[str, Refers("party", "dotted")], str] | None = None
    #: parties that gave their opinion or voice late, or let its time pass
    late: list[PartyRef] | None = None


__all__ = ["DIRECTORY_KINDS", "PEOPLE_KINDS", "Alias", "Aliases", "Office", "PeopleStep", "PeopleThen", "Person"]
