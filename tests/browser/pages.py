"""Every page that is looked at with the same questions: add yours; `{case}` is a case that the visitor may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Visited:
    """A page and who visits it; person "" has not signed in. A board may bring more script."""

    path: str
    person: str = "sun"
    board: bool = False


PAGES = (
    Visited(path="/design"),
    Visited(path="/sign-in", person=""),
    Visited(path="/work"),
    Visited(path="/inbox"),
    Visited(path="/drafts"),
    Visited(path="/account"),
    Visited(path="/nowhere"),
)
