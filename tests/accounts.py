"""Accounts for tests: hashes that cost nothing and count how often a password was checked, and persons who sign in."""

from __future__ import annotations

from engine.runtime.account_keeping import AccountKeeping
from engine.runtime.account_parts import AccountRules
from engine.runtime.accounts import Accounts
from engine.runtime.clock import VirtualClock
from engine.runtime.devices import Devices
from engine.runtime.door import Door
from engine.runtime.passwords import PasswordRules
from engine.store.store import Store
from tests.districts import SeededDice

#: A password that both profiles take.
PASSWORD = "Quiet-harbour-77"
ANOTHER = "Loud-mountain-88"
#: Rules without kinds of characters or expiry.
PATIENT = AccountRules(passwords=PasswordRules(profile="asvs"))


class CountingHasher:
    """Hashes that are no secret, each with a salt of its own; counts what it is asked."""

    def __init__(self, generation: int = 1) -> None:
        self.generation = generation
        self.hashed = 0
        self.verified = 0

    def hash(self, password: str) -> str:
        """See Hasher."""
        self.hashed += 1
        return f"{self.generation}:{self.hashed}:{password}"

    def verify(self, stored: str, password: str) -> bool:
        """See Hasher."""
        self.verified += 1
        return stored.split(":", 2)[2] == password

    def outdated(self, stored: str) -> bool:
        """See Hasher."""
        return not stored.startswith(f"{self.generation}:")


class Desk:
    """Accounts over a store: persons sign in, an operator keeps them."""

    def __init__(self, store: Store, door: Door, clock: VirtualClock, rules: AccountRules = PATIENT) -> None:
        self.store = store
        self.clock = clock
        self.hasher = CountingHasher()
        told = {"door": door, "store": store, "clock": clock, "hasher": self.hasher, "rules": rules}
        self.accounts = Accounts(**told, dice=SeededDice("accounts"))
        self.devices = Devices(**told, dice=SeededDice("devices"))
        self.keeping = AccountKeeping(**told, dice=SeededDice("keeping"), medium="cli")

    def open(self, person: str, *, password: str = PASSWORD, login: str = "") -> None:
        """An account whose password the person need not change."""
        self.keeping.open_many({person: login or person}, password)
