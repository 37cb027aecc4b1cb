"""Signing in and what a person does with the account that is theirs: sessions that are rows, each act an entry.

Time is that of a clock of its own: how long a browser stays signed in is a matter of the wall's clock, also where the
procedures' clock is set by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from engine.core.command import SetPassword
from engine.errors import BadInput, Busy, NotFound, NotPermitted
from engine.runtime.account_parts import Writing
from engine.runtime.account_proofs import Browser, Opened, Proving, digest_of, id_of
from engine.runtime.passwords import check_password, folded_login
from engine.runtime.projection import from_micros
from engine.store.accounts import AccountRow, SessionRow

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
    #: nobody had used it for a while
    away: bool = False


class Accounts(Proving):
    """Sign-in, sessions and passwords of persons."""

    def sign_in(self, login: str, password: str, *, agent: str = "", device: str = "", former: str = "") -> Opened:
        """Begin a session on a device, "" = one not met before, in the place of the former session of its browser.

        NotPermitted, always of the same code and after the same work, for an unknown login, a wrong password, a locked
        and a disabled account: whoever asks learns nothing about which accounts there are.
        """
        nobody = self._nobody
        with self._store.read() as reader:
            row = reader.accounts.by_login(folded_login(login))
        fits = self._hasher.verify(row.hash if row else nobody, password)
        fresh = self._hasher.hash(password) if row and fits and self._hasher.outdated(row.hash) else ""
        opened = self._carry_out(
            lambda writing: self._conclude(
                writing, row, fits, fresh, Browser(agent=agent, device=device, former=former)
            )
        )
        if opened is None:
            raise NotPermitted("sign_in_refused")
        return opened

    def _conclude(
        self, writing: Writing, row: AccountRow | None, fits: bool, fresh: str, browser: Browser
    ) -> Opened | None:
        account = self._still(writing, row, fits)
        if account is None:
            return None
        now = self._now()
        columns = {"hash": fresh} if fresh else {}
        writing.accounts.set(account.person, failed=0, locked_until=0, signed_in_at=now, **columns)
        return self._let_in(writing, account, browser)

    # sessions ---------------------------------------------------------------------------------------------------

    def seen(self, token: str, *, quiet: bool = False) -> SessionSeen | None:
        """The session of a cookie, noted as used now; None if none of that token is in force.

        What a page asks by itself is `quiet`: it shows that the page is open, not that anybody is there.
        """
        if not token.isascii() or len(token) > _MOST_TOKEN:
            return None
        with self._store.read() as reader:
            found = reader.accounts.seen(digest_of(token))
        now = self._now()
        if found is None or found[0].ended(now) or found[1].state != "active":
            return None
        session, account = found
        unused = now - session.seen_at
        away = unused >= self.rules.away // _MICROSECOND
        if unused >= _TOUCH // _MICROSECOND and not quiet:
            # who only looks is not turned away because nothing can be written now
            with suppress(Busy):
                self._carry_out(lambda writing: self._touch(writing, session.digest, now, away))
        return SessionSeen(
            id=session.id,
            person=session.person,
            csrf=session.csrf,
            must_change=self._must_change(account, now),
            away=away,
        )

    def _touch(self, writing: Writing, digest: bytes, now: int, away: bool) -> None:
        writing.accounts.touch(digest, now)
        if away:
            writing.devices.ask(digest)

    def sessions(self, person: str) -> Sequence[SessionRow]:
        """A person's sessions in force, the youngest first."""
        with self._store.read() as reader:
            rows = reader.accounts.sessions(person)
        now = self._now()
        return [row for row in rows if not row.ended(now)]

    def end(self, person: str, ids: Collection[str]) -> int:
        """Sign the person out of these sessions, put aside or not; how many there were."""

        def work(writing: Writing) -> int:
            live = [row.digest for row in writing.accounts.sessions(person)]
            aside = [row.session for row in writing.devices.of_person(person)]
            digests = [digest for digest in dict.fromkeys((*live, *aside)) if id_of(digest) in ids]
            if digests:
                self._end(writing, person, digests)
            return len(digests)

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

    def change_password(self, person: str, old: str, new: str, *, agent: str = "", device: str = "") -> Opened:
        """Set another password and begin a new session, the only one that is left; BadInput says which field is wrong.

        No device remembers the person any more but the one on which it was done.

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
            writing.devices.forget(person)
            changed = msgspec.structs.replace(account, must_change=False, changed_at=now)
            writing.note(person, SetPassword(), by=person)
            return self._let_in(writing, changed, Browser(agent=agent, device=device))

        opened = self._carry_out(work)
        if opened is None:
            raise BadInput("password_wrong", field="old")
        return opened
