"""Devices that several people share: each signs in once with their password, and changes places with a PIN after that.

A device is a browser that holds a token; of it only the digest is kept. One session of a device is in force at a time:
that of whoever gave password or PIN last. All others there are put aside and worth nothing, but keep what their forms
carry, so that a page drawn for one person is never sent as another's and may be sent once its own person is back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hmac import compare_digest

import msgspec

from engine.core.command import SYSTEM, RefusePin, ResumeSession, SetPin
from engine.errors import BadInput, NotFound, NotPermitted
from engine.runtime.account_parts import Writing
from engine.runtime.account_proofs import Opened, Proving, digest_of
from engine.runtime.pins import check_pin
from engine.runtime.projection import from_micros
from engine.store.accounts import AccountRow
from engine.store.devices import PinRow, RememberedRow


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may come back on a device with a PIN."""

    person: str
    #: what their session there is called where people see it
    id: str
    #: too many wrong PINs: there only the password helps
    locked: bool
    #: whether theirs is the session in force there
    here: bool
    #: family of the browser, no version
    agent: str
    until: datetime


class Devices(Proving):
    """PINs, and the changing of places on a device."""

    # PINs -------------------------------------------------------------------------------------------------------

    def pin_since(self, person: str) -> datetime | None:
        """Since when the person has their PIN; None = they have none."""
        with self._store.read() as reader:
            row = reader.devices.pin(person)
        return from_micros(row.set_at) if row else None

    def set_pin(self, person: str, password: str, pin: str) -> None:
        """Give the person a PIN instead of any other; BadInput says which field is wrong.

        A wrong password counts as a failed sign-in, so that nobody guesses it from a session left open.
        """
        row = self._account(person)
        check_pin(pin, login=row.login)
        fits, fresh = self._hasher.verify(row.hash, password), self._hasher.hash(pin)

        def work(writing: Writing) -> None:
            writing.devices.set_pin(PinRow(person=person, hash=fresh, set_at=self._now()))
            writing.note(person, SetPin(standing="set"), by=person)

        self._as_owner(row, fits, work)

    def remove_pin(self, person: str, password: str) -> None:
        """Take the person's PIN away: what is put aside on devices ends."""
        row = self._account(person)
        fits = self._hasher.verify(row.hash, password)

        def work(writing: Writing) -> None:
            if not writing.devices.drop_pin(person):
                return
            writing.note(person, SetPin(standing="removed"), by=person)
            aside = [one.session for one in writing.devices.of_person(person) if not self._on(writing, one.session)]
            if aside:
                self._end(writing, person, aside)

        self._as_owner(row, fits, work)

    def _account(self, person: str) -> AccountRow:
        with self._store.read() as reader:
            row = reader.accounts.get(person)
        if row is None:
            raise NotFound("account_not_found")
        return row

    def _as_owner(self, row: AccountRow, fits: bool, work: Callable[[Writing], None]) -> None:
        """Do it if the password was right; else BadInput, and it counts."""

        def proven(writing: Writing) -> bool:
            if self._still(writing, row, fits) is None:
                return False
            writing.accounts.set(row.person, failed=0, locked_until=0)
            work(writing)
            return True

        if not self._carry_out(proven):
            raise BadInput("own_password_wrong", field="password")

    # whom a device remembers ------------------------------------------------------------------------------------

    def people(self, device: str) -> Sequence[Remembered]:
        """Who may come back on a device with a PIN, the first to sign in first."""
        if not device:
            return ()
        now = self._now()
        with self._store.read() as reader:
            rows = reader.devices.reachable(digest_of(device), now)
            seen = [reader.accounts.seen(row.session) for row in rows]
        return tuple(
            self._told(row, here=found is not None and not found[0].ended(now))
            for row, found in zip(rows, seen, strict=True)
        )

    def aside(self, person: str) -> Sequence[Remembered]:
        """Where the person may come back with a PIN, though no session of theirs is in force there."""
        now = self._now()
        with self._store.read() as reader:
            if reader.devices.pin(person) is None:
                return ()
            rows = [row for row in reader.devices.of_person(person) if row.expires_at > now]
            on = {row.digest for row in reader.accounts.sessions(person) if not row.ended(now)}
        return tuple(self._told(row, here=False) for row in rows if row.session not in on)

    def _told(self, row: RememberedRow, *, here: bool) -> Remembered:
        return Remembered(
            person=row.person,
            id=row.id,
            locked=row.failed >= self.rules.pin_failures,
            here=here,
            agent=row.agent,
            until=from_micros(row.expires_at),
        )

    def whose(self, device: str, csrf: str) -> str:
        """For whom a form was drawn on a device; "" where nobody is remembered there by what it carries, PIN or not."""
        if not device or not csrf:
            return ""
        with self._store.read() as reader:
            rows = reader.devices.reachable(digest_of(device), self._now(), by_pin=False)
        given = csrf.encode("utf-8", "replace")
        return next((row.person for row in rows if compare_digest(row.csrf.encode(), given)), "")

    def login_of(self, device: str, person: str) -> str:
        """Under which name a person signs in whom the device remembers, PIN or not; "" = it does not."""
        with self._store.read() as reader:
            rows = reader.devices.reachable(digest_of(device), self._now(), by_pin=False)
            row = reader.accounts.get(person) if any(one.person == person for one in rows) else None
        return row.login if row else ""

    def asks(self, token: str, *, away: bool = False) -> bool:
        """Whether the PIN must be given before the next change in a session: a shared device was left for a while."""
        with self._store.read() as reader:
            row = reader.devices.of_session(digest_of(token))
            if row is None or not (row.asks or away):
                return False
            persons = [one.person for one in reader.devices.reachable(row.device, self._now())]
        return row.person in persons and len(persons) > 1

    # changing places --------------------------------------------------------------------------------------------

    def switch(self, device: str, person: str, pin: str, *, agent: str = "") -> Opened:
        """Put the session in force on a device aside and take up that of a person whom it remembers.

        NotPermitted after the same work whatever was wrong: `left` says how many PINs the device takes still.
        """
        nobody, key = self._nobody, digest_of(device)
        with self._store.read() as reader:
            row, kept = reader.devices.get(key, person), reader.devices.pin(person)
        fits = self._hasher.verify(kept.hash if row and kept else nobody, pin)
        opened, left = self._carry_out(lambda writing: self._take_up(writing, key, kept if row else None, fits, agent))
        if opened is None:
            raise NotPermitted("pin_refused" if left else "pin_locked", left=left)
        return opened

    def _take_up(
        self, writing: Writing, key: bytes, kept: PinRow | None, fits: bool, agent: str
    ) -> tuple[Opened | None, int]:
        """The session taken up; or None, and how many wrong PINs more there may be."""
        row = writing.devices.get(key, kept.person, locked=True) if kept else None
        account = writing.accounts.get(kept.person) if kept else None
        now = self._now()
        if (
            row is None
            or account is None
            or account.state != "active"
            or row.expires_at <= now
            or row.failed >= self.rules.pin_failures
            or writing.devices.pin(row.person) != kept
        ):
            writing.count_refused()
            return None, 0
        if not fits:
            return None, self._refuse(writing, row)
        after = self._clear(writing, key, row.person)
        writing.devices.drop_session(row.session)
        token, session = self._session(row.person, now, agent, again=row)
        writing.accounts.begin(session)
        writing.devices.set(key, row.person, session=session.digest, parked_at=0, asks=False, failed=0, agent=agent)
        resumed = ResumeSession(session=session.id, former=row.id, after=after, agent=agent)
        writing.note(row.person, resumed, by=row.person)
        return Opened(token=token, person=row.person, must_change=self._must_change(account, now)), 0

    def _refuse(self, writing: Writing, row: RememberedRow) -> int:
        failed = row.failed + 1
        left = self.rules.pin_failures - failed
        writing.devices.set(row.device, row.person, failed=failed)
        writing.note(row.person, RefusePin(failed=failed, locked=left <= 0), by=SYSTEM)
        return max(left, 0)

    def leave_all(self, device: str) -> int:
        """Sign everybody out of a device and have it forget them; how many there were."""

        def work(writing: Writing) -> int:
            rows = writing.devices.all_of(digest_of(device))
            for row in rows:
                self._end(writing, row.person, [row.session])
            return len(rows)

        return self._carry_out(work) if device else 0
