"""What everything about accounts stands on: the rules, and rows and entry written in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from engine.core.command import AnyAct, Medium, Request, Stream
from engine.core.ports import Clock, Dice
from engine.errors import Busy
from engine.runtime.door import Door, answer_of
from engine.runtime.passwords import Argon2, Hasher, PasswordRules
from engine.runtime.projection import micros
from engine.runtime.service import MOST_TRIES, Service
from engine.store.errors import NoRoom
from engine.store.session import Session
from engine.store.store import Store

T = TypeVar("T")
#: Counter of attempts on accounts that are unknown, locked or disabled.
_REFUSED = "sign-in refused"


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """How long sessions last and how patient accounts are."""

    passwords: PasswordRules = field(default_factory=PasswordRules)
    #: without a request, and in all
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    #: wrong passwords in a row after which an account takes none for a while; every further one doubles the while
    failures: int = 5
    first_lock: timedelta = timedelta(minutes=1)
    longest_lock: timedelta = timedelta(hours=1)
    #: how long after the password a device takes a PIN, and how many wrong ones before it takes none
    remembered: timedelta = timedelta(hours=12)
    pin_failures: int = 5
    #: without a request, after which a device that several share asks for the PIN before the next change
    away: timedelta = timedelta(minutes=15)

    def lock(self, failed: int) -> timedelta:
        """How long an account is locked after so many wrong passwords in a row."""
        if failed < self.failures:
            return timedelta()
        return min(self.first_lock * (1 << min(failed - self.failures, 20)), self.longest_lock)


class Keeping:
    """What accounts stand on, and how rows and entry are written together."""

    def __init__(
        self,
        *,
        door: Door,
        store: Store,
        clock: Clock,
        dice: Dice,
        hasher: Hasher | None = None,
        rules: AccountRules | None = None,
        medium: Medium = "web",
    ) -> None:
        self._door = door
        self._store = store
        self._clock = clock
        self._dice = dice
        self._hasher = hasher or Argon2()
        self.rules = rules or AccountRules()
        self._medium = medium

    def _carry_out(self, work: Callable[[Writing], T]) -> T:
        """Do it in one transaction; again if another process was faster."""

        def job(service: Service) -> T:
            with service.store.session() as session:
                return work(Writing(service, session, self._medium))

        for _ in range(MOST_TRIES - 1):
            try:
                return self._door.run(job)
            except NoRoom:
                raise
            except Busy:
                continue
        return self._door.run(job)

    def _now(self) -> int:
        return micros(self._clock.now())


class Writing:
    """One transaction on accounts and access streams."""

    def __init__(self, service: Service, session: Session, medium: Medium) -> None:
        self._service = service
        self._session = session
        self._medium = medium
        self.accounts = session.accounts
        self.devices = session.devices

    def note(self, person: str, act: AnyAct, *, by: str) -> None:
        """Append an entry to the person's access stream; raises what refuses it, and then nothing is written."""
        request = Request(
            id=f"access:{self._service.dice.token(16).hex()}",
            stream=Stream("access", person),
            act=act,
            acted_by=by,
            medium=self._medium,
        )
        answer_of(self._service.execute_in(self._session, [request])[0])

    def count_refused(self) -> None:
        """Count a refusal that is nobody's wrong password: a write as durable as theirs, so that it takes as long."""
        self._session.next_number(_REFUSED)
