"""What a digest tells: the matters of many messages, the most urgent first, each once; words come from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.store.digests import Member

#: More lines than these nobody reads in a message; the rest is counted.
MOST_LINES = 30


@dataclass(frozen=True, kw_only=True)
class Line:
    """One matter."""

    #: as a message of its own would be headed
    subject: str
    #: the day it is due, as texts write days; "" = nothing is due
    due: str = ""
    #: id of the case; "" = it belongs to none
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class Digest:
    """A digest before it is put in words."""

    lines: tuple[Line, ...]
    #: matters beyond the lines
    more: int = 0
    #: the person gets nothing more today
    last: bool = False

    @property
    def matters(self) -> int:
        """How many matters it tells of."""
        return len(self.lines) + self.more


#: Subject and body of a digest.
TellDigest = Callable[[Digest], tuple[str, str]]


def plainly(digest: Digest) -> tuple[str, str]:
    """A digest without any words."""
    lines = [" ".join(part for part in (line.due, line.subject) if part) for line in digest.lines]
    return f"+{digest.matters}", "\n".join([*lines, *([f"+{digest.more}"] if digest.more else [])])


def matters_of(members: Iterable[Member]) -> list[Member]:
    """One message for each matter, in the order in which matters come first: the latest that was told of it."""
    found: dict[tuple[str, int, str], Member] = {}
    for one in members:
        found[str(one.stream), one.task, "" if one.task else one.key] = one
    return list(found.values())
