"""What the menu shows one visitor."""

from __future__ import annotations

from dataclasses import dataclass

from web.catalogues import say
from web.pages.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the menu."""

    title: str
    address: str
    #: how many things wait there; 0 = none
    count: int = 0


def navigation_of(visitor: Visitor) -> tuple[Entry, ...]:
    """The entries of the menu, in order."""
    return (Entry(title=say("pages.work"), address="/work"),)
