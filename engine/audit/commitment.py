"""Salted commitments: an entry says that a value was this one, without saying the value.

commitment = SHA-256(one byte: length of the salt ‖ salt ‖ canonical bytes of the value), in lower-case hex. The length
in front keeps salt and value apart: nobody can move the border between them and open the commitment to another value.
Without the salt (at least 16 random bytes, kept outside the entry) even a telephone number cannot be guessed from it.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest

from engine.audit.canonical import canonical
from engine.errors import Broken

LEAST_SALT, MOST_SALT = 16, 255


def commit(salt: bytes, value: object) -> str:
    """The commitment to a value under a random salt of 16 to 255 bytes; Broken when salt or value do not qualify."""
    if not LEAST_SALT <= len(salt) <= MOST_SALT:
        raise Broken("salt_length", bytes=len(salt), least=LEAST_SALT, most=MOST_SALT)
    return sha256(bytes((len(salt),)) + salt + canonical(value)).hexdigest()


def verify_commitment(commitment: str, salt: bytes, value: object) -> bool:
    """Whether salt and value open the commitment; False also for what could never have been committed to."""
    try:
        return compare_digest(commit(salt, value).encode(), commitment.encode("utf-8", "replace"))
    except Broken:
        return False
