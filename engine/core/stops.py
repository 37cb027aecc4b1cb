"""A time for which the clock of a deadline stood still (中止计时), as the deadline's derivation keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

#: By what the time stopped is added back: as the deadline itself counts.
StopUnit = Literal["workday", "day", "work hour", "exact"]
#: Why a task whose clock stands still has no deadline at the moment.
STOPPED = "stopped"
#: What begins the reason of a task that has no deadline yet; the date field it waits for follows.
WAITS = "waits_for:"


class Stop(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One interval that does not count; its first day does, as the day of any event is not part of what follows it."""

    #: UTC; from the stop to the moment at which the clock went on
    since: datetime
    until: datetime
    unit: StopUnit
    #: whole workdays or days, else seconds
    amount: int
