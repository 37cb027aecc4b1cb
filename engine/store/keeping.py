"""Definitions, the vault, evidence rows and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.store.parts import Insert, Run, slices
from engine.store.records import DefinitionRow, VaultRow
from engine.store.schema import FOREVER, api_token, definition, evidence, vault, vault_key
from engine.store.views import EvidenceRow, TokenRow


class Definitions:
    """Resolved procedures by the hash of their bytes: the same bytes are stored once and never changed."""

    def __init__(self, run: Run, upsert: Insert) -> None:
        self._run = run
        self._insert = upsert

    def put(self, rows: Iterable[DefinitionRow]) -> None:
        """Store those not yet there; what is published again is the latest published, its body stays."""
        told = [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]
        if told:
            again = self._insert(definition)
            latest = {"published_at": again.excluded.published_at}
            self._run(again.on_conflict_do_update(index_elements=["version"], set_=latest), told)

    def get(self, version: str) -> DefinitionRow | None:
        """The procedure of that version."""
        row = self._run(select(definition).where(definition.c.version == version)).one_or_none()
        return DefinitionRow(**row._mapping) if row else None

    def latest(self, procedure: str, plan: str) -> str:
        """The version of a procedure that was published last for a plan or place; "" = none was."""
        mine = (definition.c.procedure == procedure, definition.c.plan == plan)
        order = (definition.c.published_at.desc(), definition.c.version)
        found = self._run(select(definition.c.version).where(*mine).order_by(*order).limit(1))
        return str(found.scalar_one_or_none() or "")

    def list(self, procedure: str = "") -> list[DefinitionRow]:
        """All versions, or those of one procedure, the latest published first."""
        statement = select(definition).order_by(definition.c.published_at.desc(), definition.c.version)
        if procedure:
            statement = statement.where(definition.c.procedure == procedure)
        return [DefinitionRow(**row._mapping) for row in self._run(statement)]


class Vault:
    """Personal values and the keys they are sealed under; the store sees neither in clear."""

    def __init__(self, run: Run, upsert: Insert) -> None:
        self._run = run
        self._insert = upsert

    def put(self, rows: Iterable[VaultRow]) -> None:
        """Store sealed values under their references."""
        told = [{name: getattr(row, name) for name in row.__struct_fields__} for row in rows]
        if told:
            self._run(insert(vault), told)

    def get(self, refs: Iterable[str]) -> dict[str, VaultRow]:
        """Sealed values by reference; erased ones are missing."""
        found: dict[str, VaultRow] = {}
        for some in slices(refs):
            found |= {
                row.ref: VaultRow(**row._mapping) for row in self._run(select(vault).where(vault.c.ref.in_(some)))
            }
        return found

    def put_key(self, subject: str, sealed: bytes, at: int) -> bytes:
        """Store a subject's sealed key, or return the one that is there already."""
        row = {"subject": subject, "sealed": sealed, "created_at": at}
        self._run(self._insert(vault_key).values(row).on_conflict_do_nothing())
        return self.keys([subject])[subject]

    def keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Sealed keys by subject."""
        found: dict[str, bytes] = {}
        for some in slices(subjects):
            statement = select(vault_key.c.subject, vault_key.c.sealed).where(vault_key.c.subject.in_(some))
            found |= {row.subject: bytes(row.sealed) for row in self._run(statement)}
        return found

    def erase(self, subject: str) -> int:
        """Destroy a subject's key and sealed values; how many values went."""
        self._run(delete(vault_key).where(vault_key.c.subject == subject))
        return self._run(delete(vault).where(vault.c.subject == subject)).rowcount

    def erase_values(self, refs: Iterable[str]) -> int:
        """Destroy single values; how many went."""
        return sum(self._run(delete(vault).where(vault.c.ref.in_(some))).rowcount for some in slices(refs))


class Evidence:
    """Rows of files that are durable already."""

    def __init__(self, run: Run, upsert: Insert) -> None:
        self._run = run
        self._insert = upsert

    def put(self, row: EvidenceRow) -> None:
        """Record a file; recording the same content again changes nothing."""
        told = {name: getattr(row, name) for name in row.__struct_fields__}
        self._run(self._insert(evidence).values(told).on_conflict_do_nothing())

    def get(self, names: Iterable[str]) -> dict[str, EvidenceRow]:
        """Files by content hash; unknown ones are missing."""
        found: dict[str, EvidenceRow] = {}
        for some in slices(names):
            rows = self._run(select(evidence).where(evidence.c.sha256.in_(some)))
            found |= {row.sha256: EvidenceRow(**row._mapping) for row in rows}
        return found


class Tokens:
    """Tokens of programs, by digest."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def put(self, row: TokenRow) -> None:
        """Record a new token."""
        self._run(
            insert(api_token).values(
                digest=row.digest,
                person=row.person,
                title=row.title,
                scopes=" ".join(row.scopes),
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=FOREVER if row.revoked_at is None else row.revoked_at,
            )
        )

    def get(self, digest: bytes) -> TokenRow | None:
        """The token of that digest, in force or not."""
        row = self._run(select(api_token).where(api_token.c.digest == digest)).one_or_none()
        return _token(dict(row._mapping)) if row else None

    def list(self, person: str) -> list[TokenRow]:
        """A person's tokens, the oldest first."""
        statement = select(api_token).where(api_token.c.person == person).order_by(api_token.c.created_at)
        return [_token(dict(row._mapping)) for row in self._run(statement)]

    def revoke(self, digest: bytes, at: int) -> bool:
        """End a token; whether it was in force."""
        live = (api_token.c.digest == digest) & (api_token.c.revoked_at > at)
        return self._run(update(api_token).where(live).values(revoked_at=at)).rowcount == 1


def _token(told: Mapping[str, Any]) -> TokenRow:
    scopes = tuple(str(told["scopes"]).split())
    revoked_at = None if told["revoked_at"] == FOREVER else told["revoked_at"]
    return TokenRow(**{**told, "scopes": scopes, "revoked_at": revoked_at})
