"""Voices and opinions as a page lists them."""

from __future__ import annotations

from dataclasses import dataclass

from web.pages.case_timeline import Moment


@dataclass(frozen=True, kw_only=True)
class VoiceLine:
    """Whose voice or opinion it is, since when it is asked for, and what became of it."""

    who: str
    asked: Moment | None
    #: what they said, or that they have not yet
    told: str
    #: asked, consent, refuse, withdrawn, given, waiting
    status: str
    at: Moment | None
    late: bool
    said: str = ""
    files: int = 0


@dataclass(frozen=True, kw_only=True)
class VoicesView:
    """A vote under way on something asked from a task, or the opinions beside it."""

    title: str
    lines: tuple[VoiceLine, ...]

    @property
    def given(self) -> int:
        """How many have answered."""
        return sum(one.status in ("consent", "refuse", "given") for one in self.lines)
