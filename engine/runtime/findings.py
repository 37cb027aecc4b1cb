"""What an examination of the record finds."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not hold: code and data, the sentence is made at the edge."""

    code: str
    stream: str
    #: first entry concerned, 0 = the stream as a whole
    seq: int = 0
    data: dict[str, str] = {}
