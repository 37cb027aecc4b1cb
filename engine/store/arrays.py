"""Columns of a batch as PostgreSQL's binary arrays; psycopg's own dumping of lists looks at every element's type.

The layout: dimensions, has-nulls flag, element oid, length, lower bound; then each element with its length before it.
"""

from __future__ import annotations

import struct
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper

_HEAD = struct.Struct("!iiIii")
_LENGTH = struct.Struct("!i").pack
_BIGINT = struct.Struct("!iq").pack
_TRUE, _FALSE = b"\x00\x00\x00\x01\x01", b"\x00\x00\x00\x01\x00"


class Texts(list[str]):
    """A text[]."""


class Bigints(list[int]):
    """A bigint[]."""


class Flags(list[bool]):
    """A boolean[]."""


class Octets(list[bytes]):
    """A bytea[]."""


class _Array(Dumper):
    format = Format.BINARY
    element = 0

    def dump(self, obj: Any) -> bytes:
        """The whole array."""
        if not obj:
            return _HEAD.pack(0, 0, self.element, 0, 1)[:12]
        return _HEAD.pack(1, 0, self.element, len(obj), 1) + self.elements(obj)

    def elements(self, obj: Any) -> bytes:
        """Each element behind its length."""
        raise NotImplementedError


class _Texts(_Array):
    oid, element = 1009, 25

    def elements(self, obj: Any) -> bytes:
        return b"".join([_LENGTH(len(raw)) + raw for raw in [text.encode() for text in obj]])


class _Bigints(_Array):
    oid, element = 1016, 20

    def elements(self, obj: Any) -> bytes:
        return b"".join([_BIGINT(8, number) for number in obj])


class _Flags(_Array):
    oid, element = 1000, 16

    def elements(self, obj: Any) -> bytes:
        return b"".join([_TRUE if told else _FALSE for told in obj])


class _Octets(_Array):
    oid, element = 1001, 17

    def elements(self, obj: Any) -> bytes:
        return b"".join([_LENGTH(len(raw)) + raw for raw in obj])


def register(connection: psycopg.Connection[Any]) -> None:
    """Let this connection take the arrays, and every integer as a bigint: one statement, one plan."""
    adapters = connection.adapters
    adapters.register_dumper(Texts, _Texts)
    adapters.register_dumper(Bigints, _Bigints)
    adapters.register_dumper(Flags, _Flags)
    adapters.register_dumper(Octets, _Octets)
    adapters.register_dumper(int, Int8BinaryDumper)
