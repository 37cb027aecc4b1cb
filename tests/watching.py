"""The place `quay` of tests/watched: one watch of each kind over small procedures of no domain, behind the one door."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import insert

from engine.core.administration import DIRECTORY, LIBRARY
from engine.core.command import (
    SYSTEM,
    Answer,
    AnyAct,
    EvidenceRef,
    GrantRole,
    PublishProcedure,
    RecordPersons,
    RecordRegions,
    RecordUnits,
    Request,
    StartCase,
    SubmitAction,
)
from engine.core.compiler import compile_procedure
from engine.core.conditions import ALL
from engine.core.definition_watches import Measure, Watch
from engine.core.directory import Scope
from engine.core.loader import load_library
from engine.core.machine import Machine
from engine.core.resolve import ResolvedPlace, resolve
from engine.core.watch_windows import last_ended
from engine.core.watches import Measured, WatchState
from engine.runtime.catalog import Catalog, Directories, procedure_bytes
from engine.runtime.clock import VirtualClock
from engine.runtime.deeds import fold_deeds
from engine.runtime.definitions import read_texts
from engine.runtime.door import answer_of
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.runtime.survey import WHOLE, Survey
from engine.runtime.watch_decisions import state_of, stream_of
from engine.runtime.watching import Watching
from engine.runtime.worker import deliver_due, fire_due
from engine.store.measures import Asked
from engine.store.records import DefinitionRow, FindingRow
from engine.store.schema import FOREVER, remembered
from engine.store.store import Store
from engine.store.views import EvidenceRow
from tests.conftest import ROOT
from tests.districts import MASTER, SeededDice, case
from tests.worlds import calendar, local

FOLDER = ROOT / "tests" / "watched"
EVERYTHING = Scope(person="boss", everything=True)
#: person -> (role, region, unit, body)
PEOPLE = {
    "boss": ("boss", "/quay/", "", ""),
    "east": ("warden", "/quay/east/", "", ""),
    "chen": ("fixer", "/quay/east/", "", "office"),
    "zhou": ("fixer", "/quay/west/", "", "yard"),
    "wang": ("owner", "", "mill", ""),
    "qian": ("owner", "", "barn", ""),
}
UNITS = (
    {"id": "mill", "title": "磨坊", "region": "/quay/east/", "industry": "homes", "attributes": {"kind": "厂房"}},
    {"id": "barn", "title": "谷仓", "region": "/quay/west/", "industry": "homes", "attributes": {"kind": "厂房"}},
    {"id": "office", "title": "东片所", "region": "/quay/east/", "industry": "homes", "attributes": {"kind": "机关"}},
    {"id": "yard", "title": "西片所", "region": "/quay/west/", "industry": "homes", "attributes": {"kind": "机关"}},
)

MEASURES = {
    "acts": ("person", Measure(id="acts", title="", source="acts")),
    "late": ("person", Measure(id="late", title="", source="acts", late=True)),
    "dropped": ("person", Measure(id="dropped", title="", source="acts", actions=("drop",))),
    "quick": ("person", Measure(id="quick", title="", source="acts", actions=("pass",), within="10 days")),
    "remote": ("person", Measure(id="remote", title="", source="acts", remote=True)),
    "raids": ("unit", Measure(id="raids", title="", source="cases", procedure="raid", by="opened")),
    "raided": ("person", Measure(id="raided", title="", source="acts", procedure="raid")),
    "missed": ("unit", Measure(id="missed", title="", source="obligations", procedure="weekly", status="missed")),
    "open": ("region", Measure(id="open", title="", source="obligations", status="open")),
    "photos": ("photo", Measure(id="photos", title="", source="photos", distinct="case")),
}


@cache
def quay() -> ResolvedPlace:
    """The place, resolved."""
    return resolve(load_library(read_texts(FOLDER)), "quay")


@cache
def machines() -> dict[str, Machine]:
    """Its procedures, compiled."""
    return {name: compile_procedure(one) for name, one in quay().procedures.items()}


def photo(name: str) -> EvidenceRef:
    """A picture; the same name is the same picture."""
    digest = sha256(name.encode()).hexdigest()
    return EvidenceRef(sha256=digest, kind="photo", size=1, media_type="image/jpeg", field="photos")


class Quay:
    """A service of the place over a store under a virtual clock, and short words for what tests do with it."""

    def __init__(self, store: Store, at: str, watches: tuple[str, ...] = ()) -> None:
        self.store = store
        self.clock = VirtualClock(local(at))
        self._watches = {name: one for name, one in quay().watches.items() if not watches or name in watches}
        self.service = self.another()
        self.watching = Watching()
        self._commands = 0
        self._settle()

    def another(self) -> Service:
        """One more process on the same database."""
        return Service(
            store=self.store,
            catalog=Catalog({"cn": calendar()}),
            directories=Directories(quay().roles),
            clock=self.clock,
            dice=SeededDice(),
            master=MASTER,
            watches=self._watches,
        )

    def _settle(self) -> None:
        bodies = [
            DefinitionRow(
                version=machine.version,
                procedure=name,
                plan=machine.procedure.plan,
                title=machine.procedure.title,
                body=procedure_bytes(machine.procedure),
                published_at=0,
            )
            for name, machine in machines().items()
        ]
        requests = [
            Request(
                id=f"publish:{one.procedure}",
                stream=LIBRARY,
                act=PublishProcedure(version=one.version, procedure=one.procedure, plan=one.plan, title=one.title),
                acted_by=SYSTEM,
                medium="system",
            )
            for one in bodies
        ]
        requests += [
            Request(id=f"settle:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system")
            for n, act in enumerate(_acts())
        ]
        for outcome in self.service.execute(requests, bodies):
            answer_of(outcome)

    # acting ----------------------------------------------------------------------------------------------------

    def at(self, moment: str) -> None:
        """It is that local time now."""
        self.clock.set(local(moment))

    def start(self, name: str, procedure: str, action: str, by: str, *, occurred: str = "", **data: Any) -> Answer:
        """Open a case; pictures among the data are stored."""
        return answer_of(self.service.execute([self.asked(name, procedure, action, by, occurred=occurred, **data)])[0])

    def asked(self, name: str, procedure: str, action: str, by: str, *, occurred: str = "", **data: Any) -> Request:
        """The request that opens a case."""
        act = StartCase(
            version=machines()[procedure].version,
            action=action,
            data=_plain(data),
            evidence=self._stored(data.get("photos", ())),
        )
        return self.request(name, act, by, occurred)

    def act(self, name: str, action: str, by: str, *, task: int = 1, occurred: str = "", **data: Any) -> Answer:
        """Do an action of a task."""
        evidence = self._stored(data.get("photos", ()))
        act = SubmitAction(task=task, action=action, data=_plain(data), evidence=evidence, on_site=False)
        return self.do(name, act, by, occurred)

    def do(self, name: str, act: AnyAct, by: str, occurred: str = "") -> Answer:
        """Carry out an act on a case; raises what refused it."""
        return answer_of(self.service.execute([self.request(name, act, by, occurred)])[0])

    def request(self, name: str, act: AnyAct, by: str, occurred: str = "") -> Request:
        """An act on a case, with an id of its own."""
        self._commands += 1
        return Request(
            id=f"c{self._commands}",
            stream=case(name),
            act=act,
            acted_by=by,
            medium="api",
            occurred_at=local(occurred) if occurred else None,
        )

    def signed_in(self, device: bytes, *persons: str) -> None:
        """These signed in with their passwords on a device."""
        with self.store.session() as session:
            for person in persons:
                row = {"device": device, "person": person, "session": device + person.encode(), "csrf": "", "agent": ""}
                numbers = {"signed_in_at": micros(self.clock.now()), "expires_at": FOREVER, "parked_at": 0, "failed": 0}
                session.run(insert(remembered).values(**row, **numbers, asks=False))

    def _stored(self, pictures: tuple[EvidenceRef, ...]) -> tuple[EvidenceRef, ...]:
        with self.store.session() as session:
            for one in pictures:
                row = EvidenceRow(sha256=one.sha256, size=one.size, media_type=one.media_type, stored_at=0)
                session.evidence.put(row)
        return tuple(pictures)

    # looking ---------------------------------------------------------------------------------------------------

    def fold(self) -> None:
        """Fold all acts."""
        while fold_deeds(self.service):
            pass

    def turn(self, at: str = "") -> int:
        """Let what is due happen, watches look, and what they start begin; how many windows were looked at."""
        if at:
            self.at(at)
        while fire_due(self.service):
            pass
        self.fold()
        turned = self.watching.step(self.service)
        while deliver_due(self.service):
            pass
        return turned

    def findings(self, watch: str, scope: Scope = EVERYTHING) -> list[FindingRow]:
        """What a watch found, as somebody sees it."""
        with self.store.read() as reader:
            return reader.findings.of(scope, watch)

    def state(self, watch: str) -> WatchState:
        """The state of a watch."""
        with self.store.session() as session:
            row = session.load([stream_of(watch)]).get(stream_of(watch))
            return state_of(session.record, row) if row else WatchState()

    def measured(self, watch: str) -> dict[str, dict[str, int]]:
        """Subject -> counts in the last window that has ended."""
        return {one.subject: one.counts for one in self.survey(self.watch(watch))}

    def survey(self, watch: Watch) -> tuple[Measured, ...]:
        """Everything measured in the last window that has ended."""
        with self.store.session() as session:
            directory = self.service.directories.at(session, session.directory_version())
            survey = Survey(session, directory, calendar())
            today = calendar().local_day(self.clock.now())
            return survey.measured(watch, last_ended(watch, today, calendar()))

    def open_tasks(self, name: str) -> list[int]:
        """The numbers of a case's open tasks."""
        with self.store.read() as reader:
            return sorted({task for task, _ in reader.work(name)[1]})

    def between(self, name: str, first: str, before: str) -> dict[str, int]:
        """Subject -> what a measure of `MEASURES` counts from one day up to another."""
        per, measure = MEASURES[name]
        span = (self.micros(f"{first} 00:00"), self.micros(f"{before} 00:00"))
        with self.store.read() as reader:
            return reader.measures.counts(WHOLE, Asked(measure, per, ALL, *span))

    def watch(self, name: str) -> Watch:
        """The watch of that id."""
        return quay().watches[name]

    def micros(self, at: str) -> int:
        """A local time as stored."""
        return micros(local(at))


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {key: [one.sha256 for one in value] if key == "photos" else value for key, value in data.items()}


def _acts() -> Iterator[AnyAct]:
    yield RecordRegions(regions=dict(quay().regions), industries=dict(quay().industries))
    yield RecordUnits(units=UNITS)
    yield RecordPersons(persons=tuple({"id": person, "name": f"{person} 某"} for person in PEOPLE))
    for person, (role, region, unit, body) in PEOPLE.items():
        yield GrantRole(person=person, role=role, region=region, unit=unit, body=body, valid_from="2020-01-01")
