"""What is asked of the stream of a duty: by who publishes it, by the clock, by who may exempt."""

from __future__ import annotations

from datetime import date

from engine.core.command_parts import Act
from engine.core.definition_duties import DutySpec


class PublishDuty(Act, frozen=True, kw_only=True, tag="publish_duty"):
    """Let a duty hold in this wording."""

    #: hash of its canonical bytes
    version: str
    spec: DutySpec


class EndDuty(Act, frozen=True, kw_only=True, tag="end_duty"):
    """Let no further window of the duty open."""

    reason: str


class TurnDuty(Act, frozen=True, kw_only=True, tag="turn_duty"):
    """A moment of the duty has come: one command for all whom it concerns."""

    rung: str
    epoch: int


class RedateDuty(Act, frozen=True, kw_only=True, tag="redate_duty"):
    """Work the ends of open windows out again by the calendar in force; the engine's own act."""

    calendar: str
    #: the year whose publication is the reason
    year: int


class ExemptObligation(Act, frozen=True, kw_only=True, tag="exempt_obligation"):
    """Excuse a subject from one period, or from every one that begins up to a day."""

    subject: str
    #: "" = every period that begins up to `until`
    period: str = ""
    until: date
    reason: str


class EndExemption(Act, frozen=True, kw_only=True, tag="end_exemption"):
    """Excuse a subject no longer."""

    subject: str
    period: str = ""
    reason: str


DutyAct = PublishDuty | EndDuty | TurnDuty | RedateDuty | ExemptObligation | EndExemption
