"""Ports: what the engine asks of the world outside, as protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Literal, Protocol

import msgspec


class Clock(Protocol):
    """The one source of the present instant."""

    def now(self) -> datetime:
        """The present, aware, UTC."""


class Dice(Protocol):
    """The one source of randomness: ids, salts, keys."""

    def token(self, size: int) -> bytes:
        """Random bytes."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was stored: its content is its name."""

    #: lower-case hex SHA-256 of the bytes
    sha256: str
    #: bytes
    size: int
    media_type: str


class EvidenceFiles(Protocol):
    """Content-addressed files: durable before their row is written."""

    def put(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """Store the bytes durably (fsync, rename, fsync folder); raises BadInput when too large or disguised."""

    def open(self, sha256: str) -> BinaryIO:
        """Open for reading; raises NotFound."""

    def __contains__(self, sha256: str) -> bool:
        """Whether the file is there."""

    def names(self) -> Iterator[str]:
        """All stored names, for the check of references against files."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message ready to be sent; `key` is the same on every attempt."""

    key: str
    address: str
    subject: str
    body: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended: closed set, so that the worker's classify step is a match.

    sent: accepted by the channel. retry: definitely not sent, may be later. failed: never will be.
    unknown: it may or may not have been sent.
    """

    outcome: Literal["sent", "retry", "failed", "unknown"]
    reason: str = ""
    receipt: str = ""


#: The channel that is the product's own inbox: what is there was seen to; it is neither counted nor delayed.
INBOX = "inapp"


class Messenger(Protocol):
    """One channel: in-app, mail, ..."""

    channel: str
    #: whether the channel itself drops a second message of the same key
    idempotent: bool

    def send(self, message: Message) -> Sent:
        """Try once, within the channel's own time limit; never raises for what the channel answers."""


class Addresses(Protocol):
    """Where a person can be reached, by channel."""

    def of(self, person: str) -> Mapping[str, str]:
        """Channel -> address, in order of preference."""
