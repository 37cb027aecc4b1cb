"""Small stand-ins written by hand: same protocols, in memory, repeatable."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from engine.store.records import VaultRow


class SeededDice:
    """Dice that fall the same way in every run of the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._rolls = 0

    def token(self, size: int) -> bytes:
        """The next bytes."""
        self._rolls += 1
        block = sha256(f"{self._seed}:{self._rolls}".encode()).digest()
        return (block * (size // len(block) + 1))[:size]


class VaultInMemory:
    """Rows and keys of the vault in two dictionaries."""

    def __init__(self) -> None:
        self.wrapped: dict[str, bytes] = {}
        self.rows: dict[str, VaultRow] = {}

    def put_key(self, subject: str, sealed: bytes, at: int) -> bytes:
        """The first stays."""
        return self.wrapped.setdefault(subject, sealed)

    def keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Wrapped keys."""
        return {subject: self.wrapped[subject] for subject in subjects if subject in self.wrapped}

    def get(self, refs: Iterable[str]) -> dict[str, VaultRow]:
        """Rows."""
        return {ref: self.rows[ref] for ref in refs if ref in self.rows}

    def put(self, rows: Iterable[VaultRow]) -> None:
        """Keep."""
        self.rows |= {row.ref: row for row in rows}

    def erase(self, subject: str) -> int:
        """Key and rows of a subject go."""
        self.wrapped.pop(subject, None)
        return self.erase_values([ref for ref, row in self.rows.items() if row.subject == subject])

    def erase_values(self, refs: Iterable[str]) -> int:
        """Rows go."""
        return sum(self.rows.pop(ref, None) is not None for ref in refs)
