"""What a benchmark reports: one figure beside what it should reach, and how it was measured."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Literal

import msgspec


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured; `small` only proves that everything runs."""

    rounds: int
    #: commands of one round, one client
    commands: int
    #: commands of one round, eight clients
    crowd_commands: int
    #: timers of the cliff
    timers: int
    #: pending timers of the two polls that are compared
    pending: tuple[int, int]
    pending_postgres: tuple[int, int]
    polls: int
    pgbench_seconds: int
    #: cases of registers and boards, and how often their pages are read
    cases: int
    reads: int


FULL = Sizes(
    rounds=21,
    commands=400,
    crowd_commands=2_560,
    timers=100_000,
    pending=(1_000, 10_000_000),
    pending_postgres=(1_000, 1_000_000),
    polls=300,
    pgbench_seconds=5,
    cases=200_000,
    reads=400,
)
SMALL = Sizes(
    rounds=2,
    commands=24,
    crowd_commands=256,
    timers=300,
    pending=(100, 2_000),
    pending_postgres=(100, 2_000),
    polls=5,
    pgbench_seconds=1,
    cases=400,
    reads=20,
)


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the report; `reach` is the goal, met from below where `better` is "more"."""

    id: str
    value: float
    reach: float
    better: Literal["more", "less"] = "more"
    unit: str = ""
    #: whether everything that was written was found again, exactly once; without it no figure counts
    whole: bool = True
    #: absolute figures, baseline, rounds, spread
    details: Mapping[str, Any] = {}

    @property
    def reached(self) -> bool:
        """Whether the figure is as good as it should be."""
        return self.whole and (self.value >= self.reach if self.better == "more" else self.value <= self.reach)

    def lines(self) -> str:
        """The figure as text: one line, and an indented one that says how it came about."""
        told = f"{self.id} {_short(self.value)}{self.unit} reach {_short(self.reach)}{self.unit}"
        more = " · ".join(f"{name} {_told(value)}" for name, value in self.details.items())
        return f"{told} {'ok' if self.reached else 'short'}\n    {more}"


class NotRun(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that this machine cannot give."""

    id: str
    reason: str

    def lines(self) -> str:
        """Said loudly: what was not measured must not look like what was."""
        return f"{self.id} NOT RUN: {self.reason}"


class Ratios(msgspec.Struct, frozen=True, kw_only=True):
    """Speeds of the same rounds, ours and the bare driver's, per second."""

    ours: Sequence[float]
    bare: Sequence[float]

    @property
    def each(self) -> list[float]:
        """The ratio of every round: the machine's mood cancels out."""
        return [own / other for own, other in zip(self.ours, self.bare, strict=True)]

    @property
    def ratio(self) -> float:
        """The middle one."""
        return median(self.each)

    def details(self) -> dict[str, Any]:
        """Absolute figures and spread."""
        return {
            "ours/s": round(median(self.ours)),
            "bare/s": round(median(self.bare)),
            "rounds": len(self.ours),
            "spread": f"{min(self.each):.2f}-{max(self.each):.2f}",
        }


def commit() -> str:
    """The commit that is measured, with + where files differ from it."""
    root = Path(__file__).parent
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=10"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
