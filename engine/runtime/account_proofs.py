"""What proves who somebody is, and what begins then: passwords counted, sessions opened, devices that remember."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from hashlib import sha256

import msgspec

from engine.core.command import SYSTEM, EndSessions, ParkSession, RefuseSignIn, SignIn
from engine.runtime.account_parts import Keeping, Writing
from engine.runtime.projection import from_micros
from engine.store.accounts import AccountRow, SessionRow
from engine.store.devices import RememberedRow

_TOKEN_BYTES = 32
_CSRF_BYTES = 24
_MICROSECOND = timedelta(microseconds=1)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was just begun."""

    #: for the browser alone; of it only the digest is kept
    token: str
    person: str
    must_change: bool
    #: the same for the device; "" = it keeps the one it has
    device: str = ""


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """From where somebody signs in."""

    #: family of the browser, no version
    agent: str = ""
    #: the device's token and that of the session the browser had, as it brought them; "" = none
    device: str = ""
    former: str = ""


class Proving(Keeping):
    """Checks passwords and opens sessions; the one of each device that is in force is the last."""

    @cached_property
    def _nobody(self) -> str:
        """A hash that nothing fits: who names an account that there is not waits as long as everybody else."""
        return self._hasher.hash(self._dice.token(_TOKEN_BYTES).hex())

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

    def _must_change(self, account: AccountRow, now: int) -> bool:
        days = self.rules.passwords.expire_days
        old = days > 0 and now - account.changed_at >= timedelta(days=days) // _MICROSECOND
        return account.must_change or old

    def _let_in(self, writing: Writing, account: AccountRow, browser: Browser) -> Opened:
        """Begin the session of who gave their password, on a device that remembers them from now on."""
        now = self._now()
        token, session = self._session(account.person, now, browser.agent)
        fresh = text_of(self._dice.token(_TOKEN_BYTES))
        device = digest_of(fresh)
        if browser.device:
            # under another token, so that one planted in this browser beforehand is worth nothing
            writing.devices.move(digest_of(browser.device), device)
        self._clear(writing, device, account.person)
        if own := writing.devices.get(device, account.person):
            self._end(writing, account.person, [own.session], told=self._on(writing, own.session))
        self._end_former(writing, browser.former)
        writing.accounts.begin(session)
        until = min(self.rules.remembered, self.rules.longest) // _MICROSECOND
        writing.devices.remember(
            RememberedRow(
                device=device,
                person=account.person,
                session=session.digest,
                signed_in_at=now,
                expires_at=now + until,
                csrf=session.csrf,
                agent=browser.agent,
            )
        )
        writing.note(account.person, SignIn(session=session.id, agent=browser.agent), by=account.person)
        return Opened(token=token, person=account.person, must_change=self._must_change(account, now), device=fresh)

    def _session(
        self, person: str, now: int, agent: str, *, again: RememberedRow | None = None
    ) -> tuple[str, SessionRow]:
        """A new session, or one taken up again: its token, and its row."""
        token = text_of(self._dice.token(_TOKEN_BYTES))
        session = SessionRow(
            digest=digest_of(token),
            person=person,
            created_at=again.signed_in_at if again else now,
            seen_at=now,
            expires_at=again.expires_at if again else now + self.rules.longest // _MICROSECOND,
            idle=self.rules.idle // _MICROSECOND,
            agent=agent,
            csrf=again.csrf if again else text_of(self._dice.token(_CSRF_BYTES)),
        )
        return token, session

    def _clear(self, writing: Writing, device: bytes, person: str) -> str:
        """Make room for a person on a device; whose session was in force there until now, "" = nobody else's."""
        after = ""
        for row in writing.devices.all_of(device):
            if row.person != person and not row.parked_at and self._put_aside(writing, row, person):
                after = row.person
        return after

    def _put_aside(self, writing: Writing, row: RememberedRow, by: str) -> bool:
        """Let a session be worth nothing until its person gives their PIN; without one it ends. Whether it was on."""
        now, on = self._now(), self._on(writing, row.session)
        if writing.devices.pin(row.person) is None or row.expires_at <= now:
            self._end(writing, row.person, [row.session], told=on, by=SYSTEM)
            return on
        writing.devices.drop_session(row.session)
        writing.devices.set(row.device, row.person, parked_at=now)
        if on:
            writing.note(row.person, ParkSession(session=row.id, by=by), by=SYSTEM)
        return on

    def _end_former(self, writing: Writing, token: str) -> None:
        """The session that the browser had is of no use to it any more."""
        found = writing.accounts.seen(digest_of(token)) if token else None
        if found is not None:
            self._end(writing, found[0].person, [found[0].digest], told=not found[0].ended(self._now()))

    def _on(self, writing: Writing, digest: bytes) -> bool:
        """Whether a session is in force."""
        found = writing.accounts.seen(digest)
        return found is not None and not found[0].ended(self._now())

    def _end(self, writing: Writing, person: str, digests: Sequence[bytes], *, told: bool = True, by: str = "") -> None:
        """End sessions of a person for good; "" = as the person."""
        writing.accounts.end(person, digests)
        writing.devices.forget(person, digests)
        if told:
            writing.note(person, EndSessions(sessions=tuple(id_of(one) for one in digests)), by=by or person)


def text_of(octets: bytes) -> str:
    """Random bytes as a cookie or a form carries them."""
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def digest_of(token: str) -> bytes:
    """What is kept of a token; it has too many random bits to need a slow hash."""
    return sha256(token.encode("utf-8", "replace")).digest()


def id_of(digest: bytes) -> str:
    """What a session is called where people see it: it opens nothing."""
    return digest.hex()[:16]
