"""PINs of persons, and whom a device remembers; the callers say when and why, the rows say once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from engine.store.parts import Run
from engine.store.schema import account, pin, remembered, session


class PinRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person's PIN; the instant in microseconds UTC."""

    person: str
    #: argon2id with its parameters and salt
    hash: str
    set_at: int


class RememberedRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person whom a device remembers; instants in microseconds UTC."""

    device: bytes
    person: str
    #: digest of their last session there
    session: bytes
    signed_in_at: int
    expires_at: int
    #: 0 = nobody took over
    parked_at: int = 0
    #: whether the PIN is asked for before the next change
    asks: bool = False
    #: wrong PINs
    failed: int = 0
    csrf: str
    agent: str = ""

    @property
    def id(self) -> str:
        """What the session is called where people see it."""
        return self.session.hex()[:16]


class Devices:
    """Reads and writes the rows."""

    def __init__(self, run: Run) -> None:
        self._run = run

    # PINs -------------------------------------------------------------------------------------------------------

    def pin(self, person: str) -> PinRow | None:
        """A person's PIN."""
        row = self._run(select(pin).where(pin.c.person == person)).one_or_none()
        return PinRow(**row._mapping) if row else None

    def set_pin(self, row: PinRow) -> None:
        """Give the person this PIN instead of any other."""
        self.drop_pin(row.person)
        self._run(insert(pin).values(msgspec.structs.asdict(row)))

    def drop_pin(self, person: str) -> bool:
        """Take the person's PIN away; whether there was one."""
        return self._run(delete(pin).where(pin.c.person == person)).rowcount == 1

    # whom a device remembers ------------------------------------------------------------------------------------

    def remember(self, row: RememberedRow) -> None:
        """Record that a person signed in on a device, and forget everybody whose time there is over."""
        self._run(delete(remembered).where(remembered.c.expires_at <= row.signed_in_at))
        self._run(delete(remembered).where(remembered.c.device == row.device, remembered.c.person == row.person))
        self._run(insert(remembered).values(msgspec.structs.asdict(row)))

    def move(self, old: bytes, new: bytes) -> None:
        """Let the device be known by another token."""
        self._run(update(remembered).where(remembered.c.device == old).values(device=new))

    def get(self, device: bytes, person: str, *, locked: bool = False) -> RememberedRow | None:
        """What the device remembers of a person; `locked` keeps other transactions from it until this one ends."""
        statement = select(remembered).where(remembered.c.device == device, remembered.c.person == person)
        return _one(self._run(statement.with_for_update() if locked else statement).one_or_none())

    def of_session(self, digest: bytes) -> RememberedRow | None:
        """Who is remembered by a session."""
        return _one(self._run(select(remembered).where(remembered.c.session == digest)).one_or_none())

    def all_of(self, device: bytes) -> Sequence[RememberedRow]:
        """Everybody whom the device remembers, the first to sign in first."""
        order = (remembered.c.signed_in_at, remembered.c.person)
        return _many(self._run(select(remembered).where(remembered.c.device == device).order_by(*order)))

    def reachable(self, device: bytes, now: int, *, by_pin: bool = True) -> Sequence[RememberedRow]:
        """Those who are remembered in time and have an account in force; with `by_pin` only who has a PIN."""
        both = remembered.join(account, account.c.person == remembered.c.person)
        if by_pin:
            both = both.join(pin, pin.c.person == remembered.c.person)
        statement = (
            select(remembered)
            .select_from(both)
            .where(remembered.c.device == device, remembered.c.expires_at > now, account.c.state == "active")
            .order_by(remembered.c.signed_in_at, remembered.c.person)
        )
        return _many(self._run(statement))

    def of_person(self, person: str) -> Sequence[RememberedRow]:
        """Wherever a person is remembered."""
        statement = select(remembered).where(remembered.c.person == person).order_by(remembered.c.signed_in_at.desc())
        return _many(self._run(statement))

    def set(self, device: bytes, person: str, **columns: Any) -> bool:
        """Change columns of a row; whether there is one."""
        mine = (remembered.c.device == device) & (remembered.c.person == person)
        return self._run(update(remembered).where(mine).values(columns)).rowcount == 1

    def ask(self, digest: bytes) -> None:
        """Have the PIN asked for before the next change in a session."""
        self._run(update(remembered).where(remembered.c.session == digest).values(asks=True))

    def forget(self, person: str, digests: Sequence[bytes] | None = None) -> None:
        """Forget the person everywhere, or by these sessions of theirs."""
        mine = remembered.c.person == person
        if digests is not None:
            mine &= remembered.c.session.in_(digests)
        self._run(delete(remembered).where(mine))

    def drop_session(self, digest: bytes) -> None:
        """Let a session be worth nothing, while its person stays remembered."""
        self._run(delete(session).where(session.c.digest == digest))


def _one(row: Any) -> RememberedRow | None:
    if row is None:
        return None
    told = row._mapping
    return RememberedRow(**{**told, "device": bytes(told["device"]), "session": bytes(told["session"])})


def _many(rows: Any) -> list[RememberedRow]:
    return [found for row in rows if (found := _one(row)) is not None]
