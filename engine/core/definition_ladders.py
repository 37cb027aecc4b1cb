"""How definitions say which ladder a task climbs, who may pause one, and what steps it down again.

Words: ladder 升级阶梯 · pause 暂停督促 · calm 降级.
"""

from __future__ import annotations

from typing import Literal

from engine.core.definition_parts import Record

#: What becomes of a draft when that which it is about is over: it is withdrawn, or it waits on for a decision.
IfOver = Literal["withdraw", "keep"]
#: Back to the deadline itself: everything after it is climbed anew.
START = "start"
#: What steps a ladder down besides actions: another deadline was granted.
EXTENDED = "extended"


class LadderChoice(Record, frozen=True, kw_only=True):
    """One of the ladders of a task; the first whose guard holds is climbed."""

    ladder: str
    #: guard; "" = otherwise
    when: str = ""


class PauseSpec(Record, frozen=True, kw_only=True):
    """Who may pause a ladder, for how long at most and how often, and what becomes of the rungs missed meanwhile."""

    by: tuple[str, ...]
    #: span phrase
    most: str
    #: how often while a task lasts
    times: int
    #: fire: each once, in order, when it goes on; skip: they are passed over and named
    missed: Literal["fire", "skip"]


class CalmSpec(Record, frozen=True, kw_only=True):
    """What counts as progress, and to which rung a ladder then steps down."""

    #: ids of actions
    on: tuple[str, ...]
    #: START, or the id of a rung at or after the deadline
    back_to: str = START
