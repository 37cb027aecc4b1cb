"""What the faces ask of a clock that people may let run ahead: only demonstrations have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

#: Days that may be asked for at once.
DAYS = (1, 7)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """How far the clock is on its way."""

    now: datetime
    #: where it is going; None = it just runs
    until: datetime | None = None
    #: part of the way that lies behind, 0 to 100
    percent: int = 0
    #: what fell due on the way
    fired: int = 0
    #: an error of ours ended it; "" = none
    failed: str = ""


class Passing(Protocol):
    """Lets time pass, and everything that falls due in it happen when it is due."""

    def seen(self) -> Passage:
        """Where the clock stands now."""

    def begin(self, days: int) -> None:
        """Set out for so many days later; Conflict if it is under way already."""
