"""The story's script: who acts, what they do in which state, how likely and how late; read strictly from YAML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Literal

import msgspec

from engine.core.yaml_source import read
from engine.errors import DefinitionError, Place


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts of a script."""


class Group(Part, frozen=True, kw_only=True):
    """People who hold a role: for all, or as many for each region or industry."""

    role: str
    each: Literal["", "region", "industry"] = ""
    count: int = 1
    #: the kind of certificate that each of them holds; "" = none
    certificate: str = ""
    #: the organ as which they hold it, one for each region or industry: its title, with {industry} and {region}
    body: str = ""
    #: matters in which such an organ may act
    powers: tuple[str, ...] = ()


class People(Part, frozen=True, kw_only=True):
    """Everybody but the people of units, who come with them."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]
    groups: tuple[Group, ...]


class Sheets(Part, frozen=True, kw_only=True):
    """Ids of the import mappings by which the register of units and the ledgers are read."""

    units: str
    ledger: str


class TriageWay(Part, frozen=True, kw_only=True):
    """Where the ladders of some of the claimed cases start."""

    start: Literal["now", "deadline", "until"]
    until: str = ""
    reason: str


class Triage(Part, frozen=True, kw_only=True):
    """What is decided about the claimed cases at the beginning."""

    by: str
    overdue: TriageWay
    others: TriageWay


class Who(Part, frozen=True, kw_only=True):
    """Which role acts, by the value of a field."""

    field: str
    are: dict[str, str]


class Reports(Part, frozen=True, kw_only=True):
    """How the rows of the ledger become cases."""

    action: str
    who: Who


class Refusal(Part, frozen=True, kw_only=True):
    """The other side does not sign: why, and who saw it."""

    reason: str
    witness: str


class Choice(Part, frozen=True, kw_only=True):
    """One thing somebody may do, how likely beside the others, and when.

    Times are workdays from a to b: `after` the task was opened, `before` its deadline (0 = on the last day), or `late`.
    """

    do: str
    weight: int = 1
    after: tuple[int, int] = (0, 0)
    before: tuple[int, int] | None = None
    late: tuple[int, int] | None = None
    form: dict[str, Any] = {}
    reason: str | tuple[str, ...] = ""
    #: where the other side is asked to sign and does not
    refused: Refusal | None = None


class About(Part, frozen=True, kw_only=True):
    """The open case that another one is about: one of a procedure with a value of a filter, in one of some states."""

    #: the field that takes its id
    field: str
    procedure: str
    where: dict[str, str]
    states: tuple[str, ...]
    #: field of the new case -> field of that one
    copied: dict[str, str]


class Opening(Part, frozen=True, kw_only=True):
    """A case of another procedure that is opened on a day, by whoever holds a role near its unit."""

    on: date
    procedure: str
    action: str
    by: str
    about: About | None = None
    #: values as choices write them; also {unit: industry}, {people: role, count: n}, {place: true} of the unit
    form: dict[str, Any] = {}


class DutyWays(Part, frozen=True, kw_only=True):
    """How those who must by duty go about it: so many of a hundred in time, late, or after it was missed."""

    in_time: int
    late: int
    made_up: int
    #: values of the fields of the forms by which they are met, by action
    forms: dict[str, dict[str, Any]] = {}


class Paper(Part, frozen=True, kw_only=True):
    """So many acts of a number are signed on paper and entered later by somebody else."""

    share: int
    of: int
    by: str
    delay: tuple[int, int]


class Reopen(Part, frozen=True, kw_only=True):
    """So many closed cases of a number are opened again."""

    share: int
    of: int
    by: str
    after: tuple[int, int]
    form: dict[str, Any] = {}


class Post(Part, frozen=True, kw_only=True):
    """Whose account is printed: who has most to do in a role, under a name that is easily typed."""

    login: str
    role: str
    #: what to try with it
    advice: str


class DemoAccounts(Part, frozen=True, kw_only=True):
    """How the people of the story sign in where the demonstration is served."""

    password: str
    posts: tuple[Post, ...]


class Script(Part, frozen=True, kw_only=True):
    """A whole story."""

    story: str
    title: str
    procedure: str
    seed: int
    begins: date
    ends: date
    sheets: Sheets
    people: People
    accounts: DemoAccounts
    triage: Triage
    reports: Reports
    #: per cent of tasks that their holder opens before acting
    reads: int
    paper: Paper
    reopen: Reopen
    #: "state" or "state/extra task" -> what its holder may do
    tasks: dict[str, tuple[Choice, ...]]
    #: the same for tasks of other procedures, by procedure
    others: dict[str, dict[str, tuple[Choice, ...]]] = {}
    openings: tuple[Opening, ...] = ()
    #: None = nobody acts by duty
    duties: DutyWays | None = None
    #: who signs for the other side on the spot
    bystander: str = ""
    approvals: tuple[Choice, ...]
    drafts: tuple[Choice, ...]
    #: values of required fields that no choice gives
    fields: dict[str, Any]


def load_script(path: Path) -> Script:
    """The script of a place; DefinitionError where there is none or it is none."""
    name = "/".join(path.parts[-3:])
    if not path.is_file():
        raise DefinitionError("story_missing", expected="a story", got=name)
    plain = read(path.read_text(encoding="utf-8"), file=name)[0].plain()
    try:
        return msgspec.convert(plain, Script)
    except msgspec.ValidationError as error:
        place = Place(file=name, line=1, column=1, path="")
        raise DefinitionError("wrong_value", place=place, expected=str(error), got=name) from error


def chosen(choices: tuple[Choice, ...], dice: Random) -> Choice | None:
    """One of them, as likely as it says."""
    if not choices:
        return None
    return dice.choices(choices, weights=[choice.weight for choice in choices])[0]
