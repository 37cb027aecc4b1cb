"""How much of the machine's own work goes into one transaction: little while people click, much while nobody does.

Whoever clicks waits for the job under way, so that a job must end about as soon as a click would. Each kind of job has
a rate of its own: its share follows from how long the last one took.
"""

from __future__ import annotations

#: Seconds that a job should take at least while people click, the share of what their clicks take that it may take on
#: a slower machine, and for how long after a click they are taken to go on.
PRESSED, OF_A_CLICK, AFTER_A_CLICK = 0.010, 0.4, 1.0
#: How much of what clicks usually take is the last one.
_LATEST = 0.05
#: A share changes by no more than these at once: one odd moment of the machine is not the rule.
_SHRINK, _GROW = 0.4, 1.5
#: The share with which a job begins after a click, before anything is known of its rate.
_CAREFUL = 0.04


class Pace:
    """Shares between almost nothing and one, by kind of job; used by one thread. Instants are of one stopwatch."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}
        self._asked: set[str] = set()
        self._clicked_at = float("-inf")
        self._pressed = False
        self._usual = 0.0

    def clicked(self, at: float, took: float) -> None:
        """Somebody clicked, and it took so many seconds: they will again."""
        self._clicked_at = at
        self._usual += _LATEST * (took - self._usual) if self._usual else took

    def begin(self, at: float) -> None:
        """A job begins."""
        self._pressed = at - self._clicked_at < AFTER_A_CLICK
        self._asked.clear()

    def of(self, kind: str, most: int) -> int:
        """How many of at most so many to take together in the job under way; one at least."""
        if not self._pressed:
            return most
        self._asked.add(kind)
        return max(1, int(most * self._shares.setdefault(kind, _CAREFUL)))

    def took(self, seconds: float) -> None:
        """How long the job took; what took longer than it should takes less on next time."""
        wanted = max(PRESSED, OF_A_CLICK * self._usual)
        change = min(_GROW, max(_SHRINK, wanted / max(seconds, 1e-6)))
        for kind in self._asked:
            self._shares[kind] = min(1.0, self._shares[kind] * change)
