"""The API over the sample district: real service, real store, real files; a client per person."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from adapters.files.local import LocalFiles
from engine.core.command import SYSTEM, FireTimer, Request, Stream
from engine.core.definition import Procedure
from engine.core.definition_watches import Watch
from engine.errors import BadInput, NotFound
from engine.runtime.accounts import Accounts
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.calendar_notice import Notices
from engine.runtime.calendar_runs import NoticeRuns
from engine.runtime.catalog import Directories
from engine.runtime.desk import Desk
from engine.runtime.devices import Devices
from engine.runtime.duty_views import DutyViews
from engine.runtime.guests import Guests
from engine.runtime.leavers import Leavers
from engine.runtime.organisation import Organisations
from engine.runtime.projection import micros
from engine.runtime.reading import Reading
from engine.runtime.searching import Search
from engine.runtime.triage import Triage
from engine.runtime.watches import Watches
from engine.runtime.writer import DirectDoor, Writer
from engine.store.store import Store
from engine.store.views import TokenRow
from tests.accounts import PATIENT, CountingHasher
from tests.boards import boards_of
from tests.browsing import OpenSessions
from tests.conftest import ROOT
from tests.districts import DISTRICT_ROLES, MASTER, District, SeededDice
from tests.ledgers import registers_of
from tests.samples import SAMPLE
from web.app import BASE, create_app
from web.catalogues.told_time import write_day
from web.services import ImportState, Services
from web.settings import WebSettings
from web.tokens import SCOPES, digest_of, new_token
from zhiben.exporting import SheetExports
from zhiben.import_desk import SheetDesk
from zhiben.importing import SheetImports
from zhiben.uploads import StoredUploads


def png(colour: str = "white") -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


PNG = png()


class RememberedImports:
    """Imports by a hand-written reader: every file has one good row; what was started is remembered."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[str, ImportState]] = {}

    def start(self, person: str, kind: str, source: BinaryIO, *, name: str, dry_run: bool, command: str) -> ImportState:
        """One good row."""
        if kind != "units":
            raise BadInput("import_kind_unknown", field="kind", got=kind)
        status = "checked" if dry_run else "done"
        state = ImportState(id=command[:24], kind=kind, status=status, rows=1, good=1, done=int(not dry_run))
        self.started.setdefault(state.id, (person, state))
        return self.started[state.id][1]

    def progress(self, person: str, bulk: str) -> ImportState:
        """What was started."""
        whose, state = self.started.get(bulk, ("", None))
        if state is None or whose != person:
            raise NotFound("import_not_found", bulk=bulk)
        return state


class Person:
    """A client that acts as one person; keys count up, so that every change is a new one."""

    def __init__(self, api: Api, name: str, headers: dict[str, str]) -> None:
        self._api = api
        self.name = name
        self.headers = headers

    def get(self, path: str, **more: Any) -> Any:
        """GET below /api/v1."""
        return self._api.client.get(f"{BASE}{path}", headers=self.headers, **more)

    def post(self, path: str, body: Any = None, *, key: str = "", headers: dict[str, str] | None = None) -> Any:
        """POST a JSON body below /api/v1 with a fresh key, or the given one."""
        sent = {**self.headers, "Idempotency-Key": key or self._api.key(), **(headers or {})}
        return self._api.client.post(f"{BASE}{path}", json={} if body is None else body, headers=sent)

    def upload(self, path: str, data: bytes, *, name: str = "file.png", key: str = "", **fields: str) -> Any:
        """POST a file."""
        sent = {**self.headers, "Idempotency-Key": key or self._api.key()}
        return self._api.client.post(
            f"{BASE}{path}", files={"file": (name, io.BytesIO(data))}, data=fields, headers=sent
        )

    def start(self, subject: str = "安全出口锁闭", **more: Any) -> str:
        """Open a case at P1 of U1; its id."""
        data = {"subject": subject, "unit": "U1", "place": "P1"}
        answer = self.post("/cases", {"procedure": "sample", "action": "report", "data": data, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["stream"].removeprefix("case/"))

    def sign(self) -> dict[str, Any]:
        """A hand-drawn signature, uploaded."""
        stored = self.upload("/evidence", PNG).json()
        return {**stored, "kind": "signature"}

    def confirm(self, case: str, **more: Any) -> Any:
        """Confirm what was reported."""
        body = {"data": {"level": "low", "due_on": "2026-03-20"}, "evidence": [self.sign()], **more}
        return self.post(f"/cases/{case}/tasks/1/actions/confirm", body)


class Api:
    """The application, its client and its people."""

    def __init__(self, district: District, services: Services) -> None:
        self.district = district
        self.services = services
        self.app: FastAPI = create_app(services)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self._keys = 0
        self._dice = SeededDice("tokens")

    def key(self) -> str:
        """An idempotency key that was not used before."""
        self._keys += 1
        return f"key-{self._keys:06}"

    def token(self, person: str, scopes: tuple[str, ...] = SCOPES, *, days: int = 30, revoked: bool = False) -> str:
        """A token of a person."""
        token = new_token(self._dice)
        now = micros(self.district.clock.now())
        day = 24 * 3600 * 1_000_000
        with self.district.store.session() as session:
            session.tokens.put(
                TokenRow(
                    digest=digest_of(token),
                    person=person,
                    title="test",
                    scopes=scopes,
                    created_at=now,
                    expires_at=now + days * day,
                    revoked_at=now if revoked else None,
                )
            )
        return token

    def wait(self, case: str, until: datetime) -> None:
        """Let time pass; every alarm of the case fires when it is due."""
        clock = self.district.clock
        while True:
            seen = self.services.reader.case("lin", case).case
            due = [(task.alarm.at, task.n, task.alarm) for task in seen.tasks if task.alarm and task.alarm.at <= until]
            if not due:
                break
            at, task, alarm = min(due, key=lambda one: one[:2])
            clock.set(max(at, clock.now()))
            fire = FireTimer(task=task, rung=alarm.rung, epoch=alarm.epoch)
            name = f"timer:{case}:{task}:{alarm.rung}:{alarm.epoch}"
            stream = Stream("case", case)
            self.services.door.submit(Request(id=name, stream=stream, act=fire, acted_by=SYSTEM, medium="timer"))
        clock.set(until)

    def as_(self, person: str, *scopes: str) -> Person:
        """A client of a person whose token has these scopes, or all."""
        token = self.token(person, scopes or SCOPES)
        return Person(self, person, {"Authorization": f"Bearer {token}"})


def imports_of(door: Any, district: District, folder: Path) -> SheetImports:
    """Imports by the mappings of the library."""
    return SheetImports(
        door=door,
        clock=district.clock,
        calendar=district.catalog.calendar(),
        mappings=ROOT / "workflows" / "library" / "imports",
        incoming=folder / "incoming",
        batch=50,
    )


@contextmanager
def opened(
    store: Store,
    folder: Path,
    *,
    procedure: Procedure = SAMPLE,
    watches: Mapping[str, Watch] | None = None,
    **settings: Any,
) -> Iterator[Api]:
    """An API over a store with the sample district in it."""
    district = District(store, procedure=procedure, watches=watches)
    district.settle()
    embedded = store.kind == "sqlite"
    door = Writer(district.service) if embedded else DirectDoor(district.another_service)
    read_from: dict[str, Any] = {
        "store": store,
        "catalog": district.catalog,
        "directories": Directories(DISTRICT_ROLES),
        "clock": district.clock,
        "master": MASTER,
    }
    kept: dict[str, Any] = {
        "door": door,
        "store": store,
        "clock": district.clock,
        "hasher": CountingHasher(),
        "rules": PATIENT,
    }
    files = LocalFiles(folder)
    notices = Notices(**read_from)
    runs = BulkRuns(door, ended=lambda row: notice_runs.finish(row))
    notice_runs = NoticeRuns(door, notices, runs)
    services = Services(
        door=door,
        reader=Reading(**read_from, note=door.submit),
        registers=registers_of(district),
        boards=boards_of(district),
        watches=Watches(watches=district.watches, **read_from),
        duties=DutyViews(**read_from),
        desk=Desk(**read_from, tell_day=write_day),
        search=Search(**read_from),
        organisations=Organisations(**read_from),
        triage=Triage(**read_from),
        leavers=Leavers(**read_from),
        guests=Guests(**read_from),
        bulk_runs=runs,
        notices=notices,
        notice_runs=notice_runs,
        files=files,
        uploads=StoredUploads(files, door),
        imports=RememberedImports(),
        import_desk=SheetDesk(imports_of(door, district, folder), folder / "incoming", SeededDice("imports")),
        exports=SheetExports(folder / "exports"),
        accounts=Accounts(**kept, dice=SeededDice("accounts")),
        devices=Devices(**kept, dice=SeededDice("devices")),
        sessions=OpenSessions(),
        clock=district.clock,
        dice=SeededDice("incidents"),
        settings=replace(WebSettings(), **settings),
        blocking_door=not embedded,
    )
    try:
        yield Api(district, services)
    finally:
        runs.close()
        door.close()


@pytest.fixture
def api(sqlite_store: Store, tmp_path: Path) -> Iterator[Api]:
    """The API over an SQLite file."""
    with opened(sqlite_store, tmp_path / "evidence") as api:
        yield api
