"""How definitions stop clocks (中止计时), let them go on, and bound how far a deadline is moved."""

from __future__ import annotations

from typing import Literal

from engine.core.definition_parts import Record

#: What becomes of a request that nobody decides in time: it takes effect, it does not, or somebody else is asked.
Silence = Literal["", "granted", "refused", "escalates"]


class StopSpec(Record, frozen=True, kw_only=True):
    """While a case is in a state, the clocks of its other tasks stand still."""

    #: states, or tasks of them ("doing.recheck"), whose clocks are meant; empty = of all others
    of: tuple[str, ...] = ()


class StopClock(Record, frozen=True, kw_only=True, tag="stop_clock"):
    """Stops clocks until another act lets them go on."""

    #: as above
    of: tuple[str, ...] = ()
    #: the field that says why
    reason: str
    basis: tuple[str, ...] = ()


class ResumeClock(Record, frozen=True, kw_only=True, tag="resume_clock"):
    """Lets clocks go on that an act has stopped."""

    #: as above
    of: tuple[str, ...] = ()


class StageSpec(Record, frozen=True, kw_only=True):
    """One extension of several: how far it may move the deadline, and who decides."""

    id: str
    #: span phrase; "" = as far as the total allows
    most: str = ""
    #: "" = whoever decides on the others
    by: str = ""
