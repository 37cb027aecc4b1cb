"""What clients meant and what they were answered, on disk before anything else happens (`threats.md` 1.2)."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One command as it is sent, and sent again."""

    n: int
    person: str
    key: str
    path: str
    #: JSON; "" = no body
    body: str
    match: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What an intent was answered."""

    n: int
    status: int
    body: str

    @property
    def acknowledged(self) -> bool:
        """Whether the command was carried out."""
        return self.status in (200, 201)

    @property
    def receipt(self) -> dict[str, Any]:
        """Command, stream, seq and leaf."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def settled(self) -> bool:
        """Whether it was told for certain that it was or was not carried out."""
        return self.status < 500


class Journal:
    """An append-only file of intents and replies; each line is synced before `note` returns."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def note(self, what: Intent | Reply) -> None:
        """Append and sync."""
        line = json.dumps([type(what).__name__, vars(what)], ensure_ascii=False).encode() + b"\n"
        with self._lock:
            os.write(self._handle, line)
            os.fsync(self._handle)

    def close(self) -> None:
        """Give the file up."""
        os.close(self._handle)


@dataclass(frozen=True, kw_only=True)
class Noted:
    """A journal as it was read back: intents by number, and all replies of each in their order."""

    intents: dict[int, Intent]
    replies: dict[int, list[Reply]]

    def acknowledged(self) -> Iterator[tuple[Intent, Reply]]:
        """Intents that were carried out, each with its first acknowledgement."""
        for n, replies in self.replies.items():
            first = next((reply for reply in replies if reply.acknowledged), None)
            if first is not None:
                yield self.intents[n], first


def read_journal(path: Path) -> Noted:
    """Read a journal."""
    intents: dict[int, Intent] = {}
    replies: dict[int, list[Reply]] = {}
    for line in path.read_bytes().splitlines():
        kind, told = json.loads(line)
        if kind == "Intent":
            intents[told["n"]] = Intent(**told)
        else:
            replies.setdefault(told["n"], []).append(Reply(**told))
    return Noted(intents=intents, replies=replies)
