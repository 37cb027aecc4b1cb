"""A real server over a small district: published procedures, a unit, everybody with an account; time is virtual."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn

from engine.runtime.clock import AheadClock, VirtualClock
from engine.store import migrate
from tests.accounts import PASSWORD
from tests.contract.hazard_api import PEOPLE, REGISTRAR, Client, Office
from tests.districts import MONDAY
from zhiben.composition import Application
from zhiben.serving import address_of, listen
from zhiben.settings import Settings

#: Cheap hashes and plain http; nothing else differs from a real installation.
OF_TESTS = {"secure_cookies": False, "argon_memory_kib": 64, "argon_passes": 1, "argon_lanes": 1}


class Served(Office):
    """The district behind a server at `base`; `as_(person)` acts through the API, `wait` lets time pass."""

    def __init__(self, made: Application, clock: VirtualClock, base: str) -> None:
        super().__init__(made, clock)
        self.base = base
        self.clock = clock
        self._cookies: dict[str, str] = {}
        self._clients: dict[str, Client] = {}

    def as_(self, person: str) -> Client:
        """The client of a person, the same for all tests: its keys go on counting, so that every act is a new one."""
        if person not in self._clients:
            self._clients[person] = super().as_(person)
        return self._clients[person]

    def cookie_of(self, person: str, *, afresh: bool = False) -> str:
        """The cookie of a session of that person, begun once, or once more."""
        if afresh or person not in self._cookies:
            self._cookies[person] = self.made.accounts.sign_in(person, PASSWORD).token
        return self._cookies[person]


@contextmanager
def served(data: Path, *, ahead: bool = False, at: datetime = MONDAY) -> Iterator[Served]:
    """The district in a fresh folder, served until the block ends; `ahead`: pages may let its clock run."""
    data.mkdir(parents=True)
    clock = VirtualClock(at)
    settings = Settings(data=data, **OF_TESTS)
    moved = AheadClock(clock, timedelta()) if ahead else clock
    with Application(settings, clock=moved, what="browser tests") as made, listen("127.0.0.1", 0) as taken:
        migrate.upgrade(settings.database_url)
        server = uvicorn.Server(uvicorn.Config(made.web(), log_level="error", access_log=False, server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, name="server", daemon=True)
        district = Served(made, clock, address_of(taken))
        district.settle()
        made.account_keeping.open_many({person: person for person in (*PEOPLE, REGISTRAR)}, PASSWORD)
        thread.start()
        try:
            yield district
        finally:
            server.should_exit = True
            thread.join(10)
