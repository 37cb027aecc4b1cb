"""Builds what keeps the record: the database, the one door, and the worker that does what is due."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import NotFound
from zhiben.foundation import Foundation

if TYPE_CHECKING:
    from engine.runtime.catalog import Catalog, Directories
    from engine.runtime.scheduler import AlarmClock
    from engine.runtime.service import Service
    from engine.runtime.worker import Worker
    from engine.runtime.writer import DirectDoor, Writer
    from engine.store.store import Store
    from zhiben.holding import WriterLock

# Every import that costs time stands in the property that needs it, so that `zhiben --help` answers at once.


class RecordKeeping(Foundation):
    """The record of one process: `what` it does is told to others who want to write an embedded database."""

    @cached_property
    def store(self) -> Store:
        """The database."""
        from engine.store.store import open_store

        url = self.settings.database_url
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            raise NotFound("not_set_up", data=str(self.settings.data))
        return open_store(url)

    @cached_property
    def catalog(self) -> Catalog:
        """Published procedures by version."""
        from engine.runtime.catalog import Catalog

        return Catalog(self.calendars)

    @cached_property
    def directories(self) -> Directories:
        """The organisation at its present version, for readers."""
        from engine.runtime.catalog import Directories

        return Directories(self.place.roles)

    @cached_property
    def lock(self) -> WriterLock:
        """The right to write an embedded database, held from here on."""
        from zhiben.holding import WriterLock

        return WriterLock(self.settings.data / "writer.lock").take(self.what)

    def service(self) -> Service:
        """A new service, for one thread at a time."""
        from engine.runtime.catalog import Directories
        from engine.runtime.service import Service

        return Service(
            store=self.store,
            catalog=self.catalog,
            directories=Directories(self.place.roles),
            clock=self.clock,
            dice=self.dice,
            master=self.master_key,
            watches=self.place.watches,
        )

    @cached_property
    def door(self) -> Writer | DirectDoor:
        """The one door; on an embedded database only where no other process writes (Busy)."""
        from engine.runtime.writer import DirectDoor, Writer

        if not self.settings.embedded:
            return DirectDoor(self.service)
        assert self.lock is not None
        return Writer(self.service())

    @cached_property
    def worker(self) -> Worker:
        """Does what is due."""
        from engine.runtime.texts import Texts
        from engine.runtime.worker import Worker
        from web.catalogues.told_calendar import tell_plain
        from web.catalogues.told_digest import write_digest
        from web.catalogues.told_time import write_day
        from zhiben.addresses import DirectoryAddresses

        return Worker(
            door=self.door,
            texts=Texts(
                store=self.store,
                catalog=self.catalog,
                clock=self.clock,
                tell_day=write_day,
                tell_digest=partial(write_digest, origin=self.settings.origin.rstrip("/")),
                tell_plain=tell_plain,
            ),
            rules=self.place.messages,
            messengers=self.messengers,
            addresses=DirectoryAddresses(self.store, self.master_key, mail=bool(self.settings.smtp_host)),
        )

    def alarm(self) -> AlarmClock:
        """Wakes the worker every so often while its block lasts."""
        from engine.runtime.scheduler import AlarmClock

        return AlarmClock(self.worker.drain, poll_seconds=self.settings.poll_seconds)
