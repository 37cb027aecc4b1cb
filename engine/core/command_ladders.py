"""Acts on ladders: an authorised person pauses one, or lets it go on."""

from __future__ import annotations

from engine.core.command_parts import Act


class PauseLadder(Act, frozen=True, kw_only=True, tag="pause_ladder"):
    """Let no rung of a task's ladder fire for a while (暂停督促)."""

    task: int
    #: ISO day, included; "" = as long as the ladder allows
    until: str = ""
    reason: str


class ResumeLadder(Act, frozen=True, kw_only=True, tag="resume_ladder"):
    """Let a paused ladder go on (恢复督促)."""

    task: int
    reason: str


LadderAct = PauseLadder | ResumeLadder
