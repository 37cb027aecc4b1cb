"""Tokens of programs: random texts of which only the digest is kept."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

from engine.core.ports import Dice

#: What a token of ours begins with, so that scanners for leaked secrets find it.
PREFIX = "zhiben_"
#: Scopes a token may have.
SCOPES = ("read", "act", "import", "directory", "operate")
_BYTES = 32
_MOST_CHARACTERS = 200


def new_token(dice: Dice) -> str:
    """A fresh token of 256 random bits; shown once, never stored."""
    return PREFIX + urlsafe_b64encode(dice.token(_BYTES)).decode("ascii").rstrip("=")


def digest_of(token: str) -> bytes:
    """What is stored of a token; it has too many random bits to need a slow hash."""
    return sha256(token.encode("utf-8")).digest()


def token_in(header: str) -> str:
    """The token of an Authorization header, "" where there is none."""
    scheme, _, rest = header.partition(" ")
    token = rest.strip()
    fit = scheme.lower() == "bearer" and token.isascii() and 0 < len(token) <= _MOST_CHARACTERS
    return token if fit else ""
