"""What those without an account are called."""

from __future__ import annotations

from typing import Any

from engine.core.case import Case
from engine.core.machine import Machine
from engine.runtime.personal import is_reference
from engine.runtime.vault import Vault
from engine.store.reader import Reader


def guest_names(reader: Reader, master: bytes, machine: Machine, case: Case) -> dict[str, str]:
    """What guests of a case are called: by the field that names their party, sealed or not, else by the party."""
    found: dict[str, str] = {}
    for one in case.guests:
        party = machine.parties.get(one.party)
        if party is None:
            continue
        value: Any = case.fields.get(party.field)
        if is_reference(value):
            value = Vault(reader.vault, master).open(value["vault"], value["commitment"])
        named = value if isinstance(value, str) else ""
        found[one.person] = f"{party.title} {named}".strip()
    return found
