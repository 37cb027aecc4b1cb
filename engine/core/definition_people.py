"""How definitions say what people may do with a task besides its actions: pass on, share, vote on, take back.

Words: handling 承办办法 · hand-over 移交 · designation 指定管辖 · votes 会签 · joint 主办/协办 · recusal 回避.
"""

from __future__ import annotations

from typing import Literal

from engine.core.calendar import RollRule as RollRule
from engine.core.calendar import StartRule as StartRule
from engine.core.day_counts import DayCount as DayCount
from engine.core.definition_parts import Record

RecusalGround = Literal["kin", "own_unit", "superiors"]
#: Before whom or when an act may be taken back: as long as nobody who holds what follows has read it.
UNTIL_READ = "until read"


class DeadlineSpec(Record, frozen=True, kw_only=True):
    """When something must be done: a span after its start, or a point, a date field among them."""

    #: span phrase such as "2 workdays"; exactly one of within, until, whichever_first
    within: str = ""
    #: point phrase such as "end of quarter", or the id of a date field
    until: str = ""
    #: the id of a date field from which it counts; "" = from the beginning of the task
    since: str = ""
    start: StartRule = "next_day"
    roll: RollRule = "none"
    basis: tuple[str, ...] = ()
    #: the named rule by which days are counted; None = as they stand
    count: DayCount | None = None
    #: id of the working calendar by which it counts; "" = the procedure's
    calendar: str = ""
    #: point phrase: it may not be done before, "15 workdays before"; "" = at any time
    opens: str = ""
    #: the first of these counts; those whose date field is empty are left out
    whichever_first: tuple[DeadlineSpec, ...] = ()


class RecusedSpec(Record, frozen=True, kw_only=True):
    """Who of a party takes no part, and is not even looked up: whoever is too near to those concerned."""

    #: unit, person, actor or guest parties of the case
    of: tuple[str, ...]
    grounds: tuple[RecusalGround, ...]


class UrgeSpec(Record, frozen=True, kw_only=True):
    """Who may urge the holder, and how often: once in a span."""

    by: tuple[str, ...]
    every: str
    #: the text of the message to whoever holds the task; "" = the work list shows it, no message goes out
    text: str = ""


class HandOverSpec(Record, frozen=True, kw_only=True):
    """A matter goes to another office, which receives it or refuses on a stated ground; then one is designated."""

    #: the party, of kind role, whose office changes
    party: str
    receive: DeadlineSpec | None = None
    receive_undated: str = ""
    ladder: str = ""
    #: id -> title of the grounds on which receipt may be refused
    grounds: tuple[tuple[str, str], ...] = ()
    #: the party that designates an office once receipt was refused; "" = the sender tries another
    designate_by: str = ""
    designate: DeadlineSpec | None = None
    designate_undated: str = ""
    designate_ladder: str = ""


class HandlingSpec(Record, frozen=True, kw_only=True):
    """What a holder may do with a task besides its actions; empty = nothing."""

    #: whoever of several holders takes it holds it alone until they release it
    claim: bool = False
    #: parties to one of whose members the holder may transfer it; a member of the own party always where any is named
    transfer: tuple[str, ...] = ()
    #: parties to one of whose members it may be delegated; it comes back
    delegate: tuple[str, ...] = ()
    #: parties of whose members a copy may be sent to
    copy: tuple[str, ...] = ()
    urge: UrgeSpec | None = None
    #: the superior of its holders may act in their place, with a reason
    superior: bool = False
    #: a holder may say that they are biased
    recuse: bool = False
    hand_over: HandOverSpec | None = None


class VotesSpec(Record, frozen=True, kw_only=True):
    """Several voices decide whether an action takes effect."""

    #: party references; each has one voice, given by any of its persons
    by: tuple[str, ...]
    #: all, any, a share "2/3", or a number "3" of consenting voices
    rule: str = "all"
    #: parties whose refusal alone ends it
    veto: tuple[str, ...] = ()
    #: so many voices must have answered before it ends; 0 = as many as the rule needs
    quorum: int = 0
    order: Literal["parallel", "sequential"] = "parallel"
    #: parties whose members may be asked besides (加签); the asker may also take such a voice out again (减签)
    add: tuple[str, ...] = ()
    deadline: DeadlineSpec | None = None
    undated: str = ""
    ladder: str = ""
    #: where it leads when refused: a state, "" = nothing happens and it may be asked again
    refused_to: str = ""


class JointSpec(Record, frozen=True, kw_only=True):
    """Others who give their opinion on a task, which its holder concludes (主办, 协办)."""

    by: tuple[str, ...]
    deadline: DeadlineSpec | None = None
    undated: str = ""
    ladder: str = ""
    #: before which the holder may not leave the state: all opinions; all, or their deadlines passed; nothing
    wait: Literal["all", "due", "none"] = "due"


class PowerSpec(Record, frozen=True, kw_only=True):
    """The power that the body of who acts must have on the day: matter × document."""

    matter: str
    document: str = ""
