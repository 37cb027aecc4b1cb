"""Signing in and what a person does with the account that is theirs: sessions that are rows, each act an entry.

Time is that of a clock of its own: how long a browser stays signed in is a matter of the wall's clock, also where the
procedures' clock is set by hand.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

import msgspec

from engine.core.command import SYSTEM, EndSessions, RefuseSignIn, SetPassword, SignIn
from engine.errors import BadInput, Busy, NotFound, NotPermitted
from engine.runtime.account_parts import Keeping, Writing
from engine.runtime.passwords import check_password, folded_login
from engine.runtime.projection import from_micros
from engine.store.accounts import AccountRow, SessionRow

_TOKEN_BYTES = 32
_CSRF_BYTES = 24
_MOST_TOKEN = 100
#: A session's last use is written at most this often.
_TOUCH = timedelta(seconds=60)
_MICROSECOND = timedelta(microseconds=1)


class SessionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A session in force."""

    #: what it is called where people see it; it opens nothing
    id: str
    person: str
    #: what every form of the session carries
    csrf: str
    #: the person must choose a password before anything else
    must_change: bool = False


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was just begun."""

    #: for the browser alone; of it only the digest is kept
    token: str
    person: str
    must_change: bool


class Accounts(Keeping):
    """Sign-in, sessions and passwords of persons."""

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password fits: who names an account that there is not waits as long as everybody else."""
        return self._hasher.hash(self._dice.token(_TOKEN_BYTES).hex())

    def sign_in(self, login: str, password: str, *, agent: str = "") -> Opened:
        """Begin a session.

        NotPermitted, always of the same code and after the same work, for an unknown login, a wrong password, a locked
        and a disabled account: whoever asks learns nothing about which accounts there are.
        """
        nobody = self._nobody
        with self._store.read() as reader:
            row = reader.accounts.by_login(folded_login(login))
        fits = self._hasher.verify(row.hash if row else nobody, password)
        fresh = self._hasher.hash(password) if row and fits and self._hasher.outdated(row.hash) else ""
        opened = self._carry_out(lambda writing: self._conclude(writing, row, fits, fresh, agent))
        if opened is None:
            raise NotPermitted("sign_in_refused")
        return opened

    def _conclude(self, writing: Writing, row: AccountRow | None, fits: bool, fresh: str, agent: str) -> Opened | None:
        account = self._still(writing, row, fits)
        if account is None:
            return None
        now = self._now()
        columns = {"hash": fresh} if fresh else {}
        writing.accounts.set(account.person, failed=0, locked_until=0, signed_in_at=now, **columns)
        opened, session = self._begin(account, now, agent)
        writing.accounts.begin(session)
        writing.note(account.person, SignIn(session=session.id, agent=agent), by=account.person)
        return opened

    def _still(self, writing: Writing, row: AccountRow | None, fits: bool) -> AccountRow | None:
        """The account as it is now, if its password was given and may be; a wrong one is counted.

        Read again under lock: of many guesses made at once only those before the lock are answered.
        """
        account = writing.accounts.get(row.person, locked=True) if row else None
        now = self._now()
        if (
            account is None
            or row is None
            or account.state != "active"
            or account.locked_until > now
            or account.hash != row.hash
        ):
            writing.count_refused()
            return None
        if fits:
            return account
        failed = account.failed + 1
        lock = self.rules.lock(failed)
        until = now + lock // _MICROSECOND if lock else 0
        writing.accounts.set(account.person, failed=failed, locked_until=until)
        told = RefuseSignIn(failed=failed, locked_until=from_micros(until) if until else None)
        writing.note(account.person, told, by=SYSTEM)
        return None

    def _begin(self, account: AccountRow, now: int, agent: str) -> tuple[Opened, SessionRow]:
        token = _text(self._dice.token(_TOKEN_BYTES))
        session = SessionRow(
            digest=_digest(token),
            person=account.person,
            created_at=now,
            seen_at=now,
            expires_at=now + self.rules.longest // _MICROSECOND,
            idle=self.rules.idle // _MICROSECOND,
            agent=agent,
            csrf=_text(self._dice.token(_CSRF_BYTES)),
        )
        return Opened(token=token, person=account.person, must_change=self._must_change(account, now)), session

    def _must_change(self, account: AccountRow, now: int) -> bool:
        days = self.rules.passwords.expire_days
        old = days > 0 and now - account.changed_at >= timedelta(days=days) // _MICROSECOND
        return account.must_change or old

    # sessions ---------------------------------------------------------------------------------------------------

    def seen(self, token: str) -> SessionSeen | None:
        """The session of a cookie, noted as used now; None if none of that token is in force."""
        if not token.isascii() or len(token) > _MOST_TOKEN:
            return None
        with self._store.read() as reader:
            found = reader.accounts.seen(_digest(token))
        now = self._now()
        if found is None or found[0].ended(now) or found[1].state != "active":
            return None
        session, account = found
        if now - session.seen_at >= _TOUCH // _MICROSECOND:
            # who only looks is not turned away because nothing can be written now
            with suppress(Busy):
                self._carry_out(lambda writing: writing.accounts.touch(session.digest, now))
        return SessionSeen(
            id=session.id, person=session.person, csrf=session.csrf, must_change=self._must_change(account, now)
        )

    def sessions(self, person: str) -> Sequence[SessionRow]:
        """A person's sessions in force, the youngest first."""
        with self._store.read() as reader:
            rows = reader.accounts.sessions(person)
        now = self._now()
        return [row for row in rows if not row.ended(now)]

    def end(self, person: str, ids: Collection[str]) -> int:
        """Sign the person out of these sessions; how many there were."""

        def work(writing: Writing) -> int:
            rows = [row for row in writing.accounts.sessions(person) if row.id in ids]
            if rows:
                writing.accounts.end(person, [row.digest for row in rows])
                writing.note(person, EndSessions(sessions=tuple(row.id for row in rows)), by=person)
            return len(rows)

        return self._carry_out(work)

    # password ---------------------------------------------------------------------------------------------------

    def account(self, person: str) -> AccountRow:
        """A person's account; NotFound."""
        with self._store.read() as reader:
            row = reader.accounts.get(person)
        if row is None:
            raise NotFound("account_not_found")
        return row

    def expires_at(self, person: str) -> datetime | None:
        """When the person's password must be changed at the latest; None = never."""
        days = self.rules.passwords.expire_days
        return from_micros(self.account(person).changed_at) + timedelta(days=days) if days else None

    def change_password(self, person: str, old: str, new: str, *, agent: str = "") -> Opened:
        """Set another password and begin a new session, the only one that is left; BadInput says which field is wrong.

        A wrong old password counts as a failed sign-in, so that nobody guesses it from a session left open.
        """
        row = self.account(person)
        check_password(new, self.rules.passwords, login=row.login, field="new")
        fits = self._hasher.verify(row.hash, old)
        if fits and new == old:
            raise BadInput("password_same", field="new")
        fresh = self._hasher.hash(new)

        def work(writing: Writing) -> Opened | None:
            account = self._still(writing, row, fits)
            if account is None:
                return None
            now = self._now()
            writing.accounts.set(
                person, hash=fresh, must_change=False, changed_at=now, failed=0, locked_until=0, signed_in_at=now
            )
            writing.accounts.end(person, [one.digest for one in writing.accounts.sessions(person)])
            changed = msgspec.structs.replace(account, must_change=False, changed_at=now)
            opened, session = self._begin(changed, now, agent)
            writing.accounts.begin(session)
            writing.note(person, SetPassword(), by=person)
            writing.note(person, SignIn(session=session.id, agent=agent), by=person)
            return opened

        opened = self._carry_out(work)
        if opened is None:
            raise BadInput("password_wrong", field="old")
        return opened


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _digest(token: str) -> bytes:
    """What is kept of a token; it has too many random bits to need a slow hash."""
    return sha256(token.encode("ascii")).digest()
