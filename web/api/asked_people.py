"""What bodies of requests may say of passing a task on, standing in, voting, handing over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from web.api.asked import Entered, Id, Name, Reason

#: A reason that must be given.
Why = Annotated[str, Field(min_length=1, max_length=2000)]
#: What somebody who only reports says.
Opinion = Annotated[str, Field(max_length=4000)]


class ReasonIn(Entered):
    """An act for which a reason may be given, or a note."""

    reason: Reason = ""


class PassIn(Entered):
    """Give a task to a person, and say why."""

    to: Id
    reason: Why


class GiveBackIn(Entered):
    """Give a delegated task back with what was found."""

    opinion: Opinion = ""


class UrgeIn(Entered):
    """Urge, with a note."""

    note: Reason = ""


class CopyIn(Entered):
    """Send copies to persons."""

    to: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    note: Reason = ""


class RecuseIn(Entered):
    """Say that one is biased, and why."""

    reason: Why


class PauseIn(Entered):
    """Pause a ladder until a day, and say why."""

    until: Name = ""
    reason: Why


class ResumeIn(Entered):
    """Let a paused ladder go on, and say why."""

    reason: Why


class HandOverIn(Entered):
    """Hand a matter over to the office of a region and industry."""

    region: Name = ""
    industry: Name = ""
    reason: Why


class RefuseReceiptIn(Entered):
    """Refuse a matter on one of the stated grounds."""

    ground: Id
    reason: Reason = ""


class DesignateIn(Entered):
    """Say which office, or which person, has the matter."""

    region: Name = ""
    industry: Name = ""
    person: Name = ""
    reason: Why


class VoteIn(Entered):
    """Give one's voice; a refusal needs a reason."""

    consent: bool
    reason: Reason = ""


class AddVoiceIn(Entered):
    """Ask one person more."""

    person: Id
    reason: Why


class RemoveVoiceIn(Entered):
    """Take out a voice that was added."""

    voice: Annotated[int, Field(ge=1, le=1000)]
    reason: Why


class OpinionIn(Entered):
    """Give one's opinion on a task that another concludes."""

    opinion: Annotated[str, Field(min_length=1, max_length=4000)]
