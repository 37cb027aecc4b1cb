"""How long to wait before another attempt: doubling, bounded, with jitter."""

from __future__ import annotations

from datetime import timedelta

from engine.core.ports import Dice

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=6)
#: After so many doublings the wait is the longest in any case.
_MOST_DOUBLINGS = 16


def retry_after(attempts: int, dice: Dice) -> timedelta:
    """The wait after that many attempts: between half and the whole of the doubled time, so that crowds disperse."""
    whole: timedelta = min(FIRST * (1 << min(max(0, attempts - 1), _MOST_DOUBLINGS)), LONGEST)
    share = int.from_bytes(dice.token(2), "big") / 65536
    return whole * (0.5 + share / 2)
