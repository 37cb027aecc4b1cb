"""The vault: personal values under a key per subject, each subject's key wrapped by a master key kept elsewhere.

Entries hold only {"vault": ref, "commitment": hex}. The salt of the commitment is derived from the subject's key, so
that deleting the key erases at once the values *and* all that could help to guess them from their commitments; every
hash and proof stays valid. Keys are never cached: an erasure is in force for the next read, in every process.

Layout of sealed bytes: 1 (layout) ‖ 8 bytes that identify the key ‖ 12 bytes nonce ‖ AES-256-GCM text and tag; the
reference and subject are authenticated with it, so that rows cannot change places.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypedDict

import msgspec
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.audit.canonical import canonical
from engine.audit.commitment import commit, verify_commitment
from engine.core.ports import Dice
from engine.errors import Broken
from engine.store.records import VaultRow

_LAYOUT = b"\x01"
_KEY, _ID, _NONCE, _SALT, _REF = 32, 8, 12, 16, 16
_SALT_PURPOSE = b"zhiben vault commitment salt\x00"


class VaultRows(Protocol):
    """Where the vault keeps its rows; the store's sessions have it as `vault`."""

    def put_key(self, subject: str, sealed: bytes, at: int) -> bytes:
        """Keep a wrapped key unless the subject has one by now; returns the one that is kept."""

    def keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Wrapped keys by subject; erased ones are missing."""

    def get(self, refs: Iterable[str]) -> dict[str, VaultRow]:
        """Rows by reference; erased ones are missing."""

    def put(self, rows: Iterable[VaultRow]) -> None:
        """Keep rows outside of a command's own write."""

    def erase(self, subject: str) -> int:
        """Delete a subject's key and rows for ever; how many rows went."""

    def erase_values(self, refs: Iterable[str]) -> int:
        """Delete rows for ever; how many went."""


class VaultReference(TypedDict):
    """What an entry holds in place of a personal value."""

    vault: str
    commitment: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """In place of a value that is not there any more; readers show it as such and go on."""

    ref: str


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A value with the salt that opens its commitment, for a dossier that discloses it."""

    ref: str
    subject: str
    value: object
    salt: bytes


class Vault:
    """Seals and opens personal values; `former` are master keys that may still open, the first one seals."""

    def __init__(self, rows: VaultRows, master: bytes, *, former: Sequence[bytes] = ()) -> None:
        for key in (master, *former):
            if len(key) != _KEY:
                raise Broken("vault_master_key", bytes=len(key), expected=_KEY)
        self._rows = rows
        self._master = master
        self._masters = {_id(key): key for key in (master, *former)}

    def seal(self, subject: str, value: object, dice: Dice, at: int) -> tuple[VaultRow, VaultReference]:
        """A row for the writing command and the reference for its entry; the subject gets a key if it has none.

        Only the key is written here, as of `at` (microseconds; an unused key harms nobody); the row goes into the
        transaction of the command.
        """
        key = self._key(subject, dice, at)
        ref = dice.token(_REF).hex()
        salt = dice.token(_SALT)
        sealed = _seal(key, canonical(value), _bound(ref, subject), dice)
        commitment = commit(_commitment_salt(key, ref, salt), value)
        return VaultRow(ref=ref, subject=subject, salt=salt, sealed=sealed), {"vault": ref, "commitment": commitment}

    def seal_all(self, subject: str, named: Mapping[str, bytes], dice: Dice, at: int) -> dict[str, bytes]:
        """Bytes to be kept elsewhere under their names; nobody can read them once the subject is erased."""
        key = self._key(subject, dice, at)
        return {name: _seal(key, plain, _bound(name, subject), dice) for name, plain in named.items()}

    def open_all(self, subject: str, named: Mapping[str, bytes]) -> dict[str, bytes]:
        """What `seal_all` made of, by name; Broken where the subject was erased or something was tampered with."""
        wrapped = self._rows.keys((subject,)).get(subject)
        if wrapped is None:
            raise Broken("vault_key", name=subject, reason="erased")
        key = self._unwrap(subject, wrapped)
        return {name: _unseal(key, sealed, _bound(name, subject), "vault_row", name) for name, sealed in named.items()}

    def _key(self, subject: str, dice: Dice, at: int) -> bytes:
        """The subject's key, made where it has none."""
        wrapped = self._rows.keys((subject,)).get(subject)
        if wrapped is None:
            fresh = _seal(self._master, dice.token(_KEY), _bound("key", subject), dice)
            wrapped = self._rows.put_key(subject, fresh, at)
        return self._unwrap(subject, wrapped)

    def open(self, ref: str, commitment: str = "") -> object | Erased:
        """The value, or Erased; with a commitment also proves it is the committed one (Broken if not)."""
        opening = self.openings((ref,))[ref]
        if isinstance(opening, Erased):
            return opening
        if commitment and not verify_commitment(commitment, opening.salt, opening.value):
            raise Broken("vault_commitment", ref=ref)
        return opening.value

    def openings(self, refs: Iterable[str]) -> dict[str, Opening | Erased]:
        """Values by reference with what opens their commitments, or Erased; Broken when a row was tampered with."""
        wanted = tuple(dict.fromkeys(refs))
        rows = self._rows.get(wanted)
        wrapped = self._rows.keys({row.subject for row in rows.values()})
        keys = {subject: self._unwrap(subject, one) for subject, one in wrapped.items()}
        return {ref: self._opening(ref, rows.get(ref), keys) for ref in wanted}

    def erase(self, refs: Iterable[str]) -> int:
        """Forget single values for ever and say how many; backups forget them when they are overwritten."""
        return self._rows.erase_values(refs)

    def erase_subject(self, subject: str) -> int:
        """Forget all that is sealed for a subject, by deleting its key and rows; later values get a new key."""
        return self._rows.erase(subject)

    def _opening(self, ref: str, row: VaultRow | None, keys: Mapping[str, bytes]) -> Opening | Erased:
        key = keys.get(row.subject) if row else None
        if row is None or key is None or _sealed_under(row.sealed) != _id(key):
            return Erased(ref=ref)
        plain = _unseal(key, row.sealed, _bound(ref, row.subject), "vault_row", ref)
        salt = _commitment_salt(key, ref, row.salt)
        return Opening(ref=ref, subject=row.subject, value=orjson.loads(plain), salt=salt)

    def _unwrap(self, subject: str, wrapped: bytes) -> bytes:
        master = self._masters.get(_sealed_under(wrapped))
        if master is None:
            raise Broken("vault_master_key", subject=subject, reason="wrapped under another master key")
        return _unseal(master, wrapped, _bound("key", subject), "vault_key", subject)


def read_master_key(path: Path) -> bytes:
    """The master key from a file of 64 hex digits that only its owner can read; Broken tells what is wrong."""
    try:
        if path.stat().st_mode & 0o077:
            raise Broken("vault_master_key", path=str(path), reason="others can read it")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as exc:
        raise Broken("vault_master_key", path=str(path), reason=type(exc).__name__) from exc
    if len(key) != _KEY:
        raise Broken("vault_master_key", path=str(path), bytes=len(key), expected=_KEY)
    return key


def _id(key: bytes) -> bytes:
    return sha256(b"zhiben vault key id\x00" + key).digest()[:_ID]


def _bound(name: str, subject: str) -> bytes:
    return orjson.dumps([name, subject])


def _commitment_salt(key: bytes, ref: str, salt: bytes) -> bytes:
    return hmac.digest(key, _SALT_PURPOSE + ref.encode() + b"\x00" + salt, "sha256")


def _sealed_under(sealed: bytes) -> bytes:
    return sealed[1 : 1 + _ID]


def _seal(key: bytes, plain: bytes, bound: bytes, dice: Dice) -> bytes:
    nonce = dice.token(_NONCE)
    return _LAYOUT + _id(key) + nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _unseal(key: bytes, sealed: bytes, bound: bytes, code: str, name: str) -> bytes:
    nonce, text = sealed[1 + _ID : 1 + _ID + _NONCE], sealed[1 + _ID + _NONCE :]
    if sealed[:1] != _LAYOUT or len(nonce) != _NONCE:
        raise Broken(code, name=name, reason="layout")
    try:
        return AESGCM(key).decrypt(nonce, text, bound)
    except InvalidTag as exc:
        raise Broken(code, name=name, reason="authentication") from exc
