"""The neutral form of a duty (周期义务): for whom it is, how often, who must, what counts as done, what follows if not.

Words: duty 周期义务 · obligation 义务(一个单位一个周期) · population 义务人范围 · late 逾期 ·
missed 漏报 · made up 补做.
"""

from __future__ import annotations

from typing import Literal

from engine.core.definition import TextSpec
from engine.core.definition_parts import Record
from engine.core.recurrence import Rhythm

SubjectKind = Literal["units", "regions", "people", "us"]
#: Who must, where a population is of people: each for themselves.
SELF = "self"
#: The one subject of a duty that is for "us".
US = "us"


class PopulationSpec(Record, frozen=True, kw_only=True):
    """For whom a duty is: each of them has one obligation a period."""

    kind: SubjectKind
    #: units, regions: guard over the attributes of one of them; "" = all
    where: str = ""
    #: people: the role they hold
    role: str = ""


class RhythmSpec(Record, frozen=True, kw_only=True):
    """How often, for those of the population for whom a guard holds; the first whose guard holds counts."""

    #: "" = for all others
    when: str = ""
    rhythm: Rhythm


class ReminderSpec(Record, frozen=True, kw_only=True):
    """A message to everybody who must and has not, at a point before, at or after the moment due."""

    id: str
    title: str
    #: point phrase relative to the deadline ("3 workdays before", "deadline"), or "start": when the window opens
    at: str
    #: message text id
    text: str


class ExemptSpec(Record, frozen=True, kw_only=True):
    """Who may exempt somebody, and for how long at most."""

    #: roles, looked up where the subject is
    by: tuple[str, ...]
    #: span phrase from the day on which it is said; "" = without limit
    most: str = ""


class DutySpec(Record, frozen=True, kw_only=True):
    """A whole duty, resolved for one place; its canonical bytes are its version."""

    id: str
    title: str
    #: the plan or place for which it was resolved
    plan: str
    #: id of the working calendar by which its windows count
    calendar: str
    population: PopulationSpec
    rhythms: tuple[RhythmSpec, ...]
    #: who must: "unit.principal" (a role within the unit), "role.x" (looked up where the subject is), "self"
    by: str
    #: what acting means: opening a case of this procedure by this start action
    procedure: str
    action: str
    #: field of that action's form -> word of the obligation that fills it: subject, period, first, last, due
    values: tuple[tuple[str, str], ...] = ()
    #: kinds of closing of the case by which the obligation is done; () = it is done as soon as the case is begun
    done: tuple[str, ...] = ()
    #: start action by which the engine opens the case of whoever is late; "" = being late is recorded and no more
    late_action: str = ""
    #: point phrase from the deadline at which an obligation not acted on is missed
    missed_at: str
    #: what others read of who missed it; "" = nothing
    record: str = ""
    #: span phrase after the deadline within which it may still be made up; "" = never
    made_up_within: str = ""
    #: whoever comes to the population in mid-period joins the running one, or waits for the next
    joins: Literal["this", "next"]
    reminders: tuple[ReminderSpec, ...] = ()
    #: None = nobody is ever exempt
    exempt: ExemptSpec | None = None
    texts: tuple[TextSpec, ...] = ()
    basis: tuple[str, ...] = ()
