"""Passwords: which may be chosen, how they are kept, how one is checked. Nothing here writes one down."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Literal, Protocol

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from engine.core.ports import Dice
from engine.errors import BadInput

#: No letter or digit that is mistaken for another; 32 of them, so that a random byte picks one fairly.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP = 4, 5
#: Fewer different characters than this are a pattern, not a password.
_LEAST_DIFFERENT = 5
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SHORTEST_WORD = 4


@dataclass(frozen=True, kw_only=True)
class PasswordRules:
    """What a password must be like.

    `asvs` follows OWASP ASVS 5.0 6.2: length and lists, neither kinds of characters nor a date of expiry. `gb` adds
    what GB/T 22239-2019 8.1.4.1 a) asks for: several kinds of characters and a change every so often.
    """

    profile: Literal["asvs", "gb"] = "gb"
    #: characters
    least: int = 12
    most: int = 128
    #: days after which another must be chosen; counts under `gb` alone
    days: int = 90

    @property
    def expire_days(self) -> int:
        """Days that a password lasts; 0 = it does not expire."""
        return self.days if self.profile == "gb" else 0


def check_password(password: str, rules: PasswordRules, *, login: str = "", field: str = "password") -> None:
    """BadInput unless the password may be chosen."""
    if len(password) < rules.least:
        raise BadInput("password_short", field=field, least=rules.least)
    if len(password) > rules.most:
        raise BadInput("password_long", field=field, most=rules.most)
    if not password.isprintable():
        raise BadInput("password_control", field=field)
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(set(folded)) < _LEAST_DIFFERENT or _runs(folded):
        raise BadInput("password_simple", field=field)
    word = _EDGES.sub("", folded)
    if folded in common_passwords() or (len(word) >= _SHORTEST_WORD and word in common_passwords()):
        raise BadInput("password_common", field=field)
    if login and login.casefold() in folded and len(login) * 2 > len(folded):
        raise BadInput("password_like_login", field=field)
    if rules.profile == "gb" and _kinds(password) < 3:
        raise BadInput("password_few_kinds", field=field)


def _runs(text: str) -> bool:
    """Whether each character is the next, or the one before, of its neighbour: 123456789012, zyxwvutsrqpo."""
    most = 10 if text.isdecimal() else 0x110000
    steps = {(ord(after) - ord(before)) % most for before, after in pairwise(text)}
    return steps in ({1}, {most - 1})


def _kinds(text: str) -> int:
    """How many of these it has: small letters, capitals, digits, anything else."""
    return len({1 if one.islower() else 2 if one.isupper() else 3 if one.isdecimal() else 4 for one in text})


@cache
def common_passwords() -> frozenset[str]:
    """What many people choose, folded; the file says where it comes from."""
    text = resources.files("engine.runtime").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("# "))


def random_password(dice: Dice) -> str:
    """A password of 100 random bits that either profile takes, in groups that can be read out."""
    letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in dice.token(_GROUPS * _GROUP)]
    groups = ["".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP)]
    # capitals, small letters and a sign are there whatever was rolled
    return "-".join([groups[0].lower(), *groups[1:-1], groups[-1].lower()])


def folded_login(login: str) -> str:
    """The name of an account as it is compared: one width, one case, no blanks around it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


class Hasher(Protocol):
    """Makes slow hashes of passwords and checks passwords against them."""

    def hash(self, password: str) -> str:
        """A hash with a salt of its own."""

    def verify(self, stored: str, password: str) -> bool:
        """Whether the hash is of that password; takes as long whether it is or not."""

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than would be used now."""


class Argon2:
    """argon2id (RFC 9106); the parameters are written into every hash, so they may change at any time."""

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 2) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=lanes, hash_len=32, salt_len=16, type=Type.ID
        )

    def hash(self, password: str) -> str:
        """See Hasher."""
        return self._hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """See Hasher."""
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, stored: str) -> bool:
        """See Hasher."""
        return self._hasher.check_needs_rehash(stored)
