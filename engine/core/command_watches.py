"""What is asked of watches: to look, by the clock; to take note of an answer, by a person."""

from __future__ import annotations

from engine.core.command_parts import Act
from engine.core.event_watches import FindingAnswer


class TurnWatch(Act, frozen=True, kw_only=True, tag="turn_watch"):
    """Look at a period that has ended."""

    period: str


class AnswerFinding(Act, frozen=True, kw_only=True, tag="answer_finding"):
    """Say what a finding is about; its light goes out."""

    period: str
    subject: str
    how: FindingAnswer
    reason: str


WatchAct = TurnWatch | AnswerFinding
