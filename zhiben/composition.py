"""The composition root: everything one process needs, built when it is first asked for and closed together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from zhiben.record_keeping import RecordKeeping

if TYPE_CHECKING:
    from engine.runtime.account_keeping import AccountKeeping
    from engine.runtime.accounts import Accounts
    from engine.runtime.boards import Boards
    from engine.runtime.bulk_runs import BulkRuns
    from engine.runtime.calendar_notice import Notices
    from engine.runtime.calendar_runs import NoticeRuns
    from engine.runtime.desk import Desk
    from engine.runtime.devices import Devices
    from engine.runtime.door import Door
    from engine.runtime.duty_views import DutyViews
    from engine.runtime.guests import Guests
    from engine.runtime.leavers import Leavers
    from engine.runtime.message_desk import MessageDesk
    from engine.runtime.organisation import Organisations
    from engine.runtime.reading import Reading
    from engine.runtime.registers import Registers
    from engine.runtime.searching import Search
    from engine.runtime.triage import Triage
    from engine.runtime.watches import Watches
    from web.services import Services
    from zhiben.exporting import SheetExports
    from zhiben.import_desk import SheetDesk
    from zhiben.importing import SheetImports
    from zhiben.operating import Operating
    from zhiben.passing import RunningAhead

# Every import that costs time stands in the property that needs it, so that `zhiben --help` answers at once.


class Application(RecordKeeping):
    """One process: `what` it does is told to others who want to write an embedded database."""

    # faces -----------------------------------------------------------------------------------------------------

    @cached_property
    def reading(self) -> Reading:
        """Reads as one person sees."""
        from engine.runtime.reading import Reading

        return Reading(**self._read_from, note=lambda request: self.door.submit(request))

    @cached_property
    def desk(self) -> Desk:
        """Reads what waits for one person."""
        from engine.runtime.desk import Desk
        from web.catalogues.told_time import write_day

        return Desk(**self._read_from, tell_day=write_day)

    @cached_property
    def search(self) -> Search:
        """Finds what a person looks for."""
        from engine.runtime.searching import Search

        return Search(**self._read_from)

    @cached_property
    def organisations(self) -> Organisations:
        """Reads who holds what, on any day, as believed at any time."""
        from engine.runtime.organisation import Organisations

        return Organisations(**self._read_from)

    @cached_property
    def leavers(self) -> Leavers:
        """Reads what those who leave leave behind."""
        from engine.runtime.leavers import Leavers

        return Leavers(**self._read_from)

    @cached_property
    def triage(self) -> Triage:
        """Reads what waits for triage."""
        from engine.runtime.triage import Triage

        return Triage(**self._read_from)

    @cached_property
    def guests(self) -> Guests:
        """Proves links of those without an account, and reads for them."""
        from engine.runtime.guests import Guests

        return Guests(**self._read_from)

    @cached_property
    def bulk_runs(self) -> BulkRuns:
        """Carries out bulk operations that were begun on pages."""
        from engine.runtime.bulk_runs import BulkRuns

        return BulkRuns(self.door, batch=self.settings.bulk_batch, ended=lambda row: self.notice_runs.finish(row))

    @cached_property
    def notices(self) -> Notices:
        """Reads years of the calendar and what they move."""
        from engine.runtime.calendar_notice import Notices

        return Notices(**self._read_from)

    @cached_property
    def notice_runs(self) -> NoticeRuns:
        """Publishes years of the calendar; deadlines follow in the background."""
        from engine.runtime.calendar_runs import NoticeRuns

        return NoticeRuns(self.door, self.notices, self.bulk_runs, batch=self.settings.bulk_batch)

    @cached_property
    def registers(self) -> Registers:
        """Registers as one person reads them."""
        from engine.runtime.registers import Registers

        return Registers(registers=self.place.registers, **self._read_from)

    @cached_property
    def boards(self) -> Boards:
        """Boards as one person reads them."""
        from engine.runtime.boards import Boards

        return Boards(boards=self.place.boards, registers=self.registers, **self._read_from)

    @cached_property
    def duties(self) -> DutyViews:
        """Duties and obligations as one person reads them."""
        from engine.runtime.duty_views import DutyViews

        return DutyViews(**self._read_from)

    @cached_property
    def watches(self) -> Watches:
        """Watches as one person reads them."""
        from engine.runtime.watches import Watches

        return Watches(watches=self.place.watches, **self._read_from)

    @cached_property
    def message_desk(self) -> MessageDesk:
        """What leaves the product for a person, and what they chose."""
        from engine.runtime.message_desk import MessageDesk

        return MessageDesk(store=self.store, catalog=self.catalog, rules=self.place.messages)

    @cached_property
    def operating(self) -> Operating:
        """Reads for the operator at this machine."""
        from zhiben.operating import Operating

        return Operating(**self._read_from, note=lambda request: self.door.submit(request))

    @property
    def _read_from(self) -> dict[str, Any]:
        return {
            "store": self.store,
            "catalog": self.catalog,
            "directories": self.directories,
            "clock": self.clock,
            "master": self.master_key,
        }

    @cached_property
    def imports(self) -> SheetImports:
        """Reads spreadsheets into commands."""
        return self.imports_through(self.door)

    def imports_through(self, door: Door) -> SheetImports:
        """Imports that hand their commands to a door of the caller's."""
        from zhiben.importing import SheetImports

        return SheetImports(
            door=door,
            clock=self.clock,
            calendar=self.calendar,
            mappings=self.settings.workflows / "library" / "imports",
            incoming=self.settings.data / "incoming",
            batch=self.settings.bulk_batch,
        )

    @cached_property
    def import_desk(self) -> SheetDesk:
        """Imports as people do them on pages."""
        from zhiben.import_desk import SheetDesk

        return SheetDesk(self.imports, self.settings.data / "incoming", self.dice)

    @cached_property
    def exports(self) -> SheetExports:
        """Writes spreadsheets of registers."""
        from zhiben.exporting import SheetExports

        return SheetExports(self.settings.data / "exports")

    @cached_property
    def services(self) -> Services:
        """What the web needs."""
        from web.services import Services
        from web.settings import WebSettings
        from zhiben.citing import cited
        from zhiben.uploads import StoredUploads

        return Services(
            door=self.door,
            reader=self.reading,
            registers=self.registers,
            boards=self.boards,
            watches=self.watches,
            duties=self.duties,
            clauses=cited(self.place.clauses),
            desk=self.desk,
            message_desk=self.message_desk,
            search=self.search,
            organisations=self.organisations,
            triage=self.triage,
            leavers=self.leavers,
            guests=self.guests,
            bulk_runs=self.bulk_runs,
            notices=self.notices,
            notice_runs=self.notice_runs,
            files=self.files,
            uploads=StoredUploads(self.files, self.door),
            imports=self.imports,
            import_desk=self.import_desk,
            exports=self.exports,
            clock=self.clock,
            dice=self.dice,
            accounts=self.accounts,
            devices=self.devices,
            sessions=self.accounts,
            settings=WebSettings(
                request_bytes=self.settings.request_bytes,
                file_bytes=self.settings.evidence_bytes,
                secure_cookies=self.settings.secure_cookies,
                origin=self.settings.origin.rstrip("/"),
                sign_in_rate=self.settings.sign_in_rate,
            ),
            blocking_door=not self.settings.embedded,
            passing=self.running_ahead,
        )

    @cached_property
    def running_ahead(self) -> RunningAhead | None:
        """Lets time pass, where the clock handed in can be moved."""
        from engine.runtime.clock import AheadClock
        from zhiben.passing import RunningAhead, keep_lead

        if not isinstance(self.clock, AheadClock):
            return None
        return RunningAhead(
            clock=self.clock,
            next_alarm=lambda: self.operating.lag().timer,
            drain=self.worker.drain,
            keep=lambda lead: keep_lead(self.settings.data, lead),
        )

    @cached_property
    def accounts(self) -> Accounts:
        """Sign-in, sessions and passwords of persons."""
        from engine.runtime.accounts import Accounts
        from zhiben.account_rules import accounts_on

        return Accounts(
            door=self.door, store=self.store, dice=self.dice, **accounts_on(self.settings, self.clock), medium="web"
        )

    @cached_property
    def devices(self) -> Devices:
        """PINs, and the changing of places on devices that several people share."""
        from engine.runtime.devices import Devices
        from zhiben.account_rules import accounts_on

        return Devices(
            door=self.door, store=self.store, dice=self.dice, **accounts_on(self.settings, self.clock), medium="web"
        )

    @cached_property
    def account_keeping(self) -> AccountKeeping:
        """Accounts, as an operator keeps them."""
        from engine.runtime.account_keeping import AccountKeeping
        from zhiben.account_rules import accounts_on

        return AccountKeeping(
            door=self.door, store=self.store, dice=self.dice, **accounts_on(self.settings, self.clock), medium="cli"
        )

    def web(self) -> Any:
        """The ASGI application."""
        from web.app import create_app

        return create_app(self.services)

    def close(self) -> None:
        """Finish what waits and give everything up, in the reverse of the order in which it was built."""
        if self.__dict__.get("running_ahead"):
            self.worker.stop()
            self.__dict__.pop("running_ahead").close()
        built = (
            ("exports", "close"),
            ("imports", "close"),
            ("bulk_runs", "close"),
            ("door", "close"),
            ("store", "close"),
            ("lock", "release"),
        )
        for name, end in built:
            if name in self.__dict__:
                getattr(self.__dict__.pop(name), end)()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
