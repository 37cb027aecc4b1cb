"""Small stand-ins written by hand: same protocols, in memory, repeatable."""

from __future__ import annotations

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
        self.keys: dict[str, bytes] = {}
        self.rows: dict[str, VaultRow] = {}

    def get_key(self, subject: str) -> bytes | None:
        """The wrapped key."""
        return self.keys.get(subject)

    def put_key(self, subject: str, wrapped: bytes) -> None:
        """The first stays."""
        self.keys.setdefault(subject, wrapped)

    def erase_key(self, subject: str) -> None:
        """Gone."""
        self.keys.pop(subject, None)

    def get(self, ref: str) -> VaultRow | None:
        """The row."""
        return self.rows.get(ref)

    def put(self, row: VaultRow) -> None:
        """Keep."""
        self.rows[row.ref] = row

    def erase(self, ref: str) -> None:
        """Gone."""
        self.rows.pop(ref, None)
