"""Accounts of persons and sessions of their browsers; the callers say when and why, the rows say once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from engine.store.parts import Run
from engine.store.schema import account, session


class AccountRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person's account; instants in microseconds UTC."""

    person: str
    login: str
    #: argon2id with its parameters and salt
    hash: str
    #: active, disabled
    state: str = "active"
    failed: int = 0
    #: 0 = not locked
    locked_until: int = 0
    must_change: bool = False
    changed_at: int
    #: 0 = never
    signed_in_at: int = 0


class SessionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A browser that is signed in; instants and spans in microseconds."""

    digest: bytes
    person: str
    created_at: int
    seen_at: int
    expires_at: int
    idle: int
    agent: str
    csrf: str

    @property
    def id(self) -> str:
        """What it is called where people see it: it opens nothing."""
        return self.digest.hex()[:16]

    def ended(self, now: int) -> bool:
        """Whether it ran out, by its own age or for want of use."""
        return now >= self.expires_at or now >= self.seen_at + self.idle


class Accounts:
    """Reads and writes the rows; Conflict is the database's where a login is taken."""

    def __init__(self, run: Run) -> None:
        self._run = run

    # accounts ---------------------------------------------------------------------------------------------------

    def add(self, row: AccountRow) -> None:
        """Record a new account."""
        self._run(insert(account).values(msgspec.structs.asdict(row)))

    def get(self, person: str, *, locked: bool = False) -> AccountRow | None:
        """A person's account; `locked` keeps other transactions from it until this one ends."""
        statement = select(account).where(account.c.person == person)
        row = self._run(statement.with_for_update() if locked else statement).one_or_none()
        return AccountRow(**row._mapping) if row else None

    def by_login(self, login: str) -> AccountRow | None:
        """The account of a login as it is compared."""
        row = self._run(select(account).where(account.c.login == login)).one_or_none()
        return AccountRow(**row._mapping) if row else None

    def list(self) -> list[AccountRow]:
        """All accounts by login."""
        return [AccountRow(**row._mapping) for row in self._run(select(account).order_by(account.c.login))]

    def set(self, person: str, **columns: Any) -> bool:
        """Change columns of an account; whether there is one."""
        return self._run(update(account).where(account.c.person == person).values(columns)).rowcount == 1

    # sessions ---------------------------------------------------------------------------------------------------

    def begin(self, row: SessionRow) -> None:
        """Record a new session, and forget those of anybody that have run out."""
        self._run(delete(session).where(session.c.expires_at <= row.created_at))
        self._run(insert(session).values(msgspec.structs.asdict(row)))

    def seen(self, digest: bytes) -> tuple[SessionRow, AccountRow] | None:
        """A session with the account of its person, in force or not."""
        both = session.join(account, account.c.person == session.c.person)
        columns = [*session.c, *(column.label(f"account_{column.name}") for column in account.c)]
        row = self._run(select(*columns).select_from(both).where(session.c.digest == digest)).one_or_none()
        if row is None:
            return None
        told = row._mapping
        mine = {column.name: told[column.name] for column in session.c}
        whose = {column.name: told[f"account_{column.name}"] for column in account.c}
        return SessionRow(**{**mine, "digest": bytes(mine["digest"])}), AccountRow(**whose)

    def touch(self, digest: bytes, at: int) -> None:
        """Note that a session was used."""
        self._run(update(session).where(session.c.digest == digest, session.c.seen_at < at).values(seen_at=at))

    def sessions(self, person: str) -> Sequence[SessionRow]:
        """A person's sessions, the youngest first."""
        statement = select(session).where(session.c.person == person).order_by(session.c.created_at.desc())
        return [SessionRow(**{**row._mapping, "digest": bytes(row.digest)}) for row in self._run(statement)]

    def end(self, person: str, digests: Sequence[bytes]) -> int:
        """End some of a person's sessions; how many were left to end."""
        mine = (session.c.person == person) & session.c.digest.in_(digests)
        return self._run(delete(session).where(mine)).rowcount
