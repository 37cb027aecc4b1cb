"""Where people can be reached: mail as the directory knows it, the inbox always."""

from __future__ import annotations

from collections.abc import Mapping

from engine.runtime.personal import is_reference
from engine.runtime.vault import Erased, Vault
from engine.store.store import Store


class DirectoryAddresses:
    """Implements `ports.Addresses` over the directory and the vault."""

    def __init__(self, store: Store, master: bytes, *, mail: bool) -> None:
        self._store = store
        self._master = master
        self._mail = mail

    def of(self, person: str) -> Mapping[str, str]:
        """Channel -> address, in order of preference."""
        address = self._address(person) if self._mail else ""
        return {"mail": address, "inapp": person} if address else {"inapp": person}

    def _address(self, person: str) -> str:
        with self._store.read() as reader:
            for row in reader.directory.rows("person", [person]):
                told = row.attributes.get("mail")
                if isinstance(told, dict) and is_reference(told):
                    opened = Vault(reader.vault, self._master).open(told["vault"], told["commitment"])
                    return "" if isinstance(opened, Erased) else str(opened)
        return ""
