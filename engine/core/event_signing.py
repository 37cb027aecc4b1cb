"""Events of signatures by several parties, and of cases that are hidden until they are opened."""

from __future__ import annotations

from typing import Any

from engine.core.event_parts import Event


class PartySigned(Event, frozen=True, kw_only=True, tag="party_signed"):
    """Somebody signed an action for a party besides, or together with, who did it."""

    v: int = 1
    action: str
    task: int = 0
    party: str
    level: str
    #: a person of the directory; "" = one who has no account, known by name
    person: str = ""
    #: the name as typed, in the vault
    name: Any = ""
    #: digest of the signature or of the scan
    file: str = ""


class SignatureRefused(Event, frozen=True, kw_only=True, tag="signature_refused"):
    """A party was asked to sign an action and refused; who witnessed it is recorded in place of the signature."""

    v: int = 1
    action: str
    task: int = 0
    party: str
    reason: str
    #: the name as typed, in the vault
    witness: Any
    #: digest of the witness's signature, or of a picture
    file: str = ""


class CaseSealed(Event, frozen=True, kw_only=True, tag="case_sealed"):
    """From here on the case is hidden, above all from the units of these fields."""

    v: int = 1
    hidden_from: tuple[str, ...]
    until: tuple[str, ...]
    #: who created it: who acted and who typed
    creators: tuple[str, ...]


class CaseUnsealed(Event, frozen=True, kw_only=True, tag="case_unsealed"):
    """The opening action was taken: the case is hidden no more."""

    v: int = 1
    action: str


class CaseSeen(Event, frozen=True, kw_only=True, tag="case_seen"):
    """A person looked at a hidden case for the first time."""

    v: int = 1
    person: str
