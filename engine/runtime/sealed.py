"""The vault's rows as one session of the store keeps them: a key is written in the transaction that needs it."""

from __future__ import annotations

from engine.store.keeping import Vault as StoredVault
from engine.store.records import VaultRow


class SessionVault:
    """Implements `vault.VaultRows` over an open session."""

    def __init__(self, rows: StoredVault, at: int) -> None:
        self._rows = rows
        self._at = at

    def get_key(self, subject: str) -> bytes | None:
        """See VaultRows."""
        return self._rows.keys([subject]).get(subject)

    def put_key(self, subject: str, wrapped: bytes) -> bytes:
        """See VaultRows."""
        return self._rows.put_key(subject, wrapped, self._at)

    def erase_key(self, subject: str) -> None:
        """See VaultRows; the sealed values go with it, they are unreadable without."""
        self._rows.erase(subject)

    def get(self, ref: str) -> VaultRow | None:
        """See VaultRows."""
        return self._rows.get([ref]).get(ref)

    def put(self, row: VaultRow) -> None:
        """See VaultRows."""
        self._rows.put([row])

    def erase(self, ref: str) -> None:
        """See VaultRows."""
        self._rows.erase_values([ref])
