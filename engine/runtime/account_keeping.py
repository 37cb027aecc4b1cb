"""What an operator does with accounts: open, reset, disable, enable, list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.core.command import SYSTEM, SetAccount, SetPassword
from engine.core.identifiers import is_id
from engine.errors import BadInput, NotFound
from engine.runtime.account_parts import Keeping, Writing
from engine.runtime.passwords import check_password, folded_login, random_password
from engine.store.accounts import AccountRow

#: Hashes made side by side, and accounts written together.
_THREADS, _TOGETHER = 4, 50


class AccountKeeping(Keeping):
    """Accounts, as whoever keeps them sees them; `by` is a person with the permission `accounts`, or the system."""

    def open(self, person: str, login: str, *, by: str = SYSTEM, password: str = "") -> str:
        """Open an account whose password the person must change at the first sign-in; returns that password.

        Without a password one is rolled. Conflict if the person has an account or the login is taken.
        """
        name = self._login(login)
        chosen = self._chosen(password, name)
        row = self._row(person, name, self._hasher.hash(chosen), must_change=True)

        def work(writing: Writing) -> None:
            writing.accounts.add(row)
            writing.note(person, SetAccount(standing="opened"), by=by)

        self._carry_out(work)
        return chosen

    def open_many(
        self, logins: Mapping[str, str], password: str, *, by: str = SYSTEM, must_change: bool = False
    ) -> int:
        """Open an account of that password for each person (person -> login) that has none yet; how many.

        Every account gets a hash and a salt of its own, made a few at a time; meant for demonstrations.
        """
        check_password(password, self.rules.passwords)
        with self._store.read() as reader:
            wanted = {
                person: self._login(login) for person, login in logins.items() if reader.accounts.get(person) is None
            }
        with ThreadPoolExecutor(_THREADS) as pool:
            hashes = list(pool.map(lambda _: self._hasher.hash(password), wanted))
        rows = [
            self._row(person, login, kept, must_change=must_change)
            for (person, login), kept in zip(wanted.items(), hashes, strict=True)
        ]

        def work(writing: Writing, some: Sequence[AccountRow]) -> None:
            for row in some:
                writing.accounts.add(row)
                writing.note(row.person, SetAccount(standing="opened"), by=by)

        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            self._carry_out(lambda writing, some=some: work(writing, some))  # type: ignore[misc]
        return len(rows)

    def reset(self, person: str, *, by: str = SYSTEM, password: str = "") -> str:
        """Set another password, to be changed at the next sign-in; all sessions end. Returns the password."""
        chosen = self._chosen(password, self._account(person).login)
        fresh = self._hasher.hash(chosen)

        def work(writing: Writing) -> None:
            self._set(writing, person, hash=fresh, must_change=True, changed_at=self._now(), failed=0, locked_until=0)
            self._end_all(writing, person)
            writing.note(person, SetPassword(must_change=True), by=by)

        self._carry_out(work)
        return chosen

    def disable(self, person: str, *, by: str = SYSTEM) -> None:
        """Let the person in no more; sessions end at once."""

        def work(writing: Writing) -> None:
            self._set(writing, person, state="disabled")
            self._end_all(writing, person)
            writing.note(person, SetAccount(standing="disabled"), by=by)

        self._carry_out(work)

    def enable(self, person: str, *, by: str = SYSTEM) -> None:
        """Let the person in again, with the password that was; an account that is locked takes it at once."""

        def work(writing: Writing) -> None:
            self._set(writing, person, state="active", failed=0, locked_until=0)
            writing.note(person, SetAccount(standing="enabled"), by=by)

        self._carry_out(work)

    def list(self) -> Sequence[AccountRow]:
        """All accounts by login."""
        with self._store.read() as reader:
            return reader.accounts.list()

    def locked(self, row: AccountRow) -> bool:
        """Whether an account takes no password at present."""
        return row.locked_until > self._now()

    # ------------------------------------------------------------------------------------------------------------

    def _row(self, person: str, login: str, kept: str, *, must_change: bool) -> AccountRow:
        if person == SYSTEM or not is_id(person):
            raise BadInput("not_an_id", field="person")
        return AccountRow(person=person, login=login, hash=kept, must_change=must_change, changed_at=self._now())

    def _login(self, login: str) -> str:
        name = folded_login(login)
        if not is_id(name, 60):
            raise BadInput("login_unfit", field="login")
        return name

    def _chosen(self, password: str, login: str) -> str:
        if not password:
            return random_password(self._dice)
        check_password(password, self.rules.passwords, login=login)
        return password

    def _account(self, person: str) -> AccountRow:
        with self._store.read() as reader:
            row = reader.accounts.get(person)
        if row is None:
            raise NotFound("account_not_found")
        return row

    def _set(self, writing: Writing, person: str, **columns: object) -> None:
        if not writing.accounts.set(person, **columns):
            raise NotFound("account_not_found")

    def _end_all(self, writing: Writing, person: str) -> None:
        writing.accounts.end(person, [row.digest for row in writing.accounts.sessions(person)])
        writing.devices.forget(person)
