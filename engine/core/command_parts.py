"""What commands are made of: streams, evidence, what the actor saw, the base of all acts."""

from __future__ import annotations

from typing import Literal

import msgspec

StreamKind = Literal["case", "directory", "library", "bulk", "draw", "access", "watch", "duty"]
Medium = Literal["web", "api", "cli", "chat", "mail", "paper", "import", "timer", "signal", "bulk", "system"]

#: Person id under which the engine itself acts (timers, signals); never a person of the directory.
SYSTEM = "system"


class Stream(msgspec.Struct, frozen=True, order=True, gc=False):
    """The address of one sequence of entries."""

    kind: StreamKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class EvidenceRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A file that was stored before the command: its content is its name."""

    #: lower-case hex SHA-256 of the bytes
    sha256: str
    #: file, photo, signature, scan
    kind: str
    size: int
    media_type: str
    #: the form field it belongs to, if any
    field: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the actor had before their eyes, for the check against stale pages."""

    #: open task the act belongs to
    task: int = 0
    #: last entry of the case that the actor saw; 0 = not stated
    seq: int = 0


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", gc=False):
    """Base of what a command asks for."""
